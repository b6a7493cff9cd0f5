/** Tables follow from the log: thrown away and built again they are the same, to the byte. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { AGGREGATES } from "../../src/aggregates.ts";
import { claimsOf, exists, type Server, sizeOf } from "../../src/compute/servers/state.ts";
import { hostUsages, quotaUsages } from "../../src/compute/servers/tallies.ts";
import type { AnyAggregate } from "../../src/eventsourcing/aggregate.ts";
import { handle } from "../../src/eventsourcing/command_handler.ts";
import { Committer } from "../../src/eventsourcing/committer.ts";
import { buildProjections, createTables, replay } from "../../src/eventsourcing/projector.ts";
import type { EventLog } from "../../src/store/event_log.ts";
import type { LogTables } from "../../src/store/schema.ts";
import { counted, counters, countersCalled } from "../kit/decision_counter.ts";
import { idAt } from "../kit/decision_create.ts";
import { Cloud, HAPPEN, happenings, HOSTS } from "../kit/decision_history.ts";
import { TestLog } from "../kit/decision_log.ts";
import { admin, owner, stranger } from "../kit/decision_servers.ts";
import { EXAMPLE_METADATA } from "../kit/given.ts";

/** The same aggregate in a later release that has changed its tables. */
function inVersion(aggregate: AnyAggregate, version: number): AnyAggregate {
  return { ...aggregate, projection: { ...aggregate.projection, version } };
}

/** Every row of the aggregates' tables, by table, in an order of its own. */
async function tablesOf(
  log: EventLog,
  aggregates: readonly AnyAggregate[] = AGGREGATES,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, string[]> = {};
  for (const table of aggregates.flatMap(({ projection }) => projection.tables)) {
    const rows = await log.reader.select<Record<string, object>, object>((db) =>
      db.selectFrom(table).selectAll()
    );
    found[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

/** What projects use and what hosts carry, counted from the servers themselves. */
function sumsOver(states: readonly Server[]) {
  const quota = new Map<string, { instances: number; cores: number; ram: number }>();
  const claimed = new Map<string, { servers: number; vcpus: number }>();
  for (const server of states.filter(exists)) {
    const { vcpus, ramMib } = sizeOf(server);
    const used = quota.get(server.projectId) ?? { instances: 0, cores: 0, ram: 0 };
    quota.set(server.projectId, {
      instances: used.instances + 1,
      cores: used.cores + vcpus,
      ram: used.ram + ramMib,
    });
    // While it is moved, a server is on two hosts.
    for (const { host, claim } of claimsOf(server)) {
      const on = claimed.get(host) ?? { servers: 0, vcpus: 0 };
      claimed.set(host, { servers: on.servers + 1, vcpus: on.vcpus + claim.vcpus });
    }
  }
  return { quota: Object.fromEntries(quota), claimed: Object.fromEntries(claimed) };
}

/** Fails unless all tables can be built again, and sums agree with what they are sums of. */
async function assertFollowsFromLog(log: EventLog, heldStreams: number): Promise<void> {
  const live = await tablesOf(log);

  const later = 1 + Math.max(...Object.values(await versionsOf(log)));
  await buildProjections(log, AGGREGATES.map((aggregate) => inVersion(aggregate, later)));
  assertEquals(await tablesOf(log), live);

  await log.transaction(async (tx) => {
    for (const { projection } of AGGREGATES) await createTables(tx, projection);
    await replay(log, AGGREGATES, tx, { heldStreams });
  });
  assertEquals(await tablesOf(log), live);

  const states = live["servers"]!.map((row) => JSON.parse(JSON.parse(row).state) as Server);
  const { quota, claimed } = sumsOver(states);
  const usages = await quotaUsages.all(log.reader);
  assertEquals(Object.fromEntries(usages.map(({ key, ...used }) => [key, used])), quota);
  const claims = await hostUsages.all(log.reader);
  assertEquals(
    Object.fromEntries(claims.map(({ key, servers, vcpus }) => [key, { servers, vcpus }])),
    claimed,
  );
  for (const { host, vcpus } of HOSTS) assert((claimed[host]?.vcpus ?? 0) <= vcpus);
}

Deno.test("after whole lives the tables are what the log says", async () => {
  await using test = await TestLog.open();
  const cloud = await Cloud.open(test.log);
  const [first, second] = [idAt(0), idAt(1)];
  await HAPPEN.create(cloud, first, { by: owner, vcpus: 1, tags: ["a", "b"] });
  await HAPPEN.create(cloud, second, { by: stranger, vcpus: 2, tags: ["b"] });
  await HAPPEN.steps(cloud, first);
  await HAPPEN.step(cloud, second);
  await HAPPEN.fail(cloud, second);
  await HAPPEN.tag(cloud, first, ["c", "b"]);
  await HAPPEN.setItem(cloud, first, ["key", "value"]);
  await HAPPEN.removeItem(cloud, first, "key");
  await HAPPEN.rename(cloud, first, "other");
  await HAPPEN.lock(cloud, first, owner);
  await HAPPEN.unlock(cloud, first, owner);
  await HAPPEN.operate(cloud, first, "stop");
  await HAPPEN.steps(cloud, first);
  for (const vcpus of [2, 1]) {
    await HAPPEN.resize(cloud, first, vcpus);
    await HAPPEN.steps(cloud, first);
    await HAPPEN.endMove(cloud, first, "confirmResize");
    await HAPPEN.steps(cloud, first);
  }
  assertEquals((await tablesOf(test.log))["migrations"]!.length, 2);
  await assertFollowsFromLog(test.log, 1);
  await HAPPEN.reset(cloud, first, "error");
  await HAPPEN.limit(cloud, first, 5);
  await HAPPEN.delete(cloud, first, owner);
  await assertFollowsFromLog(test.log, 1);
  await HAPPEN.limit(cloud, first, undefined);
  await HAPPEN.steps(cloud, first);
  await HAPPEN.delete(cloud, second, admin);
  await assertFollowsFromLog(test.log, 1);
});

Deno.test("after any history the tables are what the log says, rebuilt at once or bit by bit", async () => {
  const histories = fc.array(happenings, { minLength: 10, maxLength: 80, size: "max" });
  await fc.assert(
    fc.asyncProperty(histories, fc.constantFrom(1, 2, 3), async (history, heldStreams) => {
      await using test = await TestLog.open();
      const cloud = await Cloud.open(test.log);
      for (const { happen } of history) await happen(cloud);
      await assertFollowsFromLog(test.log, heldStreams);
    }),
    { numRuns: 15 },
  );
});

const others = countersCalled("other");

/** A log with a few counters of two kinds in it, and their tables. */
async function openFilled(): Promise<TestLog> {
  const test = await TestLog.open();
  await buildProjections(test.log, [counters, others]);
  const committer = new Committer(test.log);
  for (const [id, by] of [["a", 1], ["b", 2], ["a", 3]] as const) {
    await handle(committer, counters, id, EXAMPLE_METADATA, () => [counted(by)]);
  }
  await handle(committer, others, "a", EXAMPLE_METADATA, () => [counted()]);
  return test;
}

/** Empties a table behind the projection's back, so that a rebuild shows. */
function empty(log: EventLog, table: string): Promise<void> {
  return log.transaction((tx) => tx.execute<Record<string, object>>((db) => db.deleteFrom(table)));
}

async function versionsOf(log: EventLog): Promise<Readonly<Record<string, number>>> {
  const rows = await log.reader.select<LogTables, { name: string; version: number }>((db) =>
    db.selectFrom("projections").selectAll()
  );
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]));
}

