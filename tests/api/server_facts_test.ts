/** /servers/{id}/diagnostics, os-server-password, topology, shares: answers, refusals. */
import { assertEquals } from "@std/assert";
import { type Asked, type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor } from "../kit/samples.ts";

const asking = (cloud: TestCloud, id: string, role: Role = "padmin") =>
(
  method: string,
  path: string,
  asked: Asked = {},
) => cloud.ask(role, method, `/v2.1/servers/${id}/${path}`, asked);

const messageOf = ({ json }: { json: Json }) => Object.values<Json>(json)[0].message;

Deno.test("diagnostics are of the server's CPUs, memory, disks and nics", async () => {
  await withCloud(async (cloud) => {
    const flavor = await makeFlavor(cloud, "wide", { vcpus: 2, ramMib: 512, swapMib: 64 });
    const id = await cloud.create({ flavorRef: flavor ?? "wide", networks: "auto" });
    const ask = asking(cloud, id);
    const { json: shown } = await cloud.ask("member", "GET", `/v2.1/servers/${id}/ips`);
    const mac = shown.addresses.private[0]["OS-EXT-IPS-MAC:mac_addr"];
    const own = (await ask("GET", "diagnostics", { mv: "2.47" })).json;
    assertEquals(own.memory, 512 * 1024);
    assertEquals(Object.keys(own).filter((key) => key.endsWith("_time")), [
      "cpu0_time",
      "cpu1_time",
    ]);
    assertEquals(["vda_read", "vdb_read", "vdc_read"].map((key) => key in own), [
      true,
      true,
      false,
    ]);
    const standard = (await ask("GET", "diagnostics", { mv: "2.48" })).json;
    assertEquals([standard.num_cpus, standard.num_disks, standard.num_nics], [2, 2, 1]);
    assertEquals([standard.state, standard.config_drive], ["running", false]);
    assertEquals(standard.memory_details.maximum, 512);
    assertEquals(standard.nic_details[0].mac_address, mac ?? standard.nic_details[0].mac_address);
  });
});

Deno.test("a machine that does not run has no diagnostics", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create();
    await cloud.ask("member", "POST", `/v2.1/servers/${id}/action`, { body: { "os-stop": null } });
    await cloud.cloud.settled();
    const stopped = await asking(cloud, id)("GET", "diagnostics");
    assertEquals([stopped.status, messageOf(stopped)], [
      409,
      `Cannot 'get_diagnostics' instance ${id} while it is in power state shutdown`,
    ]);
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const failed = await cloud.create({ flavorRef: "huge" });
    const nowhere = await asking(cloud, failed)("GET", "diagnostics");
    assertEquals([nowhere.status, messageOf(nowhere)], [409, `Instance ${failed} is not ready`]);
  });
});

Deno.test("no guest has sent a password", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create();
    const ask = asking(cloud, id, "member");
    assertEquals((await ask("GET", "os-server-password")).json, { password: "" });
    assertEquals((await ask("DELETE", "os-server-password")).status, 204);
    assertEquals((await asking(cloud, id, "reader")("DELETE", "os-server-password")).status, 403);
    assertEquals((await ask("GET", "os-server-password?x=1", { mv: "2.102" })).status, 400);
  });
});

