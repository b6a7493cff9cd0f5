/** Routers as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import { evolve, NO_ROUTER, type Router, type RouterEvent } from "./decider.ts";

interface RouterColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  admin_state_up: 0 | 1;
  gateway_network_id: string;
  distributed: 0 | 1;
  ha: 0 | 1;
  tags: string;
}

/** How many routers a project has. */
export const routerCounts = new ProjectCounts("router_counts");

/** Routers: stream `router-<id>`, tables `routers` and `router_counts`. */
export const routers: Aggregate<Router, RouterEvent> = {
  category: "router",
  eventTypes: { RouterCreated: [], RouterUpdated: [], RouterGatewaySet: [], RouterDeleted: [] },
  initialState: NO_ROUTER,
  evolve,
  projection: stateTable<Router, RouterColumns>({
    name: "routers",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      admin_state_up: "integer",
      gateway_network_id: "text",
      distributed: "integer",
      ha: "integer",
      tags: "text",
    },
    indexes: [
      { name: "routers_live_by_project", columns: ["project_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      admin_state_up: state.adminStateUp ? 1 : 0,
      gateway_network_id: state.gateway?.networkId ?? "",
      distributed: state.isDistributed ? 1 : 0,
      ha: state.isHighlyAvailable ? 1 : 0,
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [routerCounts.tally.table],
      create: (tx) => routerCounts.tally.create(tx),
      write: (tx, before, after) => routerCounts.write(tx, before, after),
    },
  }),
};
