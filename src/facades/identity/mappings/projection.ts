/** Mappings as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { evolve, type Mapping, type MappingEvent, NO_MAPPING } from "./decider.ts";

interface MappingColumns {
  alive: number;
}

/** Mappings: stream `mapping-<id>`, table `mappings`. */
export const mappings: Aggregate<Mapping, MappingEvent> = {
  category: "mapping",
  eventTypes: { MappingCreated: [], MappingUpdated: [], MappingDeleted: [] },
  initialState: NO_MAPPING,
  evolve,
  projection: stateTable<Mapping, MappingColumns>({
    name: "mappings",
    version: 1,
    columns: { alive: "integer" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0 }),
  }),
};
