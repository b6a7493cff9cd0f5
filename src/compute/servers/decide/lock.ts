import type { Decision } from "../../../eventsourcing/decider.ts";
import { reject } from "../../../eventsourcing/decider.ts";
import type { ServerLocked, ServerUnlocked } from "../events.ts";
import { type Actor, isOwner, refuseUnlessVisible } from "../preconditions.ts";
import type { Server } from "../state.ts";

export interface LockServer {
  readonly type: "LockServer";
  readonly id: string;
  readonly by: Actor;
  /** 1 to 255 characters; from microversion 2.73. */
  readonly reason?: string;
}

export interface UnlockServer {
  readonly type: "UnlockServer";
  readonly id: string;
  readonly by: Actor;
}

/**
 * Locks a server against everyone but admins.
 *
 * Its owner locking a locked server changes nothing; an admin of another project takes it over.
 * Source: nova/compute/api.py, `API.lock`.
 */
export function lockServer(command: LockServer, server: Server): Decision<ServerLocked> {
  const { id, by, reason } = command;
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  if (server.lock && isOwner(by, server)) return [];
  const lockedBy = isOwner(by, server) ? "owner" : "admin";
  if (server.lock?.by === lockedBy && (reason ?? server.lock.reason) === server.lock.reason) {
    return [];
  }
  return [{ type: "ServerLocked", data: { lockedBy, ...(reason !== undefined && { reason }) } }];
}

/**
 * Unlocks a server.
 *
 * Refuses a non-admin when an admin of another project holds the lock.
 * Source: nova/compute/api.py, `API.unlock`; policy `os-lock-server:unlock:unlock_override`.
 */
export function unlockServer(command: UnlockServer, server: Server): Decision<ServerUnlocked> {
  const { id, by } = command;
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  if (!server.lock) return [];
  const wouldLockAs = isOwner(by, server) ? "owner" : "admin";
  if (server.lock.by !== wouldLockAs && !by.isAdmin) {
    return reject(
      "Forbidden",
      "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.",
    );
  }
  return [{ type: "ServerUnlocked", data: {} }];
}
