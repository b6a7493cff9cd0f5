/** What every event log keeps, whatever it stands on. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sql } from "kysely";
import type { Clock } from "../../src/eventsourcing/clock.ts";
import type { DomainEvent, EventMetadata, Recorded } from "../../src/eventsourcing/event.ts";
import { GENESIS_HASH, hashOf } from "../../src/eventsourcing/hash_chain.ts";
import type { Upcasters } from "../../src/eventsourcing/upcasting.ts";
import {
  type Append,
  type EventLog,
  type EventQuery,
  type LogTransaction,
  VersionConflict,
} from "../../src/store/event_log.ts";
import { queriesOn } from "../../src/store/query.ts";
import type { EventsTable, LogTables } from "../../src/store/schema.ts";
import { MIDNIGHT, testClock } from "../kit/decision_log.ts";

/** One log under test, and what is needed to look behind it. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** Closes the log and opens the same one again; the new one replaces `log`. */
  reopen(upcasters?: Upcasters): Promise<EventLog>;
  /** Runs SQL past the log; `unguarded`: once what protects the events has been taken off. */
  tamper(sql: string, options?: { readonly unguarded: boolean }): void | Promise<void>;
  /** Position of the first event that is not as it was sealed; null: all are. */
  firstBad(): Promise<number | null>;
  cleanup(): Promise<void>;
}

const metadata: EventMetadata = {
  actor: { userId: "user-1", projectId: "project-1", roles: ["member"] },
  requestId: "req-1",
  command: "Note",
  cause: 7,
  microversion: "2.104",
};

function noted(text = "x"): DomainEvent {
  return { type: "Noted", data: { text } };
}

/** An append of as many events to a stream at a version. */
function append(stream: string, expectedVersion: number, count = 1): Append {
  const events = Array.from({ length: count }, (_, index) => noted(`${stream}-${index}`));
  return { stream, expectedVersion, events, metadata };
}

function appendAll(log: EventLog, ...appends: readonly Append[]): Promise<readonly Recorded[]> {
  return log.transaction((tx) => tx.append(appends));
}

/** Where events stand: position, stream and version. */
function placesOf(events: readonly Recorded[]): (readonly [number, string, number])[] {
  return events.map(({ position, stream, version }) => [position, stream, version]);
}

interface Notes {
  notes: { key: string; text: string };
}

const queries = queriesOn<Notes>();
const insertNote = queries.prepare<Notes["notes"], unknown>((db, p) =>
  db.insertInto("notes").values({ key: p("key"), text: p("text") })
);
const findNote = queries.prepare<{ key: string }, Notes["notes"]>((db, p) =>
  db.selectFrom("notes").selectAll().where("key", "=", p("key"))
);
const allNotes = queries.prepare<Record<never, never>, Notes["notes"]>((db) =>
  db.selectFrom("notes").selectAll().orderBy("key")
);

async function createNotes(tx: LogTransaction): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("notes").addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("text", "text")
  );
}

const note = (tx: LogTransaction, key: string) => tx.run(insertNote, { key, text: `of ${key}` });

/** Keys of the notes that have been committed. */
async function notesIn(log: EventLog): Promise<readonly string[]> {
  return (await log.reader.all(allNotes, {})).map(({ key }) => key);
}

class Undo extends Error {}

/** Runs work in a savepoint that is undone at its end. */
async function undone(tx: LogTransaction, work: () => Promise<unknown>): Promise<void> {
  const outcome = tx.savepoint(async () => {
    await work();
    throw new Undo();
  });
  assert(await assertRejects(() => outcome) instanceof Undo);
}

