/** The runner of processes: how many at once, what ends a step, and that nothing is ever lost. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  DeadlinePassed,
  type Process,
  ProcessRunner,
  type RunnerOptions,
  Superseded,
} from "../../src/eventsourcing/process.ts";

/** A stream's state: the step that it calls for, if any, and until when. */
interface Stream {
  readonly step: string | undefined;
  readonly deadline: number;
}

/** A step under way, ended by the test. */
class Take {
  readonly #end = Promise.withResolvers<void>();

  constructor(readonly id: string, readonly step: string, readonly signal: AbortSignal) {}

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  end(): void {
    this.#end.resolve();
  }

  fail(reason: unknown): void {
    this.#end.reject(reason);
  }

  /** Fails when it is told to stop, as a step that heeds its signal does. */
  heed(): this {
    this.signal.addEventListener("abort", () => this.fail(this.signal.reason));
    return this;
  }
}

/** So far ahead that no test gets there; near enough for a timer. */
const LATER = 60_000;

/** A process whose steps the test ends, in whatever order it likes; the time is always 0. */
class FakeProcess implements Process<Stream, string> {
  readonly streams = new Map<string, Stream>();
  /** Every step that was ever begun, in order. */
  readonly begun: Take[] = [];
  readonly givenUp: { readonly step: string; readonly id: string; readonly reason: unknown }[] = [];
  readonly errors: unknown[] = [];
  readonly runner: ProcessRunner<Stream, string>;
  /** What reading a state does instead, if anything. */
  read: ((id: string) => Promise<Stream | undefined>) | undefined;
  /** What giving up does before it records that. */
  onGiveUp: () => void = () => {};
  #watchers: (() => void)[] = [];

  constructor(options: Partial<RunnerOptions> = {}) {
    this.runner = new ProcessRunner<Stream, string>(this, {
      concurrency: 10,
      now: () => 0,
      retryMs: 0,
      onError: (error) => this.errors.push(error),
      ...options,
    });
  }

  next({ step }: Stream): string | undefined {
    return step;
  }

  deadline(stream: Stream): number {
    return stream.deadline;
  }

  current(id: string): Promise<Stream | undefined> {
    return this.read?.(id) ?? Promise.resolve(this.streams.get(id));
  }

  take(step: string, id: string, _: Stream, signal: AbortSignal): Promise<void> {
    const take = new Take(id, step, signal);
    this.begun.push(take);
    for (const look of this.#watchers) look();
    return take.ended;
  }

  giveUp(step: string, id: string, reason: unknown): Promise<void> {
    this.onGiveUp();
    this.givenUp.push({ step, id, reason });
    this.move(id, undefined);
    return Promise.resolve();
  }

  /** Something happens to a stream: it calls for another step now, or for none. */
  move(id: string, step: string | undefined, deadline = LATER): void {
    const stream = { step, deadline };
    this.streams.set(id, stream);
    this.runner.wake(id, stream);
  }

  /** Ends a step well: its stream calls for another one now, or for none. */
  finish(take: Take, next?: string): void {
    this.move(take.id, next);
    take.end();
  }

  /** The n-th step that is begun, from 1, as soon as it is. */
  taking(nth: number): Promise<Take> {
    return new Promise((resolve) => {
      const look = () => {
        const take = this.begun[nth - 1];
        if (!take) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        resolve(take);
      };
      this.#watchers.push(look);
      look();
    });
  }

  get steps(): readonly string[] {
    return this.begun.map(({ id, step }) => `${id} ${step}`);
  }
}

/** Lets everything that can go on go on. */
function idle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a stream's steps are taken one after the other until it is at rest", async () => {
  const fake = new FakeProcess();
  fake.move("a", "one");
  fake.finish(await fake.taking(1), "two");
  fake.finish(await fake.taking(2), "three");
  fake.finish(await fake.taking(3));
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one", "a two", "a three"]);
  assertEquals(fake.errors, []);
});

Deno.test("a runner with nothing to do is settled", async () => {
  const fake = new FakeProcess();
  await fake.runner.settled();
  fake.move("a", undefined);
  await fake.runner.settled();
  assertEquals(fake.steps, []);
});

Deno.test("a stream that is at rest, or gone, by the time it is looked at needs no step", async () => {
  const fake = new FakeProcess();
  fake.streams.set("a", { step: undefined, deadline: LATER });
  for (const id of ["a", "gone"]) fake.runner.wake(id, { step: "one", deadline: LATER });
  await fake.runner.settled();
  assertEquals(fake.steps, []);
});

Deno.test("the step is that of the newest state, not of the one that woke it", async () => {
  const fake = new FakeProcess();
  fake.streams.set("a", { step: "two", deadline: LATER });
  fake.runner.wake("a", { step: "one", deadline: LATER });
  fake.finish(await fake.taking(1));
  await fake.runner.settled();
  assertEquals(fake.steps, ["a two"]);
});

