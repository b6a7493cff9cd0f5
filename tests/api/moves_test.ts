/** Servers between hosts: resize, migrate, live migration, evacuation, and the records of them. */
import { assert, assertEquals } from "@std/assert";
import { findServer } from "../../src/compute/servers/projection.ts";
import { type Answered, type Asked, type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { HeldMoves } from "../kit/held_moves.ts";
import { makeFlavor, makeImage } from "../kit/samples.ts";
import { replyProblems } from "../kit/schemas.ts";

/** Someone who acts on one server. */
class Acting {
  constructor(readonly cloud: TestCloud, readonly id: string) {}

  async act(body: unknown, { as = "admin", mv = "2.90" }: Act = {}): Promise<Answered> {
    const path = `/v2.1/servers/${this.id}/action`;
    return await this.cloud.ask(as, "POST", path, { mv, body });
  }

  /** The same, and waits until nothing moves. */
  async done(body: unknown, act: Act = {}): Promise<Answered> {
    const answered = await this.act(body, act);
    await this.cloud.cloud.settled();
    return answered;
  }

  async show() {
    const { json } = await this.ask("GET", "");
    return json.server;
  }

  /** As an administrator, below the server's own path. */
  ask(method: string, path: string, asked: Asked = {}): Promise<Answered> {
    return this.cloud.ask("admin", method, `/v2.1/servers/${this.id}${path}`, {
      mv: "2.90",
      ...asked,
    });
  }

  /** The newest action with the names and results of its events, oldest first. */
  lastAction() {
    return this.actionBefore(0);
  }

  /** The same of one that was followed by as many. */
  async actionBefore(later: number) {
    const { json } = await this.ask("GET", "/os-instance-actions");
    const { action, request_id: requestId } = json.instanceActions[later];
    const shown = await this.ask("GET", `/os-instance-actions/${requestId}`);
    const events = shown.json.instanceAction.events as { event: string; result: string }[];
    return { action, events: events.toReversed().map(({ event, result }) => [event, result]) };
  }
}

interface Act {
  readonly as?: Role;
  readonly mv?: string;
}

async function withServer(
  work: (server: Acting) => Promise<void>,
  options: Parameters<typeof withCloud>[1] = {},
): Promise<void> {
  await withCloud(async (cloud) => work(new Acting(cloud, await cloud.create())), options);
}

async function migrations(cloud: TestCloud, query = "", mv = "2.90") {
  const answered = await cloud.ask("admin", "GET", `/v2.1/os-migrations${query}`, { mv });
  assertEquals(answered.status, 200, answered.text);
  return answered.json.migrations;
}

async function claims(cloud: TestCloud): Promise<readonly string[]> {
  const { json } = await cloud.ask("admin", "GET", "/v2.1/os-hypervisors/detail", { mv: "2.87" });
  return json.hypervisors.filter((one: { running_vms: number }) => one.running_vms > 0)
    .map((one: { service: { host: string }; vcpus_used: number; memory_mb_used: number }) =>
      `${one.service.host}: ${one.vcpus_used} ${one.memory_mb_used}`
    ).sort();
}

async function usage(cloud: TestCloud): Promise<readonly number[]> {
  const { json } = await cloud.ask("member", "GET", "/v2.1/limits");
  const { totalCoresUsed, totalRAMUsed } = json.limits.absolute;
  return [totalCoresUsed, totalRAMUsed];
}

async function forceDown(cloud: TestCloud, host: string): Promise<void> {
  const mv = "2.90";
  const { json } = await cloud.ask("admin", "GET", `/v2.1/os-services?host=${host}`, { mv });
  const path = `/v2.1/os-services/${json.services[0].id}`;
  await cloud.ask("admin", "PUT", path, { mv, body: { forced_down: true } });
}

const resize = { resize: { flavorRef: "2" } };
const FLAVOR_2 = { vcpus: 1, ram: 2048, original_name: "m1.small" };

Deno.test("a resize waits on its new host, and is taken for good", () =>
  withServer(async (server) => {
    const { cloud } = server;
    const before = await server.show();
    const asked = await server.act(resize, { as: "member" });
    assertEquals([asked.status, asked.text], [202, ""]);
    await cloud.cloud.settled();

    const resized = await server.show();
    assertEquals(resized.status, "VERIFY_RESIZE");
    assertEquals(resized["OS-EXT-STS:vm_state"], "resized");
    assertEquals(resized["OS-EXT-STS:power_state"], 1);
    assertEquals(resized["OS-DCF:diskConfig"], "MANUAL");
    assertEquals(resized.progress, 0);
    const { vcpus, ram, original_name } = resized.flavor;
    assertEquals({ vcpus, ram, original_name }, FLAVOR_2);
    const [from, to] = [before, resized].map((one) => one["OS-EXT-SRV-ATTR:host"]);
    assert(from !== to, "it is where it was");
    assert(resized["OS-SRV-USG:launched_at"] > before["OS-SRV-USG:launched_at"]);
    assertEquals(await claims(cloud), [`${from}: 1 512`, `${to}: 1 2048`].sort());
    assertEquals(await usage(cloud), [1, 2048]);
    assertEquals(await server.lastAction(), {
      action: "resize",
      events: [
        ["conductor_migrate_server", "Success"],
        ["cold_migrate", "Success"],
        ["compute_prep_resize", "Success"],
        ["compute_resize_instance", "Success"],
        ["compute_finish_resize", "Success"],
      ],
    });

    const confirmed = await server.act({ confirmResize: null }, { as: "member" });
    assertEquals([confirmed.status, confirmed.text], [204, ""]);
    await cloud.cloud.settled();
    assertEquals((await server.show()).status, "ACTIVE");
    assertEquals((await server.show())["OS-EXT-SRV-ATTR:host"], to);
    assertEquals(await claims(cloud), [`${to}: 1 2048`]);
    assertEquals(await server.lastAction(), {
      action: "confirmResize",
      events: [["compute_confirm_resize", "Success"]],
    });
    const [{ status, migration_type, source_compute, dest_compute }] = await migrations(cloud);
    assertEquals([status, migration_type, source_compute, dest_compute], [
      "confirmed",
      "resize",
      from,
      to,
    ]);
  }));

Deno.test("a resize that is taken back leaves nothing behind", () =>
  withServer(async (server) => {
    const { cloud } = server;
    const before = await server.show();
    await server.done(resize, { as: "member" });
    const reverting = await server.act({ revertResize: null }, { as: "member" });
    assertEquals([reverting.status, reverting.text], [202, ""]);
    await cloud.cloud.settled();
    const after = await server.show();
    assertEquals([after.status, after.flavor], ["ACTIVE", before.flavor]);
    const host = "OS-EXT-SRV-ATTR:host";
    assertEquals(after[host], before[host]);
    assert(after["OS-SRV-USG:launched_at"] > before["OS-SRV-USG:launched_at"]);
    assertEquals(await claims(cloud), [`${before[host]}: 1 512`]);
    assertEquals(await usage(cloud), [1, 512]);
    assertEquals(await server.lastAction(), {
      action: "revertResize",
      events: [["compute_revert_resize", "Success"], ["compute_finish_revert_resize", "Success"]],
    });
    assertEquals((await migrations(cloud))[0].status, "reverted");
  }));

Deno.test("what was stopped is stopped in the end, confirmed or reverted", () =>
  withServer(async (server) => {
    await server.done({ "os-stop": null });
    for (const end of ["confirmResize", "revertResize"]) {
      await server.done({ migrate: null });
      assertEquals((await server.show())["OS-EXT-STS:power_state"], 4);
      await server.done({ [end]: null });
      const { status, "OS-EXT-STS:power_state": power } = await server.show();
      assertEquals([status, power], ["SHUTOFF", 4]);
    }
  }));

Deno.test("a server is moved with its ports", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create({ networks: [{ uuid: await cloud.networkId() }] });
    const server = new Acting(cloud, id);
    const assertBound = async () => {
      const path = `/network/v2.0/ports?device_id=${id}`;
      const { json } = await cloud.ask("admin", "GET", path);
      const host = (await server.show())["OS-EXT-SRV-ATTR:host"];
      assertEquals(json.ports.map((port: Record<string, string>) => port["binding:host_id"]), [
        host,
      ]);
    };
    const { addresses } = await server.show();
    for (
      const action of [resize, { revertResize: null }, {
        "os-migrateLive": { host: null, block_migration: "auto" },
      }]
    ) {
      await server.done(action);
      await assertBound();
      assertEquals((await server.show()).addresses, addresses);
    }
  }));

