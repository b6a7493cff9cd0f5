/** What is looked at from time to time; nova/compute/manager.py, its periodic tasks. */
import { timestampOf } from "../../eventsourcing/clock.ts";
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import type { Decision } from "../../eventsourcing/decider.ts";
import type { PeriodicTask } from "../../eventsourcing/periodic.ts";
import type { Reader } from "../../store/query.ts";
import { servers } from "./aggregate.ts";
import {
  confirmOverdueResize,
  type Due,
  offloadShelvedServer,
  reclaimServer,
  syncPowerState,
} from "./decide/mod.ts";
import type { ServerEvent } from "./events.ts";
import { machinesAtRest, serversWaitingIn } from "./projection_periodic.ts";
import type { Server } from "./state.ts";
import type { PowerState, VmState } from "./states.ts";

export interface PeriodicDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  /** What the hypervisor says of the machines it knows, by server. */
  powerStates(): Promise<ReadonlyMap<string, PowerState>>;
  readonly settings: {
    /** How long a deleted server can be restored, in seconds; 0: not at all. */
    readonly reclaimSeconds: number;
    /** Time until a shelved server leaves its host, in seconds; 0 and below: not here. */
    readonly shelvedOffloadSeconds: number;
    /** Time after which a resize is confirmed by itself, in seconds; 0: never. */
    readonly resizeConfirmWindowSeconds: number;
    /** Seconds between two looks at what is due. */
    readonly periodicSeconds: number;
    /** Seconds between two looks at the machines' power; 0: never. */
    readonly syncPowerSeconds: number;
  };
}

/** The periodic tasks of servers. */
export function periodicTasks(dependencies: PeriodicDependencies): readonly PeriodicTask[] {
  const { settings } = dependencies;
  return [
    waiting(dependencies, {
      name: "ReclaimServer",
      vmState: "soft-delete",
      seconds: settings.reclaimSeconds,
      decide: reclaimServer,
    }),
    waiting(dependencies, {
      name: "OffloadShelvedServer",
      vmState: "shelved",
      seconds: settings.shelvedOffloadSeconds,
      decide: offloadShelvedServer,
    }),
    waiting(dependencies, {
      name: "ConfirmOverdueResize",
      vmState: "resized",
      seconds: settings.resizeConfirmWindowSeconds,
      decide: confirmOverdueResize,
    }),
    {
      name: "SyncPowerState",
      everySeconds: settings.syncPowerSeconds,
      run: () => syncPowerStates(dependencies),
    },
  ];
}

interface Waiting {
  /** The task, and the command that it gives. */
  readonly name: string;
  readonly vmState: VmState;
  /** How long servers may stay in that state; 0 and below: for ever. */
  readonly seconds: number;
  decide(server: Server, due: Due): Decision<ServerEvent>;
}

/** A task that moves on servers which have been in one state for too long. */
function waiting(
  dependencies: PeriodicDependencies,
  { name, vmState, seconds, decide }: Waiting,
): PeriodicTask {
  return {
    name,
    everySeconds: seconds > 0 ? dependencies.settings.periodicSeconds : 0,
    async run(now) {
      if (seconds <= 0) return;
      const due = { before: timestampOf((now - seconds * 1000) * 1000) };
      for (const { id, projectId } of await serversWaitingIn(dependencies.reader, vmState, due)) {
        await command(dependencies, { id, projectId, name }, (server) => decide(server, due));
      }
    },
  };
}

async function syncPowerStates(dependencies: PeriodicDependencies): Promise<void> {
  const said = await dependencies.powerStates();
  for (const { id, projectId, powerState } of await machinesAtRest(dependencies.reader)) {
    const actual = said.get(id);
    // Of a machine that the driver does not know there is nothing to learn.
    if (actual === undefined || actual === powerState) continue;
    const name = "SyncPowerState";
    await command(dependencies, { id, projectId, name }, (now) => syncPowerState(now, actual));
  }
}

async function command(
  { committer }: PeriodicDependencies,
  { id, projectId, name }: {
    readonly id: string;
    readonly projectId: string;
    readonly name: string;
  },
  decide: (server: Server) => Decision<ServerEvent>,
): Promise<void> {
  const actor = { userId: "nova", projectId, roles: ["service"] };
  const metadata = { actor, requestId: `req-${crypto.randomUUID()}`, command: name };
  await handle(committer, servers, id, metadata, decide);
}
