/** What ranks hosts that would do; nova/scheduler/weights. */
import type { Candidate, Demand } from "./scheduler.ts";

interface Weigher {
  readonly name: string;
  /** A figure of which more is better, unless the multiplier is negative. */
  weigh(candidate: Candidate, demand: Demand): number;
  readonly multiplier: number;
  /** Whether figures are compared with zero, not with the least of them. */
  readonly fromZero: boolean;
}

/** With the multipliers that are Nova's defaults; nova/conf/scheduler.py. */
export const WEIGHERS: readonly Weigher[] = [
  {
    name: "RAMWeigher",
    weigh: (c) => c.ramMib - c.ramMibUsed,
    multiplier: 1,
    fromZero: true,
  },
  {
    name: "CPUWeigher",
    weigh: (c) => c.vcpus - c.vcpusUsed,
    multiplier: 1,
    fromZero: true,
  },
  {
    name: "DiskWeigher",
    weigh: (c) => c.diskGib - c.diskGibUsed,
    multiplier: 1,
    fromZero: true,
  },
  { name: "IoOpsWeigher", weigh: (c) => c.ioOps, multiplier: -1, fromZero: true },
  {
    name: "ServerGroupSoftAffinityWeigher",
    weigh: (c, d) => membersUnder("soft-affinity", c, d),
    multiplier: 1,
    fromZero: false,
  },
  {
    name: "ServerGroupSoftAntiAffinityWeigher",
    weigh: (c, d) => -membersUnder("soft-anti-affinity", c, d),
    multiplier: 1,
    fromZero: false,
  },
  {
    name: "BuildFailureWeigher",
    weigh: (c) => c.failedBuilds,
    multiplier: -1_000_000,
    fromZero: false,
  },
];

function membersUnder(
  policy: "soft-affinity" | "soft-anti-affinity",
  { host }: Candidate,
  { group }: Demand,
): number {
  return group?.policy === policy ? group.members[host] ?? 0 : 0;
}
