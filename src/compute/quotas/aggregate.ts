/**
 * A project's own limits, and those of its users: stream `quota-<project>`, table `quotas`. The
 * limits of a class of projects: stream `quota_class-<name>`, table `quota_classes`.
 */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { stateTable } from "../../eventsourcing/state_table.ts";
import {
  evolveQuota,
  evolveQuotaClass,
  type Quota,
  type QuotaClass,
  type QuotaClassEvent,
  type QuotaEvent,
} from "./state.ts";

export const quotas: Aggregate<Quota, QuotaEvent> = {
  category: "quota",
  eventTypes: {
    QuotaLimitsSet: [],
    QuotaLimitsReset: [],
    UserLimitsSet: [],
    UserLimitsReset: [],
  },
  initialState: { limits: {} },
  evolve: evolveQuota,
  projection: stateTable<Quota, Record<never, never>>({
    name: "quotas",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

export const quotaClasses: Aggregate<QuotaClass, QuotaClassEvent> = {
  category: "quota_class",
  eventTypes: {
    QuotaClassLimitsSet: [],
  },
  initialState: { limits: {} },
  evolve: evolveQuotaClass,
  projection: stateTable<QuotaClass, Record<never, never>>({
    name: "quota_classes",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};
