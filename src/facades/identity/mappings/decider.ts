/**
 * Mappings of what other identity services say of users, which are kept and shown: facts, state and
 * rules.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type MappingEvent = MappingCreated | MappingUpdated | MappingDeleted;

export interface MappingFacts {
  /** As they were sent: who is meant, and who that is here. */
  readonly rules: readonly object[];
  /** Such as `1.0`. */
  readonly schemaVersion: string;
}

export interface MappingCreated {
  readonly type: "MappingCreated";
  readonly data: MappingFacts;
}

/** Carries only what changed. */
export interface MappingUpdated {
  readonly type: "MappingUpdated";
  readonly data: Partial<MappingFacts>;
}

export interface MappingDeleted {
  readonly type: "MappingDeleted";
  readonly data: Record<never, never>;
}

export interface Mapping extends MappingFacts {
  readonly exists: boolean;
}

export const NO_MAPPING: Mapping = { exists: false, rules: [], schemaVersion: "" };

export function evolve(mapping: Mapping, event: Recorded<MappingEvent>): Mapping {
  switch (event.type) {
    case "MappingCreated":
      return { ...event.data, exists: true };
    case "MappingUpdated":
      return { ...mapping, ...event.data };
    case "MappingDeleted":
      return NO_MAPPING;
  }
}

export interface CreateMapping {
  readonly type: "CreateMapping";
  readonly mapping: MappingFacts;
}

/** Creates a mapping; refuses an id that is taken. */
export function createMapping(
  { mapping }: CreateMapping,
  state: Mapping,
): Decision<MappingCreated> {
  if (!state.exists) return [{ type: "MappingCreated", data: mapping }];
  return reject("Conflict", "Conflict occurred attempting to store mapping - Duplicate entry.");
}

export interface UpdateMapping {
  readonly type: "UpdateMapping";
  readonly id: string;
  readonly changes: Partial<MappingFacts>;
}

export function updateMapping(
  { id, changes }: UpdateMapping,
  mapping: Mapping,
): Decision<MappingUpdated> {
  if (!mapping.exists) return mappingNotFound(id);
  const data = newIn<MappingFacts>(changes, mapping);
  return Object.keys(data).length === 0 ? [] : [{ type: "MappingUpdated", data }];
}

export interface DeleteMapping {
  readonly type: "DeleteMapping";
  readonly id: string;
}

export function deleteMapping({ id }: DeleteMapping, mapping: Mapping): Decision<MappingDeleted> {
  return mapping.exists ? [{ type: "MappingDeleted", data: {} }] : mappingNotFound(id);
}

/** There is no mapping of this id. */
export function mappingNotFound(id: string) {
  return reject("NotFound", `Could not find mapping: ${id}.`);
}
