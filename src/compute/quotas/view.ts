/** Quotas as Nova's JSON, by microversion. */
import type { Minor } from "../../http/microversions.ts";
import type { LimitName } from "./decider.ts";
import type { AllLimits } from "./limits.ts";

const NAMES: readonly LimitName[] = [
  "cores",
  "instances",
  "key_pairs",
  "metadata_items",
  "ram",
  "server_group_members",
  "server_groups",
];

const NETWORK_NAMES: readonly LimitName[] = [
  "fixed_ips",
  "floating_ips",
  "security_group_rules",
  "security_groups",
];

const INJECTION_NAMES: readonly LimitName[] = [
  "injected_file_content_bytes",
  "injected_file_path_bytes",
  "injected_files",
];

/** The limits that `os-quota-sets` shows. */
export function quotaSetNames(minor: Minor): readonly LimitName[] {
  return [
    ...NAMES,
    ...(minor < 36 ? NETWORK_NAMES : []),
    ...(minor < 57 ? INJECTION_NAMES : []),
  ];
}

/** The limits that `os-quota-class-sets` shows: those of server groups only from 2.50 on. */
export function quotaClassNames(minor: Minor): readonly LimitName[] {
  return [
    ...(minor < 50 ? NAMES.filter((name) => !name.startsWith("server_group")) : NAMES),
    ...(minor < 50 ? NETWORK_NAMES : []),
    ...(minor < 57 ? INJECTION_NAMES : []),
  ];
}

/** These limits of all. */
export function viewLimits(limits: AllLimits, names: readonly LimitName[]): object {
  return Object.fromEntries(names.map((name) => [name, limits[name]]));
}

/** These limits, each with what is used of it. */
export function viewDetail(
  limits: AllLimits,
  inUse: Partial<AllLimits>,
  names: readonly LimitName[],
): object {
  return Object.fromEntries(
    names.map((name) => [name, { limit: limits[name], in_use: inUse[name] ?? 0, reserved: 0 }]),
  );
}
