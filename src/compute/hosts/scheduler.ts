/** Chooses a host: filters take away, weighers rank; both carry Nova's names. Pure. */
import { FILTERS } from "./scheduler_filters.ts";
import { WEIGHERS } from "./scheduler_weighers.ts";

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
  /** Hosts that are out of the question: where this build has failed, where it is to leave. */
  readonly exclude: readonly string[];
  /** The flavor's extra specs. */
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** The image's properties. */
  readonly imageProperties: Readonly<Record<string, string>>;
  /** Where the servers are that it is to share a host with; null: with none in particular. */
  readonly sameHosts: readonly string[] | null;
  /** Where the servers are that it must not share a host with. */
  readonly differentHosts: readonly string[];
  /** The server group it is in, if it is in one. */
  readonly group: GroupDemand | null;
}

/** What a server group asks. */
export interface GroupDemand {
  readonly policy: "affinity" | "anti-affinity" | "soft-affinity" | "soft-anti-affinity";
  /** Most members on one host under anti-affinity; null: one. */
  readonly maxServersPerHost: number | null;
  /** By host: how many other members are on it. */
  readonly members: Readonly<Record<string, number>>;
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
  /** Servers that keep its disks busy: being built, rescued and the like. */
  readonly ioOps: number;
  /** Builds that have failed there since the last that did not. */
  readonly failedBuilds: number;
  /** Metadata of the aggregates it is in: by key, every value. */
  readonly aggregateMetadata: Readonly<Record<string, readonly string[]>>;
  /** What it says of itself, for extra specs to ask for: by name, texts, numbers, or more names. */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/** Why a host was chosen, or none: kept in the event, so that "No valid host" has an answer. */
export interface Placement {
  readonly candidates: readonly string[];
  /** The hosts each filter took away, in the order the filters ran. */
  readonly filters: readonly { readonly name: string; readonly removed: readonly string[] }[];
  /** The hosts that were left, best first, with their weight. */
  readonly weighed: readonly Weighed[];
}

export interface Weighed {
  readonly host: string;
  readonly weight: number;
  /** By weigher: its part of the weight; those without one are left out. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** The best host for a demand, if any, and how that came to be. Ties go to the first by name. */
export function schedule(
  demand: Demand,
  candidates: readonly Candidate[],
): { readonly chosen: Candidate | undefined; readonly decision: Placement } {
  const { left, filters } = filter(demand, candidates);
  const weighed = weigh(demand, left);
  const chosen = left.find(({ host }) => host === weighed[0]?.host);
  return {
    chosen,
    decision: { candidates: candidates.map(({ host }) => host), filters, weighed },
  };
}

function filter(demand: Demand, candidates: readonly Candidate[]) {
  let left = candidates;
  const filters: { name: string; removed: string[] }[] = [];
  for (const { name, passes } of FILTERS) {
    const kept = left.filter((candidate) => passes(candidate, demand, candidates));
    if (kept.length < left.length) {
      const keptHosts = new Set(kept);
      filters.push({ name, removed: left.filter((c) => !keptHosts.has(c)).map((c) => c.host) });
    }
    left = kept;
  }
  return { left, filters };
}

/** Sum of the weighers' parts, best first; a lone host is not weighed. */
function weigh(demand: Demand, candidates: readonly Candidate[]): readonly Weighed[] {
  if (candidates.length === 1) return [{ host: candidates[0]!.host, weight: 0 }];
  const parts = candidates.map((): Record<string, number> => ({}));
  for (const { name, weigh, multiplier, fromZero } of WEIGHERS) {
    const figures = candidates.map((candidate) => weigh(candidate, demand));
    const scaled = normalised(figures, fromZero);
    scaled.forEach((figure, i) => {
      const part = rounded(multiplier * figure);
      if (part !== 0) parts[i]![name] = part;
    });
  }
  return candidates
    .map(({ host }, i) => ({ host, weight: sumOf(parts[i]!), parts: parts[i]! }))
    .sort((a, b) => b.weight - a.weight || (a.host < b.host ? -1 : 1));
}

/** Figures as parts of the greatest, from zero or from the least; nova/weights.py, `normalize`. */
function normalised(figures: readonly number[], fromZero: boolean): readonly number[] {
  const bounded = fromZero ? figures.map((figure) => Math.max(figure, 0)) : figures;
  const low = fromZero ? 0 : Math.min(...bounded);
  const span = Math.max(...bounded) - low;
  return bounded.map((figure) => span === 0 ? 0 : (figure - low) / span);
}

function sumOf(parts: Readonly<Record<string, number>>): number {
  return rounded(Object.values(parts).reduce((sum, part) => sum + part, 0));
}

function rounded(figure: number): number {
  return Math.round(figure * 1e6) / 1e6;
}