Deno.test("a projection in the version it has is left alone", async () => {
  await using test = await openFilled();
  await empty(test.log, "counters");
  await buildProjections(test.log, [counters, others]);
  assertEquals((await tablesOf(test.log, [counters]))["counters"], []);
});

Deno.test("a projection in another version, later or earlier, is built again, and no other", async () => {
  for (const version of [2, 0]) {
    await using test = await openFilled();
    const live = await tablesOf(test.log, [counters, others]);
    await empty(test.log, "counters");
    await empty(test.log, "others");
    await buildProjections(test.log, [inVersion(counters, version), others]);
    assertEquals(await tablesOf(test.log, [counters, others]), { ...live, others: [] });
    assertEquals(await versionsOf(test.log), { counters: version, others: 1 });
  }
});

Deno.test("streams of other aggregates are passed over", async () => {
  await using test = await openFilled();
  await buildProjections(test.log, [inVersion(others, 2)]);
  assertEquals((await tablesOf(test.log, [others]))["others"]?.length, 1);
});

Deno.test("a rebuild that fails leaves the tables and their version as they were", async () => {
  await using test = await openFilled();
  const live = await tablesOf(test.log, [counters, others]);
  const broken: AnyAggregate = {
    ...inVersion(counters, 2),
    evolve: () => {
      throw new Error("broken");
    },
  };
  const error = await assertRejects(() => buildProjections(test.log, [broken, others]));
  assertEquals(String(error), "Error: broken");
  assertEquals(await tablesOf(test.log, [counters, others]), live);
  assertEquals(await versionsOf(test.log), { counters: 1, others: 1 });
});

Deno.test("a rebuild says how far it has come", async () => {
  await using test = await openFilled();
  const heard: unknown[] = [];
  await buildProjections(test.log, [inVersion(counters, 2)], (progress) => heard.push(progress));
  assertEquals(heard, [{ events: 4, of: 4 }]);
});

Deno.test("events that were written before the first start are folded at it", async () => {
  await using test = await TestLog.open();
  await test.log.transaction((tx) =>
    tx.append([{
      stream: "counter-a",
      expectedVersion: 0,
      events: [counted(2), counted(3)],
      metadata: EXAMPLE_METADATA,
    }])
  );
  await buildProjections(test.log, [counters]);
  assertEquals(await counters.projection.load(test.log.reader, "a"), {
    id: "a",
    version: 2,
    state: { total: 5 },
  });
  assertEquals(await versionsOf(test.log), { counters: 1 });
});
