/** Registered limits as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { equalTo, type ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import {
  evolve,
  type LimitedResource,
  NO_REGISTERED_LIMIT,
  type RegisteredLimit,
  type RegisteredLimitEvent,
} from "./decider.ts";

interface RegisteredLimitColumns {
  alive: number;
  service_id: string;
  region_id: string | null;
  resource_name: string;
}

/** Registered limits: stream `registered_limit-<id>`, table `registered_limits`. */
export const registeredLimits: Aggregate<RegisteredLimit, RegisteredLimitEvent> = {
  category: "registered_limit",
  eventTypes: {
    RegisteredLimitCreated: [],
    RegisteredLimitUpdated: [],
    RegisteredLimitDeleted: [],
  },
  initialState: NO_REGISTERED_LIMIT,
  evolve,
  projection: stateTable<RegisteredLimit, RegisteredLimitColumns>({
    name: "registered_limits",
    version: 1,
    columns: {
      alive: "integer",
      service_id: "text",
      region_id: "text",
      resource_name: "nocase",
    },
    indexes: [{
      name: "registered_limits_by_resource",
      columns: ["service_id", "resource_name"],
    }],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      service_id: state.serviceId,
      region_id: state.regionId,
      resource_name: state.resourceName,
    }),
  }),
};

/** One registered limit; undefined when there is none of this id. */
export async function findRegisteredLimit(
  reader: Reader,
  id: string,
): Promise<Versioned<RegisteredLimit> | undefined> {
  return existing(await registeredLimits.projection.load(reader, id));
}

/** The registered limits a query selects, by resource. */
export async function listRegisteredLimits(
  reader: Reader,
  query: ListQuery,
): Promise<readonly Versioned<RegisteredLimit>[]> {
  return await listStates(reader, "registered_limits", query, { by: "resource_name" });
}

/** The registered limit of a resource, in exactly this region or in none. */
export async function registeredLimitOf(
  reader: Reader,
  { serviceId, regionId, resourceName }: LimitedResource,
): Promise<Versioned<RegisteredLimit> | undefined> {
  const matches = equalTo({ service_id: serviceId, resource_name: resourceName });
  return (await listRegisteredLimits(reader, { matches }))
    .find(({ state }) => state.regionId === regionId);
}