/** Registers the suite for one kind of log. */
export function eventLogSuite(name: string, open: (clock: Clock) => Promise<LogUnderTest>): void {
  const clock = testClock();

  const test = (rule: string, body: (under: LogUnderTest) => Promise<void>): void => {
    Deno.test(`${name}: ${rule}`, async () => {
      clock.set(MIDNIGHT);
      const under = await open(clock);
      try {
        await body(under);
      } finally {
        await under.cleanup();
      }
    });
  };

  test("a new log is empty", async ({ log, firstBad }) => {
    assertEquals(await log.head(), { position: 0, hash: GENESIS_HASH, recordedAt: "" });
    assertEquals(await log.read(), []);
    assertEquals(await firstBad(), null);
  });

  test("positions count through all streams without a gap, versions through each", async ({ log }) => {
    await appendAll(log, append("a-1", 0, 2));
    await appendAll(log, append("b-1", 0));
    await appendAll(log, append("a-1", 2), append("b-1", 1, 2));
    assertEquals(placesOf(await log.read()), [
      [1, "a-1", 1],
      [2, "a-1", 2],
      [3, "b-1", 1],
      [4, "a-1", 3],
      [5, "b-1", 2],
      [6, "b-1", 3],
    ]);
  });

  test("an append gives back the events as they are then read, envelope and all", async ({ log }) => {
    const events = [{ type: "Noted", data: { text: "é☃😀", nested: [{ a: null }], n: 1.5 } }];
    const recorded = await appendAll(log, { stream: "a-1", expectedVersion: 0, events, metadata });
    const { hash, ...rest } = recorded[0]!;
    assertEquals(rest, {
      ...events[0]!,
      position: 1,
      stream: "a-1",
      version: 1,
      schemaVersion: 1,
      metadata,
      recordedAt: "2026-01-01T00:00:00.000000Z",
    });
    assertEquals(hash.length, 64);
    assertEquals(await log.read(), recorded);
    assertEquals(await log.head(), {
      position: 1,
      hash,
      recordedAt: "2026-01-01T00:00:00.000000Z",
    });
  });

  test("an append of nothing changes nothing", async ({ log }) => {
    assertEquals(await appendAll(log), []);
    assertEquals(await appendAll(log, append("a-1", 0, 0)), []);
    assertEquals((await log.head()).position, 0);
  });

  const conflicts: readonly (readonly [string, Append])[] = [
    ["a version that has been passed", append("a-1", 1)],
    ["a version far behind", append("a-1", 0)],
    ["a version that is not yet reached", append("a-1", 3)],
    ["a version of a stream that is not there", append("b-1", 1)],
    ["several events on a version that has been passed", append("a-1", 1, 3)],
  ];
  for (const [what, late] of conflicts) {
    test(`an append decided on ${what} is refused, and leaves nothing`, async ({ log, firstBad }) => {
      await appendAll(log, append("a-1", 0, 2));
      const error = await assertRejects(() => appendAll(log, late));
      assert(error instanceof VersionConflict);
      assertEquals([error.stream, error.expectedVersion], [late.stream, late.expectedVersion]);
      assertEquals(await log.read({ after: 2 }), []);
      assertEquals(placesOf(await appendAll(log, append("a-1", 2))), [[3, "a-1", 3]]);
      assertEquals(await firstBad(), null);
    });
  }

  test("an append to several streams is all or nothing", async ({ log, firstBad }) => {
    await appendAll(log, append("b-1", 0));
    const places = await log.transaction(async (tx) => {
      const appends = [append("a-1", 0, 2), append("b-1", 0)];
      assert(await assertRejects(() => tx.append(appends)) instanceof VersionConflict);
      return placesOf(await tx.append([append("a-1", 0), append("b-1", 1)]));
    });
    assertEquals(places, [[2, "a-1", 1], [3, "b-1", 2]]);
    assertEquals(placesOf(await log.read({ after: 1 })), places);
    assertEquals(await firstBad(), null);
  });

  test("the same stream twice in one append needs the version in between", async ({ log }) => {
    await appendAll(log, append("a-1", 0, 2), append("a-1", 2));
    assertEquals((await log.read({ stream: "a-1" })).length, 3);
    const twice = [append("b-1", 0), append("b-1", 0)];
    assert(await assertRejects(() => appendAll(log, ...twice)) instanceof VersionConflict);
    assertEquals(await log.read({ stream: "b-1" }), []);
  });

  test("a savepoint that throws undoes what came within, and the log goes on", async ({ log, firstBad }) => {
    await log.transaction(async (tx) => {
      await createNotes(tx);
      await tx.append([append("a-1", 0)]);
      await undone(tx, async () => {
        await note(tx, "undone");
        await tx.append([append("a-1", 1), append("b-1", 0, 3)]);
      });
      await note(tx, "kept");
      await tx.append([append("a-1", 1), append("b-1", 0)]);
    });
    assertEquals(placesOf(await log.read()), [[1, "a-1", 1], [2, "a-1", 2], [3, "b-1", 1]]);
    assertEquals(await notesIn(log), ["kept"]);
    assertEquals(await firstBad(), null);
  });

  test("a savepoint within another is undone alone", async ({ log, firstBad }) => {
    await log.transaction((tx) =>
      tx.savepoint(async () => {
        await tx.append([append("a-1", 0)]);
        await undone(tx, () => tx.append([append("a-1", 1, 5)]));
        await tx.savepoint(() => tx.append([append("a-1", 1)]));
        await undone(tx, () => tx.append([append("a-1", 2)]));
        await tx.append([append("a-1", 2)]);
      })
    );
    assertEquals(placesOf(await log.read()), [[1, "a-1", 1], [2, "a-1", 2], [3, "a-1", 3]]);
    assertEquals(await firstBad(), null);
  });

  test("a savepoint that throws undoes those within that had ended well", async ({ log, firstBad }) => {
    await log.transaction(async (tx) => {
      await undone(tx, async () => {
        await tx.savepoint(() => tx.append([append("a-1", 0, 2)]));
        await tx.append([append("a-1", 2)]);
      });
      await tx.append([append("a-1", 0)]);
    });
    assertEquals(placesOf(await log.read()), [[1, "a-1", 1]]);
    assertEquals(await firstBad(), null);
  });

  test("a savepoint gives what its work gave", async ({ log }) => {
    const given = await log.transaction((tx) => tx.savepoint(() => Promise.resolve("given")));
    assertEquals(given, "given");
  });

  test("a transaction that throws leaves nothing, and gives its error", async ({ log, firstBad }) => {
    await log.transaction(createNotes);
    const first = await appendAll(log, append("a-1", 0));
    const head = await log.head();
    const failing = log.transaction(async (tx) => {
      await note(tx, "gone");
      await tx.append([append("a-1", 1), append("b-1", 0)]);
      throw new Undo();
    });
    assert(await assertRejects(() => failing) instanceof Undo);
    assertEquals(await log.head(), head);
    assertEquals(await log.read(), first);
    assertEquals(await notesIn(log), []);
    assertEquals(placesOf(await appendAll(log, append("a-1", 1))), [[2, "a-1", 2]]);
    assertEquals(await firstBad(), null);
  });

  test("readers see what has been committed, the transaction all it has written", async ({ log }) => {
    await log.transaction(createNotes);
    await log.transaction(async (tx) => {
      await tx.append([append("a-1", 0)]);
      await note(tx, "a");
      assertEquals(await tx.get(findNote, { key: "a" }), { key: "a", text: "of a" });
      assertEquals((await log.head()).position, 0);
      assertEquals(await log.read(), []);
      assertEquals(await notesIn(log), []);
    });
    assertEquals((await log.head()).position, 1);
    assertEquals((await log.read()).length, 1);
    assertEquals(await notesIn(log), ["a"]);
  });

  test("two transactions never interleave: the second waits", async ({ log, firstBad }) => {
    const mayEnd = Promise.withResolvers<void>();
    const first = log.transaction(async (tx) => {
      await tx.append([append("a-1", 0)]);
      await mayEnd.promise;
      await tx.append([append("a-1", 1)]);
    });
    const second = appendAll(log, append("b-1", 0));
    const failing = log.transaction(() => Promise.reject(new Undo()));
    const last = appendAll(log, append("c-1", 0));
    mayEnd.resolve();
    await Promise.all([first, second, assertRejects(() => failing), last]);
    assertEquals((await log.read()).map(({ stream }) => stream), ["a-1", "a-1", "b-1", "c-1"]);
    assertEquals(await firstBad(), null);
  });

  test("prepared queries take other values each time, and other queries any shape", async ({ log }) => {
    await log.transaction(async (tx) => {
      await createNotes(tx);
      for (const key of ["a", "b", "c"]) await note(tx, key);
    });
    assertEquals(await log.reader.get(findNote, { key: "b" }), { key: "b", text: "of b" });
    assertEquals(await log.reader.get(findNote, { key: "z" }), undefined);
    assertEquals((await log.reader.all(findNote, { key: "a" })).length, 1);
    const some = await log.reader.select<Notes, { key: string }>((db) =>
      db.selectFrom("notes").select("key").where("key", "in", ["a", "c"]).orderBy("key")
    );
    assertEquals(some, [{ key: "a" }, { key: "c" }]);
  });

  const before = "2025-12-31T23:59:59.999000Z";
  const at = "2026-01-01T00:00:00.";
  const clocks: readonly (readonly [string, readonly number[], readonly string[]])[] = [
    ["stands still", [0, 0, 0], [`${at}000000Z`, `${at}000001Z`, `${at}000002Z`]],
    ["goes on", [0, 1, 2], [`${at}000000Z`, `${at}001000Z`, `${at}002000Z`]],
    ["jumps ahead", [-1, 500, 501], [before, `${at}500000Z`, `${at}501000Z`]],
    ["jumps back", [500, -1, 0], [`${at}500000Z`, `${at}500001Z`, `${at}500002Z`]],
    ["comes back in time", [1, 0, 2], [`${at}001000Z`, `${at}001001Z`, `${at}002000Z`]],
  ];
  for (const [what, offsets, times] of clocks) {
    test(`times rise from event to event when the clock ${what}`, async ({ log }) => {
      for (const [index, offset] of offsets.entries()) {
        clock.set(MIDNIGHT + offset);
        await appendAll(log, append("a-1", index));
      }
      assertEquals((await log.read()).map(({ recordedAt }) => recordedAt), times);
    });
  }

  test("more events in a moment than it has microseconds still rise", async ({ log }) => {
    await appendAll(log, append("a-1", 0, 1500));
    clock.set(MIDNIGHT + 1);
    const [last] = await appendAll(log, append("a-1", 1500));
    assertEquals(last?.recordedAt, `${at}001500Z`);
  });

  test("a forged event with a seal of its own breaks the seal of the next", async (under) => {
    const { log, tamper, firstBad } = under;
    await appendAll(log, append("a-1", 0, 3));
    const [first] = await log.reader.select<LogTables, EventsTable>((db) =>
      db.selectFrom("events").selectAll().where("position", "=", 1)
    );
    const data = '{"text":"forged"}';
    const hash = hashOf(GENESIS_HASH, { ...first!, data });
    await tamper(`update events set data = '${data}', hash = '${hash}' where position = 1`, {
      unguarded: true,
    });
    assertEquals(await firstBad(), 2);
  });

  const alterations: readonly string[] = [
    "position = 9",
    "stream = 'a-2'",
    "version = 9",
    "type = 'Denied'",
    "schema_version = 2",
    `data = '{"text":"y"}'`,
    // Even what reads the same.
    "data = data || ' '",
    "metadata = replace(metadata, 'user-1', 'user-2')",
    "recorded_at = '2026-01-01T00:00:00.000009Z'",
    `hash = '${"0".repeat(64)}'`,
  ];
  for (const position of [1, 2, 3]) {
    for (const alteration of alterations) {
      test(`event ${position} with ${alteration} is noticed`, async ({ log, tamper, firstBad }) => {
        await appendAll(log, append("a-1", 0, 3));
        assertEquals(await firstBad(), null);
        await tamper(`update events set ${alteration} where position = ${position}`, {
          unguarded: true,
        });
        assert(await firstBad() !== null);
      });
    }
  }

  test("an event that was taken out is noticed, and so are two that changed places", async (under) => {
    const { log, tamper, firstBad } = under;
    await appendAll(log, append("a-1", 0, 4));
    await tamper(
      `update events set position = 9 where position = 3;
       update events set position = 3 where position = 2;
       update events set position = 2 where position = 9;`,
      { unguarded: true },
    );
    assertEquals(await firstBad(), 2);
    await tamper("delete from events where position = 1", { unguarded: true });
    assertEquals(await firstBad(), 2);
  });

  test("what is recorded can be neither changed nor deleted, within the log or past it", async (under) => {
    const { log, tamper, firstBad } = under;
    const recorded = await appendAll(log, append("a-1", 0, 2));
    const attempts = [
      "update events set data = '{}' where position = 1",
      "delete from events where position = 2",
      "delete from events",
    ];
    for (const attempt of attempts) {
      const within = log.transaction((tx) =>
        tx.execute((db) => ({ compile: () => sql.raw(attempt).compile(db) }))
      );
      for (const change of [() => within, async () => await tamper(attempt)]) {
        assertStringIncludes(String(await assertRejects(change)), "append-only");
      }
    }
    assertEquals(await log.read(), recorded);
    assertEquals(await firstBad(), null);
  });

  test("a log that is opened again goes on where it ended", async ({ log, reopen, firstBad }) => {
    clock.set(MIDNIGHT + 1000);
    const recorded = await appendAll(log, append("a-1", 0, 2));
    const head = await log.head();
    clock.set(MIDNIGHT);
    const again = await reopen();
    assertEquals(await again.head(), head);
    assertEquals(await again.read(), recorded);
    const [next] = await appendAll(again, append("a-1", 2));
    assertEquals(placesOf([next!]), [[3, "a-1", 3]]);
    assertEquals(next?.recordedAt, "2026-01-01T00:00:01.000002Z");
    assertEquals(await firstBad(), null);
  });

  const reads: readonly (readonly [EventQuery, readonly number[]])[] = [
    [{}, [1, 2, 3, 4, 5, 6]],
    [{ after: 0 }, [1, 2, 3, 4, 5, 6]],
    [{ after: 4 }, [5, 6]],
    [{ after: 6 }, []],
    [{ after: 99 }, []],
    [{ upTo: 2 }, [1, 2]],
    [{ upTo: 0 }, []],
    [{ after: 2, upTo: 4 }, [3, 4]],
    [{ limit: 2 }, [1, 2]],
    [{ limit: 0 }, []],
    [{ after: 2, limit: 2 }, [3, 4]],
    [{ stream: "a-1" }, [1, 3, 5]],
    [{ stream: "b-1" }, [2, 4, 6]],
    [{ stream: "a" }, []],
    [{ stream: "a-1", after: 1 }, [3, 5]],
    [{ stream: "a-1", upTo: 3 }, [1, 3]],
    [{ stream: "a-1", limit: 1 }, [1]],
    [{ stream: "b-1", after: 2, upTo: 5, limit: 9 }, [4]],
  ];
  test("events are read by stream, from where, up to where, and how many", async ({ log }) => {
    for (let version = 0; version < 3; version++) {
      await appendAll(log, append("a-1", version), append("b-1", version));
    }
    for (const [query, positions] of reads) {
      const found = (await log.read(query)).map(({ position }) => position);
      assertEquals(found, positions, JSON.stringify(query));
    }
  });

  test("a read gives a thousand events unless told otherwise", async ({ log }) => {
    await appendAll(log, append("a-1", 0, 1001));
    assertEquals((await log.read()).length, 1000);
    assertEquals((await log.read({ limit: 2000 })).length, 1001);
  });

  const lifting: Upcasters = {
    Noted: [
      ({ text, ...rest }) => ({ ...rest, words: [text] }),
      ({ words, ...rest }) => ({ ...rest, words, lifted: true }),
    ],
  };

  test("events of older versions are lifted when they are read, and stay as they are", async (under) => {
    const { log, reopen, firstBad } = under;
    const appendNoted = (log: EventLog, version: number, data: object) =>
      appendAll(log, { ...append("a-1", version), events: [{ type: "Noted", data }] });
    await appendNoted(log, 0, { text: "first" });
    const second = await reopen({ Noted: lifting["Noted"]!.slice(0, 1) });
    await appendNoted(second, 1, { words: ["second"] });
    assertEquals<unknown>((await second.read()).map(({ data }) => data), [
      { words: ["first"] },
      { words: ["second"] },
    ]);
    const third = await reopen(lifting);
    const [recorded] = await appendNoted(third, 2, { words: ["third"], lifted: true });
    assertEquals(recorded?.schemaVersion, 3);
    const read = await third.read();
    assertEquals<unknown>(read.map(({ schemaVersion, data }) => [schemaVersion, data]), [
      [1, { words: ["first"], lifted: true }],
      [2, { words: ["second"], lifted: true }],
      [3, { words: ["third"], lifted: true }],
    ]);
    assertEquals(await firstBad(), null);
  });

  test("events of a later release are refused, not misread", async ({ reopen }) => {
    await appendAll(await reopen(lifting), append("a-1", 0));
    const error = await assertRejects(async () => (await reopen()).read());
    assertStringIncludes(
      String(error),
      "Noted is stored in version 3, this release knows 1: start the release that wrote this log",
    );
  });
}
