/** Networks as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import { evolve, type Network, type NetworkEvent, NO_NETWORK } from "./decider.ts";

interface NetworkColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  admin_state_up: 0 | 1;
  shared: 0 | 1;
  external: 0 | 1;
  port_security_enabled: 0 | 1;
  mtu: number;
  tags: string;
}

export interface NetworkTables {
  networks: StateColumns & NetworkColumns;
}

/** How many networks a project has. */
export const networkCounts = new ProjectCounts("network_counts");

/** Networks: stream `network-<id>`, tables `networks` and `network_counts`. */
export const networks: Aggregate<Network, NetworkEvent> = {
  category: "network",
  eventTypes: {
    NetworkCreated: [],
    NetworkUpdated: [],
    NetworkDeleted: [],
  },
  initialState: NO_NETWORK,
  evolve,
  projection: stateTable<Network, NetworkColumns>({
    name: "networks",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      admin_state_up: "integer",
      shared: "integer",
      external: "integer",
      port_security_enabled: "integer",
      mtu: "integer",
      tags: "text",
    },
    indexes: [
      { name: "networks_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "networks_live_by_name", columns: ["name"], where: "live = 1" },
      { name: "networks_shared", columns: ["id"], where: "live = 1 and shared = 1" },
      { name: "networks_external", columns: ["id"], where: "live = 1 and external = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      admin_state_up: state.adminStateUp ? 1 : 0,
      shared: state.isShared ? 1 : 0,
      external: state.isExternal ? 1 : 0,
      port_security_enabled: state.portSecurityEnabled ? 1 : 0,
      mtu: state.mtu,
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [networkCounts.tally.table],
      create: (tx) => networkCounts.tally.create(tx),
      write: (tx, before, after) => networkCounts.write(tx, before, after),
    },
  }),
};

/** One network; undefined when there is none of this id. */
export async function findNetwork(
  reader: Reader,
  id: string,
): Promise<Versioned<Network> | undefined> {
  const found = await networks.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

const usableBy = queriesOn<NetworkTables>()
  .prepare<{ projectId: string }, { id: string; name: string }>((db, p) =>
    db.selectFrom("networks").select(["id", "name"])
      .where("live", "=", LIVE)
      .where((eb) => eb.or([eb("project_id", "=", p("projectId")), eb("shared", "=", 1)]))
      .orderBy("number")
  );

/** Networks that servers of a project may be put on, in the order in which they were made. */
export function networksUsableBy(
  reader: Reader,
  projectId: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return reader.all(usableBy, { projectId });
}
