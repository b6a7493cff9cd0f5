/** Hosts by the command `openstack`: services, hypervisors, aggregates, zones. */
import { assert, assertEquals } from "@std/assert";
import { assertHas, live } from "./life.ts";
import { assertColumn, becomes, boot, gone, hostOf } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

const HOSTS = ["compute-1", "compute-2", "compute-3", "compute-4"];
const BEFORE_IDS = { ...ADMIN, microversion: "2.52" };

export async function hosts(scene: Scene): Promise<void> {
  await services(scene);
  await hypervisors(scene);
  await aggregates(scene);
  await zones(scene);
  await olderHosts(scene);
  await goneAgents(scene);
  await downCell(scene);
}

async function services(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const service = async (host: string) =>
    (await openstack.json(
      `compute service list --host ${host} --service nova-compute --long`,
      ADMIN,
    ))[0];
  await check("compute service list", async () => {
    await assertColumn(scene, "compute service list", {
      column: "Binary",
      rows: [...HOSTS.map(() => "nova-compute"), "nova-conductor", "nova-scheduler"],
    });
    const { Zone, Status, State, "Forced Down": down } = await service("compute-1");
    assertEquals([Zone, Status, State, down], ["nova", "enabled", "up", false]);
    await openstack.refused("compute service list", "403");
  });
  for (const options of [ADMIN, BEFORE_IDS]) {
    const label = options.microversion ?? "with ids";
    await check(`compute service set --disable, --enable (${label})`, async () => {
      const off = "--disable --disable-reason 'new fans'";
      await openstack.run(`compute service set ${off} compute-4 nova-compute`, options);
      assertHas(await service("compute-4"), {
        Status: "disabled",
        "Disabled Reason": "new fans",
        State: "up",
      });
      await openstack.run("compute service set --enable compute-4 nova-compute", options);
      assertHas(await service("compute-4"), { Status: "enabled", "Disabled Reason": null });
    });
    await check(`compute service set --down, --up (${label})`, async () => {
      await openstack.run("compute service set --down compute-4 nova-compute", options);
      assertHas(await service("compute-4"), { State: "down", "Forced Down": true });
      await openstack.run("compute service set --up compute-4 nova-compute", options);
      assertHas(await service("compute-4"), { State: "up", "Forced Down": false });
    });
  }
  await check("server create keeps off a host that is disabled", async () => {
    for (const host of HOSTS.slice(1)) {
      await openstack.run(`compute service set --disable ${host} nova-compute`, ADMIN);
    }
    await boot(scene, "kept");
    assertEquals(await hostOf(scene, "kept"), "compute-1");
    for (const host of HOSTS.slice(1)) {
      await openstack.run(`compute service set --enable ${host} nova-compute`, ADMIN);
    }
  });
  await check("compute service set of an unknown host, delete of a host with servers", async () => {
    await openstack.refused("compute service set --down nowhere nova-compute", "not found", ADMIN);
    const { ID } = await service("compute-1");
    await openstack.refused(`compute service delete ${ID}`, "", ADMIN);
    assertEquals((await service("compute-1")).ID, ID);
  });
}

