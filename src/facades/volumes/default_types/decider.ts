/** The volume type that a project's volumes are of when nobody says which. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Decision } from "../../../eventsourcing/decider.ts";

export type DefaultTypeEvent = VolumeDefaultTypeSet | VolumeDefaultTypeUnset;

export interface VolumeDefaultTypeSet {
  readonly type: "VolumeDefaultTypeSet";
  readonly data: { readonly typeId: string };
}

/** The type that all projects have by default is the project's again. */
export interface VolumeDefaultTypeUnset {
  readonly type: "VolumeDefaultTypeUnset";
  readonly data: Readonly<Record<never, never>>;
}

/** What an admin has set. */
export interface DefaultType {
  readonly typeId: string | null;
}

export const NO_DEFAULT_TYPE: DefaultType = { typeId: null };

export function evolve(_: DefaultType, event: Recorded<DefaultTypeEvent>): DefaultType {
  return event.type === "VolumeDefaultTypeSet" ? event.data : NO_DEFAULT_TYPE;
}

/** Sets a project's default type. */
export function setDefaultType(typeId: string, now: DefaultType): Decision<VolumeDefaultTypeSet> {
  return now.typeId === typeId ? [] : [{ type: "VolumeDefaultTypeSet", data: { typeId } }];
}

/** Lets the default of all projects hold again. */
export function unsetDefaultType({ typeId }: DefaultType): Decision<VolumeDefaultTypeUnset> {
  return typeId === null ? [] : [{ type: "VolumeDefaultTypeUnset", data: {} }];
}