Deno.test("resizes and migrations are refused in Nova's words", async (t) => {
  await withServer(async (server) => {
    const { cloud } = server;
    await makeFlavor(cloud, "zero", { diskGib: 0 });
    await makeFlavor(cloud, "huge", { ramMib: 1024, vcpus: 30, diskGib: 20 });
    const host = (await server.show())["OS-EXT-SRV-ATTR:host"];
    const flavor = (flavorRef: string) => ({ resize: { flavorRef } });
    const rows: readonly (readonly [unknown, number, string])[] = [
      [flavor("1"), 400, "When resizing, instances must change flavor!"],
      [flavor("999"), 400, "Flavor 999 could not be found."],
      [
        flavor("zero"),
        400,
        "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.",
      ],
      [
        flavor("huge"),
        403,
        "Quota exceeded for cores: Requested 29, but already used 1 of 20 cores",
      ],
      [{ migrate: { host } }, 400, "Cannot migrate to the host where the server exists."],
      [{ migrate: { host: "nowhere" } }, 400, "Compute host nowhere could not be found."],
      [
        { "os-migrateLive": { host: "nowhere", block_migration: "auto" } },
        400,
        "Compute host nowhere could not be found.",
      ],
      [{ evacuate: {} }, 400, `Compute service of ${host} is still in use.`],
      [{ evacuate: { host } }, 400, "The target host can't be the same one."],
      [{ evacuate: { host: "nowhere" } }, 404, "Compute host nowhere not found."],
      [
        { confirmResize: null },
        409,
        `Cannot 'confirmResize' instance ${server.id} while it is in vm_state active`,
      ],
    ];
    for (const [body, status, message] of rows) {
      await t.step(`${JSON.stringify(body)}: ${status}`, async () => {
        const answered = await server.act(body);
        const [fault] = Object.values(answered.json) as { message: string }[];
        assertEquals([answered.status, fault!.message], [status, message]);
        assertEquals((await server.show())["OS-EXT-STS:task_state"], null);
      });
    }
    await t.step("on a host that is down", async () => {
      await forceDown(cloud, host);
      for (const body of [resize, { migrate: null }]) {
        const { status, json } = await server.act(body);
        assertEquals([status, json.conflictingRequest.message], [
          409,
          "Service is unavailable at this time.",
        ]);
      }
    });
  });
});

