/** What is done to a server without a task: by administrators, or at once. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import type {
  ServerCrashDumpTriggered,
  ServerNetworkInfoInjected,
  ServerStateReset,
} from "../events.ts";
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
