/** What a user has of itself and of its groups, where it is granted and below. */
import type { Reader } from "../../../store/query.ts";
import { listGroupAssignments } from "../groups/projection.ts";
import type { Role } from "../roles/decider.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import type { User } from "../users/decider.ts";
import {
  type Grant,
  type Grantee,
  type GrantTarget,
  inheritsAny,
  rolesOn,
  targetsOf,
} from "./grant.ts";
import { projectsBelow, targetsAbove } from "./inheritance.ts";

export interface NamedRole {
  readonly id: string;
  readonly name: string;
}

/** The grants of a user and of the groups it is in. */
async function allGrantsOf(reader: Reader, { grants, groupIds }: User): Promise<readonly Grant[]> {
  const ofGroups = await listGroupAssignments(reader, { groupIds });
  return [...grants, ...ofGroups.map(({ roleId, target }) => ({ roleId, target }))];
}

/** Ids of all of one kind that a user has a role on, of itself, of its groups, or from above. */
export async function targetsFor(
  reader: Reader,
  user: User,
  on: GrantTarget["on"],
): Promise<readonly string[]> {
  const grantee = { grants: await allGrantsOf(reader, user) };
  const own = targetsOf(grantee, on);
  if (on !== "project" || !inheritsAny(grantee)) return own;
  const below: string[] = [];
  for (const { target } of grantee.grants) {
    if (target.inherited) below.push(...await projectsBelow(reader, target));
  }
  return [...new Set([...own, ...below])];
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
  return [...await effectiveRoleIds(reader, user, target, known)]
    .filter((id) => known.get(id)!.domainId === null)
    .map((id) => ({ id, name: known.get(id)!.name }));
}

/** The same as ids, with the roles of single domains. */
export async function effectiveRoleIds(
  reader: Reader,
  user: User,
  target: GrantTarget,
  known: ReadonlyMap<string, Role>,
): Promise<ReadonlySet<string>> {
  const grantee = { grants: await allGrantsOf(reader, user) };
  const granted = [...rolesOn(grantee, target), ...await inheritedRoles(reader, grantee, target)];
  return withImplied(granted, known);
}

async function inheritedRoles(
  reader: Reader,
  grantee: Grantee,
  target: GrantTarget,
): Promise<readonly string[]> {
  if (target.on !== "project" || !inheritsAny(grantee)) return [];
  const above = await targetsAbove(reader, target.id);
  return above.flatMap((one) => rolesOn(grantee, one));
}
