/** A cell that cannot be reached: what is shown of it, what is left out, and what is an error. */
import { assertEquals, assertMatch } from "@std/assert";
import { reachCell } from "../kit/cell.ts";
import { type Answered, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

const ERROR =
  /^\{"computeFault":\{"code":500,"message":"Unexpected API Error\..*NovaException'>"\}\}$/;

interface Scene {
  readonly cloud: TestCloud;
  /** A server that is in the cell. */
  readonly inside: string;
  /** One that no host had room for. */
  readonly outside: string;
  get(path: string, mv?: string, as?: Role): Promise<Answered>;
}

/** Runs `work` while the cell is out of reach. */
function whileDown(work: (scene: Scene) => Promise<void>): Promise<void> {
  return withCloud(async (cloud) => {
    const inside = await cloud.create({ name: "inside" });
    const outside = await cloud.create({ name: "outside", flavorRef: "5" });
    await reachCell(cloud, false);
    const get = (path: string, mv = "2.69", as: Role = "member") =>
      cloud.ask(as, "GET", `/v2.1${path}`, { mv });
    await work({ cloud, inside, outside, get });
  }, { settings: { simulatedHostRamMib: 4096, simulatedHosts: 2 } });
}

function assertError({ status, text }: Answered): void {
  assertEquals(status, 500, text);
  assertMatch(text, ERROR);
}

// Servers

const keys = (server: Json) => Object.keys(server).sort();

Deno.test("down cell: a server is shown in part from 2.69 on, and an error below", () =>
  whileDown(async ({ get, inside, outside, cloud }) => {
    for (const mv of ["2.69", "2.71", "2.98", "2.104"]) {
      const shown = await get(`/servers/${inside}`, mv);
      const { server } = shown.json;
      assertEquals(
        keys(server),
        [
          "OS-EXT-AZ:availability_zone",
          "OS-EXT-STS:power_state",
          "created",
          "flavor",
          "id",
          "image",
          "links",
          ...(mv === "2.69" ? [] : ["server_groups"]),
          "status",
          "tenant_id",
          "user_id",
        ].sort(),
      );
      assertEquals([server.status, server["OS-EXT-AZ:availability_zone"]], ["UNKNOWN", "UNKNOWN"]);
      assertEquals(server.tenant_id, cloud.projectIds.demo);
    }
    for (const mv of ["2.1", "2.68"]) assertError(await get(`/servers/${inside}`, mv));
    // What never got a host is not in the cell.
    for (const mv of ["2.68", "2.69"]) {
      const { server } = (await get(`/servers/${outside}`, mv)).json;
      assertEquals([server.name, server.status], ["outside", "ERROR"]);
    }
    // As in Nova, whose it is decides, and is not hidden.
    assertEquals((await get(`/servers/${inside}`, "2.69", "stranger")).status, 403);
    assertEquals((await get(`/servers/${inside}`, "2.69", "admin")).status, 200);
  }));

Deno.test("down cell: a zone that was asked for is shown", () =>
  withCloud(async (cloud) => {
    const zoned = await cloud.create({ availability_zone: "nova" });
    await reachCell(cloud, false);
    const { json } = await cloud.ask("member", "GET", `/v2.1/servers/${zoned}`, { mv: "2.69" });
    assertEquals(json.server["OS-EXT-AZ:availability_zone"], "nova");
  }));

Deno.test("down cell: lists show it in front from 2.69 on, and leave it out below", () =>
  whileDown(async ({ get, inside, outside, cloud }) => {
    for (const path of ["/servers", "/servers/detail"]) {
      const ids = async (query = "", mv = "2.69", as: Role = "member") =>
        (await get(`${path}${query}`, mv, as)).json.servers.map(({ id }: Json) => id);
      assertEquals(await ids(), [inside, outside]);
      assertEquals(await ids("?all_tenants=1", "2.69", "admin"), [inside, outside]);
      assertEquals(await ids("", "2.69", "admin"), []);
      assertEquals(await ids("", "2.68"), [outside]);
      for (
        const query of ["?limit=10", "?sort_key=uuid", "?name=side", "?changes-since=2020-01-01"]
      ) {
        assertEquals(await ids(query), [outside], query);
      }
      assertEquals(await ids(`?marker=${outside}`), []);
      assertError(await get(`${path}?marker=${inside}`));
    }
    const { servers: [short] } = (await get("/servers")).json;
    assertEquals(keys(short), ["id", "links", "status"]);
    const detailed = await get("/servers/detail", "2.104");
    assertEquals(keys(detailed.json.servers[0]), ["created", "id", "links", "status", "tenant_id"]);
    assertEquals(detailed.json.servers[0].status, "UNKNOWN");
    // A page that was kept is not shown when the cell is there again.
    await reachCell(cloud, true);
    const { servers } = (await get("/servers")).json;
    assertEquals(servers.map(({ name }: Json) => name), ["outside", "inside"]);
  }));

Deno.test("down cell: detailed lists show groups of ports, and no more than fits a page", () =>
  withCloud(async (cloud) => {
    const ids = [
      await cloud.create({ networks: "auto" }),
      await cloud.create({ networks: "auto" }),
    ];
    await reachCell(cloud, false);
    const { json } = await cloud.ask("member", "GET", "/v2.1/servers/detail", { mv: "2.69" });
    assertEquals(json.servers.map(({ id }: Json) => id), ids.slice(0, 1));
    assertEquals(json.servers[0].security_groups, [{ name: "default" }]);
    assertEquals(json.servers_links.length, 1);
  }, { settings: { maxLimit: 1 } }));

Deno.test("down cell: what is gone is not there, and what is to go is not shown", async () => {
  await withCloud(async (cloud) => {
    const [kept, gone, restored] = [
      await cloud.create(),
      await cloud.create(),
      await cloud.create(),
    ];
    const path = (id: string) => `/v2.1/servers/${id}`;
    for (const id of [gone, restored]) await cloud.ask("member", "DELETE", path(id));
    await cloud.cloud.settled();
    const restore = { mv: "2.69", body: { restore: null } };
    await cloud.ask("padmin", "POST", `${path(restored)}/action`, restore);
    await cloud.cloud.settled();
    await reachCell(cloud, false);
    const { json } = await cloud.ask("member", "GET", "/v2.1/servers", { mv: "2.69" });
    assertEquals(json.servers.map(({ id }: Json) => id), [kept, restored]);
    assertEquals((await cloud.ask("member", "GET", path(gone), { mv: "2.69" })).status, 404);
    assertError(await cloud.ask("member", "GET", path(gone)));
  }, { settings: { reclaimInstanceSeconds: 3600 } });
});

Deno.test("down cell: whatever else is asked of its servers is an error, and changes nothing", () =>
  whileDown(async ({ cloud, inside, outside }) => {
    const requests: readonly (readonly [method: string, path: string, body?: Json])[] = [
      ["PUT", "", { server: { name: "new" } }],
      ["DELETE", ""],
      ["POST", "/action", { "os-stop": null }],
      ["POST", "/action", { lock: null }],
      ["POST", "/action", { "os-getConsoleOutput": {} }],
      ["GET", "/ips"],
      ["GET", "/metadata"],
      ["POST", "/metadata", { metadata: { a: "b" } }],
      ["GET", "/tags"],
      ["PUT", "/tags/a"],
      ["GET", "/os-interface"],
      ["GET", "/os-volume_attachments"],
      ["GET", "/os-instance-actions"],
      ["GET", "/os-security-groups"],
      ["GET", "/migrations"],
      ["GET", "/diagnostics"],
      ["GET", "/topology"],
      ["GET", "/os-server-password"],
    ];
    const before = await cloud.cloud.log.head();
    for (const [method, path, body] of requests) {
      const asked = { mv: "2.78", body };
      const answered = await cloud.ask("padmin", method, `/v2.1/servers/${inside}${path}`, asked);
      assertEquals(answered.status, 500, `${method} ${path}: ${answered.text}`);
      assertError(answered);
    }
    const events = [{ name: "network-changed", server_uuid: inside }];
    const told = { mv: "2.78", body: { events } };
    assertError(await cloud.ask("admin", "POST", "/v2.1/os-server-external-events", told));
    assertEquals(await cloud.cloud.log.head(), before);
    // What is not in the cell is changed as ever.
    const path = `/v2.1/servers/${outside}`;
    assertEquals((await cloud.ask("member", "DELETE", path)).status, 204);
    await cloud.cloud.settled();
    assertEquals((await cloud.ask("member", "GET", path)).status, 404);
  }));

// What the cell alone knows

Deno.test("down cell: services are UNKNOWN from 2.69 on, and left out below", () =>
  whileDown(async ({ get, cloud }) => {
    const services = async (query: string, mv: string) =>
      (await get(`/os-services${query}`, mv, "admin")).json.services;
    const unknown = ["compute-1", "compute-2"].map((host) => ({
      binary: "nova-compute",
      host,
      status: "UNKNOWN",
    }));
    assertEquals((await services("", "2.69")).slice(-2), unknown);
    assertEquals(await services("?host=compute-2", "2.104"), unknown.slice(1));
    assertEquals(await services("?binary=nova-compute", "2.68"), []);
    assertEquals((await services("", "2.68")).map(({ binary }: Json) => binary), [
      "nova-scheduler",
      "nova-conductor",
    ]);
    const id = (await services("", "2.69"))[0].id;
    const disable = (id: string) =>
      cloud.ask("admin", "PUT", `/v2.1/os-services/${id}`, {
        mv: "2.69",
        body: { status: "disabled" },
      });
    assertEquals((await disable(id)).status, 400);
    assertError(await disable(crypto.randomUUID()));
    const body = { host: "compute-1", binary: "nova-compute" };
    assertError(await cloud.ask("admin", "PUT", "/v2.1/os-services/disable", { body }));
  }));

Deno.test("down cell: hosts and migrations are left out; hypervisors and usage are an error", () =>
  whileDown(async ({ get, cloud }) => {
    const { hosts } = (await get("/os-hosts", "2.42", "admin")).json;
    assertEquals(hosts.map(({ service }: Json) => service), ["scheduler", "conductor"]);
    assertEquals((await get("/os-availability-zone")).json, { availabilityZoneInfo: [] });
    assertEquals((await get("/os-migrations", "2.69", "admin")).json, { migrations: [] });
    for (const path of ["", "/detail", "/statistics", "/1", "/1/uptime"]) {
      assertError(await get(`/os-hypervisors${path}`, "2.52", "admin"));
    }
    assertError(await get("/os-hosts/compute-1", "2.42", "admin"));
    assertError(await get(`/os-simple-tenant-usage/${cloud.projectIds.demo}`));
  }));

Deno.test("down cell: new servers find no host, and it comes back as it was", () =>
  whileDown(async ({ cloud, inside, get }) => {
    const created = await cloud.create();
    const { server } = (await get(`/servers/${created}`)).json;
    assertEquals([server.status, server.fault.message], [
      "ERROR",
      "No valid host was found. There are not enough hosts available.",
    ]);
    await reachCell(cloud, true);
    assertEquals((await get(`/servers/${inside}`)).json.server.status, "ACTIVE");
    const next = await cloud.create();
    assertEquals((await get(`/servers/${next}`)).json.server.status, "ACTIVE");
  }));

Deno.test("down cell: work that was under way goes on", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const path = `/v2.1/servers/${id}`;
    const resize = { mv: "2.69", body: { resize: { flavorRef: "2" } } };
    const resized = await cloud.ask("member", "POST", `${path}/action`, resize);
    assertEquals(resized.status, 202);
    await reachCell(cloud, false);
    await cloud.cloud.settled();
    await reachCell(cloud, true);
    assertEquals((await cloud.ask("member", "GET", path)).json.server.status, "VERIFY_RESIZE");
  }, { settings: { simulatedHosts: 2, simulatedMoveMs: 50 } }));

Deno.test("down cell: a restart keeps it down", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  try {
    let cloud = await TestCloud.open({ folder });
    const id = await cloud.create();
    await reachCell(cloud, false);
    await cloud.close();
    cloud = await TestCloud.open({ folder });
    const { json } = await cloud.ask("member", "GET", `/v2.1/servers/${id}`, { mv: "2.69" });
    assertEquals(json.server.status, "UNKNOWN");
    await cloud.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the cell is reachable or not, and nothing else", () =>
  withCloud(async (cloud) => {
    for (const reachable of [true, false, true]) {
      await reachCell(cloud, reachable);
      const { json } = await cloud.ask("admin", "GET", "/chronova/v1/cell");
      assertEquals(json, { cell: { reachable } });
    }
    for (const body of [{}, { cell: {} }, { cell: { reachable: 1 } }, { cell: { name: "a" } }]) {
      assertEquals((await cloud.ask("admin", "PUT", "/chronova/v1/cell", { body })).status, 400);
    }
    assertEquals((await cloud.ask("member", "GET", "/chronova/v1/cell")).status, 403);
  }));
