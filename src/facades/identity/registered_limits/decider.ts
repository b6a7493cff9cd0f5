/** Registered limits, what is usual of a resource: what can happen to one, and what may be done. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type RegisteredLimitEvent =
  | RegisteredLimitCreated
  | RegisteredLimitUpdated
  | RegisteredLimitDeleted;

/** What a limit is about. */
export interface LimitedResource {
  readonly serviceId: string;
  /** Null: wherever the service is. */
  readonly regionId: string | null;
  readonly resourceName: string;
}

export interface RegisteredLimitFacts extends LimitedResource {
  /** How many a project may have that has no limit of its own; -1: any number. */
  readonly defaultLimit: number;
  readonly description: string | null;
}

export interface RegisteredLimitCreated {
  readonly type: "RegisteredLimitCreated";
  readonly data: RegisteredLimitFacts;
}

/** Carries only what changed. */
export interface RegisteredLimitUpdated {
  readonly type: "RegisteredLimitUpdated";
  readonly data: Partial<RegisteredLimitFacts>;
}

export interface RegisteredLimitDeleted {
  readonly type: "RegisteredLimitDeleted";
  readonly data: Record<never, never>;
}

export interface RegisteredLimit extends RegisteredLimitFacts {
  readonly exists: boolean;
}

export const NO_REGISTERED_LIMIT: RegisteredLimit = {
  exists: false,
  serviceId: "",
  regionId: null,
  resourceName: "",
  defaultLimit: 0,
  description: null,
};

export function evolve(
  limit: RegisteredLimit,
  event: Recorded<RegisteredLimitEvent>,
): RegisteredLimit {
  switch (event.type) {
    case "RegisteredLimitCreated":
      return { ...limit, ...event.data, exists: true };
    case "RegisteredLimitUpdated":
      return { ...limit, ...event.data };
    case "RegisteredLimitDeleted":
      return NO_REGISTERED_LIMIT;
  }
}

export interface CreateRegisteredLimit {
  readonly type: "CreateRegisteredLimit";
  readonly limit: RegisteredLimitFacts;
  /** Whether the resource has one already. */
  readonly isTaken: boolean;
}

/** Registers what is usual of a resource; refuses one that has a registered limit. */
export function createRegisteredLimit(
  { limit, isTaken }: CreateRegisteredLimit,
): Decision<RegisteredLimitCreated> {
  return isTaken ? duplicate() : [{ type: "RegisteredLimitCreated", data: limit }];
}

export interface UpdateRegisteredLimit {
  readonly type: "UpdateRegisteredLimit";
  readonly id: string;
  readonly changes: Partial<RegisteredLimitFacts>;
  /** Whether there are limits of projects or domains in its place. */
  readonly isReferred: boolean;
  /** Whether another is about the resource that it is to be about. */
  readonly isTaken: boolean;
}

/** Updates a registered limit; refuses one in whose place there are limits. */
export function updateRegisteredLimit(
  { id, changes, isReferred, isTaken }: UpdateRegisteredLimit,
  limit: RegisteredLimit,
): Decision<RegisteredLimitUpdated> {
  if (!limit.exists) return registeredLimitNotFound(id);
  if (isReferred) return inUse(id);
  if (isTaken) return duplicate();
  const data = newIn<RegisteredLimitFacts>(changes, limit);
  return Object.keys(data).length === 0 ? [] : [{ type: "RegisteredLimitUpdated", data }];
}

export interface DeleteRegisteredLimit {
  readonly type: "DeleteRegisteredLimit";
  readonly id: string;
  readonly isReferred: boolean;
}

/** Deletes a registered limit; refuses one in whose place there are limits. */
export function deleteRegisteredLimit(
  { id, isReferred }: DeleteRegisteredLimit,
  limit: RegisteredLimit,
): Decision<RegisteredLimitDeleted> {
  if (!limit.exists) return registeredLimitNotFound(id);
  return isReferred ? inUse(id) : [{ type: "RegisteredLimitDeleted", data: {} }];
}

/** There is no registered limit of this id. */
export function registeredLimitNotFound(id: string) {
  return reject("NotFound", `Could not find registered limit for ${id}.`);
}

function inUse(id: string) {
  return reject(
    "Forbidden",
    `Unable to update or delete registered limit ${id} because there are project limits ` +
      "associated with it.",
  );
}

function duplicate() {
  return reject(
    "Conflict",
    "Conflict occurred attempting to store registered_limit - Duplicate entry.",
  );
}
