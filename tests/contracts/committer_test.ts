/** The one writer: all that waits in one transaction, each on what came before it. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { handle } from "../../src/eventsourcing/command_handler.ts";
import { type Change, Committer, type UnitOfWork } from "../../src/eventsourcing/committer.ts";
import { reject, type Rejection } from "../../src/eventsourcing/decider.ts";
import { buildProjections } from "../../src/eventsourcing/projector.ts";
import { type EventLog, VersionConflict } from "../../src/store/event_log.ts";
import { queriesOn } from "../../src/store/query.ts";
import { counted, type Counter, counters } from "../kit/decision_counter.ts";
import { TestLog } from "../kit/decision_log.ts";
import { EXAMPLE_METADATA } from "../kit/given.ts";

/** A committer on a log whose transactions are counted, and can be made to fail at the commit. */
class CommitterUnderTest {
  readonly committer: Committer;
  transactions = 0;
  /** What the next commits fail with. */
  failure: Error | undefined;
  /** Hears when a transaction is on the disk. */
  onSync: () => void = () => {};

  private constructor(readonly test: TestLog) {
    const { log } = test;
    this.committer = new Committer({
      reader: log.reader,
      read: (query) => log.read(query),
      head: () => log.head(),
      close: () => log.close(),
      transaction: (work) => this.#transact(log, work),
    });
  }

  static async open(): Promise<CommitterUnderTest> {
    const test = await TestLog.open();
    await buildProjections(test.log, [counters]);
    return new CommitterUnderTest(test);
  }

  async #transact<T>(log: EventLog, work: Parameters<typeof log.transaction<T>>[0]): Promise<T> {
    this.transactions++;
    const result = await log.transaction(async (tx) => {
      const result = await work(tx);
      if (this.failure) throw this.failure;
      return result;
    });
    this.onSync();
    return result;
  }

  /** Submits work under the example's metadata. */
  submit<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    return this.committer.submit(EXAMPLE_METADATA, work);
  }

  /** What is kept of a counter, as committed. */
  async total(id: string): Promise<number | undefined> {
    return (await counters.projection.load(this.test.log.reader, id))?.state.total;
  }

  async eventCount(): Promise<number> {
    return (await this.test.log.head()).position;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]();
  }
}

/** Counts a counter up; gives what it comes to. */
const count = (id: string, by = 1) => async (unit: UnitOfWork) => {
  const before = await unit.load(counters, id);
  return (await unit.append(counters, before, [counted(by)])).state.total;
};

const refusal = reject("Conflict", "not now");

/** Counts, then thinks better of it. */
const countAndRefuse = (id: string) => async (unit: UnitOfWork) => {
  await count(id)(unit);
  return refusal;
};

class Mistake extends Error {}

/** Counts, then fails. */
const countAndThrow = (id: string) => async (unit: UnitOfWork) => {
  await count(id)(unit);
  throw new Mistake();
};

Deno.test("work that waits shares a transaction, in the order in which it came", async () => {
  await using under = await CommitterUnderTest.open();
  const totals = await Promise.all(Array.from({ length: 200 }, () => under.submit(count("a"))));
  assertEquals(totals, Array.from({ length: 200 }, (_, index) => index + 1));
  assertEquals(under.transactions, 1);
});

Deno.test("a crowd is served in batches of 256", async () => {
  await using under = await CommitterUnderTest.open();
  await Promise.all(Array.from({ length: 600 }, () => under.submit(count("a"))));
  assertEquals(under.transactions, 3);
  assertEquals(await under.total("a"), 600);
});

Deno.test("what comes while a transaction runs goes with the next", async () => {
  await using under = await CommitterUnderTest.open();
  const late: Promise<number>[] = [];
  const first = under.submit(async (unit) => {
    for (let i = 0; i < 3; i++) late.push(under.submit(count("a")));
    return await count("a")(unit);
  });
  assertEquals([await first, ...await Promise.all(late)], [1, 2, 3, 4]);
  assertEquals(under.transactions, 2);
});

