/** Subnets as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { inBatches, LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import { evolve, NO_SUBNET, type Subnet, type SubnetEvent } from "./decider.ts";

interface SubnetColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  network_id: string;
  ip_version: number;
  cidr: string;
  gateway_ip: string;
  enable_dhcp: 0 | 1;
  ipv6_ra_mode: string;
  ipv6_address_mode: string;
  subnetpool_id: string;
  tags: string;
}

export interface SubnetTables {
  subnets: StateColumns & SubnetColumns;
}

/** How many subnets a project has. */
export const subnetCounts = new ProjectCounts("subnet_counts");

/** Subnets: stream `subnet-<id>`, tables `subnets` and `subnet_counts`. */
export const subnets: Aggregate<Subnet, SubnetEvent> = {
  category: "subnet",
  eventTypes: {
    SubnetCreated: [],
    SubnetUpdated: [],
    SubnetDeleted: [],
  },
  initialState: NO_SUBNET,
  evolve,
  projection: stateTable<Subnet, SubnetColumns>({
    name: "subnets",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      network_id: "text",
      ip_version: "integer",
      cidr: "text",
      gateway_ip: "text",
      enable_dhcp: "integer",
      ipv6_ra_mode: "text",
      ipv6_address_mode: "text",
      subnetpool_id: "text",
      tags: "text",
    },
    indexes: [
      { name: "subnets_live_by_network", columns: ["network_id", "number"], where: "live = 1" },
      { name: "subnets_live_by_project", columns: ["project_id"], where: "live = 1" },
      {
        name: "subnets_live_by_pool",
        columns: ["subnetpool_id"],
        where: "live = 1 and subnetpool_id <> ''",
      },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      network_id: state.networkId,
      ip_version: state.ipVersion,
      cidr: state.cidr,
      gateway_ip: state.gatewayIp ?? "",
      enable_dhcp: state.enableDhcp ? 1 : 0,
      ipv6_ra_mode: state.ipv6RaMode ?? "",
      ipv6_address_mode: state.ipv6AddressMode ?? "",
      subnetpool_id: state.subnetPoolId ?? "",
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [subnetCounts.tally.table],
      create: (tx) => subnetCounts.tally.create(tx),
      write: (tx, before, after) => subnetCounts.write(tx, before, after),
    },
  }),
};

/** One subnet; undefined when there is none of this id. */
export async function findSubnet(
  reader: Reader,
  id: string,
): Promise<Versioned<Subnet> | undefined> {
  const found = await subnets.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

const byNetwork = queriesOn<SubnetTables>()
  .prepare<{ networkId: string }, StateColumns>((db, p) =>
    db.selectFrom("subnets").select(["id", "version", "state"])
      .where("network_id", "=", p("networkId")).where("live", "=", LIVE).orderBy("number")
  );

/** The subnets of one network, in the order in which they were made. */
export async function subnetsOf(
  reader: Reader,
  networkId: string,
): Promise<readonly Versioned<Subnet>[]> {
  const rows = await reader.all(byNetwork, { networkId });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** The ids of the subnets of several networks, by network. */
export async function subnetIdsOf(
  reader: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await inBatches(
    networkIds,
    (batch) =>
      reader.select<SubnetTables, { id: string; network_id: string }>((db) =>
        db.selectFrom("subnets").select(["id", "network_id"])
          .where("live", "=", LIVE).where("network_id", "in", batch).orderBy("number")
      ),
  );
  const ids = new Map<string, string[]>();
  for (const row of rows) {
    const known = ids.get(row.network_id);
    if (known) known.push(row.id);
    else ids.set(row.network_id, [row.id]);
  }
  return ids;
}

/** The subnets of several networks, in the order in which they were made. */
export async function subnetsOfNetworks(
  reader: Reader,
  networkIds: readonly string[],
): Promise<readonly Versioned<Subnet>[]> {
  const rows = await inBatches(
    networkIds,
    (batch) =>
      reader.select<SubnetTables, StateColumns>((db) =>
        db.selectFrom("subnets").select(["id", "version", "state"])
          .where("live", "=", LIVE).where("network_id", "in", batch).orderBy("number")
      ),
  );
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}
