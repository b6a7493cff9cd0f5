/** What was done to a server, as Nova's instance actions: folded from its events. Pure. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { InterfaceEvent, ServerEvent, ServerVolumeImageEvent } from "../servers/events.ts";
import { operationOf, rowOf, stageOf } from "../servers/operations.ts";
import { evolve, NO_SERVER, type Server } from "../servers/state.ts";

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
  /** What hosts and the conductor did of it, oldest first. */
  readonly events: readonly ActionEvent[];
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
  let server: Server = NO_SERVER;
  for (const event of events) {
    const after = evolve(server, event);
    const begun = beginning(event);
    if (begun) {
      interrupt(actions, event);
      actions.push(begun);
    }
    const last = actions.findLastIndex(({ requestId }) => requestId === event.metadata.requestId);
    if (last >= 0) actions[last] = goOn(actions[last]!, event, after);
    server = after;
  }
  return actions.reverse();
}

function beginning(event: Recorded<ServerEvent>): InstanceAction | undefined {
  const action = actionBegunBy(event);
  if (action === undefined) return undefined;
  const { actor: { userId, projectId }, requestId } = event.metadata;
  const at = event.recordedAt;
  return { requestId, action, userId, projectId, startedAt: at, updatedAt: at, events: [] };
}

/** The action that an event begins; nova/compute/instance_actions.py. */
function actionBegunBy(event: Recorded<ServerEvent>): string | undefined {
  switch (event.type) {
    case "ServerCreated":
      return "create";
    case "ServerDeleteRequested":
      return "delete";
    case "ServerDeleted":
      // A delete that found no machine is done at once; the other kind began with its request.
      return event.metadata.command === "DeleteServer" ? "delete" : undefined;
    case "ServerLocked":
      return "lock";
    case "ServerUnlocked":
      return "unlock";
    case "ServerStateReset":
      return "resetState";
    case "ServerCrashDumpTriggered":
      return "trigger_crash_dump";
    case "ServerVolumeAttachRequested":
      return "attach_volume";
    case "ServerVolumeDetachRequested":
      return "detach_volume";
    case "ServerVolumeSwapRequested":
      return "swap_volume";
    case "ServerVolumeImageRequested":
      return "createImage";
    case "ServerInterfaceAttachRequested":
      return "attach_interface";
    case "ServerInterfaceDetachRequested":
      return "detach_interface";
    case "ServerMigrationAbortRequested":
      return "live_migration_cancel";
    case "ServerMigrationForceCompleteRequested":
      return "live_migration_force_complete";
    default: {
      const operation = operationOf(event.type);
      if (operation === undefined) return undefined;
      const { requested, instanceAction } = rowOf(operation);
      return event.type === requested ? instanceAction : undefined;
    }
  }
}

/** Whatever was being done to the server comes to nothing. */
function interrupt(actions: InstanceAction[], event: Recorded<ServerEvent>): void {
  if (!INTERRUPTS.has(event.type) && operationOf(event.type) === undefined) return;
  const last = actions.length - 1;
  // What is done to volumes goes on beside operations.
  if (last >= 0 && VOLUME_ACTIONS.has(actions[last]!.action)) return;
  if (last < 0) return;
  actions[last] = finishOpen(
    actions[last]!,
    event.recordedAt,
    "another action came before its end",
  );
}

const VOLUME_ACTIONS: ReadonlySet<string> = new Set([
  "attach_volume",
  "detach_volume",
  "swap_volume",
]);

const INTERRUPTS: ReadonlySet<string> = new Set([
  "ServerDeleteRequested",
  "ServerDeleted",
  "ServerStateReset",
]);

/** Actions that are done at once, with what does them. */
const AT_ONCE: Readonly<Record<string, string>> = {
  ServerLocked: "api_lock",
  ServerUnlocked: "api_unlock",
  ServerCrashDumpTriggered: "compute_trigger_crash_dump",
  ServerMigrationAbortRequested: "compute_live_migration_abort",
  ServerMigrationForceCompleteRequested: "compute_live_migration_force_complete",
};

/** What an event says of the action of its request, and of what is done for it. */
function goOn(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  after: Server,
): InstanceAction {
  const at = event.recordedAt;
  const host = after.placement?.host ?? null;
  let next: InstanceAction = { ...action, updatedAt: at };
  if (VOLUME_ACTIONS.has(action.action)) return goOnWithVolume(next, event, host);
  const atOnce = AT_ONCE[event.type];
  if (atOnce !== undefined) {
    return finishLast(startEvent(next, { name: atOnce, host, at }), at, null);
  }
  if (isOfInterface(event)) return goOnWithInterface(next, event, host);
  if (isOfVolumeImage(event)) return goOnWithVolumeImage(next, event);
  const wanted = workIn(after);
  const open = next.events.filter(isOpen).map(({ name }) => name);
  const failure = failureIn(event);
  if (open.length > 0 && open.join() !== wanted.join()) next = finishOpen(next, at, failure);
  // Without a host nobody had begun: Nova records the failure on the conductor's own event.
  else if (open.length === 0 && failure !== null) {
    next = startEvent(next, { name: "conductor_build_instances", host: null, at });
    return finishLast(next, at, failure);
  }
  if (open.join() === wanted.join()) return next;
  return wanted.reduce((begun, name) => startEvent(begun, { name, host, at }), next);
}