async function hypervisors(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("hypervisor list", async () => {
    const name = "Hypervisor Hostname";
    await assertColumn(scene, "hypervisor list", { column: name, rows: HOSTS });
    await assertColumn(scene, "hypervisor list --matching pute-2", {
      column: name,
      rows: ["compute-2"],
    });
    await openstack.refused("hypervisor list --matching nowhere", "404", ADMIN);
    await openstack.refused("hypervisor list", "403");
  });
  await check("hypervisor list --marker --limit", async () => {
    const rows: readonly Json[] = await openstack.json("hypervisor list", ADMIN);
    const after = `hypervisor list --marker ${rows[1].ID} --max-items 1`;
    assertEquals(await openstack.column(after, "ID", ADMIN), [rows[2].ID]);
  });
  await check("hypervisor list --long before 2.88", async () => {
    const rows: readonly Json[] = await openstack.json("hypervisor list --long", {
      ...ADMIN,
      microversion: "2.87",
    });
    const used = rows.map((row) => [row["vCPUs Used"], row["vCPUs"], row["Memory MB Used"]]);
    assertEquals(used.sort(), [[0, 64, 0], [0, 64, 0], [0, 64, 0], [1, 64, 512]]);
  });
  await check("hypervisor show", async () => {
    const shown = await openstack.json("hypervisor show compute-1", ADMIN);
    assertHas(shown, {
      hypervisor_hostname: "compute-1",
      state: "up",
      status: "enabled",
      service_host: "compute-1",
    });
    const older = await openstack.json("hypervisor show compute-1", {
      ...ADMIN,
      microversion: "2.87",
    });
    assertHas(older, { running_vms: 1, vcpus: 64, vcpus_used: 1, memory_mb: 262_144 });
    assertEquals(older.free_ram_mb, older.memory_mb - older.memory_mb_used);
    await openstack.refused("hypervisor show nowhere", "nowhere", ADMIN);
  });
  await check("hypervisor stats show", async () => {
    assertHas(await openstack.json("hypervisor stats show", ADMIN), {
      count: 4,
      running_vms: 1,
      vcpus: 256,
      vcpus_used: 1,
      memory_mb_used: 512,
    });
  });
}

async function aggregates(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "aggregate",
    name: "fast",
    create: "--zone quick --property ssd=true",
    is: { name: "fast", availability_zone: "quick", hosts: [] },
    changes: [
      ["set --property net=10g", { properties: { ssd: "true", net: "10g" } }],
      ["unset --property ssd", { properties: { net: "10g" } }],
      ["set --no-property", { properties: {} }],
      ["set --zone swift", { availability_zone: "swift" }],
    ],
    meanwhile: async () => {
      await hostsOfAggregate(scene);
      await check("aggregate set --name", async () => {
        await openstack.run("aggregate set --name faster fast", ADMIN);
        assertHas(await openstack.json("aggregate show faster", ADMIN), { name: "faster" });
        await openstack.run("aggregate set --name fast faster", ADMIN);
      });
    },
    by: ADMIN,
  });
  await check("aggregate create as a member", async () => {
    await openstack.refused("aggregate create no", "403");
  });
}

async function hostsOfAggregate(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("aggregate add host", async () => {
    const { hosts } = await openstack.json("aggregate add host fast compute-3", ADMIN);
    assertEquals(hosts, ["compute-3"]);
    await openstack.run("aggregate add host fast compute-2", ADMIN);
    const rows: readonly Json[] = await openstack.json("aggregate list --long", ADMIN);
    assertEquals(rows[0].Hosts, ["compute-3", "compute-2"]);
    await openstack.refused("aggregate add host fast compute-3", "409", ADMIN);
    await openstack.refused("aggregate add host fast nowhere", "404", ADMIN);
  });
  await check("aggregate list --host, --availability-zone", async () => {
    for (
      const [filter, rows] of [
        ["--host compute-3", ["fast"]],
        ["--host compute-1", []],
        ["--availability-zone swift", ["fast"]],
        ["--availability-zone nova", []],
      ] as const
    ) {
      await assertColumn(scene, `aggregate list ${filter}`, { column: "Name", rows });
    }
  });
  await check("server create --availability-zone", async () => {
    const { id } = await openstack.json("network show private", ADMIN);
    const at = "--flavor m1.tiny --image cirros --availability-zone";
    const zoned = await boot(scene, "zoned", `${at} swift --nic net-id=${id}`);
    const host = await hostOf(scene, zoned);
    assert(["compute-2", "compute-3"].includes(host), `it is on ${host}`);
    await boot(scene, "forced", `${at} swift:compute-2 --nic net-id=${id}`);
    assertEquals(await hostOf(scene, "forced"), "compute-2");
    await openstack.refused(`server create ${at} nowhere --nic net-id=${id} no`, "400", ADMIN);
  });
  await check("aggregate set --zone where servers are", async () => {
    await openstack.refused("aggregate set --zone other fast", "One or more hosts contain", ADMIN);
    await openstack.refused("aggregate delete fast", "400", ADMIN);
    await gone(scene, "zoned", "forced");
  });
  await check("aggregate cache image", async () => {
    await openstack.run("aggregate cache image fast cirros", ADMIN);
    await openstack.refused("aggregate cache image fast none", "none", ADMIN);
  });
  await check("aggregate remove host", async () => {
    await openstack.run("aggregate remove host fast compute-2", ADMIN);
    const { hosts } = await openstack.json("aggregate remove host fast compute-3", ADMIN);
    assertEquals(hosts, []);
    await openstack.refused("aggregate remove host fast compute-3", "404", ADMIN);
  });
}

