/**
 * Users: what can happen to one, what is true of it, and what may be done to it.
 *
 * Their grants and the tokens they have given up stand on their stream too, so that one row
 * answers what a token is worth.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import { type Grant, grantNotFound, hasGrant, withoutGrant } from "../grants/grant.ts";
import { applied, type Extra, type Options, type WithOptions } from "../options.ts";

export type UserEvent =
  | UserCreated
  | UserUpdated
  | UserPasswordChanged
  | UserDeleted
  | RoleGranted
  | RoleRevoked
  | UserAddedToGroup
  | UserRemovedFromGroup
  | TokenRevoked;

export interface UserFacts extends WithOptions {
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
  readonly description: string | null;
  readonly email: string | null;
  readonly defaultProjectId: string | null;
}

export interface UserCreated {
  readonly type: "UserCreated";
  /** `passwordHash` as `hashPassword` makes it; null for a user who cannot log in with one. */
  readonly data: UserFacts & { readonly passwordHash: string | null };
}

/** What may change of a user, besides the password. */
export type UserChanges = Partial<Omit<UserFacts, "domainId">>;

/** Carries only what changed. */
export interface UserUpdated {
  readonly type: "UserUpdated";
  readonly data: UserChanges;
}

export interface UserPasswordChanged {
  readonly type: "UserPasswordChanged";
  readonly data: { readonly passwordHash: string | null };
}

export interface UserDeleted {
  readonly type: "UserDeleted";
  readonly data: Record<never, never>;
}

export interface RoleGranted {
  readonly type: "RoleGranted";
  readonly data: Grant;
}

export interface RoleRevoked {
  readonly type: "RoleRevoked";
  readonly data: Grant;
}

export interface UserAddedToGroup {
  readonly type: "UserAddedToGroup";
  readonly data: { readonly groupId: string };
}

export interface UserRemovedFromGroup {
  readonly type: "UserRemovedFromGroup";
  readonly data: {
    readonly groupId: string;
    /** Whether all of the user's tokens become void. */
    readonly endsTokens: boolean;
  };
}

export interface TokenRevoked {
  readonly type: "TokenRevoked";
  readonly data: RevokedToken;
}

export interface RevokedToken {
  /** The token's own audit id: the first of its `audit_ids`. */
  readonly auditId: string;
  /** UTC, `2026-01-02T03:04:05.678901Z`: afterwards it is of no use anyway. */
  readonly expiresAt: string;
}

export interface User extends UserFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly passwordHash: string | null;
  /** Raised when all tokens become void; a token says in which generation it was issued. */
  readonly tokenGeneration: number;
  /** Its own, not those of its groups. */
  readonly grants: readonly Grant[];
  readonly groupIds: readonly string[];
  readonly options: Options;
  readonly extra: Extra;
  /** Revoked one by one, and not known to have expired. */
  readonly revokedTokens: readonly RevokedToken[];
}

export const NO_USER: User = {
  exists: false,
  deleted: false,
  name: "",
  domainId: "",
  enabled: false,
  description: null,
  email: null,
  defaultProjectId: null,
  passwordHash: null,
  tokenGeneration: 0,
  grants: [],
  groupIds: [],
  options: {},
  extra: {},
  revokedTokens: [],
};

export function evolve(user: User, event: Recorded<UserEvent>): User {
  switch (event.type) {
    case "UserCreated":
      return { ...user, ...event.data, exists: true };
    case "UserUpdated": {
      const disabled = user.enabled && event.data.enabled === false;
      return { ...(disabled ? withoutTokens(user) : user), ...event.data };
    }
    case "UserPasswordChanged":
      return { ...withoutTokens(user), passwordHash: event.data.passwordHash };
    case "UserDeleted":
      return { ...NO_USER, deleted: true };
    case "RoleGranted":
      return { ...user, grants: [...user.grants, event.data] };
    case "RoleRevoked":
      return { ...user, grants: withoutGrant(user, event.data) };
    case "UserAddedToGroup":
      return { ...user, groupIds: [...user.groupIds, event.data.groupId] };
    case "UserRemovedFromGroup": {
      const { groupId, endsTokens } = event.data;
      const groupIds = user.groupIds.filter((id) => id !== groupId);
      return { ...(endsTokens ? withoutTokens(user) : user), groupIds };
    }
    case "TokenRevoked": {
      const live = user.revokedTokens.filter(({ expiresAt }) => expiresAt > event.recordedAt);
      return { ...user, revokedTokens: [...live, event.data] };
    }
  }
}

function withoutTokens(user: User): User {
  return { ...user, tokenGeneration: user.tokenGeneration + 1, revokedTokens: [] };
}

