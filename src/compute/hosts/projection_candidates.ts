/** Hosts as the scheduler sees them at this moment, and where a server's neighbours are. */
import type { Reader } from "../../store/query.ts";
import { findServerGroup, membersOf } from "../server_groups/projection.ts";
import type { Neighbours, SchedulingFacts } from "../servers/decide/placement.ts";
import { hostsOfLiving } from "../servers/projection.ts";
import { claimsOf, type Server } from "../servers/state.ts";
import { cpuInfoOf, HYPERVISOR } from "./hypervisor.ts";
import { type KnownHost, listHosts, serviceOf } from "./projection.ts";
import { type HostUsage, usageByHost, usageOf } from "./projection_usage.ts";
import type { Candidate, GroupDemand } from "./scheduler.ts";

export interface SchedulingOptions {
  /** Leaves what the server itself claims now out of the usage: it is to be claimed anew. */
  readonly withoutOwnClaim?: boolean;
  /** Knows of no host, as when the cell cannot be reached. */
  readonly withoutHosts?: boolean;
}

/** The facts for a decision about one server; exact when read where the decision is committed. */
export async function schedulingFacts(
  reader: Reader,
  id: string,
  server: Server,
  { withoutOwnClaim = false, withoutHosts = false }: SchedulingOptions = {},
): Promise<SchedulingFacts> {
  const all = withoutHosts ? [] : await candidates(reader);
  return {
    candidates: withoutOwnClaim ? all.map((one) => without(one, server)) : all,
    neighbours: await neighboursOf(reader, id, server),
  };
}

/** Every host as a candidate for the scheduler, with what is claimed of it. */
export async function candidates(reader: Reader): Promise<readonly Candidate[]> {
  const usages = await usageByHost(reader);
  return (await listHosts(reader)).map((host) => candidateOf(host, usageOf(usages, host.name)));
}

function candidateOf(host: KnownHost, usage: HostUsage): Candidate {
  const { name, state, zone, aggregateMetadata } = host;
  const { enabled, up } = serviceOf(state);
  return {
    host: name,
    node: state.node,
    availabilityZone: zone,
    enabled,
    up,
    vcpus: Math.floor(state.vcpus * state.vcpuRatio),
    ramMib: Math.floor(state.ramMib * state.ramRatio),
    diskGib: Math.floor(state.diskGib * state.diskRatio),
    vcpusUsed: usage.vcpus,
    ramMibUsed: usage.ramMib,
    diskGibUsed: usage.diskGib,
    ioOps: usage.heavyTasks,
    failedBuilds: state.failedBuilds,
    aggregateMetadata,
    capabilities: {
      hypervisor_type: HYPERVISOR.type,
      hypervisor_version: HYPERVISOR.version,
      hypervisor_hostname: state.node,
      cpu_info: cpuInfoOf(state.vcpus),
      vcpus_total: state.vcpus,
      total_usable_ram_mb: state.ramMib,
      total_usable_disk_gb: state.diskGib,
    },
  };
}

function without(candidate: Candidate, server: Server): Candidate {
  const own = claimsOf(server).filter(({ host }) => host === candidate.host);
  return own.reduce((left, { claim: { vcpus, ramMib, diskGib } }) => ({
    ...left,
    vcpusUsed: left.vcpusUsed - vcpus,
    ramMibUsed: left.ramMibUsed - ramMib,
    diskGibUsed: left.diskGibUsed - diskGib,
  }), candidate);
}

/** Where a server's neighbours are; it is no neighbour of its own. */
export async function neighboursOf(
  reader: Reader,
  id: string,
  { schedulerHints }: Server,
): Promise<Neighbours> {
  const { same_host: same, different_host: different = [], group = [] } = schedulerHints;
  return {
    sameHosts: same?.length ? await hostsOf(reader, same) : null,
    differentHosts: await hostsOf(reader, different),
    group: group[0] === undefined ? null : await groupDemand(reader, group[0], id),
  };
}

/** The hosts of servers that a hint names, one for each that is on one. */
function hostsOf(reader: Reader, ids: readonly string[]): Promise<readonly string[]> {
  return hostsOfLiving(reader, ids.map((id) => id.toLowerCase()));
}

/** Null when the group is gone: it asks nothing any more. */
async function groupDemand(
  reader: Reader,
  groupId: string,
  serverId: string,
): Promise<GroupDemand | null> {
  const group = await findServerGroup(reader, groupId);
  if (!group) return null;
  const ids = (await membersOf(reader, [group])).get(groupId)!.filter((id) => id !== serverId);
  const members: Record<string, number> = {};
  for (const host of await hostsOfLiving(reader, ids)) members[host] = (members[host] ?? 0) + 1;
  const { policy, maxServersPerHost } = group.state;
  return { policy, maxServersPerHost, members };
}
