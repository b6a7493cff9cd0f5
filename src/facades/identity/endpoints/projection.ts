/** Endpoints of the catalog as rows. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { versionedOf } from "../rows.ts";
import { type Endpoint, type EndpointEvent, evolve, NO_ENDPOINT } from "./decider.ts";

interface EndpointColumns {
  service_id: string;
}

interface EndpointTables {
  endpoints: StateColumns & EndpointColumns;
}

/** Endpoints: stream `endpoint-<id>`, table `endpoints`. */
export const endpoints: Aggregate<Endpoint, EndpointEvent> = {
  category: "endpoint",
  eventTypes: {
    EndpointCreated: [],
    EndpointUpdated: [],
    EndpointDeleted: [],
  },
  initialState: NO_ENDPOINT,
  evolve,
  projection: stateTable<Endpoint, EndpointColumns>({
    name: "endpoints",
    version: 1,
    columns: { service_id: "text" },
    row: ({ state }) => ({ service_id: state.serviceId }),
  }),
};

const all = queriesOn<EndpointTables>().prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("endpoints").select(["id", "version", "state"]).orderBy("service_id").orderBy("id")
);

/** Every endpoint that something was done to, deleted ones too: there are few. */
export async function endpointRows(reader: Reader): Promise<readonly Versioned<Endpoint>[]> {
  return (await reader.all(all, {})).map((row) => versionedOf<Endpoint>(row));
}
