/** Group types: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";

export type GroupTypeEvent =
  | VolumeGroupTypeCreated
  | VolumeGroupTypeUpdated
  | VolumeGroupTypeSpecsChanged
  | VolumeGroupTypeDeleted;

/** What whoever makes a group type says of it. */
export interface GroupTypeFacts {
  readonly name: string;
  readonly description: string | null;
  /** Whether all projects may see it. */
  readonly isPublic: boolean;
}

export type GroupSpecs = Readonly<Record<string, string | null>>;

export interface VolumeGroupTypeCreated {
  readonly type: "VolumeGroupTypeCreated";
  readonly data: GroupTypeFacts & { readonly specs: GroupSpecs };
}

export interface VolumeGroupTypeUpdated {
  readonly type: "VolumeGroupTypeUpdated";
  readonly data: Partial<GroupTypeFacts>;
}

/** These are the specs now. */
export interface VolumeGroupTypeSpecsChanged {
  readonly type: "VolumeGroupTypeSpecsChanged";
  readonly data: { readonly specs: GroupSpecs };
}

export interface VolumeGroupTypeDeleted {
  readonly type: "VolumeGroupTypeDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface GroupType extends Lifetime, GroupTypeFacts {
  readonly specs: GroupSpecs;
}

export const NO_GROUP_TYPE: GroupType = {
  ...UNBORN,
  name: "",
  description: null,
  isPublic: true,
  specs: {},
};

export function evolve(type: GroupType, event: Recorded<GroupTypeEvent>): GroupType {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeGroupTypeCreated":
      return { ...type, ...event.data, ...born(event) };
    case "VolumeGroupTypeUpdated":
    case "VolumeGroupTypeSpecsChanged":
      return { ...type, ...event.data, updatedAt };
    case "VolumeGroupTypeDeleted":
      return { ...type, exists: false, updatedAt };
  }
}

/** Makes a group type; refuses a name that another has. */
export function createGroupType(
  { isNameTaken, ...data }: VolumeGroupTypeCreated["data"] & { readonly isNameTaken: boolean },
): Decision<VolumeGroupTypeCreated> {
  return refuseTaken(isNameTaken, data.name) ?? [{ type: "VolumeGroupTypeCreated", data }];
}

/**
 * Changes facts of a group type; refuses a blank name, one that another has, and no change at all.
 *
 * Source: cinder/api/v3/group_types.py, `update`.
 */
export function updateGroupType(
  changes: Partial<GroupTypeFacts>,
  { isNameTaken }: { readonly isNameTaken: boolean },
  type: GroupType,
): Decision<VolumeGroupTypeUpdated> {
  if (changes.name !== undefined && changes.name.trim() === "") {
    return reject("Invalid", "Group type name can not be empty.");
  }
  if (Object.keys(changes).length === 0) {
    return reject(
      "Invalid",
      "Specify group type name, description or a combination thereof.",
    );
  }
  const refusal = refuseTaken(isNameTaken, changes.name ?? "");
  if (refusal) return refusal;
  const data = whatDiffers<GroupTypeFacts>(type, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeGroupTypeUpdated", data }];
}

function refuseTaken(isNameTaken: boolean, name: string): Rejection | undefined {
  return isNameTaken ? reject("Conflict", `Group Type ${name} already exists.`) : undefined;
}

/** Deletes a group type; refuses one that groups are of. */
export function deleteGroupType(
  { inUse }: { readonly inUse: boolean },
): Decision<VolumeGroupTypeDeleted> {
  if (inUse) return reject("Invalid", "Target group type is still in use.");
  return [{ type: "VolumeGroupTypeDeleted", data: {} }];
}

/** Adds to the specs, or changes some. */
export function setGroupSpecs(
  given: GroupSpecs,
  type: GroupType,
): Decision<VolumeGroupTypeSpecsChanged> {
  const specs = { ...type.specs, ...given };
  if (JSON.stringify(specs) === JSON.stringify(type.specs)) return [];
  return [{ type: "VolumeGroupTypeSpecsChanged", data: { specs } }];
}

/** Takes one spec away; refuses one that is not there. */
export function deleteGroupSpec(
  key: string,
  id: string,
  type: GroupType,
): Decision<VolumeGroupTypeSpecsChanged> {
  if (!Object.hasOwn(type.specs, key)) {
    return reject("NotFound", `Group Type ${id} has no specs with key ${key}.`);
  }
  const { [key]: _, ...specs } = type.specs;
  return [{ type: "VolumeGroupTypeSpecsChanged", data: { specs } }];
}