Deno.test("only administrators say where to, and managers that", () =>
  withServer(async (server) => {
    const live = (host: string | null) => ({ "os-migrateLive": { host, block_migration: "auto" } });
    for (
      const [body, rule] of [
        [{ migrate: null }, "os-migrate-server:migrate"],
        [{ migrate: { host: "compute-2" } }, "os-migrate-server:migrate:host"],
        [live(null), "os-migrate-server:migrate_live"],
        [live("compute-2"), "os-migrate-server:migrate_live:host"],
        [{ evacuate: {} }, "os-evacuate"],
      ] as const
    ) {
      const { status, json } = await server.act(body, { as: "member" });
      assertEquals([status, json.forbidden.message], [
        403,
        `Policy doesn't allow os_compute_api:${rule} to be performed.`,
      ]);
    }
  }));

Deno.test("a server goes to the host that is named, and to none that has no room", () =>
  withServer(async (server) => {
    const { cloud } = server;
    const host = "OS-EXT-SRV-ATTR:host";
    const other = (await server.show())[host] === "compute-2" ? "compute-1" : "compute-2";
    assertEquals((await server.done({ migrate: { host: other } })).status, 202);
    assertEquals((await server.show())[host], other);
    await server.done({ revertResize: null });
    await makeFlavor(cloud, "giant", { ramMib: 2 ** 20 });
    await cloud.limit({ ram: -1 });
    assertEquals((await server.done({ resize: { flavorRef: "giant" } })).status, 202);
    const { status, flavor } = await server.show();
    assertEquals([status, flavor.ram], ["ACTIVE", 512]);
    assertEquals(await usage(cloud), [1, 512]);
    const { action, events } = await server.lastAction();
    assertEquals([action, events], ["resize", [
      ["conductor_migrate_server", "Error"],
      ["cold_migrate", "Error"],
    ]]);
    assertEquals((await migrations(cloud))[0].status, "error");
  }));

