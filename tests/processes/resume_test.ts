/** Wherever long work is cut short, begun again or repeated, it ends as it would have. */
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import type { Driver } from "../../src/drivers/driver.ts";
import { crashImage } from "./crash_image.ts";
import { type Call, hang, type Hooks } from "./hypervisor.ts";
import { CASES } from "./operations.ts";
import { type End, inFolder, type Machines, withWorld, type World } from "./world.ts";

/** Long work: what must be there before, and what sets it off; both give the server's id. */
interface Work {
  prepare(world: World): Promise<string>;
  begin(world: World, id: string): Promise<string>;
}

const WORKS: Readonly<Record<string, Work>> = {
  "a build": {
    prepare: () => Promise.resolve(""),
    begin: (world) => world.create(),
  },
  "a delete": {
    prepare: (world) => world.create(),
    async begin(world, id) {
      await world.delete(id);
      return id;
    },
  },
  ...Object.fromEntries(
    Object.entries(CASES).map(([name, { operation, before }]): [string, Work] => [name, {
      async prepare(world) {
        const id = await world.create();
        await world.settled();
        for (const needed of before) {
          await world.operate(id, needed);
          await world.settled();
        }
        return id;
      },
      async begin(world, id) {
        await world.operate(id, operation);
        return id;
      },
    }]),
  ),
};

for (const [name, work] of Object.entries(WORKS)) {
  Deno.test(`${name}, cut short anywhere, ends as it would have`, (t) =>
    inFolder(async (folder) => {
      const { begun, stops, end } = await record(folder, work);

      for (const { moment, image, machines } of stops) {
        await t.step(`by a crash ${moment}`, () =>
          withWorld({}, async (world) => {
            await world.settled();
            assertEquals(await world.endOf(end.id), end.state);
          }, { folder: image, machines, clock: anHourLater }));
      }

      for (const operation of operationsIn(stops)) {
        await t.step(`by closing during ${operation}`, async () => {
          const { reached, hooks } = hangingIn(operation);
          const place = copyOf(begun);
          let id = "";
          await withWorld(hooks, async (world) => {
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

Deno.test("whatever answer of the driver's is lost, the end is the same", () =>
  inFolder(async (folder) => {
    // Side by side: each mostly waits to be taken again.
    await Promise.all(
      Object.values(WORKS).map(async (work) => {
        const { begun, stops, end } = await record(folder, work);
        await Promise.all(
          operationsIn(stops).map(async (operation) => {
            const { calls, hooks } = losingFirst(operation);
            await withWorld(hooks, async (world) => {
              const id = await work.begin(world, begun.id);
              await world.settled();
              assertEquals(await world.endOf(id), end.state);
            }, copyOf(begun));
            assertEquals(calls.length, 2);
          }),
        );
      }),
    );
  }));

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
  await withWorld(hooks, async (world) => {
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
      isRecording ||= types.some((type) => type.startsWith("Server"));
      stop(`behind ${types.join(", ")}`);
    });
    const id = await work.begin(world, prepared);
    await world.settled();
    recording.resolve({ begun, stops, end: { id, state: await world.endOf(id) } });
  }, { folder: data, machines });
  return await recording.promise;
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
