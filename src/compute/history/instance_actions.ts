/** What was done to a server, as Nova's instance actions: folded from its events. Pure. */
import type { EventMetadata, Recorded } from "../../eventsourcing/event.ts";
import type { ServerEvent, ServerVolumeImageEvent } from "../servers/events.ts";
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
    const place = begun ? actions.length - 1 : placeOfAction(actions, event.metadata);
    if (place >= 0) actions[place] = goOn(actions[place]!, event, after);
    server = after;
  }
  return actions.reverse();
}

/** The action that a later event of its request belongs to: of several, the one under way. */
function placeOfAction(
  actions: readonly InstanceAction[],
  { requestId }: EventMetadata,
): number {
  const isOf = (action: InstanceAction) => action.requestId === requestId;
  const underWay = actions.findLastIndex((one) => isOf(one) && one.events.some(isOpen));
  return underWay >= 0 ? underWay : actions.findLastIndex(isOf);
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
    case "ServerVolumeImageRequested":
      return "createImage";
    case "ServerVolumeExtended":
      return "extend_volume";
    case "ServerPowerUpdateIgnored":
      return event.data.power === "on" ? "start" : "stop";
    case "ServerMigrationAbortRequested":
      return "live_migration_cancel";
    case "ServerMigrationForceCompleteRequested":
      return "live_migration_force_complete";
    default: {
      const operation = operationOf(event.type);
      if (operation === undefined) return ACTION_BESIDE.get(event.type);
      const { requested, instanceAction } = rowOf(operation);
      return event.type === requested ? instanceAction : undefined;
    }
  }
}

/** Whatever was being done to the server comes to nothing. */
function interrupt(actions: InstanceAction[], event: Recorded<ServerEvent>): void {
  const isEnd = event.type === "ServerDeleteRequested" || event.type === "ServerDeleted";
  const isForTasks = event.type === "ServerStateReset" || operationOf(event.type) !== undefined;
  if (!isEnd && !isForTasks) return;
  for (const [place, action] of actions.entries()) {
    if (!action.events.some(isOpen)) continue;
    // What is done to volumes and interfaces goes on when the server has time for it, or at once.
    if (!isEnd && (action.action in BESIDE_TASKS || isVolumeImage(action))) continue;
    actions[place] = finishOpen(action, event.recordedAt, "another action came before its end");
  }
}

/** Actions that are done at once, with what does them. */
const AT_ONCE: Readonly<Record<string, string>> = {
  ServerLocked: "api_lock",
  ServerUnlocked: "api_unlock",
  ServerCrashDumpTriggered: "compute_trigger_crash_dump",
  ServerVolumeExtended: "compute_extend_volume",
  ServerPowerUpdateIgnored: "compute_power_update",
  ServerMigrationAbortRequested: "compute_live_migration_abort",
  ServerMigrationForceCompleteRequested: "compute_live_migration_force_complete",
};

/** Actions without a task: what begins each, and how it ends. */
const BESIDE_TASKS: Readonly<
  Record<string, {
    readonly requested: ServerEvent["type"];
    readonly done: ServerEvent["type"];
    readonly failed: ServerEvent["type"];
  }>
> = {
  attach_volume: {
    requested: "ServerVolumeAttachRequested",
    done: "ServerVolumeAttached",
    failed: "ServerVolumeAttachFailed",
  },
  detach_volume: {
    requested: "ServerVolumeDetachRequested",
    done: "ServerVolumeDetached",
    failed: "ServerVolumeDetachFailed",
  },
  swap_volume: {
    requested: "ServerVolumeSwapRequested",
    done: "ServerVolumeSwapped",
    failed: "ServerVolumeSwapFailed",
  },
  attach_interface: {
    requested: "ServerInterfaceAttachRequested",
    done: "ServerInterfaceAttached",
    failed: "ServerInterfaceAttachFailed",
  },
  detach_interface: {
    requested: "ServerInterfaceDetachRequested",
    done: "ServerInterfaceDetached",
    failed: "ServerInterfaceDetachFailed",
  },
};

const ACTION_BESIDE: ReadonlyMap<string, string> = new Map(
  Object.entries(BESIDE_TASKS).map(([action, { requested }]) => [requested, action]),
);

/** What an event says of the action of its request, and of what is done for it. */
function goOn(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  after: Server,
): InstanceAction {
  const at = event.recordedAt;
  const host = after.placement?.host ?? null;
  const next: InstanceAction = { ...action, updatedAt: at };
  const atOnce = AT_ONCE[event.type];
  if (atOnce !== undefined) {
    return finishLast(startEvent(next, { name: atOnce, host, at }), at, null);
  }
  if (isOfVolumeImage(event)) return goOnWithVolumeImage(next, event);
  return action.action in BESIDE_TASKS
    ? goOnBeside(next, event, host)
    : goOnWithTask(next, event, after);
}

/** Of an action without a task: one event, from its request to its end. */
function goOnBeside(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  host: string | null,
): InstanceAction {
  const at = event.recordedAt;
  const { requested, done, failed } = BESIDE_TASKS[action.action]!;
  switch (event.type) {
    case requested: {
      // Without a host the API does it itself.
      const prefix = host === null ? "api" : "compute";
      return startEvent(action, { name: `${prefix}_${action.action}`, host, at });
    }
    case done:
      return finishLast(action, at, null);
    case failed:
      return finishLast(action, at, failureIn(event));
    default:
      return action;
  }
}

/** Made by the API itself. */
const VOLUME_IMAGE = "api_snapshot_instance";

function isVolumeImage({ events }: InstanceAction): boolean {
  return events.some(({ name }) => name === VOLUME_IMAGE);
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
      return startEvent(action, { name: VOLUME_IMAGE, host: null, at });
    case "ServerVolumeImageCreated":
      return finishLast(action, at, null);
    case "ServerVolumeImageFailed":
      return finishLast(action, at, event.data.message);
  }
}

/** Of an action with tasks: what hosts do follows from the server's state. */
function goOnWithTask(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  after: Server,
): InstanceAction {
  const at = event.recordedAt;
  const host = after.placement?.host ?? null;
  const wanted = workIn(after);
  const open = action.events.filter(isOpen).map(({ name }) => name);
  if (open.join() === wanted.join() && open.length > 0) return action;
  const failure = failureIn(event);
  // Without a host nobody had begun: Nova records the failure on the conductor's own event.
  if (open.length === 0 && failure !== null) {
    const name = "conductor_build_instances";
    return finishLast(startEvent(action, { name, host: null, at }), at, failure);
  }
  const finished = finishOpen(action, at, failure);
  return wanted.reduce((begun, name) => startEvent(begun, { name, host, at }), finished);
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

/** What went wrong, if an event says that something did. */
function failureIn(event: Recorded<ServerEvent>): string | null {
  switch (event.type) {
    case "ServerBuildRescheduled":
      return event.data.reason;
    case "ServerBuildFailed":
    case "ServerOperationFailed":
      return event.data.fault.message;
    case "ServerVolumeAttachFailed":
    case "ServerVolumeDetachFailed":
    case "ServerVolumeSwapFailed":
    case "ServerInterfaceAttachFailed":
    case "ServerInterfaceDetachFailed":
      return event.data.message;
    default:
      return null;
  }
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