Deno.test("the quota has room for the way there and the way back, at every moment", () =>
  withServer(async (server) => {
    const { cloud } = server;
    await cloud.limit({ ram: 2048 + 512 });
    await server.done(resize);
    const plain = { ...await cloud.plain(), flavorRef: "2" };
    const create = (flavorRef: string) =>
      cloud.ask("member", "POST", "/v2.1/servers", {
        mv: "2.90",
        body: { server: { ...plain, flavorRef } },
      });
    assertEquals((await create("2")).status, 403);
    assertEquals((await create("1")).status, 202);
    await server.done({ confirmResize: null });
    // Going down, what was taken before is kept until it is sure that it is not needed any more.
    await makeFlavor(cloud, "low", { ramMib: 64, diskGib: 20 });
    await server.done({ resize: { flavorRef: "low" } });
    assertEquals((await create("1")).status, 403);
    assertEquals((await server.done({ revertResize: null })).status, 202);
    assertEquals((await server.show()).flavor.ram, 2048);
    await server.done({ resize: { flavorRef: "low" } });
    await server.done({ confirmResize: null });
    assertEquals((await create("1")).status, 202);
  }));

Deno.test("a resize is confirmed by itself when the time has passed", async () => {
  let now = Date.UTC(2026, 0, 1);
  await withServer(async (server) => {
    const { cloud } = server.cloud;
    await server.done(resize);
    await cloud.lookAround();
    await cloud.settled();
    assertEquals((await server.show()).status, "VERIFY_RESIZE");
    now += 120_000;
    await cloud.lookAround();
    await cloud.settled();
    assertEquals((await server.show()).status, "ACTIVE");
    assertEquals((await migrations(server.cloud))[0].status, "confirmed");
  }, { settings: { resizeConfirmWindowSeconds: 60 }, clock: () => now++ });
});

Deno.test("a resized server may stay on its host where that is allowed", () =>
  withServer(async (server) => {
    const host = (await server.show())["OS-EXT-SRV-ATTR:host"];
    await server.done(resize);
    assertEquals((await server.show())["OS-EXT-SRV-ATTR:host"], host);
    await server.done({ confirmResize: null });
    assertEquals(await claims(server.cloud), [`${host}: 1 2048`]);
  }, { settings: { simulatedHosts: 1, allowResizeToSameHost: true } }));

