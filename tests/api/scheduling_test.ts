/** Where servers go, by what was asked for them; and what they show of their hosts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Answered, type TestCloud, type TestCloudOptions, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

async function create(
  cloud: TestCloud,
  hints: Json = {},
  server: Json = {},
): Promise<{ id: string; status: string; host: string; fault?: Json }> {
  const body = { server: { ...await cloud.plain(), ...server }, "os:scheduler_hints": hints };
  const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
  assertEquals(made.status, 202, made.text);
  await cloud.cloud.settled();
  return await shown(cloud, made.json.server.id);
}

async function shown(cloud: TestCloud, id: string) {
  const { json: { server } } = await cloud.ask("padmin", "GET", `/v2.1/servers/${id}`);
  const { status, fault, "OS-EXT-SRV-ATTR:host": host } = server;
  return { id, status, host, fault };
}

async function makeGroup(cloud: TestCloud, policy: string, rules?: Json): Promise<string> {
  const server_group = { name: policy, policy, ...(rules && { rules }) };
  const body = { server_group };
  const made = await cloud.ask("member", "POST", "/v2.1/os-server-groups", { mv: "2.64", body });
  return made.json.server_group.id;
}

const hosts = (simulatedHosts: number): TestCloudOptions => ({ settings: { simulatedHosts } });

Deno.test("anti-affinity keeps apart, also when all are created at once, until no host is left", async () => {
  await withCloud(async (cloud) => {
    const group = await makeGroup(cloud, "anti-affinity");
    const many = await create(cloud, { group }, { min_count: 3, max_count: 3 });
    const path = `/v2.1/os-server-groups/${group}`;
    const members = async () =>
      (await cloud.ask("member", "GET", path)).json.server_group.members as string[];
    const all = await Promise.all((await members()).map((id) => shown(cloud, id)));
    assertEquals(all.filter(({ status }) => status === "ACTIVE").length, 2);
    assertEquals(new Set(all.map(({ host }) => host)).size, 3);
    const failed = all.find(({ status }) => status === "ERROR")!;
    assertEquals(
      failed.fault.message,
      "No valid host was found. There are not enough hosts available.",
    );
    assertStringIncludes(failed.fault.details, "ServerGroupAntiAffinityFilter removed compute-1");
    // One that is deleted is no member any more, and makes room.
    const gone = all.find(({ status }) => status === "ACTIVE")!;
    await cloud.ask("member", "DELETE", `/v2.1/servers/${gone.id}`);
    await cloud.cloud.settled();
    assert(!(await members()).includes(gone.id) && (await members()).length === 2);
    assertEquals((await create(cloud, { group })).host, gone.host);
    assert(many.id);
  }, hosts(2));
});

Deno.test("a rule allows more than one under anti-affinity", async () => {
  await withCloud(async (cloud) => {
    const group = await makeGroup(cloud, "anti-affinity", { max_server_per_host: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await create(cloud, { group })).status);
    assertEquals(statuses, ["ACTIVE", "ACTIVE", "ERROR"]);
  }, hosts(1));
});

Deno.test("affinity keeps together, and soft policies wish for it or against it", async () => {
  await withCloud(async (cloud) => {
    const hostsOf = async (policy: string) => {
      const group = await makeGroup(cloud, policy);
      const servers = [];
      for (let n = 0; n < 3; n++) servers.push(await create(cloud, { group }));
      assert(servers.every(({ status }) => status === "ACTIVE"));
      return new Set(servers.map(({ host }) => host)).size;
    };
    assertEquals(await hostsOf("affinity"), 1);
    assertEquals(await hostsOf("soft-affinity"), 1);
    assertEquals(await hostsOf("soft-anti-affinity"), 3);
  }, hosts(3));
});

Deno.test("a server goes where another is, or is not", async () => {
  await withCloud(async (cloud) => {
    const first = await create(cloud);
    assertEquals((await create(cloud, { same_host: first.id })).host, first.host);
    const apart = await create(cloud, { different_host: [first.id] });
    assert(apart.host !== first.host);
    const nowhere = await create(cloud, { same_host: crypto.randomUUID() });
    assertEquals(nowhere.status, "ERROR");
  });
});

Deno.test("an image asks for an architecture", async () => {
  await withCloud(async (cloud) => {
    const body = [{ op: "add", path: "/hw_architecture", value: "aarch64" }];
    const headers = { "content-type": "application/openstack-images-v2.1-json-patch" };
    const path = `/image/v2/images/${await cloud.imageId()}`;
    const patched = await cloud.ask("admin", "PATCH", path, {
      headers,
      body: JSON.stringify(body),
    });
    assertEquals(patched.status, 200, patched.text);
    const { status, fault } = await create(cloud);
    assertEquals(status, "ERROR");
    assertStringIncludes(fault.details, "ImagePropertiesFilter removed");
  });
});

Deno.test("host_status follows the host's service, in every answer, for administrators", async () => {
  await withCloud(async (cloud) => {
    const { id } = await create(cloud);
    const failed = await create(cloud, { same_host: crypto.randomUUID() });
    const ask = (as: "padmin" | "member", path: string, mv = "2.16"): Promise<Answered> =>
      cloud.ask(as, "GET", `/v2.1/servers${path}`, { mv });
    const statuses = async () => [
      (await ask("padmin", `/${id}`)).json.server.host_status,
      (await ask("padmin", "/detail?status=ACTIVE")).json.servers[0].host_status,
    ];
    const change = async (body: Json) => {
      const { json } = await cloud.ask("admin", "GET", "/v2.1/os-services?binary=nova-compute", {
        mv: "2.53",
      });
      const path = `/v2.1/os-services/${json.services[0].id}`;
      assertEquals((await cloud.ask("admin", "PUT", path, { mv: "2.53", body })).status, 200);
    };
    assertEquals(await statuses(), ["UP", "UP"]);
    await change({ status: "disabled" });
    assertEquals(await statuses(), ["MAINTENANCE", "MAINTENANCE"]);
    await change({ forced_down: true });
    assertEquals(await statuses(), ["DOWN", "DOWN"]);
    await change({ status: "enabled", forced_down: false });
    assertEquals(await statuses(), ["UP", "UP"]);
    const heartbeat = async (beats: boolean) => {
      const body = { host: { heartbeat: beats } };
      await cloud.ask("admin", "PUT", "/chronova/v1/hosts/compute-1", { body });
    };
    await heartbeat(false);
    assertEquals(await statuses(), ["UNKNOWN", "UNKNOWN"]);
    // What an administrator says comes first.
    await change({ status: "disabled" });
    assertEquals(await statuses(), ["MAINTENANCE", "MAINTENANCE"]);
    await change({ status: "enabled" });
    await heartbeat(true);
    assertEquals(await statuses(), ["UP", "UP"]);
    assertEquals((await ask("padmin", `/${failed.id}`)).json.server.host_status, "");
    for (const path of [`/${id}`, "/detail"]) {
      const { json } = await ask("member", path, "2.90");
      assert(!("host_status" in (json.server ?? json.servers[0])));
    }
    assert(!("host_status" in (await ask("padmin", `/${id}`, "2.15")).json.server));
  }, hosts(1));
});

Deno.test("host_status is known again after a restart", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  const options = { folder, ...hosts(1) };
  try {
    let id = "";
    await withCloud(async (cloud) => {
      id = (await create(cloud)).id;
      const body = { host: "compute-1", binary: "nova-compute" };
      await cloud.ask("admin", "PUT", "/v2.1/os-services/disable", { body });
    }, options);
    await withCloud(async (cloud) => {
      const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/${id}`, { mv: "2.90" });
      assertEquals(json.server.host_status, "MAINTENANCE");
    }, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
