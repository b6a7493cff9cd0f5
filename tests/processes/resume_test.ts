/**
 * Nothing is ever stuck: wherever the building or deleting of a server is cut short, repeated,
 * refused or hung up, it ends where it should, and gives back what it had taken.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findServer } from "../../src/compute/servers/projection.ts";
import { servers } from "../../src/compute/servers/aggregate.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { hostUsages, quotaUsages } from "../../src/compute/servers/tallies.ts";
import type { Settings } from "../../src/config.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import { TestCloud } from "../kit/cloud.ts";
import { crashImage } from "./crash_image.ts";
import { type Call, hang, type Hooks, Hypervisor } from "./hypervisor.ts";
import { assertAtRest, assertSound, serverPortsOf } from "./invariants.ts";

const OPERATIONS: readonly (keyof Driver)[] = ["prepareDisks", "ensureRunning", "ensureAbsent"];

/** Events of a server's life when nothing gets in its way. */
const BUILT = [
  "ServerCreated",
  "ServerScheduled",
  "ServerNetworked",
  "ServerDisksPrepared",
  "ServerSpawned",
];
const DELETED = [...BUILT, "ServerDeleteRequested", "ServerDeleted"];

Deno.test("cut short anywhere, a build and a delete end as they would have", (t) =>
  inFolder(async (folder) => {
    const { id, stops, built, deleted } = await recordLife(folder);
    assertEquals([built.events, deleted.events], [BUILT, DELETED]);
    for (const { name, isBuild, image, machines } of stops) {
      await t.step(name, () =>
        withWorld({}, async (world) => {
          await world.settled();
          if (isBuild) {
            assertEquals(await world.endOf(id), built);
            await world.delete(id);
            await world.settled();
          }
          assertEquals(await world.endOf(id), deleted);
        }, { folder: image, machines }));
    }
  }));

Deno.test("closed in the middle of any step, a build and a delete go on at the next start", (t) =>
  inFolder(async (folder) => {
    const { seeded, built, deleted } = await recordLife(folder);
    for (const operation of OPERATIONS) {
      await t.step(operation, async () => {
        const began = Promise.withResolvers<void>();
        const hooks: Hooks = {
          before(call) {
            if (call.operation !== operation) return Promise.resolve();
            began.resolve();
            return hang(call, { obeys: true });
          },
        };
        const data = crashImage(seeded, folder);
        const machines = new Map();
        let id = "";
        await withWorld(hooks, async (world) => {
          id = await world.create();
          if (operation === "ensureAbsent") {
            await world.settled();
            await world.delete(id);
          }
          await began.promise;
        }, { folder: data, machines, ends: "in the middle" });
        await withWorld({}, async (world) => {
          await world.settled();
          if (operation !== "ensureAbsent") {
            assertEquals(await world.endOf(id), built);
            await world.delete(id);
            await world.settled();
          }
          assertEquals(await world.endOf(id), deleted);
        }, { folder: data, machines });
      });
    }
  }));

Deno.test("a step whose answer was lost is taken again, and the end is the same", () =>
  atOnce(OPERATIONS, async (operation) => {
    const calls: string[] = [];
    const hooks: Hooks = {
      after({ operation: done }) {
        calls.push(done);
        const isFirst = calls.filter((call) => call === operation).length === 1;
        return done === operation && isFirst
          ? Promise.reject(new Error("the answer was lost"))
          : Promise.resolve();
      },
    };
    await withWorld(hooks, async (world) => {
      const id = await world.create();
      await world.settled();
      assertEquals(await world.events(id), BUILT);
      await world.delete(id);
      await world.settled();
      assertEquals(await world.events(id), DELETED);
      await world.assertNothingLeft(id);
    });
    assertEquals(calls.filter((call) => call === operation).length, 2);
  }));

interface Failing {
  readonly settings?: Partial<Settings>;
  readonly hooks?: Hooks;
  /** Asked for in place of any address. */
  readonly fixedIp?: string;
  readonly message: string;
}

