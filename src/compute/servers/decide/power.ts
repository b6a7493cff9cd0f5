import type { Decision } from "../../../eventsourcing/decider.ts";
import type { ServerOperationFailed, ServerStateReset, ServerTaskAdvanced } from "../events.ts";
import {
  type Operation,
  type OperationDone,
  type OperationRequested,
  OPERATIONS,
  rowOf,
  taskAfter,
} from "../operations.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessPlaced,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";

/** Starts, stops, reboots, pauses, unpauses, suspends or resumes a server. */
export interface OperateServer {
  readonly type: "OperateServer";
  readonly id: string;
  readonly by: Actor;
  readonly operation: Operation;
}

/** Operations whose host Nova looks for before it looks at the state. */
const NEEDS_HOST: readonly Operation[] = ["start", "stop"];

/**
 * Asks for an operation on the machine.
 *
 * Refuses a locked server, one that is on no host (start and stop), one whose state or task does
 * not allow it, and one that never ran; in that order. Source: nova/compute/api.py.
 */
export function operateServer(
  command: OperateServer,
  server: Server,
): Decision<OperationRequested> {
  const { id, by, operation } = command;
  const { vmStates, taskStates, word } = rowOf(operation);
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    (NEEDS_HOST.includes(operation) ? refuseUnlessPlaced(id, server) : undefined) ??
    refuseUnlessIn(vmStates, id, server, word) ??
    refuseUnlessDoing(taskStates, id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    [{ type: OPERATIONS[operation].requested, data: {} }];
}

/** The operation goes on to its next task. */
export function advanceTask(server: Server): Decision<ServerTaskAdvanced> {
  const { operation, taskState } = server;
  if (operation === null || taskState === null) return [];
  const next = taskAfter(operation, taskState);
  return next ? [{ type: "ServerTaskAdvanced", data: { taskState: next } }] : [];
}

/** The machine did what the operation asked; nothing happens when that is no longer awaited. */
export function recordDone(server: Server, operation: Operation): Decision<OperationDone> {
  if (server.operation !== operation) return [];
  return [{ type: OPERATIONS[operation].done, data: {} }];
}

/**
 * The machine did not do it: the server stays what it was.
 *
 * After a hard reboot nobody knows how the machine is: the server is in error.
 */
export function recordOperationFailure(
  server: Server,
  operation: Operation,
  fault: ServerOperationFailed["data"]["fault"],
): Decision<ServerOperationFailed> {
  if (server.operation !== operation) return [];
  const inError = operation === "hardReboot";
  return [{ type: "ServerOperationFailed", data: { operation, fault, inError } }];
}

export interface ResetServerState {
  readonly type: "ResetServerState";
  readonly id: string;
  readonly by: Actor;
  readonly vmState: "active" | "error";
}

/** Says what state a server is in, whatever it was doing; a lock does not matter. Admins only, by policy. */
export function resetServerState(
  command: ResetServerState,
  server: Server,
): Decision<ServerStateReset> {
  const { id, by, vmState } = command;
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  return [{ type: "ServerStateReset", data: { vmState } }];
}
