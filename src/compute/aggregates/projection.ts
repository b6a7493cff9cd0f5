/** Aggregates of hosts as rows, and the queries on them. */
import { sql } from "kysely";
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import {
  type AggregateEvent,
  evolve,
  exists,
  type HostAggregate,
  NO_AGGREGATE,
  zoneOf,
} from "./decider.ts";

interface AggregateColumns {
  number: number;
  name: string;
  /** 1 while there is such an aggregate. */
  live: 0 | 1;
}

interface AggregateTables {
  host_aggregates: StateColumns & AggregateColumns;
}

/** Aggregates of hosts: stream `aggregate-<uuid>`, table `host_aggregates`. */
export const hostAggregates: Aggregate<HostAggregate, AggregateEvent> = {
  category: "aggregate",
  eventTypes: {
    AggregateCreated: [],
    AggregateRenamed: [],
    AggregateMetadataChanged: [],
    AggregateHostAdded: [],
    AggregateHostRemoved: [],
    AggregateImagesRequested: [],
    AggregateDeleted: [],
  },
  initialState: NO_AGGREGATE,
  evolve,
  projection: stateTable<HostAggregate, AggregateColumns>({
    name: "host_aggregates",
    version: 1,
    columns: { number: "integer", name: "nocase", live: "integer" },
    indexes: [
      { name: "host_aggregates_by_number", columns: ["number"], unique: true },
      { name: "host_aggregates_by_name", columns: ["name"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      number: state.number,
      name: state.name,
      live: exists(state) ? 1 : 0,
    }),
  }),
};

const queries = queriesOn<AggregateTables>();

/** As text, so that the indexes of those that live are used. */
const isLive = sql<boolean>`live = 1`;

const liveAggregates = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("host_aggregates").select(["id", "version", "state"])
    .where(isLive).orderBy("number")
);

const aggregateByNumber = queries.prepare<{ number: number }, StateColumns>((db, p) =>
  db.selectFrom("host_aggregates").select(["id", "version", "state"])
    .where("number", "=", p("number")).where(isLive)
);

const idByName = queries.prepare<{ name: string }, { id: string }>((db, p) =>
  db.selectFrom("host_aggregates").select("id").where("name", "=", p("name")).where(isLive)
);

const lastNumber = queries.prepare<Record<never, never>, { last: number | null }>((db) =>
  db.selectFrom("host_aggregates").select((eb) => eb.fn.max("number").as("last"))
);

function versioned({ id, version, state }: StateColumns): Versioned<HostAggregate> {
  return { id, version, state: JSON.parse(state) as HostAggregate };
}

/** Every aggregate, oldest first. */
export async function listAggregates(
  reader: Reader,
): Promise<readonly Versioned<HostAggregate>[]> {
  return (await reader.all(liveAggregates, {})).map(versioned);
}

/** One aggregate by its numeric id; undefined when there is none. */
export async function findAggregate(
  reader: Reader,
  number: number,
): Promise<Versioned<HostAggregate> | undefined> {
  const row = await reader.get(aggregateByNumber, { number });
  return row && versioned(row);
}

/** Whether an aggregate, but for the one of `besides`, has this name; case does not count. */
export async function hasAggregateNamed(
  reader: Reader,
  name: string,
  besides?: string,
): Promise<boolean> {
  const rows = await reader.all(idByName, { name });
  return rows.some(({ id }) => id !== besides);
}

/** The numeric id of the next aggregate: ids are given once. */
export async function nextAggregateNumber(reader: Reader): Promise<number> {
  return ((await reader.get(lastNumber, {}))?.last ?? 0) + 1;
}

/** What aggregates say of a host. */
export interface HostAggregates {
  /** The zone that one of them makes it part of; null: none does. */
  readonly zone: string | null;
  /** By key: the values in its aggregates. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

/** By host: what its aggregates say of it; a host that is in none is absent. */
export async function aggregatesByHost(
  reader: Reader,
): Promise<ReadonlyMap<string, HostAggregates>> {
  const byHost = new Map<string, HostAggregates>();
  for (const { state } of await listAggregates(reader)) {
    for (const host of state.hosts) {
      byHost.set(host, joined(byHost.get(host), state));
    }
  }
  return byHost;
}

function joined(known: HostAggregates | undefined, aggregate: HostAggregate): HostAggregates {
  const metadata = new Map(Object.entries(known?.metadata ?? {}));
  for (const [key, value] of Object.entries(aggregate.metadata)) {
    metadata.set(key, [...metadata.get(key) ?? [], value]);
  }
  return {
    zone: known?.zone ?? zoneOf(aggregate),
    metadata: Object.fromEntries(metadata),
  };
}
