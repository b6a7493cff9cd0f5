/** Grants of roles, whoever has them: pure. */
import { reject } from "../../../eventsourcing/decider.ts";

/** What a role is granted on. */
export interface GrantTarget {
  readonly on: "project" | "domain" | "system";
  /** Of the project or domain; `all` for the system. */
  readonly id: string;
  /** The projects below it, at whatever depth, and not it itself; absent: it itself. */
  readonly inherited?: true;
}

export interface Grant {
  readonly roleId: string;
  readonly target: GrantTarget;
}

/** Some targets of one kind: themselves, and what is below them. */
export interface AssignmentTarget {
  readonly on: GrantTarget["on"];
  readonly ids: readonly string[];
}

/** A user or a group, as far as grants go. */
export interface Grantee {
  readonly grants: readonly Grant[];
}

/** Whether the role is granted there already. */
export function hasGrant({ grants }: Grantee, grant: Grant): boolean {
  return grants.some((one) => sameGrant(one, grant));
}

/** The grants without one of them. */
export function withoutGrant({ grants }: Grantee, grant: Grant): readonly Grant[] {
  return grants.filter((one) => !sameGrant(one, grant));
}

/** Ids of the roles granted on a target itself, implied ones not included. */
export function rolesOn({ grants }: Grantee, target: GrantTarget): readonly string[] {
  return grants.filter((grant) => sameTarget(grant.target, target)).map(({ roleId }) => roleId);
}

/** Ids of all that some role is granted on itself, of one kind. */
export function targetsOf({ grants }: Grantee, on: GrantTarget["on"]): readonly string[] {
  const ids = grants.filter(({ target }) => target.on === on && !target.inherited)
    .map(({ target }) => target.id);
  return [...new Set(ids)];
}

/** Whether any grant is one on what is below its target. */
export function inheritsAny({ grants }: Grantee): boolean {
  return grants.some(({ target }) => target.inherited);
}

/** The role is not granted to the user or group there. */
export function grantNotFound(granteeId: string, { roleId, target }: Grant) {
  return reject(
    "NotFound",
    `Could not find role assignment with role: ${roleId}, user or group: ${granteeId}, project, ` +
      `domain, or system: ${target.on === "system" ? "system" : target.id}.`,
  );
}

function sameGrant(one: Grant, other: Grant): boolean {
  return one.roleId === other.roleId && sameTarget(one.target, other.target);
}

function sameTarget(one: GrantTarget, other: GrantTarget): boolean {
  return one.on === other.on && one.id === other.id && !one.inherited === !other.inherited;
}
