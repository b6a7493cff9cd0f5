/** Address scopes as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { type AddressScope, type AddressScopeEvent, evolve, NO_ADDRESS_SCOPE } from "./decider.ts";

interface AddressScopeColumns extends LifetimeColumns {
  name: string;
  project_id: string;
  ip_version: number;
  shared: 0 | 1;
}

/** Address scopes: stream `address_scope-<id>`, table `address_scopes`. */
export const addressScopes: Aggregate<AddressScope, AddressScopeEvent> = {
  category: "address_scope",
  eventTypes: { AddressScopeCreated: [], AddressScopeUpdated: [], AddressScopeDeleted: [] },
  initialState: NO_ADDRESS_SCOPE,
  evolve,
  projection: stateTable<AddressScope, AddressScopeColumns>({
    name: "address_scopes",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      project_id: "text",
      ip_version: "integer",
      shared: "integer",
    },
    indexes: [
      { name: "address_scopes_live_by_project", columns: ["project_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      project_id: state.projectId,
      ip_version: state.ipVersion,
      shared: state.isShared ? 1 : 0,
    }),
  }),
};
