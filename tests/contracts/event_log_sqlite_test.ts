/** The event log on SQLite keeps what every event log keeps, and a few things of its own. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { verifyFolder } from "../../src/cli/verify.ts";
import { openSqliteLog } from "../../src/store/sqlite.ts";
import { testClock, TestLog } from "../kit/decision_log.ts";
import { eventLogSuite } from "./event_log_suite.ts";

eventLogSuite("SQLite", async (clock) => {
  const test = await TestLog.open(clock);
  return {
    log: test.log,
    reopen: (upcasters) => test.reopen(upcasters),
    tamper: (sql, options) => test.tamper(sql, options),
    firstBad: async () => (await verifyFolder(test.folder)).firstBad,
    cleanup: () => test[Symbol.asyncDispose](),
  };
});

Deno.test("SQLite: a log in memory is refused, for readers would not see it", async () => {
  const error = await assertRejects(() => openSqliteLog({ path: ":memory:", clock: testClock() }));
  assertStringIncludes(String(error), "a SQLite log needs a file");
});

Deno.test("SQLite: a log verifies beside one who writes to it", async () => {
  await using test = await TestLog.open();
  const append = {
    stream: "a-1",
    expectedVersion: 0,
    events: [{ type: "Noted", data: {} }],
    metadata: {
      actor: { userId: "", projectId: "", roles: [] },
      requestId: "req-1",
      command: "Note",
    },
  };
  await test.log.transaction(async (tx) => {
    await tx.append([append]);
    assertEquals((await verifyFolder(test.folder)).events, 0);
  });
  const { events, firstBad, head } = await verifyFolder(test.folder);
  assertEquals([events, firstBad, head], [1, null, (await test.log.head()).hash]);
});
