/** Roles: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type RoleEvent = RoleCreated | RoleUpdated | RoleDeleted;

export interface RoleFacts {
  readonly name: string;
  readonly description: string | null;
  /** Ids of the roles that whoever has this one also has. */
  readonly implies: readonly string[];
}

export interface RoleCreated {
  readonly type: "RoleCreated";
  readonly data: RoleFacts;
}

/** What may change of a role. */
export type RoleChanges = Partial<Omit<RoleFacts, "implies">>;

/** Carries only what changed. */
export interface RoleUpdated {
  readonly type: "RoleUpdated";
  readonly data: RoleChanges;
}

export interface RoleDeleted {
  readonly type: "RoleDeleted";
  readonly data: Record<never, never>;
}

export interface Role extends RoleFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
}

export const NO_ROLE: Role = {
  exists: false,
  deleted: false,
  name: "",
  description: null,
  implies: [],
};

export function evolve(role: Role, event: Recorded<RoleEvent>): Role {
  switch (event.type) {
    case "RoleCreated":
      return { ...role, ...event.data, exists: true };
    case "RoleUpdated":
      return { ...role, ...event.data };
    case "RoleDeleted":
      return { ...NO_ROLE, deleted: true };
  }
}

export interface CreateRole {
  readonly type: "CreateRole";
  readonly id: string;
  readonly role: RoleFacts;
  /** Id of the role that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a role; refuses an id or a name that is taken. */
export function createRole(command: CreateRole, role: Role): Decision<RoleCreated> {
  if (role.exists || role.deleted || command.nameTakenBy !== undefined) {
    return duplicate(command.role.name);
  }
  return [{ type: "RoleCreated", data: command.role }];
}

export interface UpdateRole {
  readonly type: "UpdateRole";
  readonly id: string;
  readonly changes: RoleChanges;
  readonly nameTakenBy?: string;
}

/** Updates a role; refuses the name of another. */
export function updateRole(command: UpdateRole, role: Role): Decision<RoleUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!role.exists) return roleNotFound(id);
  if (nameTakenBy !== undefined && nameTakenBy !== id) return duplicate(changes.name ?? role.name);
  const data = newIn<RoleFacts>(changes, role);
  return Object.keys(data).length === 0 ? [] : [{ type: "RoleUpdated", data }];
}

export interface DeleteRole {
  readonly type: "DeleteRole";
  readonly id: string;
}

/** Deletes a role; what was granted of it is revoked in the same transaction. */
export function deleteRole(command: DeleteRole, role: Role): Decision<RoleDeleted> {
  if (!role.exists) return roleNotFound(command.id);
  return [{ type: "RoleDeleted", data: {} }];
}

/** There is no role of this id. */
export function roleNotFound(id: string) {
  return reject("NotFound", `Could not find role: ${id}.`);
}

function duplicate(name: string) {
  return reject(
    "Conflict",
    `Conflict occurred attempting to store role - Duplicate entry found with name ${name}.`,
  );
}
