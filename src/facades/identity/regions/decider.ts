/** Regions of the catalog: what can happen to one, what is true of it, what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { seen } from "../catalog/overlay.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type RegionEvent = RegionCreated | RegionUpdated | RegionDeleted;

export interface RegionFacts extends Pick<WithOptions, "extra"> {
  readonly description: string;
  readonly parentRegionId: string | null;
}

export interface RegionCreated {
  readonly type: "RegionCreated";
  readonly data: RegionFacts;
}

/** Carries only what changed. */
export interface RegionUpdated {
  readonly type: "RegionUpdated";
  readonly data: Partial<RegionFacts>;
}

/** Of one that is built in, too: then it is the first event. */
export interface RegionDeleted {
  readonly type: "RegionDeleted";
  readonly data: Record<never, never>;
}

export interface Region extends RegionFacts {
  readonly exists: boolean;
  /** Its name may be given out again: regions are called what admins like. */
  readonly deleted: boolean;
  readonly extra: Extra;
}

export const NO_REGION: Region = {
  exists: false,
  deleted: false,
  description: "",
  parentRegionId: null,
  extra: {},
};

export function evolve(region: Region, event: Recorded<RegionEvent>): Region {
  switch (event.type) {
    case "RegionCreated":
      return { ...NO_REGION, ...event.data, exists: true };
    case "RegionUpdated":
      return { ...region, ...event.data };
    case "RegionDeleted":
      return { ...NO_REGION, deleted: true };
  }
}

export interface CreateRegion {
  readonly type: "CreateRegion";
  readonly id: string;
  readonly region: RegionFacts;
  /** Whether the parent, if there is to be one, is there. */
  readonly hasParent: boolean;
  /** What it is until somebody changes it, if it is built in. */
  readonly builtIn?: RegionFacts;
}

/** Creates a region; refuses an id that is taken, and a parent that is not there. */
export function createRegion(command: CreateRegion, state: Region): Decision<RegionCreated> {
  const { id, region, hasParent, builtIn } = command;
  if (seen(state, builtIn).exists) {
    return reject(
      "Conflict",
      `Conflict occurred attempting to store region - Duplicate ID, ${id}..`,
    );
  }
  if (!hasParent) return regionNotFound(region.parentRegionId!);
  return [{ type: "RegionCreated", data: region }];
}

export interface UpdateRegion {
  readonly type: "UpdateRegion";
  readonly id: string;
  readonly changes: Partial<RegionFacts>;
  readonly hasParent: boolean;
  /** Ids of the regions above the new parent, itself among them. */
  readonly ancestors: readonly string[];
  readonly builtIn?: RegionFacts;
}

/** Updates a region; refuses a parent that is not there, or that is below it. */
export function updateRegion(
  { id, changes, hasParent, ancestors, builtIn }: UpdateRegion,
  state: Region,
): Decision<RegionCreated | RegionUpdated> {
  if (!hasParent) return regionNotFound(changes.parentRegionId!);
  const region = seen(state, builtIn);
  if (!region.exists) return regionNotFound(id);
  if (ancestors.includes(id)) {
    return reject(
      "Invalid",
      `The specified parent region ${changes.parentRegionId} would create a circular region ` +
        "hierarchy.",
    );
  }
  const data = newIn<RegionFacts>(applied(changes, region), region);
  if (Object.keys(data).length === 0) return [];
  const updated = { type: "RegionUpdated", data } as const;
  return state.exists ? [updated] : [{ type: "RegionCreated", data: builtIn! }, updated];
}

export interface DeleteRegion {
  readonly type: "DeleteRegion";
  readonly id: string;
  /** Whether there are endpoints in it, or in a region below it. */
  readonly hasEndpoints: boolean;
  readonly builtIn?: RegionFacts;
}

/** Deletes a region unless endpoints are in it; those below it go in the same transaction. */
export function deleteRegion(
  { id, hasEndpoints, builtIn }: DeleteRegion,
  state: Region,
): Decision<RegionDeleted> {
  if (!seen(state, builtIn).exists) return regionNotFound(id);
  if (hasEndpoints) {
    return reject(
      "Forbidden",
      `Unable to delete region ${id} because it or its child regions have associated endpoints.`,
    );
  }
  return [{ type: "RegionDeleted", data: {} }];
}

/** There is no region of this id. */
export function regionNotFound(id: string) {
  return reject("NotFound", `Could not find region: ${id}.`);
}
