/** What was done to a server, as Nova's instance actions: folded from its events. Pure. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { ServerEvent } from "../servers/events.ts";
import { operationOf, rowOf } from "../servers/operations.ts";

/** One accepted request that acted on the server. */
export interface InstanceAction {
  /** The id of the request, and of the action. */
  readonly requestId: string;
  /** nova/compute/instance_actions.py: `create`, `stop`, … */
  readonly action: string;
  readonly userId: string;
  readonly projectId: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** What the compute host did of it; null: nothing (yet). */
  readonly event: ActionEvent | null;
}

export interface ActionEvent {
  readonly name: string;
  readonly host: string | null;
  readonly startedAt: string;
  /** Null while it is being done. */
  readonly finishedAt: string | null;
  readonly result: "Success" | "Error" | null;
  /** What went wrong. */
  readonly details: string | null;
}

/** The actions that a server's events tell of, newest first. */
export function instanceActions(
  events: readonly Recorded<ServerEvent>[],
): readonly InstanceAction[] {
  const actions: InstanceAction[] = [];
  let host: string | null = null;
  for (const event of events) {
    if (event.type === "ServerScheduled") host = event.data.host;
    if (event.type === "ServerBuildRescheduled") host = null;
    const begun = beginning(event, host);
    if (begun) actions.push(begun);
    const last = actions.findLastIndex(({ requestId }) => requestId === event.metadata.requestId);
    if (last >= 0) actions[last] = goOn(actions[last]!, event, host);
  }
  return actions.reverse();
}

function beginning(
  event: Recorded<ServerEvent>,
  host: string | null,
): InstanceAction | undefined {
  const action = actionBegunBy(event);
  if (!action) return undefined;
  const at = event.recordedAt;
  const { actor, requestId } = event.metadata;
  return {
    requestId,
    action: action.name,
    userId: actor.userId,
    projectId: actor.projectId,
    startedAt: at,
    updatedAt: at,
    event: action.event === null || (action.waitsForHost && host === null)
      ? null
      : begunEvent(action.event, host, at),
  };
}

function begunEvent(name: string, host: string | null, at: string): ActionEvent {
  return { name, host, startedAt: at, finishedAt: null, result: null, details: null };
}

interface ActionNames {
  readonly name: string;
  /** What the host calls its part; null: hosts have no part in it. */
  readonly event: string | null;
  /** Whether its event begins only when a host has been found. */
  readonly waitsForHost?: true;
}

const CREATE_EVENT = "compute__do_build_and_run_instance";

/** nova/compute/instance_actions.py and the decorators of nova/compute/manager.py. */
function actionBegunBy(event: Recorded<ServerEvent>): ActionNames | undefined {
  switch (event.type) {
    case "ServerCreated":
      return { name: "create", event: CREATE_EVENT, waitsForHost: true };
    case "ServerDeleteRequested":
      return { name: "delete", event: "compute_terminate_instance" };
    case "ServerLocked":
      return { name: "lock", event: "api_lock" };
    case "ServerUnlocked":
      return { name: "unlock", event: "api_unlock" };
    case "ServerStateReset":
      return { name: "resetState", event: null };
    case "ServerStartRequested":
    case "ServerStopRequested":
    case "ServerSoftRebootRequested":
    case "ServerHardRebootRequested":
    case "ServerPauseRequested":
    case "ServerUnpauseRequested":
    case "ServerSuspendRequested":
    case "ServerResumeRequested":
    case "ServerRescueRequested":
    case "ServerUnrescueRequested": {
      const { word } = rowOf(operationOf(event.type));
      return { name: word, event: `compute_${word}_instance` };
    }
    case "ServerPasswordChangeRequested":
      return { name: "changePassword", event: "compute_set_admin_password" };
    case "ServerCrashDumpTriggered":
      return { name: "trigger_crash_dump", event: "compute_trigger_crash_dump" };
    case "ServerDeleted":
      // A delete that found no machine is done at once; the other kind began with its request.
      return event.metadata.command === "DeleteServer"
        ? { name: "delete", event: null }
        : undefined;
    case "ServerScheduled":
    case "ServerNetworked":
    case "ServerDisksPrepared":
    case "ServerSpawned":
    case "ServerBuildRescheduled":
    case "ServerBuildFailed":
    case "ServerUpdated":
    case "ServerMetadataChanged":
    case "ServerTagsChanged":
    case "ServerTaskAdvanced":
    case "ServerOperationFailed":
    case "ServerStarted":
    case "ServerStopped":
    case "ServerSoftRebooted":
    case "ServerHardRebooted":
    case "ServerPaused":
    case "ServerUnpaused":
    case "ServerSuspended":
    case "ServerResumed":
    case "ServerPasswordChanged":
    case "ServerRescued":
    case "ServerUnrescued":
    case "ServerNetworkInfoInjected":
      return undefined;
  }
}

/** What a later event of the same request says of its action. */
function goOn(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  host: string | null,
): InstanceAction {
  const at = event.recordedAt;
  const updated = { ...action, updatedAt: at };
  switch (event.type) {
    case "ServerScheduled":
      return { ...updated, event: begunEvent(CREATE_EVENT, host, at) };
    case "ServerSpawned":
    case "ServerDeleted":
    case "ServerLocked":
    case "ServerUnlocked":
    case "ServerStarted":
    case "ServerStopped":
    case "ServerSoftRebooted":
    case "ServerHardRebooted":
    case "ServerPaused":
    case "ServerUnpaused":
    case "ServerSuspended":
    case "ServerResumed":
    case "ServerPasswordChanged":
    case "ServerRescued":
    case "ServerUnrescued":
    case "ServerCrashDumpTriggered":
      return { ...updated, event: action.event && finished(action.event, at, "Success", null) };
    case "ServerBuildRescheduled": {
      const { reason } = event.data;
      return { ...updated, event: action.event && finished(action.event, at, "Error", reason) };
    }
    case "ServerBuildFailed":
    case "ServerOperationFailed": {
      const { message } = event.data.fault;
      // Without a host nobody had begun: Nova records the failure on the action's own event.
      const begun = action.event ?? begunEvent("conductor_build_instances", null, at);
      return { ...updated, event: finished(begun, at, "Error", message) };
    }
    default:
      return updated;
  }
}

function finished(
  event: ActionEvent,
  at: string,
  result: "Success" | "Error",
  details: string | null,
): ActionEvent {
  return { ...event, finishedAt: at, result, details };
}