const FAILING: Readonly<Record<string, Failing>> = {
  scheduling: {
    settings: { simulatedHostRamMib: 100 },
    message: "No valid host was found. There are not enough hosts available.",
  },
  networking: {
    fixedIp: "192.0.2.1",
    message:
      "IP address 192.0.2.1 is not a valid IP for any of the subnets on the specified network.",
  },
  block_device_mapping: {
    hooks: failingOnce("prepareDisks", "no room for its disks"),
    message: "no room for its disks",
  },
  spawning: {
    hooks: failingOnce("ensureRunning", "no machine to be had"),
    message: "no machine to be had",
  },
};

for (const [task, { settings, hooks = {}, fixedIp, message }] of Object.entries(FAILING)) {
  Deno.test(`a build that fails in ${task} is in error, says why and gives everything back`, () =>
    withWorld(hooks, async (world) => {
      const id = await world.create(fixedIp);
      await world.settled();
      await world.assertFailed(id, message);
      await world.delete(id);
      await world.settled();
      await world.assertNothingLeft(id);
    }, { settings }));
}

Deno.test("a delete that fails once is begun again", () =>
  withWorld(failingOnce("ensureAbsent", "busy"), async (world) => {
    const id = await world.create();
    await world.settled();
    await world.delete(id);
    await world.settled();
    await world.assertNothingLeft(id);
  }));

const HUNG: readonly (readonly (keyof Driver)[])[] = [
  ["prepareDisks"],
  ["ensureRunning"],
  // Not even what the failed build has taken can be cleared away.
  ["prepareDisks", "ensureAbsent"],
  ["ensureRunning", "ensureAbsent"],
];

for (const obeys of [true, false]) {
  const kind = obeys ? "gives up when told" : "does not listen";
  const hooks = (operations: readonly (keyof Driver)[]): Hooks => ({
    before: (call) =>
      operations.includes(call.operation) ? hang(call, { obeys }) : Promise.resolve(),
  });
  const settings = { stepTimeoutMs: 1000 };

  Deno.test(`a build whose driver hangs and ${kind} ends in error at its deadline`, () =>
    atOnce(HUNG, (operations) =>
      withWorld(hooks(operations), async (world) => {
        const id = await world.create();
        await world.settled();
        await world.assertFailed(id, "did not end within 1 seconds");
        await world.delete(id);
        await world.settled();
        assertEquals(await world.status(id), 404);
      }, { settings })));

  Deno.test(`a delete whose driver hangs and ${kind} ends at its deadline`, () =>
    withWorld(hooks(["ensureAbsent"]), async (world) => {
      const id = await world.create();
      await world.settled();
      await world.delete(id);
      await world.settled();
      assertEquals(await world.events(id), DELETED);
    }, { settings }));
}

for (const moment of ["before", "after"] as const) {
  Deno.test(`a delete ${moment} the driver's work in each step of a build wins`, () =>
    atOnce(["prepareDisks", "ensureRunning"] as const, async (operation) => {
      const began = Promise.withResolvers<Call>();
      const goOn = Promise.withResolvers<void>();
      const hooks: Hooks = {
        [moment]: async (call: Call) => {
          if (call.operation !== operation) return;
          began.resolve(call);
          await goOn.promise;
        },
      };
      await withWorld(hooks, async (world) => {
        const id = await world.create();
        const { signal } = await began.promise;
        await world.delete(id);
        assert(signal.aborted, "the driver was not told that its work is in vain");
        goOn.resolve();
        await world.settled();
        await world.assertNothingLeft(id);
      });
    }));
}

Deno.test("a delete right behind each event of a build wins", () =>
  atOnce(BUILT, async (type) => {
    await withWorld({}, async (world) => {
      const deletes: Promise<void>[] = [];
      world.onEvents((events, id) => {
        if (events.includes(type)) deletes.push(world.delete(id));
      });
      const id = await world.create();
      await world.settled();
      assertEquals(deletes.length, 1);
      await deletes[0];
      await world.settled();
      await world.assertNothingLeft(id);
    });
  }));

