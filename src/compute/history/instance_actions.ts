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
    if (place >= 0) actions[place] = goOn(actions[place]!, event, { before: server, after });
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
    actions[place] = finishOpen(action, event.recordedAt, {
      details: "another action came before its end",
    });
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

/** A server, before an event and after it. */
interface Change {
  readonly before: Server;
  readonly after: Server;
}

/** What an event says of the action of its request, and of what is done for it. */
function goOn(
  action: InstanceAction,
  event: Recorded<ServerEvent>,
  change: Change,
): InstanceAction {
  const at = event.recordedAt;
  const host = change.after.placement?.host ?? null;
  const next: InstanceAction = { ...action, updatedAt: at };
  const atOnce = AT_ONCE[event.type];
  if (atOnce !== undefined) return haveDone(next, { name: atOnce, host, at });
  if (isOfVolumeImage(event)) return goOnWithVolumeImage(next, event);
  return action.action in BESIDE_TASKS
    ? goOnBeside(next, event, host)
    : goOnWithTask(next, event, change);
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
  change: Change,
): InstanceAction {
  const at = event.recordedAt;
  if (event.type === "ServerBuildFailed" && action.events.length === 0) {
    return buried(action, at, event.data.fault.message);
  }
  const open = action.events.filter(isOpen).map(({ name }) => name);
  const wanted = workIn(change.after, open);
  const before = hostsFor(change.before);
  const after = hostsFor(change.after);
  let next = finishOpen(action, at, { details: failureIn(event), except: wanted });
  const done = lastWorkIn(change, event);
  if (done !== undefined) next = haveDone(next, { name: done, host: before(done), at });
  for (const name of firstWorkIn(change)) {
    next = haveDone(next, { name, host: after(name), at });
  }
  for (const name of wanted.filter((one) => !open.includes(one))) {
    next = startEvent(next, { name, host: after(name), at });
  }
  return next;
}

/** A build that no host began; nova/conductor/manager.py, `_create_instance_action_for_cell0`. */
function buried(action: InstanceAction, at: string, details: string): InstanceAction {
  const name = "conductor_schedule_and_build_instances";
  return finishLast(startEvent(action, { name, host: null, at }), at, details);
}

/** What is being done for a server, as the events of instance actions call it; nova/compute/manager.py. */
function workIn(server: Server, open: readonly string[]): readonly string[] {
  const { taskState, vmState } = server;
  if (taskState === "deleting") return ["compute_terminate_instance"];
  const stage = stageOf(server);
  if (stage) {
    const { around = [], event, partOf } = stage;
    if (partOf !== undefined && open.includes(partOf)) return [partOf];
    return event === undefined ? around : [...around, event];
  }
  if (vmState !== "building" || taskState === null || taskState === "scheduling") return [];
  return ["compute__do_build_and_run_instance"];
}

/** What was over as soon as the stage had begun to which a server has come, if it has. */
function firstWorkIn({ before, after }: Change): readonly string[] {
  const stage = stageOf(after);
  return stage === stageOf(before) ? [] : stage?.atFirst ?? [];
}

/** What was done to end the last stage of an operation, if an event is its end. */
function lastWorkIn(
  { before, after }: Change,
  { type }: Recorded<ServerEvent>,
): string | undefined {
  const atLast = stageOf(before)?.atLast;
  if (!atLast || stageOf(after)) return undefined;
  const operation = operationOf(type);
  return operation && rowOf(operation).done === type ? atLast.arrived : atLast.stayed;
}

/** What is done where a server on the move is to go, or comes from, and not where it is. */
const ELSEWHERE: Readonly<Record<string, "source" | "destination">> = {
  compute_prep_resize: "destination",
  compute_confirm_resize: "source",
  compute_check_can_live_migrate_destination: "destination",
  compute_pre_live_migration: "destination",
  compute_post_live_migration_at_destination: "destination",
  compute_rollback_live_migration_at_destination: "destination",
  compute_rebuild_instance: "destination",
};

/** Says which host does a piece of work; null: none. */
function hostsFor({ move, placement }: Server): (work: string) => string | null {
  return (work) => {
    const side = ELSEWHERE[work];
    return (move && side ? move[side] : placement)?.host ?? null;
  };
}

/** What went wrong, if an event says that something did. */
function failureIn(event: Recorded<ServerEvent>): string | null {
  switch (event.type) {
    // As in Nova, a host whose build failed has done its work: `_do_build_and_run_instance`.
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

/** A piece of work that a host, or the API, begins. */
interface Work {
  readonly name: string;
  readonly host: string | null;
  readonly at: string;
}

/** Work that is over as soon as it has begun. */
function haveDone(action: InstanceAction, work: Work): InstanceAction {
  return finishLast(startEvent(action, work), work.at, null);
}

function startEvent(action: InstanceAction, { name, host, at }: Work): InstanceAction {
  const begun = { name, host, startedAt: at, finishedAt: null, result: null, details: null };
  return { ...action, events: [...action.events, begun] };
}

function isOpen({ finishedAt }: ActionEvent): boolean {
  return finishedAt === null;
}

/** Ends what is being done for an action, but for some of it: well, or with what went wrong. */
function finishOpen(
  action: InstanceAction,
  at: string,
  { details, except = [] }: {
    readonly details: string | null;
    readonly except?: readonly string[];
  },
): InstanceAction {
  const events = action.events.map((event) =>
    isOpen(event) && !except.includes(event.name) ? finish(event, at, details) : event
  );
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
