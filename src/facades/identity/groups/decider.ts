/**
 * Groups of users: what can happen to one, what is true of it, and what may be done to it.
 *
 * Who is in one stands with the users, so that a user's row tells all that a token needs.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import { type Grant, grantNotFound, hasGrant, withoutGrant } from "../grants/grant.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type GroupEvent =
  | GroupCreated
  | GroupUpdated
  | GroupDeleted
  | GroupRoleGranted
  | GroupRoleRevoked;

export interface GroupFacts extends Pick<WithOptions, "extra"> {
  readonly name: string;
  readonly domainId: string;
  readonly description: string | null;
}

export interface GroupCreated {
  readonly type: "GroupCreated";
  readonly data: GroupFacts;
}

/** What may change of a group. */
export type GroupChanges = Partial<Omit<GroupFacts, "domainId">>;

/** Carries only what changed. */
export interface GroupUpdated {
  readonly type: "GroupUpdated";
  readonly data: GroupChanges;
}

export interface GroupDeleted {
  readonly type: "GroupDeleted";
  readonly data: Record<never, never>;
}

export interface GroupRoleGranted {
  readonly type: "GroupRoleGranted";
  readonly data: Grant;
}

export interface GroupRoleRevoked {
  readonly type: "GroupRoleRevoked";
  readonly data: Grant;
}

export interface Group extends GroupFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly extra: Extra;
  /** What each of its members has. */
  readonly grants: readonly Grant[];
}

export const NO_GROUP: Group = {
  exists: false,
  deleted: false,
  name: "",
  domainId: "",
  description: null,
  extra: {},
  grants: [],
};

export function evolve(group: Group, event: Recorded<GroupEvent>): Group {
  switch (event.type) {
    case "GroupCreated":
      return { ...group, ...event.data, exists: true };
    case "GroupUpdated":
      return { ...group, ...event.data };
    case "GroupDeleted":
      return { ...NO_GROUP, deleted: true };
    case "GroupRoleGranted":
      return { ...group, grants: [...group.grants, event.data] };
    case "GroupRoleRevoked":
      return { ...group, grants: withoutGrant(group, event.data) };
  }
}

export interface CreateGroup {
  readonly type: "CreateGroup";
  readonly id: string;
  readonly group: GroupFacts;
  /** Id of the group in the domain that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a group; refuses an id, or a name within its domain, that is taken. */
export function createGroup(command: CreateGroup, group: Group): Decision<GroupCreated> {
  if (group.exists || group.deleted || command.nameTakenBy !== undefined) {
    return duplicate(command.group.name, command.group.domainId);
  }
  return [{ type: "GroupCreated", data: command.group }];
}

export interface UpdateGroup {
  readonly type: "UpdateGroup";
  readonly id: string;
  readonly changes: GroupChanges;
  readonly nameTakenBy?: string;
}

/** Updates a group; refuses the name of another of its domain. */
export function updateGroup(command: UpdateGroup, group: Group): Decision<GroupUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!group.exists) return groupNotFound(id);
  if (nameTakenBy !== undefined && nameTakenBy !== id) {
    return duplicate(changes.name ?? group.name, group.domainId);
  }
  const data = newIn<GroupFacts>(applied(changes, group), group);
  return Object.keys(data).length === 0 ? [] : [{ type: "GroupUpdated", data }];
}

export interface DeleteGroup {
  readonly type: "DeleteGroup";
  readonly id: string;
}

/** Deletes a group, and with it its grants; its members leave it in the same transaction. */
export function deleteGroup(command: DeleteGroup, group: Group): Decision<GroupDeleted> {
  return group.exists ? [{ type: "GroupDeleted", data: {} }] : groupNotFound(command.id);
}

export interface GrantRoleToGroup {
  readonly type: "GrantRoleToGroup";
  readonly id: string;
  readonly grant: Grant;
}

/** Grants a role to all members; one that is granted already changes nothing. */
export function grantRoleToGroup(
  { id, grant }: GrantRoleToGroup,
  group: Group,
): Decision<GroupRoleGranted> {
  if (!group.exists) return groupNotFound(id);
  return hasGrant(group, grant) ? [] : [{ type: "GroupRoleGranted", data: grant }];
}

export interface RevokeRoleFromGroup {
  readonly type: "RevokeRoleFromGroup";
  readonly id: string;
  readonly grant: Grant;
}

/** Takes a role back from a group; refuses what was not granted. */
export function revokeRoleFromGroup(
  { id, grant }: RevokeRoleFromGroup,
  group: Group,
): Decision<GroupRoleRevoked> {
  if (!hasGrant(group, grant)) return grantNotFound(id, grant);
  return [{ type: "GroupRoleRevoked", data: grant }];
}

/** There is no group of this id. */
export function groupNotFound(id: string) {
  return reject("NotFound", `Could not find group: ${id}.`);
}

function duplicate(name: string, domainId: string) {
  return reject(
    "Conflict",
    `Conflict occurred attempting to store group - Duplicate entry found with name ${name} at ` +
      `domain ID ${domainId}.`,
  );
}
