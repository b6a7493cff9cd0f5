/** A group as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Group } from "./decider.ts";

/** One group, as it stands in lists too. */
export function groupView(request: IdentityRequest, { id, state }: Versioned<Group>) {
  return {
    ...state.extra,
    id,
    name: state.name,
    domain_id: state.domainId,
    description: state.description,
    links: linksTo(request, `groups/${id}`),
  };
}

/** The same among the groups of a user; nobody is in one for a time only. */
export function membershipView(request: IdentityRequest, group: Versioned<Group>) {
  return { ...groupView(request, group), membership_expires_at: null };
}
