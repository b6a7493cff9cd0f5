import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type {
  ServerCrashDumpTriggered,
  ServerNetworkInfoInjected,
  ServerOperationFailed,
  ServerStateReset,
  ServerTaskAdvanced,
} from "../events.ts";
import {
  type Operation,
  type OperationDone,
  type OperationRequest,
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

/** Asks a server's machine for one of the operations. */
export interface OperateServer {
  readonly type: "OperateServer";
  readonly id: string;
  readonly by: Actor;
  readonly operation: OperationRequest;
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
  const { id, by, operation: { name, input } } = command;
  const { vmStates, taskStates, word } = rowOf(name);
  return refuseUnlessVisible(id, server, by) ??
    refuseLock(name, id, server, by) ??
    (NEEDS_HOST.includes(name) ? refuseUnlessPlaced(id, server) : undefined) ??
    refuseUnlessIn(vmStates, id, server, word) ??
    refuseUnlessDoing(taskStates, id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    [{ type: OPERATIONS[name].requested, data: input } as OperationRequested];
}

function refuseLock(
  name: Operation,
  id: string,
  server: Server,
  by: Actor,
): Rejection | undefined {
  const locked = refuseIfLocked(id, server, by);
  // Nova's endpoint for passwords takes a lock for any other wrong state.
  if (!locked || name !== "changePassword") return locked;
  return reject("Conflict", `Instance ${id} is in an invalid state for 'changePassword'`);
}

/** The operation goes on to its next task. */
export function advanceTask(server: Server): Decision<ServerTaskAdvanced> {
  const { operation, taskState } = server;
  if (operation === null || taskState === null) return [];
  const next = taskAfter(operation.name, taskState);
  return next ? [{ type: "ServerTaskAdvanced", data: { taskState: next } }] : [];
}

/** The machine did what the operation asked; nothing happens when that is no longer awaited. */
export function recordDone(server: Server, operation: Operation): Decision<OperationDone> {
  if (server.operation?.name !== operation) return [];
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
  if (server.operation?.name !== operation) return [];
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

export interface TriggerCrashDump {
  readonly type: "TriggerCrashDump";
  readonly id: string;
  readonly by: Actor;
}

/** Has the guest dump its memory; refuses like an operation, but has no task. */
export function triggerCrashDump(
  command: TriggerCrashDump,
  server: Server,
): Decision<ServerCrashDumpTriggered> {
  const { id, by } = command;
  const word = "trigger_crash_dump";
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessPlaced(id, server) ??
    refuseUnlessIn(["active", "paused", "rescued", "resized", "error"], id, server, word) ??
    refuseUnlessDoing([null], id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    [{ type: "ServerCrashDumpTriggered", data: {} }];
}

export interface InjectNetworkInfo {
  readonly type: "InjectNetworkInfo";
  readonly id: string;
  readonly by: Actor;
}

/** Puts the guest's network settings in again, in any state. Admins only, by policy. */
export function injectNetworkInfo(
  command: InjectNetworkInfo,
  server: Server,
): Decision<ServerNetworkInfoInjected> {
  const { id, by } = command;
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    [{ type: "ServerNetworkInfoInjected", data: {} }];
}
