/** An endpoint as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { addressOf } from "../catalog/catalog.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Endpoint } from "./decider.ts";

/** One endpoint, as it stands in lists too. */
export function endpointView(request: IdentityRequest, { id, state }: Versioned<Endpoint>) {
  return {
    ...state.extra,
    id,
    interface: state.interface,
    region_id: state.regionId,
    region: state.regionId,
    service_id: state.serviceId,
    url: addressOf(state, request.origin),
    enabled: state.enabled,
    links: linksTo(request, `endpoints/${id}`),
  };
}
