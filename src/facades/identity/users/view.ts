/** A user as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { User } from "./decider.ts";

/** One user, as it stands in lists too; what was never set is left out. */
export function userView(request: IdentityRequest, { id, state }: Versioned<User>): object {
  return {
    ...state.extra,
    id,
    name: state.name,
    domain_id: state.domainId,
    enabled: state.enabled,
    ...(state.description !== null && { description: state.description }),
    ...(state.email !== null && { email: state.email }),
    ...(state.defaultProjectId !== null && { default_project_id: state.defaultProjectId }),
    password_expires_at: null,
    options: state.options,
    links: linksTo(request, `users/${id}`),
  };
}
