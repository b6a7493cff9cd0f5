/** What may be done to quotas; nova/api/openstack/compute/quota_sets.py and nova/quota.py. */
import { type Decision, reject, type Rejection } from "../../eventsourcing/decider.ts";
import {
  ofUser,
  type Quota,
  type QuotaClass,
  type QuotaClassLimitsSet,
  type QuotaEvent,
} from "./state.ts";
import type { AllLimits } from "./limits.ts";

/** The name of a limit. */
export type LimitName = keyof AllLimits;

export interface SetQuotaLimits {
  readonly type: "SetQuotaLimits";
  /** The user whose limits these are; undefined: the whole project's. */
  readonly userId: string | undefined;
  readonly limits: Partial<AllLimits>;
  /** Skips the checks. */
  readonly force: boolean;
  /** The project's limits, defaults included. */
  readonly effective: AllLimits;
  /** What the project uses, or the user within it; what is not counted is absent. */
  readonly inUse: Partial<AllLimits>;
}

/**
 * Sets limits of a project, or of one of its users.
 *
 * Refuses a limit below what is used, a project's below what its users were given, and a user's
 * above what is left of the project's; unless forced.
 * Source: nova/quota.py, `DbQuotaDriver.get_settable_quotas`.
 */
export function setQuotaLimits(command: SetQuotaLimits, quota: Quota): Decision<QuotaEvent> {
  const { userId, limits, force } = command;
  const own = userId === undefined ? quota.limits : ofUser(quota, userId);
  const wanted = entriesOf(limits);
  for (const [name, limit] of force ? [] : wanted) {
    const refusal = refuseOutside(name, limit, settable(command, quota, name));
    if (refusal) return refusal;
  }
  const changes = wanted.filter(([name, limit]) => own[name] !== limit);
  if (changes.length === 0) return [];
  const data = { limits: Object.fromEntries(changes) };
  return userId === undefined
    ? [{ type: "QuotaLimitsSet", data }]
    : [{ type: "UserLimitsSet", data: { userId, ...data } }];
}

interface Settable {
  readonly minimum: number;
  readonly maximum: number;
}

function settable(
  { userId, effective, inUse }: SetQuotaLimits,
  quota: Quota,
  name: LimitName,
): Settable {
  const given = Object.values(quota.users ?? {}).reduce((sum, own) => sum + (own[name] ?? 0), 0);
  const limit = effective[name];
  const remains = limit - given;
  const used = inUse[name] ?? 0;
  if (userId === undefined) {
    const isBounded = limit >= 0 && remains >= 0;
    return { minimum: isBounded ? Math.max(given, used) : used, maximum: -1 };
  }
  const own = ofUser(quota, userId)[name] ?? 0;
  const isBounded = remains >= 0 && own >= 0;
  return { minimum: used, maximum: isBounded ? remains + own : -1 };
}

function refuseOutside(
  name: LimitName,
  limit: number,
  { minimum, maximum }: Settable,
): Rejection | undefined {
  const finite = (value: number) => value === -1 ? Infinity : value;
  if (finite(limit) < finite(minimum)) {
    return reject(
      "Invalid",
      `Quota limit ${limit} for ${name} must be greater than or equal to already used and ` +
        `reserved ${minimum}.`,
    );
  }
  if (finite(limit) > finite(maximum)) {
    return reject(
      "Invalid",
      `Quota limit ${limit} for ${name} must be less than or equal to ${maximum}.`,
    );
  }
}

export interface ResetQuotaLimits {
  readonly type: "ResetQuotaLimits";
  /** The user whose limits these are; undefined: the project's, and those of all its users. */
  readonly userId: string | undefined;
}

/** Takes limits back to the defaults, or a user's to the project's; never refused. */
export function resetQuotaLimits({ userId }: ResetQuotaLimits, quota: Quota): Decision<QuotaEvent> {
  const users = quota.users ?? {};
  if (userId !== undefined) {
    return Object.hasOwn(users, userId) ? [{ type: "UserLimitsReset", data: { userId } }] : [];
  }
  const hasOwn = entriesOf(quota.limits).length > 0 || Object.keys(users).length > 0;
  return hasOwn ? [{ type: "QuotaLimitsReset", data: {} }] : [];
}

export interface SetQuotaClassLimits {
  readonly type: "SetQuotaClassLimits";
  readonly limits: Partial<AllLimits>;
}

/** Sets limits of a class; never refused. Source: quota_classes.py, `update`. */
export function setQuotaClassLimits(
  { limits }: SetQuotaClassLimits,
  quotaClass: QuotaClass,
): Decision<QuotaClassLimitsSet> {
  const changes = entriesOf(limits).filter(([name, limit]) => quotaClass.limits[name] !== limit);
  if (changes.length === 0) return [];
  return [{ type: "QuotaClassLimitsSet", data: { limits: Object.fromEntries(changes) } }];
}

function entriesOf(limits: Partial<AllLimits>): [LimitName, number][] {
  return Object.entries(limits) as [LimitName, number][];
}
