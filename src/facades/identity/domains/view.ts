/** A domain as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Domain } from "./decider.ts";

/** One domain, as it stands in lists too. */
export function domainView(request: IdentityRequest, { id, state }: Versioned<Domain>): object {
  return {
    ...state.extra,
    id,
    name: state.name,
    description: state.description,
    enabled: state.enabled,
    tags: state.tags,
    options: state.options,
    links: linksTo(request, `domains/${id}`),
  };
}