Deno.test("no more streams are worked on at once than there may be; the rest wait their turn", async () => {
  const fake = new FakeProcess({ concurrency: 2 });
  for (const id of ["a", "b", "c", "d"]) fake.move(id, "one");
  await fake.taking(2);
  await idle();
  assertEquals(fake.steps, ["a one", "b one"]);
  fake.finish(fake.begun[1]!);
  await fake.taking(3);
  await idle();
  assertEquals(fake.steps, ["a one", "b one", "c one"]);
  // A stream that goes on keeps its place.
  fake.finish(fake.begun[0]!, "two");
  await fake.taking(4);
  await idle();
  assertEquals(fake.steps.slice(3), ["a two"]);
  for (const take of fake.begun.slice(2)) fake.finish(take);
  fake.finish(await fake.taking(5));
  await fake.runner.settled();
  assertEquals(fake.steps.slice(4), ["d one"]);
});

Deno.test("waking a stream over and over begins its step once", async () => {
  const fake = new FakeProcess();
  for (let times = 0; times < 5; times++) fake.move("a", "one");
  const take = await fake.taking(1);
  for (let times = 0; times < 5; times++) fake.move("a", "one");
  await idle();
  assert(!take.signal.aborted);
  fake.finish(take);
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one"]);
});

Deno.test("a step whose stream calls for another is told so, and waited for", async () => {
  for (
    const end of [(take: Take) => take.end(), (take: Take) => take.fail(new Error("cut short"))]
  ) {
    const fake = new FakeProcess();
    fake.move("a", "build");
    const build = await fake.taking(1);
    fake.move("a", "delete");
    assert(build.signal.reason instanceof Superseded);
    await idle();
    assertEquals(fake.steps, ["a build"]);
    end(build);
    fake.finish(await fake.taking(2));
    await fake.runner.settled();
    assertEquals(fake.steps, ["a build", "a delete"]);
    assertEquals([fake.errors, fake.givenUp], [[], []]);
  }
});

Deno.test("a step whose stream comes to rest is told so too", async () => {
  const fake = new FakeProcess();
  fake.move("a", "build");
  const build = (await fake.taking(1)).heed();
  fake.move("a", undefined);
  assert(build.signal.reason instanceof Superseded);
  await fake.runner.settled();
  assertEquals([fake.steps, fake.errors], [["a build"], []]);
});

Deno.test("a step that hangs past its deadline is told, given up and left behind", async () => {
  const fake = new FakeProcess();
  fake.onGiveUp = () => fake.streams.set("a", { step: undefined, deadline: LATER });
  fake.move("a", "one", 1);
  const hung = await fake.taking(1);
  await fake.runner.settled();
  assert(hung.signal.reason instanceof DeadlinePassed);
  assertEquals(fake.givenUp.map(({ id, step }) => [id, step]), [["a", "one"]]);
  assertStrictEquals(fake.givenUp[0]?.reason, hung.signal.reason);
  // Whatever becomes of it now is nobody's business.
  hung.fail(new Error("too late"));
  await idle();
  assertEquals(fake.errors, []);
  // The stream is free for other steps.
  fake.move("a", "two");
  fake.finish(await fake.taking(2));
  await fake.runner.settled();
});

Deno.test("a step that heeds its deadline is given up once", async () => {
  const fake = new FakeProcess();
  fake.move("a", "one", 1);
  (await fake.taking(1)).heed();
  await fake.runner.settled();
  assertEquals(fake.givenUp.length, 1);
  assertEquals(fake.errors, []);
});

Deno.test("a step whose deadline has passed is given up without being begun", async () => {
  for (const deadline of [0, -1]) {
    const fake = new FakeProcess();
    fake.move("a", "one", deadline);
    await fake.runner.settled();
    assertEquals(fake.steps, []);
    assert(fake.givenUp[0]?.reason instanceof DeadlinePassed);
  }
});

Deno.test("a step that ends in time has no deadline any more", async () => {
  const fake = new FakeProcess();
  fake.move("a", "one", 1);
  const take = await fake.taking(1);
  fake.streams.set("a", { step: undefined, deadline: LATER });
  take.end();
  await fake.runner.settled();
  await new Promise((resolve) => setTimeout(resolve, 2));
  assertEquals([fake.givenUp, take.signal.aborted], [[], false]);
});

Deno.test("a superseded step that hangs is left behind at its deadline, but not given up", async () => {
  const fake = new FakeProcess();
  fake.move("a", "build", 1);
  const hung = await fake.taking(1);
  fake.move("a", "delete");
  assert(hung.signal.reason instanceof Superseded);
  fake.finish(await fake.taking(2));
  await fake.runner.settled();
  assertEquals([fake.steps, fake.givenUp], [["a build", "a delete"], []]);
});

Deno.test("a step that fails unforeseen is reported and taken again", async () => {
  const fake = new FakeProcess();
  fake.move("a", "one");
  const mistake = new Error("nobody foresaw this");
  (await fake.taking(1)).fail(mistake);
  (await fake.taking(2)).fail(mistake);
  fake.finish(await fake.taking(3));
  await fake.runner.settled();
  assertEquals(fake.errors, [mistake, mistake]);
  assertEquals(fake.givenUp, []);
});

