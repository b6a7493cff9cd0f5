/** What takes hosts out of a choice; nova/scheduler/filters. */
import { matchesRequirement } from "./requirement.ts";
import type { Candidate, Demand } from "./scheduler.ts";
import { SUPPORTED } from "./hypervisor.ts";

interface Filter {
  readonly name: string;
  /** `all`: every host of the choice, also those that other filters took. */
  passes(candidate: Candidate, demand: Demand, all: readonly Candidate[]): boolean;
}

/** In the order in which they run; names as in Nova's `enabled_filters` and Placement's resource classes. */
export const FILTERS: readonly Filter[] = [
  { name: "RetryFilter", passes: (c, d) => !d.exclude.includes(c.host) },
  {
    name: "RequestedDestination",
    passes: (c, d) =>
      (d.host === null || d.host === c.host) && (d.node === null || d.node === c.node),
  },
  { name: "ComputeFilter", passes: (c) => c.enabled && c.up },
  {
    name: "AvailabilityZoneFilter",
    passes: (c, d) => d.availabilityZone === null || d.availabilityZone === c.availabilityZone,
  },
  { name: "VCPU", passes: (c, d) => c.vcpusUsed + d.vcpus <= c.vcpus },
  { name: "MEMORY_MB", passes: (c, d) => c.ramMibUsed + d.ramMib <= c.ramMib },
  { name: "DISK_GB", passes: (c, d) => c.diskGibUsed + d.diskGib <= c.diskGib },
  { name: "ComputeCapabilitiesFilter", passes: hasCapabilities },
  { name: "ImagePropertiesFilter", passes: (_, d) => suitsImage(d.imageProperties) },
  { name: "AggregateInstanceExtraSpecsFilter", passes: isInAggregatesFor },
  {
    name: "SameHostFilter",
    passes: (c, d) => d.sameHosts === null || d.sameHosts.includes(c.host),
  },
  { name: "DifferentHostFilter", passes: (c, d) => !d.differentHosts.includes(c.host) },
  { name: "ServerGroupAntiAffinityFilter", passes: keepsApart },
  { name: "ServerGroupAffinityFilter", passes: keepsTogether },
];

/** Extra specs as scope and key: `capabilities:cpu_info:arch` → `capabilities`, `cpu_info:arch`. */
function extraSpecsOf({ extraSpecs }: Demand) {
  return Object.entries(extraSpecs).map(([name, required]) => {
    const [first, ...rest] = name.split(":");
    return rest.length === 0
      ? { scope: null, key: name, required }
      : { scope: first!, key: rest.join(":"), required };
  });
}

/**
 * Extra specs of scope `capabilities`, and those without a scope that name a capability.
 *
 * Source: nova/scheduler/filters/compute_capabilities_filter.py.
 */
function hasCapabilities({ capabilities }: Candidate, demand: Demand): boolean {
  return extraSpecsOf(demand).every(({ scope, key, required }) => {
    if (scope !== null && scope !== "capabilities") return true;
    if (scope === null && !Object.hasOwn(capabilities, key)) return true;
    const value = within(capabilities, key.split(":"));
    return value !== undefined && matchesRequirement(textOf(value), required);
  });
}

function within(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found ?? undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Nova's word for what images call otherwise; nova/objects/fields.py, `canonicalize`. */
const CANONICAL: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  x86: "i686",
  i386: "i686",
  hv: "hvm",
};

function suitsImage(properties: Readonly<Record<string, string>>): boolean {
  const asks = (names: readonly string[], supported: readonly string[]) => {
    const asked = names.map((name) => properties[name]).find(Boolean)?.toLowerCase();
    return asked === undefined || supported.includes(CANONICAL[asked] ?? asked);
  };
  return asks(["hw_architecture", "architecture"], SUPPORTED.architectures) &&
    asks(["img_hv_type", "hypervisor_type"], SUPPORTED.types) &&
    asks(["hw_vm_mode", "vm_mode"], SUPPORTED.modes);
}

const AGGREGATE_SCOPE = "aggregate_instance_extra_specs";

/**
 * Extra specs of scope `aggregate_instance_extra_specs`, and those without a scope that any host's
 * aggregates know: a flavor with a note that no aggregate has heard of may still run.
 *
 * Source: nova/scheduler/filters/aggregate_instance_extra_specs.py.
 */
function isInAggregatesFor(
  { aggregateMetadata }: Candidate,
  demand: Demand,
  all: readonly Candidate[],
): boolean {
  return extraSpecsOf(demand).every(({ scope, key, required }) => {
    const isKnown = () => all.some((one) => Object.hasOwn(one.aggregateMetadata, key));
    const counts = scope === AGGREGATE_SCOPE || (scope === null && isKnown());
    if (!counts) return true;
    const values = Object.hasOwn(aggregateMetadata, key) ? aggregateMetadata[key]! : [];
    return values.some((value) => matchesRequirement(value, required));
  });
}

function keepsApart({ host }: Candidate, { group }: Demand): boolean {
  if (group?.policy !== "anti-affinity") return true;
  return (group.members[host] ?? 0) < (group.maxServersPerHost ?? 1);
}

function keepsTogether({ host }: Candidate, { group }: Demand): boolean {
  if (group?.policy !== "affinity") return true;
  const hosts = Object.keys(group.members);
  return hosts.length === 0 || hosts.includes(host);
}
