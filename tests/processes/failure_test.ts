/** Nothing is ever stuck: whatever fails, hangs or is given up, it ends and gives back what it had. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { listHosts } from "../../src/compute/hosts/projection.ts";
import { rowOf } from "../../src/compute/servers/operations.ts";
import type { Settings } from "../../src/config.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import { type Call, hang, type Hooks } from "./hypervisor.ts";
import { CASES, operateAll, readyForAll } from "./operations.ts";
import { withWorld, type World } from "./world.ts";

/** Events of a server's life when nothing gets in its way. */
const BUILT = [
  "ServerCreated",
  "ServerScheduled",
  "ServerNetworked",
  "ServerDisksPrepared",
  "ServerSpawned",
];
const DELETED = [...BUILT, "ServerDeleteRequested", "ServerDeleted"];

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
    hooks: failing("prepareDisks", "no room for its disks"),
    message: "Last exception: no room for its disks",
  },
  spawning: {
    hooks: failing("ensureRunning", "no machine to be had"),
    message: "Last exception: no machine to be had",
  },
  "spawning, on the last of its hosts": {
    settings: { simulatedHosts: 2 },
    hooks: failing("ensureRunning", "no machine to be had"),
    message: "Exhausted all hosts available for retrying build failures for instance ",
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

for (const operation of ["prepareDisks", "ensureRunning"] as const) {
  Deno.test(`a build whose ${operation} fails once is done on another host`, () =>
    withWorld(failingOnce(operation, "bad luck"), async (world) => {
      const id = await world.create();
      await world.settled();
      const { vmState, failedAttempts: [failed], placement } = await world.server(id);
      assertEquals([vmState, failed?.reason], ["active", "bad luck"]);
      assert(failed!.host !== placement!.host);
      const events = await world.events(id);
      assertEquals(events.filter((type) => type === "ServerBuildRescheduled").length, 1);
      assertEquals(events.filter((type) => type === "ServerScheduled").length, 2);
      await world.delete(id);
      await world.settled();
      await world.assertNothingLeft(id);
    }));
}

Deno.test("a host on which builds fail is the last to be chosen, until one succeeds", () => {
  let failures = 2;
  const hooks: Hooks = {
    before: ({ operation }) =>
      Promise.resolve(
        operation === "ensureRunning" && failures-- > 0 ? { failed: "bad luck" } : undefined,
      ),
  };
  return withWorld(hooks, async (world) => {
    const failedBuilds = async () =>
      (await listHosts(world.cloud.cloud.log.reader)).map(({ state }) => state.failedBuilds);
    await world.create();
    await world.settled();
    assertEquals((await failedBuilds()).sort(), [0, 1, 1]);
    await world.create();
    await world.settled();
    assertEquals((await failedBuilds()).sort(), [0, 1, 1]);
  }, { settings: { simulatedHosts: 3 } });
});

Deno.test("a delete that fails once is begun again", () =>
  withWorld(failingOnce("ensureAbsent", "busy"), async (world) => {
    const id = await world.create();
    await world.settled();
    await world.delete(id);
    await world.settled();
    await world.assertNothingLeft(id);
  }));

Deno.test("an operation that fails leaves the server as it was, and says why", () => {
  const trouble = new Trouble(() => Promise.resolve({ failed: "the machine does not want to" }));
  return withWorld(trouble.hooks, async (world) => {
    const ids = await readyForAll(world);
    trouble.begins();
    await assertOperationsFail(world, ids, "the machine does not want to");
  });
});

const HUNG: readonly (readonly (keyof Driver)[])[] = [
  ["prepareDisks"],
  ["ensureRunning"],
  // Not even what the failed build has taken can be cleared away.
  ["prepareDisks", "ensureAbsent"],
  ["ensureRunning", "ensureAbsent"],
];

for (const obeys of [true, false]) {
  const kind = obeys ? "gives up when told" : "does not listen";
  const settings = { stepTimeoutMs: 1500 };
  const message = "did not end within 1.5 seconds";

  Deno.test(`a build whose driver hangs and ${kind} ends in error at its deadline`, () =>
    atOnce(HUNG, (operations) => {
      const hooks: Hooks = {
        before: (call) =>
          operations.includes(call.operation) ? hang(call, { obeys }) : Promise.resolve(),
      };
      return withWorld(hooks, async (world) => {
        const id = await world.create();
        await world.settled();
        await world.assertFailed(id, message);
        await world.delete(id);
        await world.settled();
        assertEquals(await world.status(id), 404);
      }, { settings });
    }));

  Deno.test(`a delete whose driver hangs and ${kind} ends at its deadline`, () => {
    const hooks: Hooks = {
      before: (call) =>
        call.operation === "ensureAbsent" ? hang(call, { obeys }) : Promise.resolve(),
    };
    return withWorld(hooks, async (world) => {
      const id = await world.create();
      await world.settled();
      await world.delete(id);
      await world.settled();
      assertEquals(await world.events(id), DELETED);
    }, { settings });
  });

  Deno.test(`an operation whose driver hangs and ${kind} fails at its deadline`, () => {
    const trouble = new Trouble((call) => hang(call, { obeys }));
    return withWorld(trouble.hooks, async (world) => {
      const ids = await readyForAll(world);
      trouble.begins();
      await assertOperationsFail(world, ids, message);
    }, { settings });
  });
}

for (const moment of ["before", "after"] as const) {
  Deno.test(`a delete ${moment} the driver's work in each step of a build wins`, () =>
    atOnce(["prepareDisks", "ensureRunning"] as const, async (operation) => {
      const { hooks, reached, goOn } = pausing(moment, (call) => call.operation === operation);
      await withWorld(hooks, async (world) => {
        const id = await world.create();
        await assertDeleteWins(world, [id], { reached, goOn });
      });
    }));

  Deno.test(`a delete ${moment} the driver's work in each operation wins`, async () => {
    let hasBegun = false;
    const { hooks, reached, goOn } = pausing(
      moment,
      (call) => hasBegun && call.operation !== "ensureAbsent",
    );
    await withWorld(hooks, async (world) => {
      const ready = await readyForAll(world);
      const ids = new Map([...ready].filter(([name]) => !BEGINS_LIKE_A_DELETE.has(name)));
      hasBegun = true;
      await operateAll(world, ids);
      for (const [name, id] of ready) if (BEGINS_LIKE_A_DELETE.has(name)) await world.delete(id);
      await assertDeleteWins(world, [...ids.values()], { reached, goOn });
    });
  });
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

Deno.test("an answer that comes when the step was given up counts no more", async () => {
  const { hooks, reached, goOn } = pausing(
    "before",
    ({ operation }) => operation === "ensureRunning",
  );
  await withWorld(hooks, async (world) => {
    const id = await world.create();
    await reached(id);
    await world.settled();
    await world.assertFailed(id, "EnsureRunning did not end");
    goOn();
    await world.settled();
    await world.assertFailed(id, "EnsureRunning did not end");
  }, { settings: { stepTimeoutMs: 1000 } });
});

/** What the driver is first asked for is what a delete asks for, too. */
const BEGINS_LIKE_A_DELETE: ReadonlySet<string> = new Set([
  "rebuild",
  "rebuild of a stopped server",
  "shelveOffload",
]);

/** A hypervisor that is well until its trouble begins. */
class Trouble {
  #hasBegun = false;
  readonly hooks: Hooks;

  constructor(trouble: NonNullable<Hooks["before"]>) {
    this.hooks = {
      before: (call) => this.#hasBegun ? trouble(call) : Promise.resolve(),
    };
  }

  begins(): void {
    this.#hasBegun = true;
  }
}

async function assertOperationsFail(
  world: World,
  ids: ReadonlyMap<string, string>,
  message: string,
): Promise<void> {
  const states = async () =>
    await Promise.all([...ids.values()].map(async (id) => (await world.server(id)).vmState));
  const before = await states();
  const imagesBefore = await world.images();
  await operateAll(world, ids);
  await world.settled();
  assertEquals(
    await states(),
    [...ids.keys()].map((name, n) => rowOf(CASES[name]!.operation).failsIn ?? before[n]!),
  );
  for (const id of ids.values()) {
    assertStringIncludes((await world.server(id)).fault!.message, message);
  }
  assertEquals(await world.images(), imagesBefore, "an image is left behind");
}

/** Deletes servers while the driver's calls for them are held up, then lets those go on. */
async function assertDeleteWins(
  world: World,
  ids: readonly string[],
  { reached, goOn }: Pick<ReturnType<typeof pausing>, "reached" | "goOn">,
): Promise<void> {
  const signals = await Promise.all(ids.map(async (id) => (await reached(id)).signal));
  for (const id of ids) await world.delete(id);
  for (const { aborted } of signals) assert(aborted, "the driver was not told to give up");
  goOn();
  await world.settled();
  for (const id of ids) await world.assertNothingLeft(id);
}

/** Holds up the calls that are meant until it is told to go on. */
function pausing(
  moment: "before" | "after",
  isMeant: (call: Call) => boolean,
): { hooks: Hooks; reached(serverId: string): Promise<Call>; goOn(): void } {
  const reached = new Map<string, PromiseWithResolvers<Call>>();
  const held = Promise.withResolvers<void>();
  const callFor = (id: string) => {
    if (!reached.has(id)) reached.set(id, Promise.withResolvers());
    return reached.get(id)!;
  };
  const hooks: Hooks = {
    [moment]: async (call: Call) => {
      if (!isMeant(call)) return;
      callFor(call.serverId).resolve(call);
      await held.promise;
    },
  };
  return { hooks, reached: (id) => callFor(id).promise, goOn: held.resolve };
}

function failing(operation: keyof Driver, failed: string): Hooks {
  return {
    before: (call) => Promise.resolve(call.operation === operation ? { failed } : undefined),
  };
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

/** Cases that mostly wait, side by side. */
async function atOnce<T>(cases: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  await Promise.all(cases.map(work));
}