Deno.test("a step that keeps failing is given up at its deadline", async () => {
  let now = 0;
  const fake = new FakeProcess({ now: () => now });
  fake.move("a", "one");
  (await fake.taking(1)).fail(new Error("once"));
  now = LATER;
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one"]);
  assert(fake.givenUp[0]?.reason instanceof DeadlinePassed);
});

Deno.test("a state that cannot be read is asked for again", async () => {
  const fake = new FakeProcess();
  let times = 0;
  fake.read = (id) =>
    ++times < 3 ? Promise.reject(new Error("busy")) : Promise.resolve(fake.streams.get(id));
  fake.move("a", "one");
  fake.finish(await fake.taking(1));
  await fake.runner.settled();
  assertEquals(fake.errors.length, 2);
});

Deno.test("a giving up that fails is tried again", async () => {
  const fake = new FakeProcess();
  let times = 0;
  fake.onGiveUp = () => {
    if (++times < 3) throw new Error("busy");
  };
  fake.move("a", "one", 0);
  await fake.runner.settled();
  assertEquals([fake.errors.length, fake.givenUp.length], [2, 1]);
});

Deno.test("a stream that fails does not hold up others", async () => {
  const fake = new FakeProcess({ retryMs: LATER });
  fake.move("a", "one");
  fake.move("b", "one");
  (await fake.taking(1)).fail(new Error("broken"));
  fake.finish(await fake.taking(2), "two");
  fake.finish(await fake.taking(3));
  await idle();
  assertEquals(fake.steps, ["a one", "b one", "b two"]);
  await fake.runner.close();
});

Deno.test("close ends what is under way, waits for it, and begins nothing more", async () => {
  const fake = new FakeProcess({ concurrency: 2 });
  for (const id of ["a", "b", "c"]) fake.move(id, "one");
  const [heeding, slow] = [(await fake.taking(1)).heed(), await fake.taking(2)];
  let closed = false;
  const closing = fake.runner.close().then(() => closed = true);
  assert(heeding.signal.aborted && slow.signal.aborted);
  await idle();
  assert(!closed);
  slow.end();
  await closing;
  fake.move("d", "one");
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one", "b one"]);
  assertEquals([fake.errors, fake.givenUp], [[], []]);
});

Deno.test("close of a runner that does nothing is done at once, and again", async () => {
  const fake = new FakeProcess();
  await fake.runner.close();
  await fake.runner.close();
});

Deno.test("a stream woken during a step goes on with what it calls for then", async () => {
  const fake = new FakeProcess();
  fake.move("a", "one");
  const take = await fake.taking(1);
  fake.move("a", "two");
  fake.move("a", "three");
  take.end();
  fake.finish(await fake.taking(2));
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one", "a three"]);
});

Deno.test("a stream woken just when it was found at rest is looked at again", async () => {
  const fake = new FakeProcess();
  const found = Promise.withResolvers<void>();
  let reads = 0;
  fake.read = async (id) => {
    const stream = fake.streams.get(id);
    // The second read finds it at rest, and takes its time to say so.
    if (++reads === 2) await found.promise;
    return stream;
  };
  fake.move("a", "one");
  fake.finish(await fake.taking(1));
  await idle();
  fake.move("a", "two");
  found.resolve();
  fake.finish(await fake.taking(2));
  await fake.runner.settled();
  assertEquals(fake.steps, ["a one", "a two"]);
});

Deno.test("whatever comes first and last, every stream comes to rest, one step of it at a time", async () => {
  const moves = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), moves, async (scheduler, moves) => {
      const left = new Map<string, number>();
      const busy = new Set<string>();
      let most = 0;
      const process: Process<number, "step"> = {
        next: (steps) => steps > 0 ? "step" : undefined,
        deadline: () => LATER,
        current: (id) => scheduler.schedule(Promise.resolve(left.get(id)), `read ${id}`),
        take: async (_, id) => {
          assert(!busy.has(id), "one step of a stream at a time");
          busy.add(id);
          most = Math.max(most, busy.size);
          await scheduler.schedule(Promise.resolve(), `step of ${id}`);
          busy.delete(id);
          move(id, -1);
        },
        giveUp: () => Promise.reject(new Error("there was time")),
      };
      const runner = new ProcessRunner(process, {
        concurrency: 2,
        now: () => 0,
        retryMs: 0,
        onError: (error) => {
          throw error;
        },
      });
      const move = (id: string, by: number) => {
        const steps = (left.get(id) ?? 0) + by;
        left.set(id, steps);
        runner.wake(id, steps);
      };
      for (const id of moves) scheduler.schedule(Promise.resolve()).then(() => move(id, 1));
      await scheduler.waitIdle();
      await runner.settled();
      assertEquals([...left.values()].filter((steps) => steps !== 0), []);
      assert(most <= 2);
    }),
  );
});
