/** What a user has of itself and of its groups. */
import type { Reader } from "../../../store/query.ts";
import { listGroupAssignments } from "../groups/projection.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import type { User } from "../users/decider.ts";
import { type Grant, type GrantTarget, rolesOn } from "./grant.ts";

export interface NamedRole {
  readonly id: string;
  readonly name: string;
}

/** The grants of a user and of the groups it is in. */
export async function allGrantsOf(
  reader: Reader,
  { grants, groupIds }: User,
): Promise<readonly Grant[]> {
  const ofGroups = await listGroupAssignments(reader, { groupIds });
  return [...grants, ...ofGroups.map(({ roleId, target }) => ({ roleId, target }))];
}

/**
 * The roles a user has on a target, implied ones included.
 *
 * Roles of a single domain are there for what they imply, and are none of these.
 */
export async function effectiveRoles(
  reader: Reader,
  user: User,
  target: GrantTarget,
): Promise<readonly NamedRole[]> {
  const known = await rolesById(reader);
  const granted = rolesOn({ grants: await allGrantsOf(reader, user) }, target);
  return [...withImplied(granted, known)]
    .filter((id) => known.get(id)!.domainId === null)
    .map((id) => ({ id, name: known.get(id)!.name }));
}
