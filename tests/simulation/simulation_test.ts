/**
 * Many short histories of requests, faults, crashes and restarts on a simulated clock; after each,
 * whatever has happened, the promises hold.
 *
 * A failure prints the shortest history found and its seed: `CHRONOVA_SEED` repeats it,
 * `CHRONOVA_HISTORIES` sets how many there are.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
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
import type { Hypervisor, MachineState } from "../processes/hypervisor.ts";
import {
  assertAtRest,
  assertSound,
  eventsOf,
  readFolder,
  serversOf,
} from "../processes/invariants.ts";
import { numberFrom, runSeed } from "../processes/random.ts";
import { FakeTime } from "./fake_time.ts";
import { type History, history } from "./history.ts";
import { seedFolder } from "./seed_folder.ts";
import { SimulatedCloud } from "./simulated_cloud.ts";

Deno.test("whatever happens, the promises hold", async () => {
  const seed = runSeed();
  const numRuns = numberFrom("CHRONOVA_HISTORIES", 200);
  const parent = await Deno.makeTempDir({ prefix: "chronova-simulation-" });
  using time = new FakeTime(Date.UTC(2026, 0, 1));
  try {
    const seeded = await seedFolder(time, parent);
    const lived = fc.asyncProperty(history, async (one) => {
      const folder = await Deno.makeTempDir({ dir: parent });
      const { folder: end, machines } = await SimulatedCloud.live(one, {
        ...seeded,
        time,
        parent: folder,
      });
      await assertSound(end);
      await assertAtRest(end);
      await assertMachinesAgree(end, machines, one);
      assertPreconditionsHeld(await eventsOf(end), seeded.groupIds[0]!);
      await Deno.remove(folder, { recursive: true });
    });
    await fc.assert(lived, { seed, numRuns });
  } catch (error) {
    console.error(`repeat with CHRONOVA_SEED=${seed} CHRONOVA_HISTORIES=${numRuns}`);
    throw error;
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

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

/** A server that is up has its machine; what that does is sure while nothing has failed. */
async function assertMachinesAgree(
  folder: string,
  machines: Hypervisor["machines"],
  { fortunes }: History,
): Promise<void> {
  const isReliable = fortunes.every((fortune) => fortune === "fine" || fortune === "slow");
  for (const [id, { vmState, move }] of await readFolder(folder, serversOf)) {
    const expected = MACHINE_IN[vmState === "resized" ? move!.vmState : vmState];
    // Where taking it off its host failed, nobody knows what is left of a shelved server's machine.
    const isSure = isReliable || vmState !== "shelved";
    if (expected !== undefined && isSure) {
      assert(machines.has(id), `${vmState} server ${id} has no machine`);
    }
    // Of a server in error there may be a machine, or none.
    if (isReliable && vmState !== "error") {
      assertEquals(machines.get(id), expected, `server ${id} is ${vmState}`);
    }
  }
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