Deno.test("deleting a resized server gives back both hosts, and its records go with it", () =>
  withServer(async (server) => {
    const { cloud } = server;
    await server.done(resize);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${server.id}`);
    await cloud.cloud.settled();
    assertEquals(await claims(cloud), []);
    assertEquals(await migrations(cloud), []);
  }));

Deno.test("records of moves that are over are listed until the server is deleted, and not in its row", () => {
  const driver = new HeldMoves();
  return withServer(async (server) => {
    const { cloud } = server;
    const { reader } = cloud.cloud.log;
    for (let moves = 0; moves < 3; moves++) {
      await server.done({ migrate: null });
      await server.done({ confirmResize: null });
    }
    const listed = await migrations(cloud);
    assertEquals(listed.map((one: { status: string }) => one.status), Array(3).fill("confirmed"));
    const newest = (await findServer(reader, server.id))!.state.migrations;
    assertEquals(newest.map(({ number }) => number), [listed[0].id]);
    const first = listed.at(-1).id;
    const shown = await server.ask("GET", `/migrations/${first}`);
    assertEquals([shown.status, shown.json.itemNotFound.message], [
      404,
      `Migration ${first} for server ${server.id} is not live-migration.`,
    ]);
    await server.act(live);
    await driver.begun;
    const aborted = await server.ask("DELETE", `/migrations/${first}`);
    assertEquals([aborted.status, aborted.json.badRequest.message], [
      400,
      `Migration ${first} state of instance ${server.id} is confirmed. Cannot abort live ` +
      "migration while the migration is in this state.",
    ]);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${server.id}`);
    await cloud.cloud.settled();
    assertEquals(await migrations(cloud), []);
    assertEquals((await findServer(reader, server.id))!.state.migrations, []);
  }, { driver });
});

/** The events of a live migration that began. */
const LIVE_MIGRATION = [
  "conductor_live_migrate_instance",
  "compute_check_can_live_migrate_destination",
  "compute_check_can_live_migrate_source",
  "compute_live_migration",
  "compute_pre_live_migration",
].map((event) => [event, "Success"]);

const live = { "os-migrateLive": { host: null, block_migration: "auto" } };

async function withLiveMigration(
  work: (server: Acting, number: number, driver: HeldMoves) => Promise<void>,
): Promise<void> {
  const driver = new HeldMoves();
  await withServer(async (server) => {
    assertEquals((await server.act(live)).status, 202);
    await driver.begun;
    const [{ id }] = (await server.ask("GET", "/migrations")).json.migrations;
    await work(server, id, driver);
    driver.goOn();
    await server.cloud.cloud.settled();
  }, { driver });
}

Deno.test("a server that is moved while it runs shows how far it is", () =>
  withLiveMigration(async (server, number, driver) => {
    const { cloud } = server;
    const moving = await server.show();
    assertEquals([moving.status, moving.progress], ["MIGRATING", 25]);
    assertEquals(moving["OS-EXT-STS:task_state"], "migrating");
    for (const minor of [23, 59, 80, 104]) {
      const mv = `2.${minor}`;
      const shown = await server.ask("GET", `/migrations/${number}`, { mv });
      const one = shown.json.migration;
      assertEquals(one.status, "running");
      assertEquals([one.memory_total_bytes, one.memory_remaining_bytes], [400, 300]);
      assertEquals(["uuid" in one, "project_id" in one], [minor >= 59, minor >= 80]);
      const listed = await server.ask("GET", "/migrations", { mv });
      assertEquals(listed.json.migrations, [one]);
      const [of] = await migrations(cloud, "", mv);
      assertEquals([of.id, of.migration_type, of.links.length], [number, "live-migration", 2]);
    }
    assertEquals((await claims(cloud)).length, 2);
    driver.goOn();
    await cloud.cloud.settled();
    const moved = await server.show();
    assertEquals([moved.status, moved.progress], ["ACTIVE", 0]);
    assert(moved["OS-EXT-SRV-ATTR:host"] !== moving["OS-EXT-SRV-ATTR:host"]);
    assertEquals((await claims(cloud)).length, 1);
    assertEquals(await server.lastAction(), {
      action: "live-migration",
      events: [...LIVE_MIGRATION, ["compute_post_live_migration_at_destination", "Success"]],
    });
    assertEquals((await migrations(cloud))[0].status, "completed");
    const gone = await server.ask("GET", `/migrations/${number}`);
    assertEquals([gone.status, gone.json.itemNotFound.message], [
      404,
      `Live migration ${number} for server ${server.id} is not in progress.`,
    ]);
  }));

