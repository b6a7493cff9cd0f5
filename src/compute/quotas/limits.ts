/** What a project may use, and whether more fits. Pure; nova/quota.py, nova/compute/utils.py. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";

/** A project's limits; -1 is "no limit". RAM in MiB. */
export interface QuotaLimits {
  readonly instances: number;
  readonly cores: number;
  readonly ram: number;
  readonly metadata_items: number;
  readonly injected_files: number;
  readonly injected_file_content_bytes: number;
  readonly injected_file_path_bytes: number;
  readonly key_pairs: number;
  readonly server_groups: number;
  readonly server_group_members: number;
}

/** Nova's defaults; nova/conf/quota.py. */
export const DEFAULT_LIMITS: QuotaLimits = {
  instances: 10,
  cores: 20,
  ram: 51200,
  metadata_items: 128,
  injected_files: 5,
  injected_file_content_bytes: 10240,
  injected_file_path_bytes: 255,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
};

/** Limits on what belongs to the network service: kept and shown below 2.36, never enforced. */
export interface NetworkLimits {
  readonly fixed_ips: number;
  readonly floating_ips: number;
  readonly security_groups: number;
  readonly security_group_rules: number;
}

/** Every limit there is a name for. */
export type AllLimits = QuotaLimits & NetworkLimits;

/** The defaults of every limit there is a name for. */
export const DEFAULT_ALL_LIMITS: AllLimits = {
  ...DEFAULT_LIMITS,
  fixed_ips: -1,
  floating_ips: -1,
  security_groups: -1,
  security_group_rules: -1,
};

/** What a project's servers use, by the names of the limits. */
export interface QuotaUsage {
  readonly instances: number;
  readonly cores: number;
  readonly ram: number;
}

export const NO_USAGE: QuotaUsage = { instances: 0, cores: 0, ram: 0 };

/** What one server takes. */
export interface ServerSize {
  readonly vcpus: number;
  readonly ramMib: number;
}

/** A batch of servers of one size: at least and at most this many. */
export interface BatchDemand {
  readonly size: ServerSize;
  readonly minCount: number;
  readonly maxCount: number;
}

/**
 * How many servers of a batch fit: `maxCount` or what there is room for.
 *
 * Refuses when not even `minCount` fit, naming every resource that is over.
 * Source: nova/compute/utils.py, `check_num_instances_quota`.
 */
export function roomFor(
  demand: BatchDemand,
  limits: QuotaLimits,
  usage: QuotaUsage,
): number | Rejection {
  const { size, minCount, maxCount } = demand;
  const perServer: QuotaUsage = { instances: 1, cores: size.vcpus, ram: size.ramMib };
  const room = Math.min(
    maxCount,
    ...RESOURCES.map((resource) =>
      limits[resource] < 0 || perServer[resource] === 0
        ? Infinity
        : Math.floor((limits[resource] - usage[resource]) / perServer[resource])
    ),
  );
  return room >= minCount ? room : overQuota(demand, perServer, limits, usage);
}

/** In the order in which Nova names them. */
const RESOURCES = ["cores", "instances", "ram"] as const;

function overQuota(
  { minCount, maxCount }: BatchDemand,
  perServer: QuotaUsage,
  limits: QuotaLimits,
  usage: QuotaUsage,
): Rejection {
  const over = RESOURCES.filter((resource) =>
    limits[resource] >= 0 && usage[resource] + perServer[resource] * maxCount > limits[resource]
  );
  const requested = over.map((resource) =>
    resource === "instances" && minCount !== maxCount
      ? `${minCount}-${maxCount}`
      : String(perServer[resource] * maxCount)
  );
  return exceeded(over, { requested, limits, usage });
}

/**
 * Refuses a server that is to be larger than it counts now, and for which there is no room.
 *
 * Source: nova/compute/api.py, `_check_quota_for_upsize`; nova/compute/utils.py,
 * `upsize_quota_delta`.
 */
export function refuseGrowth(
  from: ServerSize,
  to: ServerSize,
  limits: QuotaLimits,
  usage: QuotaUsage,
): Rejection | undefined {
  const growth = {
    cores: Math.max(0, to.vcpus - from.vcpus),
    ram: Math.max(0, to.ramMib - from.ramMib),
  };
  const over = (["cores", "ram"] as const).filter((resource) =>
    growth[resource] > 0 && limits[resource] >= 0 &&
    usage[resource] + growth[resource] > limits[resource]
  );
  return over.length === 0 ? undefined : exceeded(over, {
    requested: over.map((resource) => String(growth[resource])),
    limits,
    usage,
  });
}

/** Nova's words for what is over. */
function exceeded(
  over: readonly (typeof RESOURCES[number])[],
  { requested, limits, usage }: {
    readonly requested: readonly string[];
    readonly limits: QuotaLimits;
    readonly usage: QuotaUsage;
  },
): Rejection {
  const list = (texts: readonly unknown[]): string => texts.join(", ");
  return reject(
    "QuotaExceeded",
    `Quota exceeded for ${list(over)}: Requested ${list(requested)}, ` +
      `but already used ${list(over.map((resource) => usage[resource]))} ` +
      `of ${list(over.map((resource) => limits[resource]))} ${list(over)}`,
  );
}
