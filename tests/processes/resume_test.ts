/** Wherever long work is cut short, begun again or repeated, it ends as it would have. */
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { servers } from "../../src/compute/servers/aggregate.ts";
import { OPERATIONS } from "../../src/compute/servers/operations.ts";
import { nextStep, type ServerStep } from "../../src/compute/servers/processes/mod.ts";
import { SERVER_STEPS } from "../../src/compute/servers/processes/steps/mod.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { DRIVER_OPERATIONS } from "../../src/drivers/calls.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import { crashImage } from "./crash_image.ts";
import { type Call, hang, type Hooks } from "./hypervisor.ts";
import { type Work, WORKS } from "./works.ts";
import { type End, inFolder, type Machines, withWorld } from "./world.ts";

for (const [name, work] of Object.entries(WORKS)) {
  Deno.test(`${name}, cut short anywhere, ends as it would have`, (t) =>
    inFolder(async (folder) => {
      const { begun, stops, end } = await record(folder, work);

      for (const { moment, image, machines } of stops) {
        await t.step(`by a crash ${moment}`, () =>
          withWorld({}, async (world) => {
            await world.settled();
            assertEquals(await world.endOf(end.id), end.state);
          }, { folder: image, machines, clock: anHourLater, settings: work.settings }));
      }

      for (const operation of operationsIn(stops)) {
        await t.step(`by closing during ${operation}`, async () => {
          const { reached, hooks } = hangingIn(operation);
          const place = { ...copyOf(begun), settings: work.settings };
          let id = "";
          await withWorld(both(work.hooks, hooks), async (world) => {
            id = await work.begin(world, begun.id);
            await reached;
          }, { ...place, ends: "in the middle" });
          await withWorld({}, async (world) => {
            await world.settled();
            assertEquals(await world.endOf(id), end.state);
          }, place);
        });
      }
    }));
}

Deno.test("whatever answer of the driver's is lost, the end is the same", (t) =>
  inFolder(async (folder) => {
    const recordings = await withEach(Object.values(WORKS), async (work) => {
      const recording = await record(folder, work);
      await assertSameWhenLost(work, recording);
      return recording;
    });

    await t.step("every step, every operation and every call of the driver's is in it", () => {
      const steps = new Set(recordings.flatMap(({ steps }) => steps));
      const events = new Set(recordings.flatMap(({ end }) => end.state.events));
      const calls = new Set(recordings.flatMap(({ stops }) => operationsIn(stops)));
      assertEquals(SERVER_STEPS.filter((step) => !steps.has(step)), []);
      assertEquals(Object.values(OPERATIONS).filter(({ requested }) => !events.has(requested)), []);
      assertEquals(DRIVER_OPERATIONS.filter((operation) => !calls.has(operation)), []);
    });
  }));

/** Loses the first answer of each kind of call, each in a world of its own. */
async function assertSameWhenLost(work: Work, { begun, stops, end }: Recording): Promise<void> {
  await withEach(operationsIn(stops), async (operation) => {
    const { calls, hooks } = losingFirst(operation);
    await withWorld(both(work.hooks, hooks), async (world) => {
      const id = await work.begin(world, begun.id);
      await world.settled();
      assertEquals(await world.endOf(id), end.state);
    }, { ...copyOf(begun), settings: work.settings });
    assertEquals(calls.length, 2);
  });
}

/** How many works are done side by side: each mostly waits for an answer to be asked for again. */
const AT_ONCE = 6;