export interface CreateUser {
  readonly type: "CreateUser";
  readonly id: string;
  readonly user: UserCreated["data"];
  /** Id of the user in the domain that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a user; refuses an id, or a name within its domain, that is taken. */
export function createUser(command: CreateUser, user: User): Decision<UserCreated> {
  if (user.exists || user.deleted || command.nameTakenBy !== undefined) {
    return duplicate(command.user.name, command.user.domainId);
  }
  return [{ type: "UserCreated", data: command.user }];
}

export interface UpdateUser {
  readonly type: "UpdateUser";
  readonly id: string;
  readonly changes: UserChanges;
  /** Absent: the password stays. */
  readonly passwordHash?: string | null;
  readonly nameTakenBy?: string;
}

/** Updates a user, password included; refuses the name of another of its domain. */
export function updateUser(
  command: UpdateUser,
  user: User,
): Decision<UserUpdated | UserPasswordChanged> {
  const { id, changes, passwordHash, nameTakenBy } = command;
  if (!user.exists) return userNotFound(id);
  if (nameTakenBy !== undefined && nameTakenBy !== id) {
    return duplicate(changes.name ?? user.name, user.domainId);
  }
  const events: (UserUpdated | UserPasswordChanged)[] = [];
  const data = newIn<UserFacts>(applied(changes, user), user);
  if (Object.keys(data).length > 0) events.push({ type: "UserUpdated", data });
  if (passwordHash !== undefined) {
    events.push({ type: "UserPasswordChanged", data: { passwordHash } });
  }
  return events;
}

export interface ChangePassword {
  readonly type: "ChangePassword";
  readonly id: string;
  /** The hash that the old password was found to fit. */
  readonly verifiedHash: string;
  readonly passwordHash: string;
}

/** Changes one's own password; refuses when it is locked, or another change came in between. */
export function changePassword(
  command: ChangePassword,
  user: User,
): Decision<UserPasswordChanged> {
  if (!user.exists) return userNotFound(command.id);
  if (user.options["lock_password"] === true) {
    return reject(
      "Invalid",
      "You cannot change your password at this time due to password policy disallowing password " +
        "changes. Please contact your administrator to reset your password.",
    );
  }
  if (user.passwordHash !== command.verifiedHash) {
    return reject(
      "Conflict",
      "Conflict occurred attempting to store password - the password was changed meanwhile.",
    );
  }
  return [{ type: "UserPasswordChanged", data: { passwordHash: command.passwordHash } }];
}

export interface DeleteUser {
  readonly type: "DeleteUser";
  readonly id: string;
}

/** Deletes a user, and with it its grants and tokens. */
export function deleteUser(command: DeleteUser, user: User): Decision<UserDeleted> {
  if (!user.exists) return userNotFound(command.id);
  return [{ type: "UserDeleted", data: {} }];
}

export interface GrantRole {
  readonly type: "GrantRole";
  readonly id: string;
  readonly grant: Grant;
}

/** Grants a role; one that is granted already changes nothing. */
export function grantRole(command: GrantRole, user: User): Decision<RoleGranted> {
  if (!user.exists) return userNotFound(command.id);
  if (hasGrant(user, command.grant)) return [];
  return [{ type: "RoleGranted", data: command.grant }];
}

export interface RevokeRole {
  readonly type: "RevokeRole";
  readonly id: string;
  readonly grant: Grant;
}

/** Takes a role back; refuses what was not granted. */
export function revokeRole(command: RevokeRole, user: User): Decision<RoleRevoked> {
  if (!hasGrant(user, command.grant)) return grantNotFound(command.id, command.grant);
  return [{ type: "RoleRevoked", data: command.grant }];
}

export interface AddToGroup {
  readonly type: "AddToGroup";
  readonly id: string;
  readonly groupId: string;
}

/** Puts a user into a group; one that is in it already stays so. */
export function addToGroup(command: AddToGroup, user: User): Decision<UserAddedToGroup> {
  const { id, groupId } = command;
  if (!user.exists) return userNotFound(id);
  return user.groupIds.includes(groupId) ? [] : [{ type: "UserAddedToGroup", data: { groupId } }];
}

export interface RemoveFromGroup {
  readonly type: "RemoveFromGroup";
  readonly id: string;
  readonly groupId: string;
  readonly endsTokens: boolean;
}

/** Takes a user out of a group; refuses one that is not in it. */
export function removeFromGroup(
  command: RemoveFromGroup,
  user: User,
): Decision<UserRemovedFromGroup> {
  const { id, groupId, endsTokens } = command;
  if (!user.exists) return userNotFound(id);
  if (!user.groupIds.includes(groupId)) return notInGroup(id, groupId);
  return [{ type: "UserRemovedFromGroup", data: { groupId, endsTokens } }];
}

/** The user is not in the group. */
export function notInGroup(userId: string, groupId: string) {
  return reject("NotFound", `User '${userId}' not found in group '${groupId}'`);
}

export interface RevokeToken {
  readonly type: "RevokeToken";
  readonly token: RevokedToken;
}

/** Makes one token void; one that is void already changes nothing. */
export function revokeToken(command: RevokeToken, user: User): Decision<TokenRevoked> {
  if (user.revokedTokens.some(({ auditId }) => auditId === command.token.auditId)) return [];
  return [{ type: "TokenRevoked", data: command.token }];
}

/** There is no user of this id. */
export function userNotFound(id: string) {
  return reject("NotFound", `Could not find user: ${id}.`);
}

function duplicate(name: string, domainId: string) {
  return reject(
    "Conflict",
    `Conflict occurred attempting to store user - Duplicate entry found with name ${name} at ` +
      `domain ID ${domainId}.`,
  );
}
