/** Limits of single projects and domains: what can happen to one, and what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import type { LimitedResource } from "../registered_limits/decider.ts";

export type LimitEvent = LimitCreated | LimitUpdated | LimitDeleted;

export interface LimitFacts extends LimitedResource {
  /** The one it stands in the place of; it does not change while this stands. */
  readonly registeredLimitId: string;
  /** Of the project or of the domain: the other is null. */
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** -1: any number. */
  readonly resourceLimit: number;
  readonly description: string | null;
}

export interface LimitCreated {
  readonly type: "LimitCreated";
  readonly data: LimitFacts;
}

/** What may change of a limit. */
export type LimitChanges = Partial<Pick<LimitFacts, "resourceLimit" | "description">>;

/** Carries only what changed. */
export interface LimitUpdated {
  readonly type: "LimitUpdated";
  readonly data: LimitChanges;
}

export interface LimitDeleted {
  readonly type: "LimitDeleted";
  readonly data: Record<never, never>;
}

export interface Limit extends LimitFacts {
  readonly exists: boolean;
}

export const NO_LIMIT: Limit = {
  exists: false,
  registeredLimitId: "",
  serviceId: "",
  regionId: null,
  resourceName: "",
  projectId: null,
  domainId: null,
  resourceLimit: 0,
  description: null,
};

export function evolve(limit: Limit, event: Recorded<LimitEvent>): Limit {
  switch (event.type) {
    case "LimitCreated":
      return { ...limit, ...event.data, exists: true };
    case "LimitUpdated":
      return { ...limit, ...event.data };
    case "LimitDeleted":
      return NO_LIMIT;
  }
}

export interface CreateLimit {
  readonly type: "CreateLimit";
  /** Undefined id: nothing is registered of the resource. */
  readonly limit: Omit<LimitFacts, "registeredLimitId"> & { readonly registeredLimitId?: string };
  /** Whether the project or domain has a limit of the resource. */
  readonly isTaken: boolean;
}

/** Creates a limit; refuses one of a resource with no registered limit, and a second one. */
export function createLimit({ limit, isTaken }: CreateLimit): Decision<LimitCreated> {
  const { registeredLimitId } = limit;
  if (registeredLimitId === undefined) {
    return reject(
      "Forbidden",
      "Unable to create a limit that has no corresponding registered limit.",
    );
  }
  if (isTaken) {
    return reject("Conflict", "Conflict occurred attempting to store limit - Duplicate entry.");
  }
  return [{ type: "LimitCreated", data: { ...limit, registeredLimitId } }];
}

export interface UpdateLimit {
  readonly type: "UpdateLimit";
  readonly id: string;
  readonly changes: LimitChanges;
}

export function updateLimit({ id, changes }: UpdateLimit, limit: Limit): Decision<LimitUpdated> {
  if (!limit.exists) return limitNotFound(id);
  const data = newIn<LimitFacts>(changes, limit);
  return Object.keys(data).length === 0 ? [] : [{ type: "LimitUpdated", data }];
}

export interface DeleteLimit {
  readonly type: "DeleteLimit";
  readonly id: string;
}

export function deleteLimit({ id }: DeleteLimit, limit: Limit): Decision<LimitDeleted> {
  return limit.exists ? [{ type: "LimitDeleted", data: {} }] : limitNotFound(id);
}

/** There is no limit of this id. */
export function limitNotFound(id: string) {
  return reject("NotFound", `Could not find limit for ${id}.`);
}
