/** An application credential as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Role } from "../roles/decider.ts";
import type { ApplicationCredential } from "./decider.ts";

/** One credential, as it stands in lists too; never with its secret. */
export function credentialView(
  request: IdentityRequest,
  { id, state }: Versioned<ApplicationCredential>,
  roles: ReadonlyMap<string, Role>,
): object {
  return {
    id,
    name: state.name,
    description: state.description,
    user_id: state.userId,
    project_id: state.projectId,
    roles: state.roleIds.filter((roleId) => roles.has(roleId))
      .map((roleId) => ({ id: roleId, name: roles.get(roleId)!.name, domain_id: null })),
    // Without a zone, as Keystone writes this one.
    expires_at: state.expiresAt?.replace("Z", "") ?? null,
    unrestricted: state.unrestricted,
    ...(state.accessRules.length > 0 && { access_rules: state.accessRules }),
    links: linksTo(request, `users/${state.userId}/application_credentials/${id}`),
  };
}