Deno.test("work sees what its predecessors in the same transaction wrote", async () => {
  await using under = await CommitterUnderTest.open();
  interface Tables {
    counters: { id: string; total: number };
  }
  const byId = queriesOn<Tables>().prepare<{ id: string }, { total: number }>((db, p) =>
    db.selectFrom("counters").select("total").where("id", "=", p("id"))
  );
  const [, seen] = await Promise.all([
    under.submit(count("a", 5)),
    under.submit(async (unit) => ({
      loaded: await unit.load(counters, "a"),
      unborn: await unit.load(counters, "b"),
      got: await unit.get(byId, { id: "a" }),
      all: await unit.all(byId, { id: "a" }),
      selected: await unit.select<Tables, { id: string }>((db) =>
        db.selectFrom("counters").select("id")
      ),
      committed: await under.eventCount(),
    })),
  ]);
  assertEquals(under.transactions, 1);
  assertEquals(seen, {
    loaded: { id: "a", version: 1, state: { total: 5 } },
    unborn: { id: "b", version: 0, state: { total: 0 } },
    got: { total: 5 },
    all: [{ total: 5 }],
    selected: [{ id: "a" }],
    committed: 0,
  });
});

Deno.test("an append gives the state after it, and of no events the state before", async () => {
  await using under = await CommitterUnderTest.open();
  await under.submit(async (unit) => {
    const unborn = await unit.load(counters, "a");
    assertStrictEquals(await unit.append(counters, unborn, []), unborn);
    const after = await unit.append(counters, unborn, [counted(2), counted(3)]);
    assertEquals(after, { id: "a", version: 2, state: { total: 5 } });
  });
  assertEquals(await under.eventCount(), 2);
});

Deno.test("events are recorded under the metadata of who asked", async () => {
  await using under = await CommitterUnderTest.open();
  const other = { ...EXAMPLE_METADATA, requestId: "req-other", command: "Other" };
  await Promise.all([
    under.submit(count("a")),
    under.committer.submit(other, count("a")),
  ]);
  const events = await under.test.log.read();
  assertEquals(events.map(({ metadata }) => metadata), [EXAMPLE_METADATA, other]);
});

Deno.test("work that is refused leaves nothing, and its neighbours alone", async () => {
  await using under = await CommitterUnderTest.open();
  const outcomes = await Promise.all([
    under.submit<number | Rejection>(count("a")),
    under.submit<number | Rejection>(countAndRefuse("a")),
    under.submit<number | Rejection>(count("a")),
  ]);
  assertEquals(outcomes, [1, refusal, 2]);
  assertEquals(under.transactions, 1);
  assertEquals([await under.total("a"), await under.eventCount()], [2, 2]);
});

Deno.test("work that throws fails alone, and leaves nothing", async () => {
  await using under = await CommitterUnderTest.open();
  const [first, broken, last] = await Promise.allSettled([
    under.submit(count("a")),
    under.submit(countAndThrow("a")),
    under.submit(count("a")),
  ]);
  assertEquals([first, last], [
    { status: "fulfilled", value: 1 },
    { status: "fulfilled", value: 2 },
  ]);
  assert(broken?.status === "rejected" && broken.reason instanceof Mistake);
  assertEquals([await under.total("a"), await under.eventCount()], [2, 2]);
});

Deno.test("work that decided on a state that has moved on fails, and only that", async () => {
  await using under = await CommitterUnderTest.open();
  const stale = await under.submit((unit) => unit.load(counters, "a"));
  const [first, late] = await Promise.allSettled([
    under.submit(count("a")),
    under.submit((unit) => unit.append(counters, stale, [counted()])),
  ]);
  assertEquals(first.status, "fulfilled");
  assert(late.status === "rejected" && late.reason instanceof VersionConflict);
  assertEquals(await under.total("a"), 1);
});

Deno.test("when the commit fails nobody is told that anything happened", async () => {
  await using under = await CommitterUnderTest.open();
  await under.submit(count("a"));
  const heard: (readonly Change[])[] = [];
  under.committer.onCommit((changes) => heard.push(changes));
  under.failure = new Mistake("the disk is full");
  const outcomes = await Promise.allSettled([
    under.submit(count("a")),
    under.submit<number | Rejection>(countAndRefuse("a")),
    under.submit(countAndThrow("b")),
  ]);
  for (const outcome of outcomes) {
    assert(outcome.status === "rejected");
    assertStrictEquals(outcome.reason, under.failure);
  }
  assertEquals(heard, []);
  assertEquals([await under.total("a"), await under.eventCount()], [1, 1]);

  under.failure = undefined;
  assertEquals(await under.submit(count("a")), 2);
});

