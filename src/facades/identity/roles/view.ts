/** A role as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Role } from "./decider.ts";

/** One role, as it stands in lists too. */
export function roleView(request: IdentityRequest, { id, state }: Versioned<Role>) {
  return {
    ...state.extra,
    id,
    name: state.name,
    domain_id: state.domainId,
    description: state.description,
    options: state.options,
    links: linksTo(request, `roles/${id}`),
  };
}