Deno.test("a live migration is aborted", () =>
  withLiveMigration(async (server, number) => {
    const { cloud } = server;
    const before = await server.show();
    const aborted = await server.ask("DELETE", `/migrations/${number}`);
    assertEquals([aborted.status, aborted.text], [202, ""]);
    await cloud.cloud.settled();
    const after = await server.show();
    assertEquals([after.status, after.progress], ["ACTIVE", 0]);
    assertEquals(after["OS-EXT-SRV-ATTR:host"], before["OS-EXT-SRV-ATTR:host"]);
    assertEquals((await migrations(cloud))[0].status, "cancelled");
    assertEquals((await claims(cloud)).length, 1);
    assertEquals(await server.lastAction(), {
      action: "live_migration_cancel",
      events: [["compute_live_migration_abort", "Success"]],
    });
    // The host was only asked to begin, which it did; that it was in vain the migration says.
    assertEquals(await server.actionBefore(1), {
      action: "live-migration",
      events: [...LIVE_MIGRATION, ["compute_rollback_live_migration_at_destination", "Success"]],
    });
  }));

Deno.test("a live migration is completed at any cost", () =>
  withLiveMigration(async (server, number) => {
    const before = await server.show();
    const body = { force_complete: null };
    const path = `/migrations/${number}/action`;
    assertEquals((await server.ask("POST", path, { mv: "2.21", body })).status, 404);
    assertEquals((await server.ask("POST", path, { mv: "2.22", body })).status, 202);
    await server.cloud.cloud.settled();
    const after = await server.show();
    assertEquals(after.status, "ACTIVE");
    assert(after["OS-EXT-SRV-ATTR:host"] !== before["OS-EXT-SRV-ATTR:host"]);
    assertEquals((await server.lastAction()).action, "live_migration_force_complete");
  }));

Deno.test("what is asked of a migration is refused in Nova's words", () =>
  withLiveMigration(async (server, number, driver) => {
    const { id } = server;
    const wrong = await server.ask("DELETE", "/migrations/999999");
    assertEquals([wrong.status, wrong.json.itemNotFound.message], [
      404,
      `Migration 999999 not found for instance ${id}`,
    ]);
    const body = { force_complete: null };
    const unknown = await server.ask("POST", "/migrations/x/action", { body });
    assertEquals([unknown.status, unknown.json.badRequest.message], [
      400,
      `Migration x not found for instance ${id}`,
    ]);
    const none = await server.ask("GET", "/migrations/999999");
    assertEquals(
      none.json.itemNotFound.message,
      `In-progress live migration 999999 is not found for server ${id}.`,
    );
    driver.goOn();
    await server.cloud.cloud.settled();
    const late = await server.ask("DELETE", `/migrations/${number}`);
    assertEquals([late.status, late.json.conflictingRequest.message], [
      409,
      `Cannot 'abort live migration' instance ${id} while it is in task_state None`,
    ]);
  }));

Deno.test("below 2.34 a live migration that cannot be is refused at once, later it fails", () =>
  withServer(async (server) => {
    const host = (await server.show())["OS-EXT-SRV-ATTR:host"];
    const body = { "os-migrateLive": { host, block_migration: false, disk_over_commit: false } };
    const old = await server.act(body, { mv: "2.24" });
    assertEquals([old.status, old.json.badRequest.message], [
      400,
      `Unable to migrate instance (${server.id}) to current host (${host}).`,
    ]);
    const now = { "os-migrateLive": { host, block_migration: "auto" } };
    assertEquals((await server.act(now, { mv: "2.33" })).status, 400);
    assertEquals((await server.done(now, { mv: "2.34" })).status, 202);
    assertEquals((await server.show()).status, "ACTIVE");
    assertEquals((await server.lastAction()).events, [[
      "conductor_live_migrate_instance",
      "Error",
    ]]);
    const forced = { "os-migrateLive": { host: null, block_migration: "auto", force: true } };
    const { status, json } = await server.act(forced, { mv: "2.30" });
    assertEquals([status, json.badRequest.message], [
      400,
      "Can't force to a non-provided destination",
    ]);
  }));

