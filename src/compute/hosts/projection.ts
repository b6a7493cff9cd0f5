/** Compute hosts as rows, and the queries on them. */
import { sql } from "kysely";
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import { aggregatesByHost, type HostAggregates } from "../aggregates/projection.ts";
import { evolve, type Host, type HostEvent, NO_HOST } from "./decider.ts";
import { hypervisorIdOf, serviceIdOf } from "./ids.ts";

interface HostColumns {
  number: number;
  node: string;
  service_id: string;
  hypervisor_id: string;
  /** 1 while there is such a host. */
  live: 0 | 1;
}

interface HostTables {
  hosts: StateColumns & HostColumns;
}

/** Hosts: stream `host-<name>`, table `hosts`. */
export const hosts: Aggregate<Host, HostEvent> = {
  category: "host",
  eventTypes: {
    HostAdded: [],
    HostEnabled: [],
    HostDisabled: [],
    HostForcedDown: [],
    HostFellSilent: [],
    HostHeardAgain: [],
    HostForcedUp: [],
    HostBuildFailed: [],
    HostBuildSucceeded: [],
    HostRemoved: [],
  },
  initialState: NO_HOST,
  evolve,
  projection: stateTable<Host, HostColumns>({
    name: "hosts",
    version: 3,
    columns: {
      number: "integer",
      node: "nocase",
      service_id: "text",
      hypervisor_id: "text",
      live: "integer",
    },
    indexes: [
      { name: "hosts_by_number", columns: ["number"], where: "live = 1" },
      { name: "hosts_by_service", columns: ["service_id"], where: "live = 1" },
      { name: "hosts_by_hypervisor", columns: ["hypervisor_id"], where: "live = 1" },
    ],
    row: ({ id, state }) => ({
      number: state.number,
      node: state.node,
      service_id: serviceIdOf(id, state.number),
      hypervisor_id: hypervisorIdOf(id, state.number),
      live: state.exists ? 1 : 0,
    }),
  }),
};

type HostRow = Pick<StateColumns, "id" | "state"> & HostColumns;

const HOST_ROW = ["id", "state", "number", "node", "service_id", "hypervisor_id", "live"] as const;

/** As text, so that the indexes of those that live are used. */
const isLive = sql<boolean>`live = 1`;

/** A host that is there. */
export interface KnownHost {
  readonly name: string;
  readonly state: Host;
  /** Id of its compute service, and of its hypervisor. */
  readonly serviceId: string;
  readonly hypervisorId: string;
  /** Where it is: the zone of its aggregates, or its own. */
  readonly zone: string;
  /** Metadata of its aggregates: by key, every value. */
  readonly aggregateMetadata: HostAggregates["metadata"];
}

/** Which hosts are wanted; all that are there when nothing is said. */
export interface HostQuery {
  readonly name?: string;
  /** Its numeric id. */
  readonly number?: number;
  readonly serviceId?: string;
  readonly hypervisorId?: string;
  /** Part of its node's name, in which `%` and `_` stand for any characters, or one. */
  readonly nodePattern?: string;
  /** Only hosts with a greater numeric id. */
  readonly after?: number;
  readonly limit?: number;
}

/** Hosts, oldest first. */
export async function listHosts(
  reader: Reader,
  query: HostQuery = {},
): Promise<readonly KnownHost[]> {
  const rows = await reader.select<HostTables, HostRow>((db) => {
    let select = db.selectFrom("hosts").select([...HOST_ROW]).where(isLive).orderBy("number");
    const { name, number, serviceId, hypervisorId, nodePattern, after, limit } = query;
    if (name !== undefined) select = select.where("id", "=", name);
    if (number !== undefined) select = select.where("number", "=", number);
    if (serviceId !== undefined) select = select.where("service_id", "=", serviceId);
    if (hypervisorId !== undefined) select = select.where("hypervisor_id", "=", hypervisorId);
    if (nodePattern !== undefined) select = select.where("node", "like", `%${nodePattern}%`);
    if (after !== undefined) select = select.where("number", ">", after);
    return limit === undefined ? select : select.limit(limit);
  });
  if (rows.length === 0) return [];
  const aggregates = await aggregatesByHost(reader);
  return rows.map((row) => knownHost(row, aggregates.get(row.id)));
}

/** One host; undefined when none is as wanted. */
export async function findHost(
  reader: Reader,
  query: HostQuery,
): Promise<KnownHost | undefined> {
  return (await listHosts(reader, query))[0];
}

function knownHost(row: HostRow, aggregates: HostAggregates | undefined): KnownHost {
  const state = JSON.parse(row.state) as Host;
  return {
    name: row.id,
    state,
    serviceId: row.service_id,
    hypervisorId: row.hypervisor_id,
    zone: aggregates?.zone ?? state.availabilityZone,
    aggregateMetadata: aggregates?.metadata ?? {},
  };
}

const hostState = queriesOn<HostTables>().prepare<{ id: string }, { state: string }>((db, p) =>
  db.selectFrom("hosts").select("state").where("id", "=", p("id")).where(isLive)
);

/** What is to be known of a host's service before something is asked of it. */
export interface HostService {
  /** Whether it takes new servers. */
  readonly enabled: boolean;
  /** Whether it can be asked for anything. */
  readonly up: boolean;
  readonly forcedDown: boolean;
}

/** The service of a host; undefined when there is no such host. */
export async function hostService(
  reader: Reader,
  host: string,
): Promise<HostService | undefined> {
  const row = await reader.get(hostState, { id: host });
  return row && serviceOf(JSON.parse(row.state) as Host);
}

/** A host's service, from what is true of the host. */
export function serviceOf({ disabled, forcedDown, silentSince }: Host): HostService {
  // Hosts are run by this very process: they are alive while it is, unless someone says otherwise.
  return { enabled: disabled === null, up: !forcedDown && silentSince === null, forcedDown };
}