Deno.test("first the disk, then the listeners, then the answers in order", async () => {
  await using under = await CommitterUnderTest.open();
  const seen: string[] = [];
  under.onSync = () => seen.push("on the disk");
  under.committer.onCommit(() => seen.push("one listener"));
  under.committer.onCommit(() => seen.push("another"));
  const submit = (work: (unit: UnitOfWork) => Promise<unknown>, name: string) =>
    under.submit(work).then(() => seen.push(name), () => seen.push(name));
  await Promise.all([
    submit(count("a"), "the first"),
    submit(countAndThrow("a"), "the broken"),
    submit(countAndRefuse("a"), "the refused"),
    submit(count("b"), "the last"),
  ]);
  assertEquals(seen, [
    "on the disk",
    "one listener",
    "another",
    "the first",
    "the broken",
    "the refused",
    "the last",
  ]);
});

Deno.test("listeners hear what changed, and nothing of what was undone", async () => {
  await using under = await CommitterUnderTest.open();
  const heard: Change[] = [];
  under.committer.onCommit((changes) => heard.push(...changes));
  await Promise.allSettled([
    under.submit(count("a", 2)),
    under.submit(countAndRefuse("a")),
    under.submit(countAndThrow("b")),
    under.submit(count("a", 3)),
    under.submit((unit) => unit.load(counters, "a")),
  ]);
  assertEquals(heard.map(({ aggregate, after }) => [aggregate, after]), [
    [counters, { id: "a", version: 1, state: { total: 2 } }],
    [counters, { id: "a", version: 2, state: { total: 5 } }],
  ]);
  assertEquals(heard.map(({ events }) => events), (await under.test.log.read()).map((e) => [e]));
});

Deno.test("close answers what was taken, and refuses what comes after", async () => {
  await using under = await CommitterUnderTest.open();
  const taken = Array.from({ length: 300 }, () => under.submit(count("a")));
  const closing = under.committer.close();
  assertEquals(
    String(await assertRejects(() => under.submit(count("a")))),
    "Error: the event log is closed",
  );
  await closing;
  assertEquals(await under.total("a"), 300);
  assertEquals((await Promise.all(taken)).at(-1), 300);
});

Deno.test("closing an idle committer is done at once", async () => {
  await using under = await CommitterUnderTest.open();
  await under.committer.close();
  await assertRejects(() => under.submit(count("a")));
  assertEquals(under.transactions, 0);
});

Deno.test("a command is decided on the newest state: events, nothing, or a refusal", async () => {
  await using under = await CommitterUnderTest.open();
  const limit = 2;
  const countUp = (by: number) =>
    handle(under.committer, counters, "a", EXAMPLE_METADATA, ({ total }: Counter) => {
      if (total + by > limit) return refusal;
      return by === 0 ? [] : [counted(by)];
    });
  assertEquals(await Promise.all([countUp(0), countUp(1), countUp(0), countUp(2), countUp(1)]), [
    { id: "a", version: 0, state: { total: 0 } },
    { id: "a", version: 1, state: { total: 1 } },
    { id: "a", version: 1, state: { total: 1 } },
    refusal,
    { id: "a", version: 2, state: { total: 2 } },
  ]);
  assertEquals(await under.eventCount(), 2);
});

Deno.test("whatever fails or is refused, the log and the tables hold what was told, and no more", async () => {
  await using under = await CommitterUnderTest.open();
  const works = { count, countAndRefuse, countAndThrow };
  const job = fc.record({
    work: fc.constantFrom("count", "count", "countAndRefuse", "countAndThrow"),
    id: fc.constantFrom("a", "b"),
    /** Whether the one before it is answered first. */
    alone: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 12 }), async (jobs) => {
      run++;
      const before = await under.eventCount();
      const told: Record<string, number> = {};
      const answers: Promise<unknown>[] = [];
      for (const { work, id, alone } of jobs) {
        if (alone) await Promise.allSettled(answers);
        const own = `${run}-${id}`;
        answers.push(
          under.submit<unknown>(works[work](own)).then((outcome) => {
            if (typeof outcome === "number") told[own] = outcome;
          }),
        );
      }
      await Promise.allSettled(answers);
      const counts = (id: string) =>
        jobs.filter((job) => job.work === "count" && `${run}-${job.id}` === id).length;
      for (const id of [`${run}-a`, `${run}-b`]) {
        const expected = counts(id) || undefined;
        assertEquals([told[id], await under.total(id)], [expected, expected]);
      }
      const all = jobs.filter(({ work }) => work === "count").length;
      assertEquals(await under.eventCount() - before, all);
    }),
    { numRuns: 50 },
  );
});
