/** /os-services: who may, what is answered before and after 2.53, and what comes of it. */
import { assertEquals } from "@std/assert";
import { type Answered, type TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

const PATH = "/v2.1/os-services";
const BODY = { host: "compute-1", binary: "nova-compute" };

async function services(cloud: TestCloud, query = "", mv = "2.90"): Promise<Json[]> {
  return (await cloud.ask("admin", "GET", `${PATH}${query}`, { mv })).json.services;
}

async function serviceId(cloud: TestCloud, query = "?host=compute-1"): Promise<string> {
  return (await services(cloud, query))[0].id;
}

function put(cloud: TestCloud, id: string, mv: string, body: Json): Promise<Answered> {
  return cloud.ask("admin", "PUT", `${PATH}/${id}`, { mv, body });
}

function message({ json }: Answered): string {
  return Object.values<Json>(json)[0].message;
}

Deno.test("only administrators may", async () => {
  await withCloud(async (cloud) => {
    const id = await serviceId(cloud);
    for (const as of ["member", "reader"] as const) {
      for (
        const [method, path, rule] of [
          ["GET", PATH, "list"],
          ["PUT", `${PATH}/${id}`, "update"],
          ["DELETE", `${PATH}/${id}`, "delete"],
        ] as const
      ) {
        const body = method === "PUT" ? { status: "disabled" } : undefined;
        const refused = await cloud.ask(as, method, path, { mv: "2.90", body });
        assertEquals(refused.json, {
          forbidden: {
            code: 403,
            message: `Policy doesn't allow os_compute_api:os-services:${rule} to be performed.`,
          },
        });
      }
    }
  });
});

Deno.test("the scheduler, the conductor and every host have a service", async () => {
  await withCloud(async (cloud) => {
    const of = (all: Json[]) =>
      all.map(({ binary, host, zone, status, state, disabled_reason }) =>
        [binary, host, zone, status, state, disabled_reason].join(" ")
      );
    assertEquals(of(await services(cloud)), [
      "nova-scheduler chronova internal enabled up ",
      "nova-conductor chronova internal enabled up ",
      "nova-compute compute-1 nova enabled up ",
      "nova-compute compute-2 nova enabled up ",
    ]);
    assertEquals(of(await services(cloud, "?host=compute-2")), [
      "nova-compute compute-2 nova enabled up ",
    ]);
    assertEquals((await services(cloud, "?binary=nova-compute&host=")).length, 2);
    assertEquals(await services(cloud, "?binary=nova-compute&host=chronova"), []);
  }, { settings: { simulatedHosts: 2 } });
});

Deno.test("ids are numbers below 2.53, then UUIDs; forced_down shows from 2.11 on", async () => {
  await withCloud(async (cloud) => {
    const [old] = await services(cloud, "", "2.10");
    assertEquals([old.id, "forced_down" in old], [1, false]);
    const [newer] = await services(cloud, "", "2.11");
    assertEquals([newer.id, newer.forced_down], [1, false]);
    const ids = new Set((await services(cloud, "", "2.53")).map(({ id }) => id));
    assertEquals([...ids].every((id) => /^[0-9a-f-]{36}$/.test(id)), true);
    assertEquals(ids.size, 6);
  });
});

Deno.test("below 2.53 the path says what to do", async () => {
  await withCloud(async (cloud) => {
    const mv = "2.52";
    const service = async () => (await services(cloud, "?host=compute-1", mv))[0];
    assertEquals((await put(cloud, "disable", mv, BODY)).json, {
      service: { ...BODY, status: "disabled" },
    });
    assertEquals((await service()).status, "disabled");
    const logged = { ...BODY, disabled_reason: "disk" };
    assertEquals((await put(cloud, "disable-log-reason", mv, logged)).json, {
      service: { ...BODY, status: "disabled", disabled_reason: "disk" },
    });
    assertEquals((await service()).disabled_reason, "disk");
    assertEquals((await put(cloud, "enable", mv, BODY)).json, {
      service: { ...BODY, status: "enabled" },
    });
    const { status, disabled_reason } = await service();
    assertEquals([status, disabled_reason], ["enabled", null]);
    assertEquals((await put(cloud, "force-down", mv, { ...BODY, forced_down: "yes" })).json, {
      service: { ...BODY, forced_down: true },
    });
    const { state, forced_down } = await service();
    assertEquals([state, forced_down], ["down", true]);
  });
});

Deno.test("what cannot be updated is refused in Nova's words", async () => {
  const unsupported =
    "Updating a nova-scheduler service is not supported. Only nova-compute services can be updated.";
  await withCloud(async (cloud) => {
    const [scheduler, compute] = [
      await serviceId(cloud, "?binary=nova-scheduler"),
      await serviceId(cloud),
    ];
    const unknown = crypto.randomUUID();
    const on = (host: string, binary = "nova-compute") => ({ host, binary });
    for (
      const [id, mv, body, status, words] of [
        ["reboot", "2.52", BODY, 404, "Unknown action"],
        ["force-down", "2.10", BODY, 404, "Unknown action"],
        ["force-down", "2.11", BODY, 400, "Missing forced_down field"],
        ["disable-log-reason", "2.52", BODY, 400, "Missing disabled reason field"],
        ["disable", "2.52", on("chronova", "nova-scheduler"), 400, unsupported],
        ["disable", "2.52", on("nowhere"), 404, "Host 'nowhere' is not mapped to any cell"],
        ["disable", "2.53", { status: "disabled" }, 400, "Invalid uuid disable"],
        [unknown, "2.53", { status: "disabled" }, 404, `Service ${unknown} could not be found.`],
        [scheduler, "2.53", { status: "disabled" }, 400, unsupported],
        [
          compute,
          "2.53",
          { disabled_reason: "x" },
          400,
          "No updates were requested. Fields 'status' or 'forced_down' should be specified.",
        ],
        [
          compute,
          "2.53",
          { status: "enabled", disabled_reason: "x" },
          400,
          "Specifying 'disabled_reason' with status 'enabled' is invalid.",
        ],
      ] as const
    ) {
      const refused = await put(cloud, id, mv, body);
      assertEquals([refused.status, message(refused)], [status, words]);
    }
  });
});

Deno.test("from 2.53 on the whole service is answered; status and forced_down go together", async () => {
  await withCloud(async (cloud) => {
    const id = await serviceId(cloud);
    const body = { status: "disabled", disabled_reason: "disk", forced_down: true };
    const { json: { service } } = await put(cloud, id.toUpperCase(), "2.53", body);
    assertEquals({ ...service, updated_at: "" }, {
      id,
      binary: "nova-compute",
      host: "compute-1",
      zone: "nova",
      status: "disabled",
      state: "down",
      updated_at: "",
      disabled_reason: "disk",
      forced_down: true,
    });
    await put(cloud, id, "2.53", { status: "disabled" });
    assertEquals((await services(cloud, "?host=compute-1"))[0].disabled_reason, null);
  });
});

Deno.test("a disabled or forced down host takes no new servers; those it has stay", async () => {
  for (const change of [{ status: "disabled" }, { forced_down: true }]) {
    await withCloud(async (cloud) => {
      const kept = await cloud.create();
      await put(cloud, await serviceId(cloud), "2.53", change);
      const refused = await cloud.create();
      const status = async (id: string) =>
        (await cloud.ask("member", "GET", `/v2.1/servers/${id}`)).json.server.status;
      assertEquals([await status(kept), await status(refused)], ["ACTIVE", "ERROR"]);
    }, { settings: { simulatedHosts: 1 } });
  }
});

Deno.test("a silent service is down: its host takes no servers, and those it has may leave", async () => {
  let now = Date.UTC(2026, 0, 1);
  await withCloud(async (cloud) => {
    const server = await cloud.create({ host: "compute-1" }, { as: "padmin" });
    const heartbeat = (host: string, beats: boolean) =>
      cloud.ask("admin", "PUT", `/chronova/v1/hosts/${host}`, {
        body: { host: { heartbeat: beats } },
      });
    const silenced = await heartbeat("compute-1", false);
    assertEquals([silenced.status, silenced.json], [200, {
      host: { name: "compute-1", heartbeat: false },
    }]);
    now += 3_600_000;
    const [service] = await services(cloud, "?host=compute-1");
    const { status, state, forced_down, updated_at } = service;
    assertEquals([status, state, forced_down], ["enabled", "down", false]);
    assertEquals(updated_at.slice(0, 13), "2026-01-01T00");
    const { json: { hypervisors } } = await cloud.ask("admin", "GET", "/v2.1/os-hypervisors");
    assertEquals(hypervisors.map((one: Json) => one.state), ["down", "up"]);
    const asked = { mv: "2.90", body: { evacuate: {} } };
    const action = `/v2.1/servers/${server}/action`;
    assertEquals((await cloud.ask("admin", "POST", action, asked)).status, 200);
    await cloud.cloud.settled();
    await cloud.create();
    const { json } = await cloud.ask("admin", "GET", "/v2.1/servers/detail?all_tenants=1");
    const places = json.servers.map((one: Json) => one["OS-EXT-SRV-ATTR:host"]);
    assertEquals(places, ["compute-2", "compute-2"]);
    await heartbeat("compute-1", true);
    assertEquals((await services(cloud, "?host=compute-1"))[0].state, "up");
    assertEquals((await heartbeat("nowhere", true)).status, 404);
    const wrong = await cloud.ask("admin", "PUT", "/chronova/v1/hosts/compute-1", {
      body: { host: { heartbeat: 1 } },
    });
    assertEquals(wrong.status, 400);
  }, { settings: { simulatedHosts: 2 }, clock: () => now });
});

Deno.test("a service is deleted unless its host has servers, and leaves its aggregates", async () => {
  await withCloud(async (cloud) => {
    const host = "compute-1";
    const aggregates = "/v2.1/os-aggregates";
    await cloud.ask("admin", "POST", aggregates, { body: { aggregate: { name: "fast" } } });
    await cloud.ask("admin", "POST", `${aggregates}/1/action`, { body: { add_host: { host } } });
    const server = await cloud.create({ host }, { as: "padmin" });
    const path = `${PATH}/${await serviceId(cloud)}`;
    const refused = await cloud.ask("admin", "DELETE", path, { mv: "2.53" });
    assertEquals(refused.status, 409);
    assertEquals(
      message(refused),
      "Unable to delete compute service that is hosting instances. Migrate or delete the " +
        "instances first.",
    );
    await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`);
    await cloud.cloud.settled();
    assertEquals((await cloud.ask("admin", "DELETE", path, { mv: "2.53" })).status, 204);
    assertEquals((await cloud.ask("admin", "DELETE", path, { mv: "2.53" })).status, 404);
    assertEquals(await services(cloud, "?host=compute-1"), []);
    const { json } = await cloud.ask("admin", "GET", `${aggregates}/1`);
    assertEquals(json.aggregate.hosts, []);
    const { json: { hypervisors } } = await cloud.ask("admin", "GET", "/v2.1/os-hypervisors");
    assertEquals(hypervisors.length, 3);
  });
});

Deno.test("a service is not deleted while servers are on their way from its host", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ host: "compute-1" }, { as: "padmin" });
    const act = (body: Json) =>
      cloud.ask("padmin", "POST", `/v2.1/servers/${server}/action`, { mv: "2.90", body });
    await act({ migrate: { host: "compute-2" } });
    await cloud.cloud.settled();
    const path = `${PATH}/${await serviceId(cloud)}`;
    const refused = await cloud.ask("admin", "DELETE", path, { mv: "2.90" });
    assertEquals([refused.status, message(refused)], [
      409,
      "Unable to delete compute service that has in-progress migrations. Complete the " +
      "migrations or delete the instances first.",
    ]);
    // The other has the server already.
    const other = `${PATH}/${await serviceId(cloud, "?host=compute-2")}`;
    const hosting = await cloud.ask("admin", "DELETE", other, { mv: "2.90" });
    assertEquals([hosting.status, message(hosting).split(".")[0]], [
      409,
      "Unable to delete compute service that is hosting instances",
    ]);
    await act({ confirmResize: null });
    await cloud.cloud.settled();
    assertEquals((await cloud.ask("admin", "DELETE", path, { mv: "2.90" })).status, 204);
  });
});

/** Evacuates a server from a host that is forced down; gives the server's id. */
async function evacuate(cloud: TestCloud, host: string): Promise<string> {
  const server = await cloud.create({ host }, { as: "padmin" });
  const id = await serviceId(cloud, `?host=${host}`);
  assertEquals((await put(cloud, id, "2.53", { forced_down: true })).status, 200);
  const path = `/v2.1/servers/${server}/action`;
  const asked = await cloud.ask("admin", "POST", path, { mv: "2.90", body: { evacuate: {} } });
  assertEquals(asked.status, 200, asked.text);
  await cloud.cloud.settled();
  return server;
}

async function evacuationStatus(cloud: TestCloud): Promise<string> {
  const path = "/v2.1/os-migrations?migration_type=evacuation";
  return (await cloud.ask("admin", "GET", path, { mv: "2.90" })).json.migrations[0].status;
}

const NOT_UP = "Unable to force up host compute-1 as `done` evacuation migration records remain " +
  "associated with the host. Ensure the compute service has been restarted, allowing these " +
  "records to move to `completed` before retrying this request.";

Deno.test("a host is not forced up before its service was started anew since an evacuation", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  await withCloud(async (cloud) => {
    const id = await serviceId(cloud);
    await evacuate(cloud, "compute-1");
    for (
      const refused of [
        await put(cloud, "force-down", "2.11", { ...BODY, forced_down: false }),
        await put(cloud, id, "2.53", { forced_down: false }),
        await put(cloud, id, "2.53", { status: "enabled", forced_down: "no" }),
      ]
    ) assertEquals([refused.status, message(refused)], [400, NOT_UP]);
    // Whatever else is asked, or of another host, is another matter.
    assertEquals((await put(cloud, id, "2.53", { status: "enabled" })).status, 200);
    const other = await serviceId(cloud, "?host=compute-2");
    assertEquals((await put(cloud, other, "2.53", { forced_down: false })).status, 200);
    assertEquals(await evacuationStatus(cloud), "done");
  }, { folder });
  await withCloud(async (cloud) => {
    await cloud.cloud.settled();
    assertEquals(await evacuationStatus(cloud), "completed");
    const up = await put(cloud, await serviceId(cloud), "2.53", { forced_down: false });
    assertEquals([up.status, up.json.service.state], [200, "up"]);
  }, { folder });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a host that is rebooted or started has its service begin anew", async () => {
  for (const action of ["reboot", "startup"]) {
    await withCloud(async (cloud) => {
      await evacuate(cloud, "compute-1");
      const power = async (host: string, word: string) => {
        await cloud.ask("admin", "GET", `/v2.1/os-hosts/${host}/${word}`, { mv: "2.42" });
        await cloud.cloud.settled();
      };
      await power("compute-1", "shutdown");
      await power("compute-2", action);
      assertEquals(await evacuationStatus(cloud), "done");
      await power("compute-1", action);
      assertEquals(await evacuationStatus(cloud), "completed");
      const up = await put(cloud, await serviceId(cloud), "2.53", { forced_down: false });
      assertEquals(up.status, 200);
    });
  }
});

Deno.test("what a host cannot clear away now is left for its next start", async () => {
  await withCloud(async (cloud) => {
    await evacuate(cloud, "compute-1");
    const reboot = () =>
      cloud.ask("admin", "GET", "/v2.1/os-hosts/compute-1/reboot", { mv: "2.42" });
    const trouble = async (effect: string) => {
      const body = { fault: { driver: "ensureLeft", effect, times: 1 } };
      const { status } = await cloud.ask("admin", "POST", "/chronova/v1/faults", { body });
      assertEquals(status, 201);
    };
    await trouble("fail");
    await reboot();
    await cloud.cloud.settled();
    assertEquals(await evacuationStatus(cloud), "done");
    await reboot();
    await cloud.cloud.settled();
    assertEquals(await evacuationStatus(cloud), "completed");
    // One that hangs keeps no cloud from closing.
    await evacuate(cloud, "compute-2");
    await trouble("hang");
    await cloud.ask("admin", "GET", "/v2.1/os-hosts/compute-2/reboot", { mv: "2.42" });
  });
});

Deno.test("what was evacuated and deleted since keeps no host down", async () => {
  await withCloud(async (cloud) => {
    const server = await evacuate(cloud, "compute-1");
    await cloud.ask("admin", "DELETE", `/v2.1/servers/${server}`);
    await cloud.cloud.settled();
    const up = await put(cloud, await serviceId(cloud), "2.53", { forced_down: false });
    assertEquals(up.status, 200);
  });
});

Deno.test("a delete asks for an id of the right kind", async () => {
  await withCloud(async (cloud) => {
    const remove = (id: string, mv: string) =>
      cloud.ask("admin", "DELETE", `${PATH}/${id}`, { mv });
    const unknown = crypto.randomUUID();
    for (
      const [id, mv, status, words] of [
        ["x", "2.52", 400, "Invalid input received: id must be an integer"],
        ["99999", "2.52", 404, "Service 99999 not found."],
        ["1", "2.53", 400, "Invalid uuid 1"],
        [unknown, "2.53", 404, `Service ${unknown} not found.`],
      ] as const
    ) {
      const refused = await remove(id, mv);
      assertEquals([refused.status, message(refused)], [status, words]);
    }
    // This process has the scheduler back at once.
    assertEquals((await remove("1", "2.52")).status, 204);
    assertEquals((await services(cloud, "?binary=nova-scheduler")).length, 1);
  });
});

Deno.test("unknown parameters are refused from 2.75 on", async () => {
  await withCloud(async (cloud) => {
    const ask = (mv: string) => cloud.ask("admin", "GET", `${PATH}?a=b`, { mv });
    assertEquals([(await ask("2.74")).status, (await ask("2.75")).status], [200, 400]);
  });
});
