/**
 * Operations on a machine that is there: what each asks of the server's state, which task shows
 * while it is done, and where it ends. Source: nova/compute/api.py; docs "Server concepts".
 */
import type { Sealed } from "../../store/secrets.ts";
import { POWER_STATE, type PowerState, type TaskState, type VmState } from "./states.ts";

export interface OperationRow {
  /** The event that asks for it, and the one that says it is done. */
  readonly requested: string;
  readonly done: string;
  /** The action of `POST /servers/{id}/action`. */
  readonly action: string;
  /** How refusals call it: "Cannot 'pause' instance …". */
  readonly word: string;
  readonly vmStates: readonly VmState[];
  /** Tasks that it may interrupt; null: none under way. */
  readonly taskStates: readonly (TaskState | null)[];
  /** The tasks that show, one after another. */
  readonly tasks: readonly [TaskState, ...TaskState[]];
  readonly endsIn: VmState;
  readonly powerState: PowerState;
}

/** nova/compute/api.py, `reboot`: a hard reboot may break into these. */
const INTERRUPTIBLE = [
  null,
  "rebooting",
  "reboot_pending",
  "reboot_started",
  "rebooting_hard",
  "resuming",
  "unpausing",
  "pausing",
  "suspending",
] as const;

const IDLE = [null] as const;

export const OPERATIONS = {
  start: {
    requested: "ServerStartRequested",
    done: "ServerStarted",
    action: "os-start",
    word: "start",
    vmStates: ["stopped"],
    taskStates: IDLE,
    tasks: ["powering-on"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  stop: {
    requested: "ServerStopRequested",
    done: "ServerStopped",
    action: "os-stop",
    word: "stop",
    vmStates: ["active", "error"],
    taskStates: IDLE,
    tasks: ["powering-off"],
    endsIn: "stopped",
    powerState: POWER_STATE.shutDown,
  },
  softReboot: {
    requested: "ServerSoftRebootRequested",
    done: "ServerSoftRebooted",
    action: "reboot",
    word: "reboot",
    vmStates: ["active"],
    taskStates: IDLE,
    tasks: ["rebooting", "reboot_pending", "reboot_started"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  hardReboot: {
    requested: "ServerHardRebootRequested",
    done: "ServerHardRebooted",
    action: "reboot",
    word: "reboot",
    vmStates: ["active", "stopped", "paused", "suspended", "error"],
    taskStates: INTERRUPTIBLE,
    tasks: ["rebooting_hard", "reboot_pending_hard", "reboot_started_hard"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  pause: {
    requested: "ServerPauseRequested",
    done: "ServerPaused",
    action: "pause",
    word: "pause",
    vmStates: ["active"],
    taskStates: IDLE,
    tasks: ["pausing"],
    endsIn: "paused",
    powerState: POWER_STATE.paused,
  },
  unpause: {
    requested: "ServerUnpauseRequested",
    done: "ServerUnpaused",
    action: "unpause",
    word: "unpause",
    vmStates: ["paused"],
    taskStates: IDLE,
    tasks: ["unpausing"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  suspend: {
    requested: "ServerSuspendRequested",
    done: "ServerSuspended",
    action: "suspend",
    word: "suspend",
    vmStates: ["active"],
    taskStates: IDLE,
    tasks: ["suspending"],
    endsIn: "suspended",
    powerState: POWER_STATE.suspended,
  },
  resume: {
    requested: "ServerResumeRequested",
    done: "ServerResumed",
    action: "resume",
    word: "resume",
    vmStates: ["suspended"],
    taskStates: IDLE,
    tasks: ["resuming"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  changePassword: {
    requested: "ServerPasswordChangeRequested",
    done: "ServerPasswordChanged",
    action: "changePassword",
    word: "changePassword",
    vmStates: ["active"],
    taskStates: IDLE,
    tasks: ["updating_password"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
  rescue: {
    requested: "ServerRescueRequested",
    done: "ServerRescued",
    action: "rescue",
    word: "rescue",
    vmStates: ["active", "stopped", "error"],
    taskStates: IDLE,
    tasks: ["rescuing"],
    endsIn: "rescued",
    powerState: POWER_STATE.running,
  },
  unrescue: {
    requested: "ServerUnrescueRequested",
    done: "ServerUnrescued",
    action: "unrescue",
    word: "unrescue",
    vmStates: ["rescued"],
    taskStates: IDLE,
    tasks: ["unrescuing"],
    endsIn: "active",
    powerState: POWER_STATE.running,
  },
} as const satisfies Readonly<Record<string, OperationRow>>;

/** What some operations need besides their name. */
interface Inputs {
  readonly changePassword: { readonly adminPass: Sealed };
  readonly rescue: {
    readonly adminPass: Sealed;
    /** The image to boot for the rescue; null: the server's own. */
    readonly imageId: string | null;
  };
}

/** What an operation needs besides its name. */
export type InputOf<Name extends Operation> = Name extends keyof Inputs ? Inputs[Name]
  : Readonly<Record<never, never>>;

/** An operation, and what it needs. */
export type OperationRequest = {
  [Name in Operation]: { readonly name: Name; readonly input: InputOf<Name> };
}[Operation];

/** An operation's name, as its events carry it. */
export type Operation = keyof typeof OPERATIONS;

/** An operation was accepted. */
export type OperationRequested = {
  [Name in Operation]: {
    readonly type: (typeof OPERATIONS)[Name]["requested"];
    readonly data: InputOf<Name>;
  };
}[Operation];

/** The machine did what was asked. */
export type OperationDone = {
  readonly type: (typeof OPERATIONS)[Operation]["done"];
  readonly data: Readonly<Record<never, never>>;
};

const BY_EVENT: ReadonlyMap<string, Operation> = new Map(
  (Object.keys(OPERATIONS) as Operation[]).flatMap((name) => [
    [OPERATIONS[name].requested, name],
    [OPERATIONS[name].done, name],
  ]),
);

/** The operation that one of its two events is about. */
export function operationOf(type: OperationRequested["type"] | OperationDone["type"]): Operation {
  return BY_EVENT.get(type)!;
}

/** The request that an event tells of; fields of a later release are left where they are. */
export function requestIn(event: OperationRequested): OperationRequest {
  switch (event.type) {
    case "ServerPasswordChangeRequested":
      return { name: "changePassword", input: { adminPass: event.data.adminPass } };
    case "ServerRescueRequested": {
      const { adminPass, imageId } = event.data;
      return { name: "rescue", input: { adminPass, imageId } };
    }
    default:
      return { name: operationOf(event.type), input: {} } as OperationRequest;
  }
}

/** A row by name, with no more known of it than of every row. */
export function rowOf(operation: Operation): OperationRow {
  return OPERATIONS[operation];
}

/** The task that follows within an operation; undefined behind its last. */
export function taskAfter(operation: Operation, task: TaskState): TaskState | undefined {
  const { tasks } = rowOf(operation);
  return tasks[tasks.indexOf(task) + 1];
}
