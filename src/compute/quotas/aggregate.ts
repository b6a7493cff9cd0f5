/** A project's own limits: stream `quota-<project>`, table `quotas`. */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import { stateTable } from "../../eventsourcing/state_table.ts";
import type { QuotaLimits } from "./limits.ts";

export type QuotaEvent = QuotaLimitsSet | QuotaLimitsReset;

/** An administrator set some limits; the others stay. */
export interface QuotaLimitsSet {
  readonly type: "QuotaLimitsSet";
  readonly data: { readonly limits: Partial<QuotaLimits> };
}

/** All limits are the defaults again. */
export interface QuotaLimitsReset {
  readonly type: "QuotaLimitsReset";
  readonly data: Readonly<Record<never, never>>;
}

export interface Quota {
  /** Limits that differ from the defaults. */
  readonly limits: Partial<QuotaLimits>;
}

export const quotas: Aggregate<Quota, QuotaEvent> = {
  category: "quota",
  eventTypes: {
    QuotaLimitsSet: [],
    QuotaLimitsReset: [],
  },
  initialState: { limits: {} },
  evolve(quota: Quota, event: Recorded<QuotaEvent>): Quota {
    switch (event.type) {
      case "QuotaLimitsSet":
        return { limits: { ...quota.limits, ...event.data.limits } };
      case "QuotaLimitsReset":
        return { limits: {} };
    }
  },
  projection: stateTable<Quota, Record<never, never>>({
    name: "quotas",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};
