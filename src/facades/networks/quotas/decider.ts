/** How much of each thing a project may have: what admins have set, over the defaults. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type NetworkDecision, overQuota } from "../refusals.ts";

/** Neutron's names of what is counted. */
export const QUOTA_RESOURCES = [
  "network",
  "subnet",
  "subnetpool",
  "port",
  "router",
  "floatingip",
  "rbac_policy",
  "security_group",
  "security_group_rule",
] as const;

export type QuotaResource = typeof QUOTA_RESOURCES[number];

/** Most of each thing; -1: no limit. */
export type Limits = Readonly<Record<QuotaResource, number>>;

/**
 * neutron/conf/quota.py, but for ports: those of servers are bounded by compute's own quota
 * already, and a cloud of thousands of servers is what this one is for.
 */
export const DEFAULT_LIMITS: Limits = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: -1,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
};

export type QuotaEvent = NetworkQuotaSet | NetworkQuotaReset;

/** An admin has said how much of some things the project may have. */
export interface NetworkQuotaSet {
  readonly type: "NetworkQuotaSet";
  readonly data: { readonly limits: Partial<Limits> };
}

/** The defaults hold again. */
export interface NetworkQuotaReset {
  readonly type: "NetworkQuotaReset";
  readonly data: Readonly<Record<never, never>>;
}

/** What an admin has set. */
export interface Quota {
  readonly limits: Partial<Limits>;
}

export const NO_QUOTA: Quota = { limits: {} };

export function evolve(quota: Quota, event: Recorded<QuotaEvent>): Quota {
  switch (event.type) {
    case "NetworkQuotaSet":
      return { limits: { ...quota.limits, ...event.data.limits } };
    case "NetworkQuotaReset":
      return NO_QUOTA;
  }
}

/** Sets limits; those that hold already change nothing. */
export function setLimits(
  limits: Partial<Limits>,
  quota: Quota,
): NetworkDecision<NetworkQuotaSet> {
  const changed = Object.fromEntries(
    Object.entries(limits).filter(([name, limit]) => quota.limits[name as QuotaResource] !== limit),
  );
  return Object.keys(changed).length === 0
    ? []
    : [{ type: "NetworkQuotaSet", data: { limits: changed } }];
}

/** Lets the defaults hold again. */
export function resetLimits(quota: Quota): NetworkDecision<NetworkQuotaReset> {
  return Object.keys(quota.limits).length === 0 ? [] : [{ type: "NetworkQuotaReset", data: {} }];
}

/** Says no when `more` of a thing would be more than the project may have. */
export function refuseOverQuota(
  quota: Quota,
  resource: QuotaResource,
  { used, more }: { readonly used: number; readonly more: number },
) {
  const limit = quota.limits[resource] ?? DEFAULT_LIMITS[resource];
  return limit >= 0 && used + more > limit ? overQuota(resource) : undefined;
}
