/** Every status that a server can show, seen from outside, and found by it. */
import { assertEquals } from "@std/assert";
import type { Driver } from "../../src/drivers/driver.ts";
import type { DriverOperation } from "../../src/drivers/faulty.ts";
import { SimulatedDriver } from "../../src/drivers/simulated.ts";
import { type TestCloud, withCloud } from "../kit/cloud.ts";
import { type Json, NO_DELAYS } from "../kit/samples.ts";

/** A simulated hypervisor in which one kind of operation can be held up. */
class Holding {
  #operation: string | undefined;
  #reached = Promise.withResolvers<void>();
  #released = Promise.withResolvers<void>();
  readonly driver: Driver;

  constructor() {
    this.driver = new Proxy<Driver>(new SimulatedDriver(NO_DELAYS), {
      get: (target, name) => {
        const method = target[name as keyof Driver] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          if (name === this.#operation) {
            this.#reached.resolve();
            await this.#released.promise;
          }
          return await method.apply(target, args);
        };
      },
    });
  }

  /** Holds up an operation until it is released; the promise says that it is asked for. */
  hold(operation: DriverOperation): Promise<void> {
    this.#operation = operation;
    this.#reached = Promise.withResolvers();
    this.#released = Promise.withResolvers();
    return this.#reached.promise;
  }

  release(): void {
    this.#operation = undefined;
    this.#released.resolve();
  }
}

/** What is asked of a server, one after the other; which statuses it has meanwhile, and then. */
interface Row {
  readonly action: Json;
  /** What is held up, and the status until it goes on. */
  readonly meanwhile?: readonly [DriverOperation, status: string];
  readonly then: string;
}

const LIFE: readonly Row[] = [
  { action: { reboot: { type: "SOFT" } }, meanwhile: ["reboot", "REBOOT"], then: "ACTIVE" },
  { action: { reboot: { type: "HARD" } }, meanwhile: ["reboot", "HARD_REBOOT"], then: "ACTIVE" },
  {
    action: { changePassword: { adminPass: "new" } },
    meanwhile: ["setPassword", "PASSWORD"],
    then: "ACTIVE",
  },
  { action: { pause: null }, then: "PAUSED" },
  { action: { unpause: null }, then: "ACTIVE" },
  { action: { suspend: null }, then: "SUSPENDED" },
  { action: { resume: null }, then: "ACTIVE" },
  { action: { "os-stop": null }, then: "SHUTOFF" },
  { action: { "os-start": null }, then: "ACTIVE" },
  { action: { rescue: null }, then: "RESCUE" },
  { action: { unrescue: null }, then: "ACTIVE" },
  {
    action: { resize: { flavorRef: "2" } },
    meanwhile: ["ensureMoved", "RESIZE"],
    then: "VERIFY_RESIZE",
  },
  {
    action: { revertResize: null },
    meanwhile: ["ensureMovedBack", "REVERT_RESIZE"],
    then: "ACTIVE",
  },
  {
    action: { "os-migrateLive": { host: null, block_migration: "auto" } },
    meanwhile: ["ensureMovedLive", "MIGRATING"],
    then: "ACTIVE",
  },
  { action: { shelve: null }, then: "SHELVED" },
  { action: { shelveOffload: null }, then: "SHELVED_OFFLOADED" },
  { action: { unshelve: null }, then: "ACTIVE" },
  { action: { "os-resetState": { state: "error" } }, then: "ERROR" },
  { action: { "os-resetState": { state: "active" } }, then: "ACTIVE" },
];

/** A server whose statuses are looked at. */
class Watched {
  constructor(readonly cloud: TestCloud, readonly id: string) {}

  /** The status, and that the server is found by it, at the first and the newest microversion. */
  async assertStatus(wanted: string, more = ""): Promise<void> {
    for (const mv of ["2.1", "2.104"]) {
      const shown = await this.cloud.ask("padmin", "GET", `/v2.1/servers/${this.id}`, { mv });
      assertEquals(shown.json.server?.status, wanted, shown.text);
      const path = `/v2.1/servers/detail?status=${wanted}${more}`;
      const { json } = await this.cloud.ask("padmin", "GET", path, { mv });
      assertEquals(json.servers.map((one: Json) => [one.id, one.status]), [[this.id, wanted]]);
    }
  }

  async act(action: Json): Promise<void> {
    const path = `/v2.1/servers/${this.id}/action`;
    const acted = await this.cloud.ask("padmin", "POST", path, { mv: "2.90", body: action });
    assertEquals(acted.status < 300, true, acted.text);
  }
}

/** Begins something that is held up, looks at what shows, and lets it go on. */
async function whileHeld(
  holding: Holding,
  [operation, status]: readonly [DriverOperation, string],
  { server, begin }: { readonly server: () => Watched; readonly begin: () => Promise<void> },
): Promise<void> {
  const reached = holding.hold(operation);
  await begin();
  await reached;
  await server().assertStatus(status);
  holding.release();
  await server().cloud.cloud.settled();
}

Deno.test("every status of a server's life shows, and servers are found by it", async (t) => {
  const holding = new Holding();
  await withCloud(async (cloud) => {
    let server: Watched | undefined;
    await t.step("create: BUILD, ACTIVE", async () => {
      await whileHeld(holding, ["ensureRunning", "BUILD"], {
        server: () => server!,
        async begin() {
          const body = { server: await cloud.plain() };
          const { json } = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
          server = new Watched(cloud, json.server.id);
        },
      });
      await server!.assertStatus("ACTIVE");
    });
    const rebuild: Row = {
      action: { rebuild: { imageRef: await cloud.imageId() } },
      meanwhile: ["prepareDisks", "REBUILD"],
      then: "ACTIVE",
    };
    for (const { action, meanwhile, then } of [rebuild, ...LIFE]) {
      await t.step(`${Object.keys(action)[0]}: ${meanwhile?.[1] ?? ""} ${then}`, async () => {
        const begin = () => server!.act(action);
        if (meanwhile) await whileHeld(holding, meanwhile, { server: () => server!, begin });
        else await begin();
        await cloud.cloud.settled();
        await server!.assertStatus(then);
      });
    }
    await t.step("delete: SOFT_DELETED, DELETED", async () => {
      const { id } = server!;
      await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
      await cloud.cloud.settled();
      // As in Nova, the status alone does not find what was deleted.
      await server!.assertStatus("SOFT_DELETED", "&soft_deleted=True&deleted=True");
      await server!.act({ forceDelete: null });
      await cloud.cloud.settled();
      for (const query of ["deleted=true", "status=DELETED&deleted=true"]) {
        const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/detail?${query}`);
        assertEquals(json.servers.map((one: Json) => [one.id, one.status]), [[id, "DELETED"]]);
      }
    });
  }, {
    driver: holding.driver,
    settings: { shelvedOffloadSeconds: -1, reclaimInstanceSeconds: 3600 },
  });
});
