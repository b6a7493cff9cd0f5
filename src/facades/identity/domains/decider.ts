/** Domains: what can happen to one, what is true of it, and what may be done to it. */
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

export type KeystoneDomainEvent = DomainCreated | DomainUpdated | DomainDeleted;

/** The domain that users and projects are in when nobody says otherwise. */
export const DEFAULT_DOMAIN_ID = "default";

export interface DomainFacts extends WithOptions {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Absent: none. */
  readonly tags?: readonly string[];
}

export interface DomainCreated {
  readonly type: "DomainCreated";
  readonly data: DomainFacts;
}

/** Carries only what changed. */
export interface DomainUpdated {
  readonly type: "DomainUpdated";
  readonly data: Partial<DomainFacts>;
}

export interface DomainDeleted {
  readonly type: "DomainDeleted";
  readonly data: Record<never, never>;
}

export interface Domain extends DomainFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly tags: readonly string[];
  readonly options: Options;
  readonly extra: Extra;
}

export const NO_DOMAIN: Domain = {
  exists: false,
  deleted: false,
  name: "",
  description: "",
  enabled: false,
  tags: [],
  options: {},
  extra: {},
};

export function evolve(domain: Domain, event: Recorded<KeystoneDomainEvent>): Domain {
  switch (event.type) {
    case "DomainCreated":
      return { ...domain, ...event.data, exists: true };
    case "DomainUpdated":
      return { ...domain, ...event.data };
    case "DomainDeleted":
      return { ...NO_DOMAIN, deleted: true };
  }
}

export interface CreateDomain {
  readonly type: "CreateDomain";
  readonly id: string;
  readonly domain: DomainFacts;
  /** Id of the domain that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a domain; refuses an id or a name that is taken. */
export function createDomain(command: CreateDomain, domain: Domain): Decision<DomainCreated> {
  if (domain.exists || domain.deleted) {
    return reject(
      "Conflict",
      `Conflict occurred attempting to store domain - Duplicate entry found with ID ${command.id}.`,
    );
  }
  return refuseTakenName(command.domain.name, command.nameTakenBy) ??
    [{ type: "DomainCreated", data: command.domain }];
}

export interface UpdateDomain {
  readonly type: "UpdateDomain";
  readonly id: string;
  readonly changes: Partial<DomainFacts>;
  readonly nameTakenBy?: string;
}

/** Updates a domain; refuses the name of another, and anything while it is immutable. */
export function updateDomain(command: UpdateDomain, domain: Domain): Decision<DomainUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!domain.exists) return domainNotFound(id);
  const immutable = refuseImmutableUpdate("domain", id, domain, changes);
  if (immutable) return immutable;
  if (nameTakenBy !== id) {
    const refusal = refuseTakenName(changes.name ?? domain.name, nameTakenBy);
    if (refusal) return refusal;
  }
  const data = newIn<DomainFacts>(applied(changes, domain), domain);
  return Object.keys(data).length === 0 ? [] : [{ type: "DomainUpdated", data }];
}

export interface DeleteDomain {
  readonly type: "DeleteDomain";
  readonly id: string;
}

/** Deletes a domain; refuses one that is immutable or enabled. Source: keystone/resource/core.py. */
export function deleteDomain(command: DeleteDomain, domain: Domain): Decision<DomainDeleted> {
  if (!domain.exists) return domainNotFound(command.id);
  const immutable = refuseImmutableDelete("domain", command.id, domain);
  if (immutable) return immutable;
  if (domain.enabled) {
    return reject(
      "Forbidden",
      "Cannot delete a domain that is enabled, please disable it first.",
    );
  }
  return [{ type: "DomainDeleted", data: {} }];
}

/** There is no domain of this id. */
export function domainNotFound(id: string) {
  return reject("NotFound", `Could not find domain: ${id}.`);
}

function refuseTakenName(name: string, nameTakenBy: string | undefined) {
  if (nameTakenBy === undefined) return undefined;
  return reject(
    "Conflict",
    "Conflict occurred attempting to store project - it is not permitted to have two projects " +
      `acting as domains with the same name: ${name}.`,
  );
}
