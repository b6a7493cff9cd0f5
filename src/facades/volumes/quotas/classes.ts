/** Classes of quotas: what admins have set for all projects; only the class `default` counts. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import type { Decision } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Limits } from "./decider.ts";

/** An admin has said how much of some things each project may have, where nothing else is said. */
export interface VolumeQuotaClassSet {
  readonly type: "VolumeQuotaClassSet";
  readonly data: { readonly limits: Limits };
}

/** The class that the defaults of all projects come from. */
export const DEFAULT_CLASS = "default";

/** What an admin has set. */
export interface VolumeQuotaClass {
  readonly limits: Limits;
}

export const NO_CLASS: VolumeQuotaClass = { limits: {} };

export function evolveClass(
  { limits }: VolumeQuotaClass,
  event: Recorded<VolumeQuotaClassSet>,
): VolumeQuotaClass {
  return { limits: { ...limits, ...event.data.limits } };
}

/** Sets limits of a class; those that hold already change nothing. */
export function setClassLimits(
  limits: Limits,
  quotaClass: VolumeQuotaClass,
): Decision<VolumeQuotaClassSet> {
  const changed = Object.entries(limits).filter(([name, limit]) =>
    quotaClass.limits[name] !== limit
  );
  if (changed.length === 0) return [];
  return [{ type: "VolumeQuotaClassSet", data: { limits: Object.fromEntries(changed) } }];
}

/** What the aggregate is made of, but for its table. */
export const QUOTA_CLASS: Omit<
  Aggregate<VolumeQuotaClass, VolumeQuotaClassSet>,
  "projection"
> = {
  category: "volume_quota_class",
  eventTypes: { VolumeQuotaClassSet: [] },
  initialState: NO_CLASS,
  evolve: evolveClass,
};
