/** A trust as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Role } from "../roles/decider.ts";
import { roleView } from "../roles/view.ts";
import type { Trust } from "./decider.ts";

/** One trust, as it stands in lists: without its roles. */
export function trustView(request: IdentityRequest, { id, state }: Versioned<Trust>): object {
  return {
    ...state.extra,
    id,
    trustor_user_id: state.trustorId,
    trustee_user_id: state.trusteeId,
    project_id: state.projectId,
    impersonation: state.impersonation,
    expires_at: state.expiresAt,
    remaining_uses: state.remainingUses,
    deleted_at: null,
    redelegated_trust_id: state.redelegatedFrom?.trustId ?? null,
    redelegation_count: state.redelegationCount,
    links: linksTo(request, `OS-TRUST/trusts/${id}`),
  };
}

/** One trust by itself. */
export function wholeTrustView(
  request: IdentityRequest,
  trust: Versioned<Trust>,
  roles: ReadonlyMap<string, Role>,
): object {
  return {
    ...trustView(request, trust),
    roles: rolesOfTrust(request, trust, roles),
    roles_links: rolesLinks(request, trust),
  };
}

/** The roles of a trust that are still there. */
export function rolesOfTrust(
  request: IdentityRequest,
  { state }: Versioned<Trust>,
  roles: ReadonlyMap<string, Role>,
) {
  return state.roleIds.filter((id) => roles.has(id))
    .map((id) => roleView(request, { id, version: 0, state: roles.get(id)! }));
}

/** The links of the list of a trust's roles. */
export function rolesLinks(request: IdentityRequest, { id }: Versioned<Trust>): object {
  return { ...linksTo(request, `OS-TRUST/trusts/${id}/roles`), next: null, previous: null };
}
