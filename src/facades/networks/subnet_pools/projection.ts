/** Subnet pools as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { inBatches, LIVE } from "../../collections.ts";
import type { IpVersion } from "../addresses.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import type { SubnetTables } from "../subnets/projection.ts";
import { joinTags } from "../tags.ts";
import { evolve, NO_SUBNET_POOL, type SubnetPool, type SubnetPoolEvent } from "./decider.ts";

interface SubnetPoolColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  ip_version: number;
  min_prefixlen: number;
  max_prefixlen: number;
  default_prefixlen: number;
  /** -1: none. */
  default_quota: number;
  is_default: 0 | 1;
  shared: 0 | 1;
  address_scope_id: string;
  tags: string;
}

interface SubnetPoolTables extends SubnetTables {
  subnet_pools: StateColumns & SubnetPoolColumns;
}

/** How many pools a project has. */
export const subnetPoolCounts = new ProjectCounts("subnet_pool_counts");

/** Subnet pools: stream `subnet_pool-<id>`, tables `subnet_pools` and `subnet_pool_counts`. */
export const subnetPools: Aggregate<SubnetPool, SubnetPoolEvent> = {
  category: "subnet_pool",
  eventTypes: { SubnetPoolCreated: [], SubnetPoolUpdated: [], SubnetPoolDeleted: [] },
  initialState: NO_SUBNET_POOL,
  evolve,
  projection: stateTable<SubnetPool, SubnetPoolColumns>({
    name: "subnet_pools",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      ip_version: "integer",
      min_prefixlen: "integer",
      max_prefixlen: "integer",
      default_prefixlen: "integer",
      default_quota: "integer",
      is_default: "integer",
      shared: "integer",
      address_scope_id: "text",
      tags: "text",
    },
    indexes: [
      { name: "subnet_pools_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "subnet_pools_live_by_scope", columns: ["address_scope_id"], where: "live = 1" },
      {
        name: "subnet_pools_default",
        columns: ["ip_version"],
        where: "live = 1 and is_default = 1",
      },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      ip_version: state.ipVersion,
      min_prefixlen: state.minPrefixLength,
      max_prefixlen: state.maxPrefixLength,
      default_prefixlen: state.defaultPrefixLength,
      default_quota: state.defaultQuota ?? -1,
      is_default: state.isDefault ? 1 : 0,
      shared: state.isShared ? 1 : 0,
      address_scope_id: state.addressScopeId ?? "",
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [subnetPoolCounts.tally.table],
      create: (tx) => subnetPoolCounts.tally.create(tx),
      write: (tx, before, after) => subnetPoolCounts.write(tx, before, after),
    },
  }),
};

const queries = queriesOn<SubnetPoolTables>();

const byScope = queries.prepare<{ scopeId: string }, StateColumns>((db, p) =>
  db.selectFrom("subnet_pools").select(["id", "version", "state"])
    .where("live", "=", LIVE).where("address_scope_id", "=", p("scopeId")).orderBy("number")
);

/** The pools in an address scope. */
export async function poolsInScope(
  reader: Reader,
  scopeId: string,
): Promise<readonly Versioned<SubnetPool>[]> {
  const rows = await reader.all(byScope, { scopeId });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

const defaultOf = queries.prepare<{ ipVersion: number }, { id: string }>((db, p) =>
  db.selectFrom("subnet_pools").select("id")
    .where("live", "=", LIVE).where("is_default", "=", 1).where("ip_version", "=", p("ipVersion"))
);

/** The default pool of a family, if there is one. */
export async function defaultPoolId(
  reader: Reader,
  ipVersion: IpVersion,
): Promise<string | undefined> {
  return (await reader.all(defaultOf, { ipVersion }))[0]?.id;
}

/** A subnet of a pool. */
export interface Allocation {
  readonly cidr: string;
  readonly project_id: string;
}

const ofPool = queries.prepare<{ poolId: string }, Allocation>((db, p) =>
  db.selectFrom("subnets").select(["cidr", "project_id"])
    .where("live", "=", LIVE).where("subnetpool_id", "=", p("poolId"))
);

/** The subnets of a pool. */
export function allocationsOf(reader: Reader, poolId: string): Promise<readonly Allocation[]> {
  return reader.all(ofPool, { poolId });
}

const besideSubnets = queries.prepare<{ poolId: string; ipVersion: number }, { id: string }>(
  (db, p) =>
    db.selectFrom("subnets as mine")
      .innerJoin("subnets as other", "other.network_id", "mine.network_id")
      .select("other.id")
      .where("mine.live", "=", LIVE).where("mine.subnetpool_id", "=", p("poolId"))
      .where("other.live", "=", LIVE).where("other.ip_version", "=", p("ipVersion"))
      .whereRef("other.subnetpool_id", "!=", "mine.subnetpool_id")
      .limit(1),
);

/** Whether networks with subnets of a pool have others of its family besides. */
export async function sharesNetworks(
  reader: Reader,
  poolId: string,
  ipVersion: IpVersion,
): Promise<boolean> {
  return (await reader.all(besideSubnets, { poolId, ipVersion })).length > 0;
}

/** The address scope that a network's subnets of one family are in. */
export interface ScopeOfNetwork {
  readonly network_id: string;
  readonly ip_version: number;
  readonly address_scope_id: string;
}

/** The address scopes of several networks. */
export function scopesOfNetworks(
  reader: Reader,
  networkIds: readonly string[],
): Promise<readonly ScopeOfNetwork[]> {
  return inBatches(
    networkIds,
    (batch) =>
      reader.select<SubnetPoolTables, ScopeOfNetwork>((db) =>
        db.selectFrom("subnets")
          .innerJoin("subnet_pools", "subnet_pools.id", "subnets.subnetpool_id")
          .select(["subnets.network_id", "subnets.ip_version", "subnet_pools.address_scope_id"])
          .distinct()
          .where("subnets.live", "=", LIVE)
          .where("subnets.network_id", "in", batch)
          .where("subnet_pools.address_scope_id", "!=", "")
      ),
  );
}
