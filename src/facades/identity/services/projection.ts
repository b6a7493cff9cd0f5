/** Services of the catalog as rows. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { versionedOf } from "../rows.ts";
import { type CatalogServiceEvent, evolve, NO_SERVICE, type Service } from "./decider.ts";

interface ServiceColumns {
  name: string;
}

interface ServiceTables {
  catalog_services: StateColumns & ServiceColumns;
}

/** Services: stream `catalog_service-<id>`, table `catalog_services`. */
export const catalogServices: Aggregate<Service, CatalogServiceEvent> = {
  category: "catalog_service",
  eventTypes: {
    CatalogServiceCreated: [],
    CatalogServiceUpdated: [],
    CatalogServiceDeleted: [],
  },
  initialState: NO_SERVICE,
  evolve,
  projection: stateTable<Service, ServiceColumns>({
    name: "catalog_services",
    version: 1,
    columns: { name: "nocase" },
    row: ({ state }) => ({ name: state.name }),
  }),
};

const all = queriesOn<ServiceTables>().prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("catalog_services").select(["id", "version", "state"]).orderBy("name").orderBy("id")
);

/** Every service that something was done to, deleted ones too, by name: there are few. */
export async function serviceRows(reader: Reader): Promise<readonly Versioned<Service>[]> {
  return (await reader.all(all, {})).map((row) => versionedOf<Service>(row));
}