Deno.test("a server is evacuated from a host that is down", async (t) => {
  const rows: readonly (readonly [mv: string, body: object, answer: RegExp, status: string])[] = [
    ["2.13", { onSharedStorage: false, adminPass: "pw" }, /^\{"adminPass": ?"pw"\}$/, "ACTIVE"],
    ["2.13", { onSharedStorage: false }, /^\{"adminPass": ?"\w+"\}$/, "ACTIVE"],
    ["2.13", { onSharedStorage: true }, /^\{"adminPass": ?null\}$/, "ACTIVE"],
    ["2.14", {}, /^$/, "ACTIVE"],
    ["2.94", {}, /^$/, "ACTIVE"],
    ["2.95", {}, /^$/, "SHUTOFF"],
  ];
  for (const [mv, evacuate, answer, status] of rows) {
    await t.step(`${mv} ${JSON.stringify(evacuate)}`, () =>
      withServer(async (server) => {
        const { cloud } = server;
        const before = await server.show();
        const host = "OS-EXT-SRV-ATTR:host";
        await forceDown(cloud, before[host]);
        const answered = await server.act({ evacuate }, { mv });
        assertEquals(answered.status, 200, answered.text);
        assert(answer.test(answered.text), answered.text);
        await cloud.cloud.settled();
        const after = await server.show();
        assertEquals(after.status, status);
        assert(after[host] !== before[host], "it is where it was");
        assertEquals(await claims(cloud), [`${after[host]}: 1 512`]);
        const [{ status: done, migration_type }] = await migrations(cloud);
        assertEquals([done, migration_type], ["done", "evacuation"]);
        const { action, events } = await server.lastAction();
        assertEquals(action, "evacuate");
        assertEquals(events.slice(0, 2), [
          ["rebuild_server", "Success"],
          ["compute_rebuild_instance", "Success"],
        ]);
      }));
  }
});

Deno.test("a lock keeps no administrator from evacuating", () =>
  withServer(async (server) => {
    await server.done({ lock: null }, { as: "member" });
    await forceDown(server.cloud, (await server.show())["OS-EXT-SRV-ATTR:host"]);
    assertEquals((await server.done({ evacuate: {} })).status, 200);
    const shared = { evacuate: { onSharedStorage: true, adminPass: "pw" } };
    const { status, json } = await server.act(shared, { mv: "2.13" });
    assertEquals([status, json.badRequest.message], [
      400,
      "admin password can't be changed on existing disk",
    ]);
  }));

