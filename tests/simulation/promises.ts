/** What is promised of a cloud, whatever it has lived through. */
import { assert, assertEquals } from "@std/assert";
import type { HostAdded } from "../../src/compute/hosts/decider.ts";
import { DEFAULT_LIMITS } from "../../src/compute/quotas/limits.ts";
import type { QuotaLimitsSet } from "../../src/compute/quotas/state.ts";
import type {
  ServerDestinationChosen,
  ServerEvent,
  ServerScheduled,
} from "../../src/compute/servers/events.ts";
import { type Operation, OPERATIONS, rowOf } from "../../src/compute/servers/operations.ts";
import type { VmState } from "../../src/compute/servers/states.ts";
import {
  claimsOf,
  countsAgainstQuota,
  evolve,
  exists,
  NO_SERVER,
  type Server,
} from "../../src/compute/servers/state.ts";
import { categoryOf, idOf, type Recorded } from "../../src/eventsourcing/event.ts";
import type { MachineState } from "../processes/hypervisor.ts";
import {
  assertAtRest,
  assertSound,
  eventsOf,
  readFolder,
  serversOf,
} from "../processes/invariants.ts";
import type { History } from "./history.ts";
import type { Lived } from "./simulated_cloud.ts";

/** Fails unless all that is promised is true; gives the events that there were. */
export async function assertPromisesHeld(
  lived: Lived,
  history: History,
  /** The group of servers that are to be on hosts of their own. */
  antiAffinity: string,
): Promise<readonly Recorded[]> {
  const events = await eventsOf(lived.folder);
  await assertSound(lived.folder);
  await assertAtRest(lived.folder, { except: resetIn(events) });
  await assertMachinesAgree(lived, history, resetIn(events));
  assertNothingLeft(serversIn(events), lived, history);
  assertPreconditionsHeld(events, antiAffinity);
  return events;
}

/** What the machine of a server in a state does. */
const MACHINE_IN: Partial<Record<VmState, MachineState>> = {
  active: "running",
  paused: "paused",
  suspended: "suspended",
  stopped: "stopped",
  rescued: "rescued",
  shelved: "stopped",
  "soft-delete": "stopped",
};

/** Servers that an administrator said something of that need not have been true. */
function resetIn(events: readonly Recorded[]): ReadonlySet<string> {
  const resets = events.filter(({ type }) => type === "ServerStateReset");
  return new Set(resets.map(({ stream }) => idOf(stream)));
}

/** Whether the hypervisor did what it was told, always and in time. */
function isReliable({ fortunes }: History): boolean {
  return fortunes.every((fortune) => fortune === "fine" || fortune === "slow");
}

/** A server that is up has its machine; what that does is sure while nothing has failed. */
async function assertMachinesAgree(
  { folder, machines }: Lived,
  history: History,
  except: ReadonlySet<string>,
): Promise<void> {
  for (const [id, { vmState, move }] of await readFolder(folder, serversOf)) {
    if (except.has(id)) continue;
    const expected = MACHINE_IN[vmState === "resized" ? move!.vmState : vmState];
    // Where taking it off its host failed, nobody knows what is left of a shelved server's machine.
    const isSure = isReliable(history) || vmState !== "shelved";
    if (expected !== undefined && isSure) {
      assert(machines.has(id), `${vmState} server ${id} has no machine`);
    }
    // Of a server in error there may be a machine, or none.
    if (isReliable(history) && vmState !== "error") {
      assertEquals(machines.get(id), expected, `server ${id} is ${vmState}`);
    }
  }
}

/**
 * Nothing of a server is left on a host that it was evacuated from, once that is back; while nothing
 * has failed, on no host but its own.
 */
function assertNothingLeft(
  servers: ReadonlyMap<string, Server>,
  { places }: Lived,
  history: History,
): void {
  for (const [id, server] of servers) {
    const { vmState, placement, move, migrations } = server;
    if (!exists(server)) continue;
    const waits = migrations.some(({ type, status }) => type === "evacuation" && status === "done");
    assert(!waits, `server ${id} is not cleared from where it was evacuated from`);
    const own = [placement, move?.source, move?.destination].map((place) => place?.host);
    const left = hostsWith(id, places).filter((host) => !own.includes(host));
    const isSure = isReliable(history) && vmState !== "error";
    const wrong = left.filter((host) => isSure || wasEvacuatedFrom(host, server));
    assertEquals(wrong, [], `something of server ${id} is left`);
  }
}

/** Servers as their events make them, by id, with the records of all their moves. */
function serversIn(events: readonly Recorded[]): ReadonlyMap<string, Server> {
  const servers = new Map<string, Server>();
  for (const event of events as readonly Recorded<ServerEvent>[]) {
    if (categoryOf(event.stream) !== "server") continue;
    const id = idOf(event.stream);
    servers.set(id, evolve(servers.get(id) ?? NO_SERVER, event));
  }
  return servers;
}

