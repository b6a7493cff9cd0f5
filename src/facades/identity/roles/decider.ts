/** Roles: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import {
  applied,
  type Extra,
  type Options,
  refuseImmutableDelete,
  refuseImmutableUpdate,
  type WithOptions,
} from "../options.ts";

export type RoleEvent =
  | RoleCreated
  | RoleUpdated
  | RoleDeleted
  | RoleImplicationAdded
  | RoleImplicationRemoved;

export interface RoleFacts extends WithOptions {
  readonly name: string;
  /**
   * The only domain that it is for; null or absent: it is one of the whole cloud.
   *
   * A role of a domain is never in a token itself: what it implies is.
   */
  readonly domainId?: string | null;
  readonly description: string | null;
  /** Ids of the roles that whoever has this one also has. */
  readonly implies: readonly string[];
}

export interface RoleCreated {
  readonly type: "RoleCreated";
  readonly data: RoleFacts;
}

/** What may change of a role. */
export type RoleChanges = Partial<Omit<RoleFacts, "implies" | "domainId">>;

/** Carries only what changed. */
export interface RoleUpdated {
  readonly type: "RoleUpdated";
  readonly data: RoleChanges;
}

export interface RoleDeleted {
  readonly type: "RoleDeleted";
  readonly data: Record<never, never>;
}

/** From then on whoever has the role has the implied one, too. */
export interface RoleImplicationAdded {
  readonly type: "RoleImplicationAdded";
  readonly data: { readonly impliedId: string };
}

export interface RoleImplicationRemoved {
  readonly type: "RoleImplicationRemoved";
  readonly data: { readonly impliedId: string };
}

export interface Role extends RoleFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly domainId: string | null;
  readonly options: Options;
  readonly extra: Extra;
}

export const NO_ROLE: Role = {
  exists: false,
  deleted: false,
  name: "",
  domainId: null,
  description: null,
  implies: [],
  options: {},
  extra: {},
};

export function evolve(role: Role, event: Recorded<RoleEvent>): Role {
  switch (event.type) {
    case "RoleCreated":
      return { ...role, ...event.data, domainId: event.data.domainId ?? null, exists: true };
    case "RoleUpdated":
      return { ...role, ...event.data };
    case "RoleDeleted":
      return { ...NO_ROLE, deleted: true };
    case "RoleImplicationAdded":
      return { ...role, implies: [...role.implies, event.data.impliedId] };
    case "RoleImplicationRemoved":
      return { ...role, implies: role.implies.filter((id) => id !== event.data.impliedId) };
  }
}

export interface CreateRole {
  readonly type: "CreateRole";
  readonly id: string;
  readonly role: RoleFacts;
  /** Id of the role that has the name, in the same domain or in none, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a role; refuses an id or a name that is taken. */
export function createRole(command: CreateRole, role: Role): Decision<RoleCreated> {
  if (role.exists || role.deleted || command.nameTakenBy !== undefined) {
    return duplicate(command.role.name, command.role.domainId ?? null);
  }
  return [{ type: "RoleCreated", data: command.role }];
}

export interface UpdateRole {
  readonly type: "UpdateRole";
  readonly id: string;
  readonly changes: RoleChanges;
  readonly nameTakenBy?: string;
}

/** Updates a role; refuses the name of another, and anything while it is immutable. */
export function updateRole(command: UpdateRole, role: Role): Decision<RoleUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!role.exists) return roleNotFound(id);
  const refusal = refuseImmutableUpdate("role", id, role, changes);
  if (refusal) return refusal;
  if (nameTakenBy !== undefined && nameTakenBy !== id) {
    return duplicate(changes.name ?? role.name, role.domainId);
  }
  const data = newIn<RoleFacts>(applied(changes, role), role);
  return Object.keys(data).length === 0 ? [] : [{ type: "RoleUpdated", data }];
}

export interface DeleteRole {
  readonly type: "DeleteRole";
  readonly id: string;
}

/** Deletes a role unless it is immutable; what was granted of it is revoked in the same transaction. */
export function deleteRole(command: DeleteRole, role: Role): Decision<RoleDeleted> {
  if (!role.exists) return roleNotFound(command.id);
  return refuseImmutableDelete("role", command.id, role) ?? [{ type: "RoleDeleted", data: {} }];
}

export interface ImplyRole {
  readonly type: "ImplyRole";
  readonly id: string;
  readonly implied: { readonly id: string; readonly name: string; readonly isOfDomain: boolean };
}

/** Roles that no other may imply; keystone.conf, prohibited_implied_role. */
const PROHIBITED = ["admin"];

/**
 * Makes a role imply another; refuses `admin`, and a role of a domain behind one of the cloud.
 *
 * Source: keystone/assignment/core.py, create_implied_role.
 */
export function implyRole({ id, implied }: ImplyRole, role: Role): Decision<RoleImplicationAdded> {
  if (!role.exists) return roleNotFound(id);
  if (PROHIBITED.includes(implied.name) || (role.domainId === null && implied.isOfDomain)) {
    return reject("Forbidden", `${implied.id} cannot be an implied roles.`);
  }
  if (role.implies.includes(implied.id)) {
    return reject(
      "Conflict",
      "Conflict occurred attempting to store implied_role - Duplicate entry.",
    );
  }
  return [{ type: "RoleImplicationAdded", data: { impliedId: implied.id } }];
}

export interface StopImplyingRole {
  readonly type: "StopImplyingRole";
  readonly id: string;
  readonly impliedId: string;
}

/** Takes an implied role away; refuses one that is not implied. */
export function stopImplyingRole(
  { id, impliedId }: StopImplyingRole,
  role: Role,
): Decision<RoleImplicationRemoved> {
  if (!role.exists) return roleNotFound(id);
  if (!role.implies.includes(impliedId)) return notImplied(id, impliedId);
  return [{ type: "RoleImplicationRemoved", data: { impliedId } }];
}

/** The one does not imply the other. */
export function notImplied(id: string, impliedId: string) {
  return reject("NotFound", `${id} does not imply ${impliedId}.`);
}

/** There is no role of this id. */
export function roleNotFound(id: string) {
  return reject("NotFound", `Could not find role: ${id}.`);
}

function duplicate(name: string, domainId: string | null) {
  const place = domainId === null ? "" : ` at domain ID ${domainId}`;
  return reject(
    "Conflict",
    `Conflict occurred attempting to store role - Duplicate entry found with name ${name}${place}.`,
  );
}