/** Does something with each, some at a time; gives what came of it, in order. */
async function withEach<T, R>(
  all: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const left = all.entries();
  const worker = async () => {
    for (const [place, one] of left) results[place] = await work(one);
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return results;
}

/** A moment at which the world may end, and what is then left of it. */
interface Stop {
  readonly moment: string;
  /** The driver's call during which it comes. */
  readonly call?: Call;
  readonly image: string;
  readonly machines: Machines;
}

/** What a world goes on with. */
interface Place {
  readonly folder: string;
  readonly machines: Machines;
}

interface Recording {
  /** The world before the work began. */
  readonly begun: Place & { readonly id: string };
  /** Every moment of the work. */
  readonly stops: readonly Stop[];
  /** Every step that was called for meanwhile. */
  readonly steps: readonly ServerStep[];
  readonly end: { readonly id: string; readonly state: End };
}

/** Longer than any step may take: while nobody is there, no time is lost. */
function anHourLater(): number {
  return Date.now() + 3600 * 1000;
}

/** Does a work without trouble. */
async function record(folder: string, work: Work): Promise<Recording> {
  const data = await Deno.makeTempDir({ dir: folder });
  const machines: Machines = new Map();
  const stops: Stop[] = [];
  const steps = new Set<ServerStep>();
  let isRecording = false;
  const stop = (moment: string, call?: Call) => {
    if (!isRecording) return Promise.resolve();
    const image = crashImage(data, folder);
    stops.push({ moment, call, image, machines: new Map(machines) });
    return Promise.resolve();
  };
  const hooks: Hooks = {
    before: (call) => stop(`before ${call.operation}`, call),
    after: (call) => stop(`after ${call.operation}`, call),
  };
  const recording = Promise.withResolvers<Recording>();
  await withWorld(both(hooks, work.hooks), async (world) => {
    const prepared = await work.prepare(world);
    await world.settled();
    const begun = {
      id: prepared,
      folder: crashImage(data, folder),
      machines: new Map(machines),
    };
    world.cloud.cloud.committer.onCommit((changes) => {
      const types = changes.flatMap(({ events }) => events.map(({ type }) => type));
      // A project's default security group is made before its first server, whatever becomes of it.
      isRecording ||= types.some((type) =>
        work.from ? type === work.from : type.startsWith("Server")
      );
      for (const { aggregate, after } of changes) {
        const step = aggregate === servers ? nextStep(after.state as Server) : undefined;
        if (step) steps.add(step);
      }
      stop(`behind ${types.join(", ")}`);
    });
    const id = await work.begin(world, prepared);
    await world.settled();
    const end = { id, state: await world.endOf(id) };
    recording.resolve({ begun, stops, steps: [...steps], end });
  }, { folder: data, machines, settings: work.settings });
  return await recording.promise;
}

/** Does what both say, one after the other. */
function both(first: Hooks = {}, second: Hooks = {}): Hooks {
  return {
    before: async (call) => (await first.before?.(call)) ?? await second.before?.(call),
    async after(call) {
      await first.after?.(call);
      await second.after?.(call);
    },
  };
}

/** Hangs in the first call of one kind, which resolves the promise, until it is told to give up. */
function hangingIn(operation: keyof Driver): { reached: Promise<void>; hooks: Hooks } {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const hooks: Hooks = {
    before(call) {
      if (call.operation !== operation) return Promise.resolve();
      resolve();
      return hang(call, { obeys: true });
    },
  };
  return { reached, hooks };
}

/** Does what it is asked, and breaks at the first call of one kind when that is done. */
function losingFirst(operation: keyof Driver): { calls: Call[]; hooks: Hooks } {
  const calls: Call[] = [];
  const hooks: Hooks = {
    after(call) {
      if (call.operation !== operation) return Promise.resolve();
      calls.push(call);
      if (calls.length > 1) return Promise.resolve();
      return Promise.reject(new Error("the answer was lost"));
    },
  };
  return { calls, hooks };
}

/** The kinds of the driver's calls, each once. */
function operationsIn(stops: readonly Stop[]): readonly (keyof Driver)[] {
  return [...new Set(stops.flatMap(({ call }) => call ? [call.operation] : []))];
}

/** A place to go on with that another run does not change. */
function copyOf({ folder, machines }: Place): Place {
  return { folder: crashImage(folder, dirname(folder)), machines: new Map(machines) };
}
