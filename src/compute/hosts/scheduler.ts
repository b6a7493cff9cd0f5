/** Chooses a host: filters take away, weighers rank; both carry Nova's names. Pure. */

/** What a server needs of a host. */
export interface Demand {
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  /** Only hosts of this zone, when one was named. */
  readonly availabilityZone: string | null;
  /** Only this host, and this node of it, when an administrator insisted. */
  readonly host: string | null;
  readonly node: string | null;
  /** Hosts where this build has failed already. */
  readonly exclude: readonly string[];
}

/** A compute host as the scheduler sees it. */
export interface Candidate {
  readonly host: string;
  readonly node: string;
  readonly availabilityZone: string;
  readonly enabled: boolean;
  readonly up: boolean;
  /** What may be claimed, allocation ratios included. */
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  /** What is claimed. */
  readonly vcpusUsed: number;
  readonly ramMibUsed: number;
  readonly diskGibUsed: number;
}

/** Why a host was chosen, or none: kept in the event, so that "No valid host" has an answer. */
export interface Placement {
  readonly candidates: readonly string[];
  /** The hosts each filter took away, in the order the filters ran. */
  readonly filters: readonly { readonly name: string; readonly removed: readonly string[] }[];
  /** The hosts that were left, best first, with the sum of their normalised weights. */
  readonly weighed: readonly { readonly host: string; readonly weight: number }[];
}

interface Filter {
  readonly name: string;
  passes(candidate: Candidate, demand: Demand): boolean;
}

/** In the order in which they run; names as in Nova's `enabled_filters` and Placement's resource classes. */
const FILTERS: readonly Filter[] = [
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
];

/** Each gives a figure of which more is better; nova/scheduler/weights. */
const WEIGHERS: readonly ((candidate: Candidate) => number)[] = [
  (c) => c.ramMib - c.ramMibUsed,
  (c) => c.vcpus - c.vcpusUsed,
  (c) => c.diskGib - c.diskGibUsed,
];

/** The best host for a demand, if any, and how that came to be. Ties go to the first by name. */
export function schedule(
  demand: Demand,
  candidates: readonly Candidate[],
): { readonly chosen: Candidate | undefined; readonly decision: Placement } {
  let left = candidates;
  const filters: { name: string; removed: string[] }[] = [];
  for (const { name, passes } of FILTERS) {
    const kept = left.filter((candidate) => passes(candidate, demand));
    if (kept.length < left.length) {
      const keptHosts = new Set(kept);
      filters.push({ name, removed: left.filter((c) => !keptHosts.has(c)).map((c) => c.host) });
    }
    left = kept;
  }
  const weighed = weigh(left);
  return {
    chosen: weighed[0]?.candidate,
    decision: {
      candidates: candidates.map((candidate) => candidate.host),
      filters,
      weighed: weighed.map(({ candidate, weight }) => ({ host: candidate.host, weight })),
    },
  };
}

/** Sum of the weighers' figures, each scaled to 0…1 over the hosts that are left, best first. */
function weigh(candidates: readonly Candidate[]): { candidate: Candidate; weight: number }[] {
  const weights = candidates.map(() => 0);
  for (const weigher of WEIGHERS) {
    const figures = candidates.map(weigher);
    const low = Math.min(...figures);
    const span = Math.max(...figures) - low;
    figures.forEach((figure, i) => weights[i]! += span === 0 ? 0 : (figure - low) / span);
  }
  return candidates
    .map((candidate, i) => ({ candidate, weight: Math.round(weights[i]! * 1e6) / 1e6 }))
    .sort((a, b) => b.weight - a.weight || (a.candidate.host < b.candidate.host ? -1 : 1));
}
