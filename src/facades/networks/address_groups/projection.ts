/** Address groups as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { type AddressGroup, type AddressGroupEvent, evolve, NO_ADDRESS_GROUP } from "./decider.ts";

interface AddressGroupColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
}

/** Address groups: stream `address_group-<id>`, table `address_groups`. */
export const addressGroups: Aggregate<AddressGroup, AddressGroupEvent> = {
  category: "address_group",
  eventTypes: {
    AddressGroupCreated: [],
    AddressGroupUpdated: [],
    AddressGroupAddressesAdded: [],
    AddressGroupAddressesRemoved: [],
    AddressGroupDeleted: [],
  },
  initialState: NO_ADDRESS_GROUP,
  evolve,
  projection: stateTable<AddressGroup, AddressGroupColumns>({
    name: "address_groups",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
    },
    indexes: [
      { name: "address_groups_live_by_project", columns: ["project_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
    }),
  }),
};