async function zones({ openstack, check }: Scene): Promise<void> {
  await check("availability zone list --compute --long", async () => {
    await openstack.run("aggregate create --zone edge edges", ADMIN);
    await openstack.run("aggregate add host edges compute-4", ADMIN);
    const rows: readonly Json[] = await openstack.json(
      "availability zone list --compute --long",
      ADMIN,
    );
    const at = rows.map((row) => `${row["Zone Name"]} ${row["Host Name"]}`).sort();
    assertEquals(at, [
      "edge compute-4",
      "internal chronova",
      "internal chronova",
      ...HOSTS.slice(0, 3).map((host) => `nova ${host}`),
    ]);
    const names = await openstack.column("availability zone list --compute", "Zone Name");
    assertEquals(names, ["edge", "nova"]);
    await openstack.run("aggregate remove host edges compute-4", ADMIN);
    await openstack.run("aggregate delete edges", ADMIN);
  });
}

/** What clients had before hypervisors: they ask for it at 2.1. */
async function olderHosts(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("host list", async () => {
    await assertColumn(scene, "host list --zone nova", { column: "Host Name", rows: HOSTS });
  });
  await check("host show", async () => {
    const rows: readonly Json[] = await openstack.json("host show compute-1", ADMIN);
    const total = rows.find((row) => row.Project === "(total)");
    assertHas(total, { CPU: 64, "Memory MB": 262_144, "Disk GB": 4096 });
    await openstack.refused("host show nowhere", "404", ADMIN);
  });
  await check("host set --disable, --enable", async () => {
    for (const [option, status] of [["--disable", "disabled"], ["--enable", "enabled"]] as const) {
      await openstack.run(`host set ${option} compute-2`, ADMIN);
      const services = "compute service list --host compute-2";
      assertEquals(await openstack.column(services, "Status", ADMIN), [status]);
    }
  });
  await becomes(scene, "kept", "ACTIVE");
}

async function goneAgents({ openstack, check }: Scene): Promise<void> {
  await check("compute agent list, create: gone", async () => {
    await openstack.refused("compute agent list", "410", ADMIN);
    await openstack.refused("compute agent create linux x86 1 http://a.b/c 00 kvm", "410", ADMIN);
  });
}

/** At 2.69 and above: what is known of a cell that cannot be reached. */
async function downCell({ openstack, server, check }: Scene): Promise<void> {
  const at = { microversion: "2.69" };
  const admin = await server.login("chronova-admin");
  const reach = async (reachable: boolean) => {
    const { status } = await admin.ask("PUT", "/chronova/v1/cell", {
      body: { cell: { reachable } },
    });
    assertEquals(status, 200);
  };
  const created = "server create --flavor m1.tiny --image cirros --network private --wait mine";
  const { id } = await openstack.json(created);
  await reach(false);
  await check("server show, server list of a cell that is down", async () => {
    const shown = await openstack.json(`server show ${id}`, at);
    assertHas(shown, { id, status: "UNKNOWN" });
    const listed: readonly Json[] = await openstack.json("server list", at);
    assertEquals(listed.map(({ ID, Status }) => [ID, Status]), [[id, "UNKNOWN"]]);
    await openstack.refused(`server show ${id}`, "500", { microversion: "2.68" });
    await openstack.refused(`server stop ${id}`, "500", at);
  });
  await check("compute service list of a cell that is down", async () => {
    const services = "compute service list --service nova-compute";
    const statuses = await openstack.column(services, "Status", { ...ADMIN, ...at });
    assertEquals(statuses, HOSTS.map(() => "UNKNOWN"));
  });
  await reach(true);
  await check("server show of a cell that is there again", async () => {
    assertHas(await openstack.json("server show mine"), { status: "ACTIVE" });
  });
  await openstack.run("server delete --wait mine");
}
