/** Groups of endpoints as rows, and the queries behind their GETs. */
import { sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { EVERYTHING } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import {
  type EndpointGroup,
  type EndpointGroupEvent,
  evolve,
  NO_ENDPOINT_GROUP,
} from "./decider.ts";

interface EndpointGroupColumns {
  alive: number;
  name: string;
}

/** Groups: stream `endpoint_group-<id>`, table `endpoint_groups`. */
export const endpointGroups: Aggregate<EndpointGroup, EndpointGroupEvent> = {
  category: "endpoint_group",
  eventTypes: { EndpointGroupCreated: [], EndpointGroupUpdated: [], EndpointGroupDeleted: [] },
  initialState: NO_ENDPOINT_GROUP,
  evolve,
  projection: stateTable<EndpointGroup, EndpointGroupColumns>({
    name: "endpoint_groups",
    version: 1,
    columns: { alive: "integer", name: "nocase" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0, name: state.name }),
  }),
};

/** One group; undefined when there is none of this id. */
export async function findEndpointGroup(
  reader: Reader,
  id: string,
): Promise<Versioned<EndpointGroup> | undefined> {
  return existing(await endpointGroups.projection.load(reader, id));
}

/** The groups of these ids, by name. */
export async function endpointGroupsOf(
  reader: Reader,
  ids: readonly string[],
): Promise<readonly Versioned<EndpointGroup>[]> {
  if (ids.length === 0) return [];
  const where = sql<SqlBool>`id in (${sql.join(ids)})`;
  return await listStates(reader, "endpoint_groups", EVERYTHING, { by: "name", where });
}
