/** Which endpoints a project is kept to. Source: keystone/catalog/core.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import type { EndpointFilters } from "../endpoint_groups/decider.ts";
import { endpointGroupsOf } from "../endpoint_groups/projection.ts";
import type { Endpoint } from "../endpoints/decider.ts";
import { memberIdsOf } from "./decider.ts";
import { endpointFilterOf } from "./projection.ts";

/** The endpoints that have all that a group asks for. */
export function endpointsWithin(
  filters: EndpointFilters,
  all: readonly Versioned<Endpoint>[],
): readonly Versioned<Endpoint>[] {
  return all.filter(({ state: { serviceId, regionId, interface: side } }) =>
    Object.entries({ service_id: serviceId, region_id: regionId, interface: side })
      .every(([name, value]) =>
        !Object.hasOwn(filters, name) || filters[name as keyof EndpointFilters] === value
      )
  );
}

/** The endpoints of all that a project is kept to, of itself or by a group; none: to nothing. */
export async function endpointsForProject(
  reader: Reader,
  all: readonly Versioned<Endpoint>[],
  projectId: string,
): Promise<readonly Versioned<Endpoint>[]> {
  const filter = await endpointFilterOf(reader, projectId);
  const groups = await endpointGroupsOf(reader, memberIdsOf(filter, "endpoint_group"));
  const ids = new Set([
    ...memberIdsOf(filter, "endpoint"),
    ...groups.flatMap(({ state }) => endpointsWithin(state.filters, all).map(({ id }) => id)),
  ]);
  return all.filter(({ id }) => ids.has(id));
}
