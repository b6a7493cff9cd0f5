/** Sums over servers: what projects use of their quota, and what is claimed of hosts. */
import { difference, Tally } from "../../store/tally.ts";
import type { Writer } from "../../store/query.ts";
import { claimOf, exists, type Server } from "./state.ts";

const QUOTA_FIGURES = ["instances", "cores", "ram"] as const;
const HOST_FIGURES = ["servers", "vcpus", "ramMib", "diskGib"] as const;

/** By project: what counts against its quota. RAM in MiB. */
export const quotaUsages = new Tally("quota_usages", QUOTA_FIGURES);

/** By host: the claims of the servers placed on it. */
export const hostUsages = new Tally("host_usages", HOST_FIGURES);

export const tallies = [quotaUsages, hostUsages] as const;

/** Moves the sums from one state of a server to a later one. */
export async function tally(tx: Writer, before: Server, after: Server): Promise<void> {
  await quotaUsages.add(
    tx,
    after.projectId,
    difference(QUOTA_FIGURES, quotaFiguresOf(before), quotaFiguresOf(after)),
  );
  const from = claimedHostOf(before);
  const to = claimedHostOf(after);
  if (from === to) return;
  if (from !== undefined) {
    await hostUsages.add(tx, from, difference(HOST_FIGURES, hostFiguresOf(before), undefined));
  }
  if (to !== undefined) {
    await hostUsages.add(tx, to, difference(HOST_FIGURES, undefined, hostFiguresOf(after)));
  }
}

/** A deleted server still shows where it was, but claims nothing there. */
function claimedHostOf(server: Server): string | undefined {
  return exists(server) ? server.placement?.host : undefined;
}

/** Every server that is not deleted counts, in error or not; nova/quota.py, `_instances_cores_ram_count`. */
function quotaFiguresOf(server: Server): Record<typeof QUOTA_FIGURES[number], number> | undefined {
  if (!exists(server)) return undefined;
  return { instances: 1, cores: server.flavor.vcpus, ram: server.flavor.ramMib };
}

function hostFiguresOf(server: Server): Record<typeof HOST_FIGURES[number], number> {
  return { servers: 1, ...claimOf(server) };
}