Deno.test("a server waiting for its turn can be deleted", async () => {
  const goOn = Promise.withResolvers<void>();
  const hooks: Hooks = { before: () => goOn.promise };
  await withWorld(hooks, async (world) => {
    const first = await world.create();
    const second = await world.create();
    await world.delete(second);
    assertEquals(await world.status(second), 404);
    goOn.resolve();
    await world.settled();
    assertEquals(await world.events(first), BUILT);
    assertEquals(await world.events(second), ["ServerCreated", "ServerDeleted"]);
  }, { settings: { stepConcurrency: 1 } });
});

interface WorldOptions {
  readonly settings?: Partial<Settings>;
  /** A data folder to go on with. */
  readonly folder?: string;
  /** Machines to go on with. */
  readonly machines?: ConstructorParameters<typeof Hypervisor>[1];
  /** `at rest` (the default): nothing is under way at the end, which is checked. */
  readonly ends?: "at rest" | "in the middle";
}

/** What of a server is another in each run: times and random ids. */
const OF_ONE_RUN: ReadonlySet<string> = new Set(
  [
    "createdAt",
    "launchedAt",
    "ports",
    "reservationId",
    "taskBegan",
    "terminatedAt",
    "updatedAt",
  ] satisfies (keyof Server)[],
);

/** What became of a server, whatever the run. */
interface End {
  readonly events: readonly string[];
  readonly server: Readonly<Record<string, unknown>>;
  readonly addresses: readonly string[];
  readonly quota: unknown;
  readonly claims: unknown;
  readonly machines: unknown;
}

/** A cloud and its hypervisor. */
class World {
  private constructor(readonly cloud: TestCloud, readonly hypervisor: Hypervisor) {}

  static async open(hooks: Hooks, { settings, folder, machines }: WorldOptions): Promise<World> {
    const hypervisor = new Hypervisor(hooks, machines);
    const cloud = await TestCloud.open({
      folder,
      settings,
      driver: hypervisor,
      // Answers that are lost on purpose are nobody's mistake.
      log: { write: () => {} },
    });
    return new World(cloud, hypervisor);
  }

  settled(): Promise<void> {
    return unlessStuck(this.cloud.cloud.settled());
  }

  close(): Promise<void> {
    return unlessStuck(this.cloud.close());
  }

  /** Asks for a server on the network; gives its id without waiting. */
  async create(fixedIp?: string): Promise<string> {
    const nic = { uuid: await this.cloud.networkId(), ...(fixedIp && { fixed_ip: fixedIp }) };
    const body = { server: { ...await this.cloud.plain(), networks: [nic] } };
    const answer = await this.cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    assertEquals(answer.status, 202, answer.text);
    return answer.json.server.id;
  }

  async delete(id: string): Promise<void> {
    const { status, text } = await this.cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
    assertEquals(status, 204, text);
  }

  async status(id: string): Promise<number> {
    return (await this.cloud.ask("member", "GET", `/v2.1/servers/${id}`)).status;
  }

  async events(id: string): Promise<readonly string[]> {
    const events = await this.cloud.cloud.log.read({ stream: `server-${id}` });
    return events.map(({ type }) => type);
  }

  /** Hears of each transaction's events on a server. */
  onEvents(listener: (types: readonly string[], id: string) => void): void {
    this.cloud.cloud.committer.onCommit((changes) => {
      for (const { aggregate, after, events } of changes) {
        if (aggregate === servers) listener(events.map(({ type }) => type), after.id);
      }
    });
  }

  async endOf(id: string): Promise<End> {
    const { reader } = this.cloud.cloud.log;
    const { state } = (await findServer(reader, id))!;
    return {
      events: await this.events(id),
      server: Object.fromEntries(
        Object.entries(state).filter(([name]) => !OF_ONE_RUN.has(name)),
      ),
      addresses: [...(await serverPortsOf(reader)).values()]
        .flatMap(({ fixedIps }) => fixedIps.map(({ address }) => address)),
      quota: await quotaUsages.all(reader),
      claims: await hostUsages.all(reader),
      machines: [...this.hypervisor.machines.values()],
    };
  }