Deno.test("a topology is what the flavor asks for", async (t) => {
  const ROWS: readonly (readonly [Record<string, string>, Json, number | null])[] = [
    [{}, [], null],
    [{ "hw:cpu_policy": "shared" }, [], null],
    [{ "hw:numa_nodes": "2" }, [
      { vcpu_set: [0, 1], siblings: [], memory_mb: 256, host_node: 0, cpu_pinning: {} },
      { vcpu_set: [2, 3], siblings: [], memory_mb: 256, host_node: 1, cpu_pinning: {} },
    ], null],
    [{ "hw:cpu_policy": "dedicated" }, [
      {
        vcpu_set: [0, 1, 2, 3],
        siblings: [],
        memory_mb: 512,
        host_node: 0,
        cpu_pinning: { 0: 0, 1: 1, 2: 2, 3: 3 },
      },
    ], null],
    [{
      "hw:numa_nodes": "2",
      "hw:numa_cpus.0": "0-2",
      "hw:numa_cpus.1": "3",
      "hw:numa_mem.0": "500",
      "hw:numa_mem.1": "12",
      "hw:mem_page_size": "2MB",
    }, [
      { vcpu_set: [0, 1, 2], siblings: [], memory_mb: 500, host_node: 0, cpu_pinning: {} },
      { vcpu_set: [3], siblings: [], memory_mb: 12, host_node: 1, cpu_pinning: {} },
    ], 2048],
    [{ "hw:numa_nodes": "3" }, [], null],
    [{ "hw:mem_page_size": "small" }, [
      { vcpu_set: [0, 1, 2, 3], siblings: [], memory_mb: 512, host_node: 0, cpu_pinning: {} },
    ], 4],
  ];
  await withCloud(async (cloud) => {
    for (const [place, [extraSpecs, nodes, pagesize_kb]] of ROWS.entries()) {
      await t.step(JSON.stringify(extraSpecs), async () => {
        await makeFlavor(cloud, `numa-${place}`, { vcpus: 4, ramMib: 512, extraSpecs });
        const id = await cloud.create({ flavorRef: `numa-${place}` });
        const topology = await asking(cloud, id)("GET", "topology", { mv: "2.78" });
        assertEquals(topology.json, { nodes, pagesize_kb });
        const own = await asking(cloud, id, "reader")("GET", "topology", { mv: "2.78" });
        const visible = nodes.map(({ host_node: _, cpu_pinning: __, ...rest }: Json) => rest);
        assertEquals(own.json, { nodes: visible, pagesize_kb });
        await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
        await cloud.cloud.settled();
      });
    }
  });
});

Deno.test("no server has shares, and none can be given one", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create();
    const ask = (method: string, path: string, body?: Json, as: Role = "member") =>
      asking(cloud, id, as)(method, path, { mv: "2.97", body });
    const share_id = crypto.randomUUID();
    const body = { share: { share_id } };
    assertEquals((await ask("GET", "shares")).json, { shares: [] });
    const ROWS: readonly (readonly [string, string, number, string])[] = [
      ["GET", `shares/${share_id}`, 404, `Share ${share_id} could not be found.`],
      [
        "POST",
        "shares",
        409,
        `Cannot 'create share' instance ${id} while it is in vm_state active`,
      ],
      [
        "DELETE",
        `shares/${share_id}`,
        409,
        `Cannot 'delete share' instance ${id} while it is in vm_state active`,
      ],
    ];
    for (const [method, path, status, message] of ROWS) {
      const answered = await ask(method, path, method === "POST" ? body : undefined);
      assertEquals([answered.status, messageOf(answered)], [status, message]);
    }
    await cloud.ask("member", "POST", `/v2.1/servers/${id}/action`, { body: { "os-stop": null } });
    await cloud.cloud.settled();
    const refused = await ask("POST", "shares", body);
    assertEquals([refused.status, messageOf(refused)], [
      409,
      "Feature not supported because either compute or instance are not configured correctly.",
    ]);
    assertEquals((await ask("DELETE", `shares/${share_id}`)).status, 404);
    assertEquals((await ask("POST", "shares", { share: { share_id, tag: "a b" } })).status, 400);
    assertEquals((await ask("POST", "shares", body, "reader")).status, 403);
    assertEquals((await ask("GET", "shares", undefined, "stranger")).status, 403);
    const missing = await cloud.ask("member", "GET", `/v2.1/servers/${share_id}/shares`, {
      mv: "2.97",
    });
    assertEquals(messageOf(missing), `Instance ${share_id} has no mapping to a cell.`);
    assertEquals((await asking(cloud, id)("GET", "shares", { mv: "2.96" })).status, 404);
  });
});

Deno.test("who may", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create();
    const ROWS: readonly (readonly [Role, string, number])[] = [
      ["admin", "diagnostics", 200],
      ["member", "diagnostics", 403],
      ["stranger", "diagnostics", 404],
      ["reader", "os-server-password", 200],
      ["stranger", "os-server-password", 404],
      ["reader", "topology", 200],
      ["stranger", "topology", 404],
    ];
    for (const [role, path, status] of ROWS) {
      const answered = await asking(cloud, id, role)("GET", path, { mv: "2.78" });
      assertEquals(answered.status, status, `${role} ${path}`);
    }
    assertEquals((await asking(cloud, id)("GET", "topology", { mv: "2.77" })).status, 404);
  });
});