Deno.test("migrations are found by what is known of them, page by page", () =>
  withCloud(async (cloud) => {
    const servers = [];
    for (let n = 0; n < 3; n++) servers.push(new Acting(cloud, await cloud.create()));
    await servers[0]!.done(resize);
    await servers[1]!.done({ migrate: null });
    await servers[1]!.done({ confirmResize: null });
    await servers[2]!.done(live);
    const all = await migrations(cloud);
    const idsOf = (found: readonly { uuid: string }[]) => found.map(({ uuid }) => uuid);
    const [third, second, first] = idsOf(all) as [string, string, string];
    assertEquals(all.map((one: { migration_type: string }) => one.migration_type), [
      "live-migration",
      "migration",
      "resize",
    ]);
    assertEquals([all[2].old_instance_type_id === all[2].new_instance_type_id, all[0].links], [
      false,
      undefined,
    ]);
    const rows: readonly (readonly [query: string, found: readonly string[]])[] = [
      [`instance_uuid=${servers[0]!.id}`, [first]],
      ["status=finished", [first]],
      ["status=confirmed&status=completed", [third]],
      ["migration_type=migration", [second]],
      [`source_compute=${all[2].source_compute}&migration_type=resize`, [first]],
      [`host=${all[2].dest_compute}&migration_type=resize`, [first]],
      ["host=nowhere", []],
      ["hidden=1", []],
      ["hidden=0", [third, second, first]],
      ["limit=1", [third]],
      [`limit=1&marker=${third}`, [second]],
      [`marker=${first}`, []],
      ["changes-since=2100-01-01", []],
      ["changes-before=2000-01-01", []],
      ["changes-since=2000-01-01&changes-before=2100-01-01", [third, second, first]],
      [`project_id=${all[0].project_id}`, [third, second, first]],
      ["project_id=other", []],
      ["user_id=nobody", []],
    ] as const;
    for (const [query, found] of rows) {
      assertEquals(idsOf(await migrations(cloud, `?${query}`)), found, query);
    }
    const page = await cloud.ask("admin", "GET", "/v2.1/os-migrations?limit=2", { mv: "2.59" });
    assertEquals(page.json.migrations_links[0].rel, "next");
    assert(page.json.migrations_links[0].href.endsWith(`limit=2&marker=${second}`));
    const problem = async (query: string, mv = "2.90") => {
      const { status, json } = await cloud.ask("admin", "GET", `/v2.1/os-migrations?${query}`, {
        mv,
      });
      return [status, json.badRequest?.message];
    };
    assertEquals(await problem("marker=x"), [400, "Marker x could not be found."]);
    assertEquals(await problem("changes-since=2021-01-01&changes-before=2020-01-01"), [
      400,
      "The value of changes-since must be less than or equal to changes-before.",
    ]);
    // Before there were pages, everything came at once, oldest first, and nothing was refused.
    assertEquals((await problem("limit=1&unknown=1", "2.58"))[0], 200);
    const old = await migrations(cloud, "?limit=1", "2.22");
    assertEquals(old.length, 3);
    assertEquals(["uuid", "migration_type", "links"].filter((key) => key in old[0]), []);
  }));

Deno.test("the list of migrations is by the schemas, whoever asks", () =>
  withServer(async (server) => {
    const { cloud } = server;
    await server.done(resize);
    for (const minor of [1, 23, 59, 66, 80, 104]) {
      const answered = await cloud.ask("admin", "GET", "/v2.1/os-migrations", { mv: `2.${minor}` });
      assertEquals(replyProblems("migrations", "list_migrations", minor, answered), []);
    }
    for (const as of ["member", "reader", "stranger"] as const) {
      const { status } = await cloud.ask(as, "GET", "/v2.1/os-migrations");
      assertEquals(status, 403);
    }
  }));

Deno.test("a resize never makes the disk smaller than it was at the boot, unless it is a volume", () =>
  withCloud(async (cloud) => {
    await makeFlavor(cloud, "small", { diskGib: 1 });
    await makeFlavor(cloud, "large", { diskGib: 3 });
    const image = { imageRef: "" };
    const root = {
      boot_index: 0,
      uuid: await cloud.imageId(),
      source_type: "image",
      destination_type: "volume",
      volume_size: 1,
    };
    const ofImage = new Acting(cloud, await cloud.create({ flavorRef: "large" }));
    const ofVolume = new Acting(
      cloud,
      await cloud.create({ ...image, flavorRef: "large", block_device_mapping_v2: [root] }),
    );
    const smaller = { resize: { flavorRef: "small" } };
    const refused = await ofImage.act(smaller, { as: "member" });
    assertEquals([refused.status, refused.json.badRequest.message], [
      400,
      "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk " +
      `is ${2 ** 30} bytes, minimum size is ${3 * 2 ** 30} bytes.`,
    ]);
    assertEquals((await ofImage.show()).status, "ACTIVE");
    assertEquals((await ofVolume.done(smaller, { as: "member" })).status, 202);
    assertEquals((await ofVolume.show()).status, "VERIFY_RESIZE");
    // A rebuild asks what the new image needs.
    const needy = await makeImage(cloud, { min_disk: 4 });
    const rebuilt = await ofImage.act({ rebuild: { imageRef: needy } }, { as: "member" });
    assertEquals([rebuilt.status, rebuilt.json.badRequest.message], [
      400,
      "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk " +
      `is ${3 * 2 ** 30} bytes, minimum size is ${4 * 2 ** 30} bytes.`,
    ]);
  }));
