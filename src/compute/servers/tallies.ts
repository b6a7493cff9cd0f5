/** Sums over servers: what projects use of their quota, and what is claimed of hosts. */
import { difference, Tally } from "../../store/tally.ts";
import type { Writer } from "../../store/query.ts";
import {
  CLAIM_FIELDS,
  type Claimant,
  claimsOf,
  countsAgainstQuota,
  type Server,
  sizeOf,
} from "./state.ts";

const QUOTA_FIGURES = ["instances", "cores", "ram"] as const;
const HOST_FIGURES = ["servers", "vcpus", "ramMib", "diskGib"] as const;

/** By project: what counts against its quota. RAM in MiB. */
export const quotaUsages = new Tally("quota_usages", QUOTA_FIGURES);

/** By host: the claims of the servers placed on it. */
export const hostUsages = new Tally("host_usages", HOST_FIGURES);

export const tallies = [quotaUsages, hostUsages] as const;

/** Moves the sums from one state of a server to a later one; most events leave them as they are. */
export async function tally(tx: Writer, before: Server, after: Server): Promise<void> {
  if (CLAIM_FIELDS.every((field) => before[field] === after[field])) return;
  await quotaUsages.add(
    tx,
    after.projectId,
    difference(QUOTA_FIGURES, quotaFiguresOf(before), quotaFiguresOf(after)),
  );
  const from = claimsByHost(before);
  const to = claimsByHost(after);
  for (const host of new Set([...from.keys(), ...to.keys()])) {
    await hostUsages.add(tx, host, difference(HOST_FIGURES, from.get(host), to.get(host)));
  }
}

type HostFigures = Record<typeof HOST_FIGURES[number], number>;

function claimsByHost(server: Claimant): ReadonlyMap<string, HostFigures> {
  const byHost = new Map<string, HostFigures>();
  for (const { host, claim: { vcpus, ramMib, diskGib } } of claimsOf(server)) {
    const sum = byHost.get(host) ?? { servers: 0, vcpus: 0, ramMib: 0, diskGib: 0 };
    byHost.set(host, {
      servers: sum.servers + 1,
      vcpus: sum.vcpus + vcpus,
      ramMib: sum.ramMib + ramMib,
      diskGib: sum.diskGib + diskGib,
    });
  }
  return byHost;
}

function quotaFiguresOf(
  server: Claimant,
): Record<typeof QUOTA_FIGURES[number], number> | undefined {
  if (!countsAgainstQuota(server)) return undefined;
  const { vcpus, ramMib } = sizeOf(server);
  return { instances: 1, cores: vcpus, ram: ramMib };
}
