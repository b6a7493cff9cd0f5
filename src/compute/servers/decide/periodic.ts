/** What becomes of servers with time, and what their machines do by themselves. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import type { ServerDeleteRequested, ServerPowerStateSynced } from "../events.ts";
import type { OperationRequested } from "../operations.ts";
import { exists, type Server } from "../state.ts";
import { isFinished } from "./resize.ts";
import { POWER_STATE, type PowerState, type VmState } from "../states.ts";

/** A state that a server may stay in until then: UTC, as `recordedAt`. */
export interface Due {
  readonly before: string;
}

/** Deletes for good what was deleted softly long ago; nova/compute/manager.py, `_reclaim_queued_deletes`. */
export function reclaimServer(server: Server, due: Due): Decision<ServerDeleteRequested> {
  if (!isOverdue(server, "soft-delete", due)) return [];
  return [{ type: "ServerDeleteRequested", data: {} }];
}

/** Has a server that was shelved long ago leave its host; `_poll_shelved_instances`. */
export function offloadShelvedServer(server: Server, due: Due): Decision<OperationRequested> {
  if (!isOverdue(server, "shelved", due)) return [];
  return [{ type: "ServerShelveOffloadRequested", data: {} }];
}

/** Takes a resize for good that nobody has spoken against; `_poll_unconfirmed_resizes`. */
export function confirmOverdueResize(server: Server, due: Due): Decision<OperationRequested> {
  if (!isOverdue(server, "resized", due) || !isFinished(server)) return [];
  return [{ type: "ServerResizeConfirmRequested", data: {} }];
}

function isOverdue(
  { vmState, taskState, operation, taskBegan }: Server,
  state: VmState,
  due: Due,
): boolean {
  return vmState === state && taskState === null && operation === null &&
    taskBegan.at < due.before;
}

/**
 * Takes note of what the hypervisor says of a machine; one that does what its server should not do
 * is stopped.
 *
 * Nothing happens while a task is under way. Source: nova/compute/manager.py,
 * `_sync_instance_power_state`.
 */
export function syncPowerState(
  server: Server,
  powerState: PowerState,
): Decision<ServerPowerStateSynced | OperationRequested> {
  if (!exists(server) || server.taskState !== null) return [];
  if (server.powerState === powerState) return [];
  return [
    { type: "ServerPowerStateSynced", data: { powerState } },
    ...(mustStop(server.vmState, powerState)
      ? [{ type: "ServerStopRequested", data: {} } as const]
      : []),
  ];
}

const { shutDown, crashed, suspended, running, paused } = POWER_STATE;

/** Whether Nova stops the server: the machine is off though it should not be, or the other way. */
function mustStop(vmState: VmState, powerState: PowerState): boolean {
  switch (vmState) {
    case "active":
      return [shutDown, crashed, suspended].some((state) => state === powerState);
    case "paused":
      return [shutDown, crashed].some((state) => state === powerState);
    case "stopped":
      return [running, paused, suspended].some((state) => state === powerState);
    default:
      return false;
  }
}
