/** Limits of projects, of their users, and of classes of projects: facts, and what is true. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { AllLimits } from "./limits.ts";

export type QuotaEvent = QuotaLimitsSet | QuotaLimitsReset | UserLimitsSet | UserLimitsReset;

/** An administrator set some limits; the others stay. */
export interface QuotaLimitsSet {
  readonly type: "QuotaLimitsSet";
  readonly data: { readonly limits: Partial<AllLimits> };
}

/** All limits are the defaults again, those of the project's users included. */
export interface QuotaLimitsReset {
  readonly type: "QuotaLimitsReset";
  readonly data: Readonly<Record<never, never>>;
}

/** An administrator set some limits of one of the project's users; the others stay. */
export interface UserLimitsSet {
  readonly type: "UserLimitsSet";
  readonly data: { readonly userId: string; readonly limits: Partial<AllLimits> };
}

/** All limits of one of the project's users are the project's again. */
export interface UserLimitsReset {
  readonly type: "UserLimitsReset";
  readonly data: { readonly userId: string };
}

export interface Quota {
  /** Limits that differ from the defaults. */
  readonly limits: Partial<AllLimits>;
  /** By user: limits that differ from the project's. Absent: no user has any. */
  readonly users?: Readonly<Record<string, Partial<AllLimits>>>;
}

/** Folds one event in. */
export function evolveQuota(quota: Quota, event: Recorded<QuotaEvent>): Quota {
  switch (event.type) {
    case "QuotaLimitsSet":
      return { ...quota, limits: { ...quota.limits, ...event.data.limits } };
    case "QuotaLimitsReset":
      return { limits: {} };
    case "UserLimitsSet": {
      const { userId, limits } = event.data;
      return {
        ...quota,
        users: { ...quota.users, [userId]: { ...ofUser(quota, userId), ...limits } },
      };
    }
    case "UserLimitsReset": {
      const { [event.data.userId]: _, ...others } = quota.users ?? {};
      return { ...quota, users: others };
    }
  }
}

/** A user's own limits within a project's. */
export function ofUser(quota: Quota, userId: string): Partial<AllLimits> {
  return quota.users?.[userId] ?? {};
}

export type QuotaClassEvent = QuotaClassLimitsSet;

/** An administrator set some limits of a class; the others stay. */
export interface QuotaClassLimitsSet {
  readonly type: "QuotaClassLimitsSet";
  readonly data: { readonly limits: Partial<AllLimits> };
}

export interface QuotaClass {
  /** Limits that differ from those of the release. */
  readonly limits: Partial<AllLimits>;
}

/** Folds one event in. */
export function evolveQuotaClass(
  quotaClass: QuotaClass,
  event: Recorded<QuotaClassEvent>,
): QuotaClass {
  switch (event.type) {
    case "QuotaClassLimitsSet":
      return { limits: { ...quotaClass.limits, ...event.data.limits } };
  }
}
