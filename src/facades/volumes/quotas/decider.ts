/** How much of each thing a project may have: what admins have set, over the defaults. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";

/** Most of each thing, by Cinder's names and `<name>_<volume type>`; -1: no limit. */
export type Limits = Readonly<Record<string, number>>;

/** cinder/quota.py and cinder/group_quota.py: the defaults. */
export const DEFAULT_LIMITS: Limits = {
  volumes: 10,
  snapshots: 10,
  gigabytes: 1000,
  backups: 10,
  backup_gigabytes: 1000,
  per_volume_gigabytes: -1,
  groups: 10,
};

/** What is also limited type by type; unlimited by default. */
export const TYPED_RESOURCES = ["volumes", "gigabytes", "snapshots"] as const;

export type VolumeQuotaEvent = VolumeQuotaSet | VolumeQuotaReset;

/** An admin has said how much of some things the project may have. */
export interface VolumeQuotaSet {
  readonly type: "VolumeQuotaSet";
  readonly data: { readonly limits: Limits };
}

/** The defaults hold again. */
export interface VolumeQuotaReset {
  readonly type: "VolumeQuotaReset";
  readonly data: Readonly<Record<never, never>>;
}

/** What an admin has set. */
export interface VolumeQuota {
  readonly limits: Limits;
}

export const NO_QUOTA: VolumeQuota = { limits: {} };

export function evolve(quota: VolumeQuota, event: Recorded<VolumeQuotaEvent>): VolumeQuota {
  switch (event.type) {
    case "VolumeQuotaSet":
      return { limits: { ...quota.limits, ...event.data.limits } };
    case "VolumeQuotaReset":
      return NO_QUOTA;
  }
}

/**
 * Sets limits; refuses one below what is used.
 *
 * Source: cinder/api/contrib/quotas.py, `_validate_existing_resource`.
 */
export function setLimits(
  { limits, inUse }: { readonly limits: Limits; readonly inUse: Limits },
  quota: VolumeQuota,
): Decision<VolumeQuotaSet> {
  for (const [name, limit] of Object.entries(limits)) {
    const used = inUse[name] ?? 0;
    if (limit !== -1 && name !== "per_volume_gigabytes" && limit < used) {
      return reject(
        "Invalid",
        `Quota ${name} limit must be equal or greater than existing resources. Current usage is ` +
          `${used} and the requested limit is ${limit}.`,
      );
    }
  }
  const changed = Object.entries(limits).filter(([name, limit]) => quota.limits[name] !== limit);
  if (changed.length === 0) return [];
  return [{ type: "VolumeQuotaSet", data: { limits: Object.fromEntries(changed) } }];
}

/** Lets the defaults hold again. */
export function resetLimits(quota: VolumeQuota): Decision<VolumeQuotaReset> {
  return Object.keys(quota.limits).length === 0 ? [] : [{ type: "VolumeQuotaReset", data: {} }];
}

/** What is to be had on top, and what there is already. */
export interface Wanted {
  /** `volumes`, `gigabytes`, `snapshots`, or one of them for a volume type. */
  readonly name: string;
  readonly more: number;
  readonly used: number;
}

/**
 * Says no when a project would have more than it may: sizes first, as Cinder does.
 *
 * `kind`: what is made. `sizeGib`: its size, as the message tells it.
 * Source: cinder/quota_utils.py, `process_reserve_over_quota`.
 */
export function refuseOverQuota(
  limits: Limits,
  wanted: readonly Wanted[],
  { kind, sizeGib }: { readonly kind: "volumes" | "snapshots"; readonly sizeGib: number },
): Rejection | undefined {
  const over = wanted
    .filter(({ name, more, used }) => (limits[name] ?? -1) >= 0 && used + more > limits[name]!)
    .sort((one, other) => one.name < other.name ? -1 : 1);
  for (const { name, used } of over) {
    if (name.includes("gigabytes")) {
      return reject(
        "QuotaExceeded",
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed " +
          `${name} quota. Requested ${sizeGib}G, quota is ${limits[name]}G and ${used}G has been ` +
          "consumed.",
      );
    }
    return kind === "volumes"
      ? reject(
        "QuotaExceeded",
        `VolumeLimitExceeded: Maximum number of volumes allowed (${limits[name]}) exceeded for ` +
          `quota '${name}'.`,
      )
      : reject(
        "QuotaExceeded",
        "SnapshotLimitExceeded: Maximum number of snapshots allowed " +
          `(${limits[name]}) exceeded`,
      );
  }
}

/** Says no to a volume that is larger than any may be. */
export function refuseTooLarge(limits: Limits, sizeGib: number): Rejection | undefined {
  const limit = limits["per_volume_gigabytes"] ?? -1;
  if (limit < 0 || sizeGib <= limit) return undefined;
  return reject(
    "QuotaExceeded",
    `VolumeSizeExceedsLimit: Requested volume size ${sizeGib}G is larger than maximum allowed ` +
      `limit ${limit}G.`,
  );
}