function hostsWith(id: string, places: Lived["places"]): readonly string[] {
  const start = `${id} on `;
  return [...places].filter((place) => place.startsWith(start))
    .map((place) => place.slice(start.length));
}

/** Whether it has not been on its way there since; what moves that failed left, nobody knows. */
function wasEvacuatedFrom(host: string, { migrations }: Server): boolean {
  const last = migrations.findLast(({ source, destination }) =>
    source?.host === host || destination?.host === host
  );
  return last?.type === "evacuation" && last.status === "completed" && last.source?.host === host;
}

/** Servers of one group with the policy anti-affinity are on hosts of their own. */
function assertPolicyHolds(
  living: readonly Server[],
  { position, server }: { readonly position: number; readonly server: Server },
  antiAffinity: string,
): void {
  const isMember = ({ schedulerHints }: Server) => schedulerHints["group"]?.[0] === antiAffinity;
  if (!isMember(server)) return;
  const { host } = (server.move?.destination ?? server.placement)!;
  // One that is deleted softly does not count; nova/objects/instance_group.py, `get_hosts`.
  const there = living.filter((one) =>
    isMember(one) && one.vmState !== "soft-delete" && one.placement?.host === host
  );
  assert(
    there.every((one) => one === server),
    `event ${position} brings a second server of the group to ${host}`,
  );
}

/** Walks through history: at no moment was a limit passed, a lock or a group's policy broken. */
function assertPreconditionsHeld(events: readonly Recorded[], antiAffinity: string): void {
  const servers = new Map<string, Server>();
  const hosts = new Map<string, number>();
  const quotas = new Map<string, number>();
  for (const recorded of events) {
    switch (recorded.type) {
      case "HostAdded":
        hosts.set(idOf(recorded.stream), (recorded as Recorded<HostAdded>).data.ramMib);
        break;
      case "QuotaLimitsSet": {
        const { limits } = (recorded as Recorded<QuotaLimitsSet>).data;
        quotas.set(idOf(recorded.stream), limits.instances!);
        break;
      }
    }
    if (categoryOf(recorded.stream) !== "server") continue;
    const event = recorded as Recorded<ServerEvent>;
    const before = servers.get(event.stream) ?? NO_SERVER;
    assertLockHeld(before, event);
    const after = evolve(before, event);
    servers.set(event.stream, after);
    const living = [...servers.values()].filter(exists);
    if (event.type === "ServerCreated" || event.type === "ServerRestoreRequested") {
      const { position } = event;
      assertQuotaHeld(living, { position, projectId: after.projectId }, quotas);
    }
    if (event.type === "ServerScheduled" || event.type === "ServerDestinationChosen") {
      assertHostHolds(living, event, hosts);
      assertPolicyHolds(living, { position: event.position, server: after }, antiAffinity);
    }
  }
}

/** What a lock keeps everyone but administrators from doing. */
const LOCKED: readonly ServerEvent["type"][] = [
  "ServerMetadataChanged",
  "ServerDeleteRequested",
  ...(Object.keys(OPERATIONS) as Operation[])
    .filter((name) => rowOf(name).lock !== "ignored")
    .map((name) => OPERATIONS[name].requested),
];

function assertLockHeld(
  { lock }: Server,
  { type, position, metadata }: Recorded<ServerEvent>,
): void {
  // A lock stops neither administrators nor what Nova does by itself.
  const { roles } = metadata.actor;
  if (roles.includes("admin") || roles.includes("service")) return;
  assert(!lock || !LOCKED.includes(type), `event ${position} breaks a lock`);
  assert(lock?.by !== "admin" || type !== "ServerUnlocked", `event ${position} breaks a lock`);
}

function assertQuotaHeld(
  living: readonly Server[],
  { position, projectId }: { readonly position: number; readonly projectId: string },
  quotas: ReadonlyMap<string, number>,
): void {
  const count = living
    .filter((server) => server.projectId === projectId && countsAgainstQuota(server)).length;
  const most = quotas.get(projectId) ?? DEFAULT_LIMITS.instances;
  assert(count <= most, `event ${position} oversteps the quota: ${count} servers of ${most}`);
}

function assertHostHolds(
  living: readonly Server[],
  { position, data: { host } }: Recorded<ServerScheduled | ServerDestinationChosen>,
  hosts: ReadonlyMap<string, number>,
): void {
  const claimed = living
    .flatMap(claimsOf)
    .filter((claimed) => claimed.host === host)
    .reduce((sum, { claim }) => sum + claim.ramMib, 0);
  assert(claimed <= hosts.get(host)!, `event ${position} claims too much of ${host}: ${claimed}`);
}