/** The same of an action on a volume: one event from its request to its end. */
function goOnWithVolume(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  host: string | null,
): InstanceAction {
  const at = event.recordedAt;
  switch (event.type) {
    case "ServerVolumeAttachRequested":
    case "ServerVolumeDetachRequested":
    case "ServerVolumeSwapRequested": {
      // Without a host the API does it itself.
      const prefix = host === null ? "api" : "compute";
      return startEvent(action, { name: `${prefix}_${action.action}`, host, at });
    }
    case "ServerVolumeAttached":
    case "ServerVolumeDetached":
    case "ServerVolumeSwapped":
      return finishLast(action, at, null);
    case "ServerVolumeAttachFailed":
    case "ServerVolumeDetachFailed":
    case "ServerVolumeSwapFailed":
      return finishLast(action, at, event.data.message);
    default:
      return action;
  }
}

function isOfVolumeImage(
  event: Recorded<ServerEvent>,
): event is Recorded<ServerVolumeImageEvent> {
  return event.type.startsWith("ServerVolumeImage");
}

/** The API itself has the snapshots made, while its request waits; nova/compute/api.py. */
function goOnWithVolumeImage(
  action: InstanceAction,
  event: Recorded<ServerVolumeImageEvent>,
): InstanceAction {
  const at = event.recordedAt;
  switch (event.type) {
    case "ServerVolumeImageRequested":
      return startEvent(action, { name: "api_snapshot_instance", host: null, at });
    case "ServerVolumeImageCreated":
      return finishLast(action, at, null);
    case "ServerVolumeImageFailed":
      return finishLast(action, at, event.data.message);
  }
}

function isOfInterface(
  event: Recorded<ServerEvent>,
): event is Recorded<InterfaceEvent> {
  return event.type.startsWith("ServerInterface") || event.type === "ServerPortsChanged";
}

/** Interfaces come and go without a task: their own events say how far they are. */
function goOnWithInterface(
  action: InstanceAction,
  event: Recorded<InterfaceEvent>,
  host: string | null,
): InstanceAction {
  const at = event.recordedAt;
  switch (event.type) {
    case "ServerInterfaceAttachRequested":
    case "ServerInterfaceDetachRequested":
      return startEvent(action, { name: `compute_${action.action}`, host, at });
    case "ServerInterfaceAttached":
    case "ServerInterfaceDetached":
      return finishLast(action, at, null);
    case "ServerInterfaceAttachFailed":
    case "ServerInterfaceDetachFailed":
      return finishLast(action, at, event.data.message);
    case "ServerInterfaceLost":
    case "ServerPortsChanged":
      return action;
  }
}

/** What is being done for a server, as the events of instance actions call it; nova/compute/manager.py. */
function workIn(server: Server): readonly string[] {
  const { taskState, vmState } = server;
  if (taskState === "deleting") return ["compute_terminate_instance"];
  const stage = stageOf(server);
  if (stage) return [...stage.around ?? [], stage.event];
  if (vmState !== "building" || taskState === null || taskState === "scheduling") return [];
  return ["compute__do_build_and_run_instance"];
}

function failureIn(event: Recorded<ServerEvent>): string | null {
  if (event.type === "ServerBuildRescheduled") return event.data.reason;
  const isFailure = event.type === "ServerBuildFailed" || event.type === "ServerOperationFailed";
  return isFailure ? event.data.fault.message : null;
}

function startEvent(
  action: InstanceAction,
  { name, host, at }: { readonly name: string; readonly host: string | null; readonly at: string },
): InstanceAction {
  const begun = { name, host, startedAt: at, finishedAt: null, result: null, details: null };
  return { ...action, events: [...action.events, begun] };
}

function isOpen({ finishedAt }: ActionEvent): boolean {
  return finishedAt === null;
}

/** Ends all that is being done for an action: well, or with what went wrong. */
function finishOpen(action: InstanceAction, at: string, details: string | null): InstanceAction {
  const events = action.events.map((event) => isOpen(event) ? finish(event, at, details) : event);
  return { ...action, events };
}

/** Ends the newest event of an action: well, or with what went wrong. */
function finishLast(action: InstanceAction, at: string, details: string | null): InstanceAction {
  const finished = finish(action.events.at(-1)!, at, details);
  return { ...action, events: [...action.events.slice(0, -1), finished] };
}

function finish(event: ActionEvent, at: string, details: string | null): ActionEvent {
  return { ...event, finishedAt: at, result: details === null ? "Success" : "Error", details };
}
