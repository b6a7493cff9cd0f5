/**
 * Operations on a server that is there: what each asks of its state, the stages it goes through, and
 * where it ends. Source: nova/compute/api.py; nova/compute/manager.py; docs "Server concepts".
 */
import type { Sealed } from "../../store/secrets.ts";
import type { ImageSnapshot, PersonalityFile, ServerUpdated } from "./events.ts";
import type { TaskState, VmState } from "./states.ts";

/** What ends a stage of an operation. */
export type OperationStep =
  /** Nothing: the stage is only shown. */
  | "AdvanceTask"
  /** The driver changes the machine. */
  | "Operate"
  /** The driver takes the machine's disk. */
  | "TakeSnapshot"
  /** The image service gets what was taken. */
  | "StoreSnapshot"
  | "DestroyMachine"
  | "PrepareDisksAgain"
  | "RunAgain"
  | "RunFromShelf"
  /** The scheduler looks for a host. */
  | "ChooseDestination";

/** A part of an operation, as clients see it. */
export interface Stage {
  /** Shown while it lasts. */
  readonly task: TaskState;
  readonly step: OperationStep;
  /** What its host calls the work, in the events of the instance action. */
  readonly event: string;
  /** Servers that go through it; by default all do. */
  readonly only?: (server: StagedServer) => boolean;
}

/** What stages look at. */
export interface StagedServer {
  /** Null: it boots from a volume. */
  readonly image: ImageSnapshot | null;
  readonly vmState: VmState;
}

/** How a lock stops an operation, unless as usual: in the words for a wrong state, or not at all. */
export type LockRule = "as a wrong state" | "ignored";

export interface OperationRow {
  /** The event that asks for it, and the one that says it is done. */
  readonly requested: string;
  readonly done: string;
  /** The key of `POST /servers/{id}/action`, or `delete`. */
  readonly action: string;
  /** nova/compute/instance_actions.py. */
  readonly instanceAction: string;
  /** How refusals call it: "Cannot 'pause' instance …". */
  readonly word: string;
  readonly vmStates: readonly VmState[];
  /** Tasks that it may interrupt; null: none under way, as is asked by default. */
  readonly taskStates?: readonly (TaskState | null)[];
  /** By default as usual. */
  readonly lock?: LockRule;
  /** Whether Nova looks for its host before it looks at the state. */
  readonly needsHost?: true;
  readonly stages: readonly [Stage, ...Stage[]];
  /** Absent: the server, its machine included, stays as it was. */
  endsIn?(before: VmState): VmState;
  /** Where a failure leaves the server; by default where it was. */
  readonly failsIn?: VmState;
}

const to = (state: VmState) => (): VmState => state;

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

/** A stage in which the driver does all there is to do. */
const operate = (task: TaskState, event: string): Stage => ({ task, step: "Operate", event });

const fromImage = ({ image }: StagedServer): boolean => image !== null;
const stopped = ({ vmState }: StagedServer): boolean => vmState === "stopped";

const IMAGEABLE = ["active", "stopped", "paused", "suspended"] as const;