  /** Fails unless a build has ended in an error that says so, and holds nothing but its quota. */
  async assertFailed(id: string, message: string): Promise<void> {
    const { json } = await this.cloud.ask("member", "GET", `/v2.1/servers/${id}`);
    assertEquals(json.server.status, "ERROR");
    assertStringIncludes(json.server.fault.message, message);
    const { addresses, claims, quota } = await this.endOf(id);
    assertEquals([addresses, claims], [[], []]);
    assertEquals((quota as readonly unknown[]).length, 1, "a server in error counts");
  }

  async assertNothingLeft(id: string): Promise<void> {
    assertEquals(await this.status(id), 404);
    const { events, addresses, claims, quota, machines } = await this.endOf(id);
    assertEquals(events.filter((type) => type === "ServerDeleted").length, 1);
    assertEquals([addresses, claims, quota, machines], [[], [], [], []]);
  }
}

/** Runs `work` in a world of its own, and checks at the end that its folder is sound. */
async function withWorld(
  hooks: Hooks,
  work: (world: World) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const run = async (folder: string) => {
    const world = await World.open(hooks, { ...options, folder });
    try {
      await work(world);
    } finally {
      await world.close();
    }
    await assertSound(folder);
    if (options.ends !== "in the middle") await assertAtRest(folder);
  };
  await (options.folder === undefined ? inFolder(run) : run(options.folder));
}

/** A moment at which the world may end, and what is then left of it. */
interface Stop {
  readonly name: string;
  /** Whether the server was being built; else it was being deleted. */
  readonly isBuild: boolean;
  readonly image: string;
  readonly machines: Hypervisor["machines"];
}

/** A life without trouble: a server is built, then deleted. */
interface Life {
  readonly id: string;
  /** The folder as it was before. */
  readonly seeded: string;
  /** Every moment of it. */
  readonly stops: readonly Stop[];
  readonly built: End;
  readonly deleted: End;
}

async function recordLife(folder: string): Promise<Life> {
  const data = await Deno.makeTempDir({ dir: folder });
  const machines: Hypervisor["machines"] = new Map();
  const stops: Stop[] = [];
  let isBuild = true;
  const record = (name: string) => {
    const image = crashImage(data, folder);
    stops.push({ name, isBuild, image, machines: new Map(machines) });
  };
  const hooks: Hooks = {
    before: ({ operation }) => Promise.resolve(record(`before ${operation}`)),
    after: ({ operation }) => Promise.resolve(record(`after ${operation}`)),
  };
  const life = Promise.withResolvers<Life>();
  await withWorld(hooks, async (world) => {
    const seeded = crashImage(data, folder);
    world.cloud.cloud.committer.onCommit((changes) => {
      const types = changes.flatMap(({ events }) => events.map(({ type }) => type));
      // The project's default security group is made before its first server.
      if (types.includes("ServerCreated") || stops.length > 0) record(`behind ${types}`);
    });
    const id = await world.create();
    await world.settled();
    const built = await world.endOf(id);
    isBuild = false;
    await world.delete(id);
    await world.settled();
    life.resolve({ id, seeded, stops, built, deleted: await world.endOf(id) });
  }, { folder: data, machines });
  return await life.promise;
}

function failingOnce(operation: keyof Driver, failed: string): Hooks {
  let hasFailed = false;
  return {
    before(call) {
      if (hasFailed || call.operation !== operation) return Promise.resolve();
      hasFailed = true;
      return Promise.resolve({ failed });
    },
  };
}

/** Fails when something takes so long that it will not come to an end. */
async function unlessStuck<T>(work: Promise<T>): Promise<T> {
  const stuck = Promise.withResolvers<never>();
  const timer = setTimeout(() => stuck.reject(new Error("it is stuck")), 30_000);
  try {
    return await Promise.race([work, stuck.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Cases that mostly wait, side by side. */
async function atOnce<T>(cases: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  await Promise.all(cases.map(work));
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-resume-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