export const OPERATIONS = {
  start: {
    requested: "ServerStartRequested",
    done: "ServerStarted",
    action: "os-start",
    instanceAction: "start",
    word: "start",
    vmStates: ["stopped"],
    needsHost: true,
    stages: [operate("powering-on", "compute_start_instance")],
    endsIn: to("active"),
  },
  stop: {
    requested: "ServerStopRequested",
    done: "ServerStopped",
    action: "os-stop",
    instanceAction: "stop",
    word: "stop",
    vmStates: ["active", "error"],
    needsHost: true,
    stages: [operate("powering-off", "compute_stop_instance")],
    endsIn: to("stopped"),
  },
  softReboot: {
    requested: "ServerSoftRebootRequested",
    done: "ServerSoftRebooted",
    action: "reboot",
    instanceAction: "reboot",
    word: "reboot",
    vmStates: ["active"],
    stages: [
      { task: "rebooting", step: "AdvanceTask", event: "compute_reboot_instance" },
      { task: "reboot_pending", step: "AdvanceTask", event: "compute_reboot_instance" },
      operate("reboot_started", "compute_reboot_instance"),
    ],
    endsIn: to("active"),
  },
  hardReboot: {
    requested: "ServerHardRebootRequested",
    done: "ServerHardRebooted",
    action: "reboot",
    instanceAction: "reboot",
    word: "reboot",
    vmStates: ["active", "stopped", "paused", "suspended", "error"],
    taskStates: INTERRUPTIBLE,
    stages: [
      { task: "rebooting_hard", step: "AdvanceTask", event: "compute_reboot_instance" },
      { task: "reboot_pending_hard", step: "AdvanceTask", event: "compute_reboot_instance" },
      operate("reboot_started_hard", "compute_reboot_instance"),
    ],
    endsIn: to("active"),
    failsIn: "error",
  },
  pause: {
    requested: "ServerPauseRequested",
    done: "ServerPaused",
    action: "pause",
    instanceAction: "pause",
    word: "pause",
    vmStates: ["active"],
    stages: [operate("pausing", "compute_pause_instance")],
    endsIn: to("paused"),
  },
  unpause: {
    requested: "ServerUnpauseRequested",
    done: "ServerUnpaused",
    action: "unpause",
    instanceAction: "unpause",
    word: "unpause",
    vmStates: ["paused"],
    stages: [operate("unpausing", "compute_unpause_instance")],
    endsIn: to("active"),
  },
  suspend: {
    requested: "ServerSuspendRequested",
    done: "ServerSuspended",
    action: "suspend",
    instanceAction: "suspend",
    word: "suspend",
    vmStates: ["active"],
    stages: [operate("suspending", "compute_suspend_instance")],
    endsIn: to("suspended"),
  },
  resume: {
    requested: "ServerResumeRequested",
    done: "ServerResumed",
    action: "resume",
    instanceAction: "resume",
    word: "resume",
    vmStates: ["suspended"],
    stages: [operate("resuming", "compute_resume_instance")],
    endsIn: to("active"),
  },
  changePassword: {
    requested: "ServerPasswordChangeRequested",
    done: "ServerPasswordChanged",
    action: "changePassword",
    instanceAction: "changePassword",
    word: "changePassword",
    vmStates: ["active"],
    // Nova's endpoint for passwords takes a lock for any other wrong state.
    lock: "as a wrong state",
    stages: [operate("updating_password", "compute_set_admin_password")],
    endsIn: to("active"),
  },
  rescue: {
    requested: "ServerRescueRequested",
    done: "ServerRescued",
    action: "rescue",
    instanceAction: "rescue",
    word: "rescue",
    vmStates: ["active", "stopped", "error"],
    stages: [operate("rescuing", "compute_rescue_instance")],
    endsIn: to("rescued"),
  },
  unrescue: {
    requested: "ServerUnrescueRequested",
    done: "ServerUnrescued",
    action: "unrescue",
    instanceAction: "unrescue",
    word: "unrescue",
    vmStates: ["rescued"],
    stages: [operate("unrescuing", "compute_unrescue_instance")],
    endsIn: to("active"),
  },
  createImage: {
    requested: "ServerImageRequested",
    done: "ServerImageCreated",
    action: "createImage",
    instanceAction: "createImage",
    word: "createImage",
    vmStates: IMAGEABLE,
    lock: "ignored",
    stages: [
      { task: "image_snapshot_pending", step: "AdvanceTask", event: "compute_snapshot_instance" },
      { task: "image_snapshot", step: "TakeSnapshot", event: "compute_snapshot_instance" },
      { task: "image_pending_upload", step: "AdvanceTask", event: "compute_snapshot_instance" },
      { task: "image_uploading", step: "StoreSnapshot", event: "compute_snapshot_instance" },
    ],
  },
  createBackup: {
    requested: "ServerBackupRequested",
    done: "ServerBackupCreated",
    action: "createBackup",
    instanceAction: "createBackup",
    word: "createBackup",
    vmStates: IMAGEABLE,
    lock: "ignored",
    stages: [
      { task: "image_backup", step: "TakeSnapshot", event: "compute_backup_instance" },
      { task: "image_pending_upload", step: "AdvanceTask", event: "compute_backup_instance" },
      { task: "image_uploading", step: "StoreSnapshot", event: "compute_backup_instance" },
    ],
  },
  rebuild: {
    requested: "ServerRebuildRequested",
    done: "ServerRebuilt",
    action: "rebuild",
    instanceAction: "rebuild",
    word: "rebuild",
    vmStates: ["active", "stopped", "error"],
    stages: [
      { task: "rebuilding", step: "DestroyMachine", event: "compute_rebuild_instance" },
      {
        task: "rebuild_block_device_mapping",
        step: "PrepareDisksAgain",
        event: "compute_rebuild_instance",
      },
      { task: "rebuild_spawning", step: "RunAgain", event: "compute_rebuild_instance" },
      // A server that was stopped is stopped again.
      { ...operate("powering-off", "compute_stop_instance"), only: stopped },
    ],
    endsIn: (before: VmState): VmState => before === "stopped" ? "stopped" : "active",
    failsIn: "error",
  },
  shelve: {
    requested: "ServerShelveRequested",
    done: "ServerShelved",
    action: "shelve",
    instanceAction: "shelve",
    word: "shelve",
    vmStates: IMAGEABLE,
    stages: [
      operate("shelving", "compute_shelve_instance"),
      // What is on a volume stays there.
      {
        task: "shelving_image_pending_upload",
        step: "TakeSnapshot",
        event: "compute_shelve_instance",
        only: fromImage,
      },
      {
        task: "shelving_image_uploading",
        step: "StoreSnapshot",
        event: "compute_shelve_instance",
        only: fromImage,
      },
    ],
    endsIn: to("shelved"),
  },
  shelveOffload: {
    requested: "ServerShelveOffloadRequested",
    done: "ServerShelveOffloaded",
    action: "shelveOffload",
    instanceAction: "shelveOffload",
    word: "shelveOffload",
    vmStates: ["shelved"],
    stages: [{
      task: "shelving_offloading",
      step: "DestroyMachine",
      event: "compute_shelve_offload_instance",
    }],
    endsIn: to("shelved_offloaded"),
  },
  unshelve: {
    requested: "ServerUnshelveRequested",
    done: "ServerUnshelved",
    action: "unshelve",
    instanceAction: "unshelve",
    word: "unshelve",
    vmStates: ["shelved", "shelved_offloaded"],
    stages: [
      {
        task: "unshelving",
        step: "AdvanceTask",
        event: "compute_start_instance",
        only: ({ vmState }) => vmState !== "shelved_offloaded",
      },
      {
        ...operate("powering-on", "compute_start_instance"),
        only: ({ vmState }) => vmState !== "shelved_offloaded",
      },
      {
        task: "unshelving",
        step: "ChooseDestination",
        event: "schedule_instances",
        only: ({ vmState }) => vmState === "shelved_offloaded",
      },
      {
        task: "spawning",
        step: "RunFromShelf",
        event: "compute_unshelve_instance",
        only: ({ vmState }) => vmState === "shelved_offloaded",
      },
    ],
    endsIn: to("active"),
  },
  softDelete: {
    requested: "ServerSoftDeleteRequested",
    done: "ServerSoftDeleted",
    action: "delete",
    instanceAction: "delete",
    word: "soft_delete",
    // Begun by DELETE, in any state.
    vmStates: [],
    stages: [operate("soft-deleting", "compute_soft_delete_instance")],
    endsIn: to("soft-delete"),
  },
  restore: {
    requested: "ServerRestoreRequested",
    done: "ServerRestored",
    action: "restore",
    instanceAction: "restore",
    word: "restore",
    vmStates: ["soft-delete"],
    lock: "as a wrong state",
    stages: [operate("restoring", "compute_restore_instance")],
    endsIn: to("active"),
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
  readonly createImage: NewImage;
  readonly createBackup: NewImage & {
    /** Such as `daily`: only backups of one type take turns. */
    readonly backupType: string;
    /** How many of the type are kept, this one included. */
    readonly rotation: number;
  };
  readonly rebuild: {
    readonly adminPass: Sealed;
    readonly preserveEphemeral: boolean;
    readonly changes: RebuildChanges;
  };
  readonly shelve: Pick<NewImage, "imageId" | "name">;
  readonly unshelve: {
    /** The zone it is to stay in from now on; null: any. Absent: as before. */
    readonly pinnedAvailabilityZone?: string | null;
    /** The host that an administrator insisted on. */
    readonly host: string | null;
  };
}

/** An image to be made of a server. */
export interface NewImage {
  readonly imageId: string;
  readonly name: string;
  /** Properties of the image, as the request gave them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a rebuild changes of the server at once; a key that is absent stays. */
export interface RebuildChanges extends Omit<ServerUpdated["data"], "pinnedAvailabilityZone"> {
  /** Null: it boots from its volume. */
  readonly image: ImageSnapshot | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly keyName?: string | null;
  readonly userData?: Sealed | null;
  readonly personality?: readonly PersonalityFile[];
  readonly trustedImageCertificates?: readonly string[] | null;
}

/** What some operations leave behind besides their end. */
interface Results {
  /** `offloads`: the host is left at once. */
  readonly shelve: { readonly offloads: boolean };
}

/** What an operation needs besides its name. */
export type InputOf<Name extends Operation> = Name extends keyof Inputs ? Inputs[Name]
  : Readonly<Record<never, never>>;

/** What an operation leaves behind. */
export type ResultOf<Name extends Operation> = Name extends keyof Results ? Results[Name]
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

/** What was asked was done. */
export type OperationDone = {
  [Name in Operation]: {
    readonly type: (typeof OPERATIONS)[Name]["done"];
    readonly data: ResultOf<Name>;
  };
}[Operation];

const BY_EVENT: ReadonlyMap<string, Operation> = new Map(
  (Object.keys(OPERATIONS) as Operation[]).flatMap((name) => [
    [OPERATIONS[name].requested, name],
    [OPERATIONS[name].done, name],
  ]),
);

/** The operation that one of its two events is about; undefined for other events. */
export function operationOf(type: OperationRequested["type"] | OperationDone["type"]): Operation;
export function operationOf(type: string): Operation | undefined;
export function operationOf(type: string): Operation | undefined {
  return BY_EVENT.get(type);
}

/** The fields of every input: those of a later release are left in the log. */
const INPUT_FIELDS: {
  readonly [Name in keyof Inputs]: Readonly<Record<keyof Required<Inputs[Name]>, true>>;
} = {
  changePassword: { adminPass: true },
  rescue: { adminPass: true, imageId: true },
  createImage: { imageId: true, name: true, metadata: true },
  createBackup: { imageId: true, name: true, metadata: true, backupType: true, rotation: true },
  rebuild: { adminPass: true, preserveEphemeral: true, changes: true },
  shelve: { imageId: true, name: true },
  unshelve: { pinnedAvailabilityZone: true, host: true },
};

/** The request that an event tells of. */
export function requestIn({ type, data }: OperationRequested): OperationRequest {
  const name = operationOf(type);
  const fields = name in INPUT_FIELDS ? INPUT_FIELDS[name as keyof Inputs] : {};
  const input = Object.fromEntries(Object.entries(data).filter(([key]) => key in fields));
  return { name, input } as OperationRequest;
}

/** A row by name, with no more known of it than of every row. */
export function rowOf(operation: Operation): OperationRow {
  return OPERATIONS[operation];
}

/** The stages that an operation goes through on a server. */
export function stagesOf(operation: Operation, server: StagedServer): readonly Stage[] {
  return rowOf(operation).stages.filter(({ only }) => only === undefined || only(server));
}

/** The stage that a server is in; undefined when no operation is under way. */
export function stageOf(server: OperatedServer): Stage | undefined {
  const { operation, taskState } = server;
  if (operation === null) return undefined;
  return stagesOf(operation.name, server).find(({ task }) => task === taskState);
}

/** The stage that follows; undefined behind the last. */
export function stageAfter(server: OperatedServer): Stage | undefined {
  const { operation, taskState } = server;
  if (operation === null) return undefined;
  const stages = stagesOf(operation.name, server);
  return stages[stages.findIndex(({ task }) => task === taskState) + 1];
}

interface OperatedServer extends StagedServer {
  readonly operation: { readonly name: Operation } | null;
  readonly taskState: TaskState | null;
}
