/**
 * Operations on a server that is there: what each asks of its state, the stages it goes through, and
 * where it ends. Source: nova/compute/api.py; nova/compute/manager.py; docs "Server concepts".
 */
import type { Sealed } from "../../store/secrets.ts";
import type {
  BootNotes,
  DiskConfig,
  FlavorSnapshot,
  ImageSnapshot,
  PersonalityFile,
  ServerUpdated,
} from "./events.ts";
import type { Move } from "./moves.ts";
import { POWER_STATE, type PowerState, type TaskState, type VmState } from "./states.ts";

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
  | "ChooseDestination"
  /** The machine goes off, and its disks go to another host as well. */
  | "MoveDisks"
  /** There it is again, in its new size. */
  | "FinishMove"
  /** What was left where it came from goes. */
  | "ConfirmMove"
  /** It is again where it came from, in the size that it had. */
  | "RevertMove"
  /** A machine goes to another host while it runs. */
  | "MigrateLive"
  /** The same, at the cost of a break. */
  | "CompleteLive"
  /** It stays where it is after all. */
  | "CancelLive";

/** A part of an operation, as clients see it. */
export interface Stage {
  /** Shown while it lasts; null: it does not show. */
  readonly task: TaskState | null;
  readonly step: OperationStep;
  /** What its host calls the work, in the events of the instance action; absent: nothing. */
  readonly event?: string;
  /** What goes on around it, which has events too, begun before its own. */
  readonly around?: readonly string[];
  /** What is over as soon as it has begun, before all that. */
  readonly atFirst?: readonly string[];
  /** What the host that it was to go to does in the end, when it has arrived or will not. */
  readonly atLast?: { readonly arrived: string; readonly stayed: string };
  /** What it is a part of, without an event of its own, if that is under way. */
  readonly partOf?: string;
  /** Servers that go through it; by default all do. */
  readonly only?: (server: StagedServer) => boolean;
  /** A failure leaves the server as it was, whatever is said of the operation. */
  readonly isHarmless?: true;
}

/** What stages look at. */
export interface StagedServer {
  readonly boot: BootNotes;
  readonly vmState: VmState;
  readonly powerState: PowerState;
  readonly move: Move | null;
}

/** How a lock stops an operation, unless as usual: in the words for a wrong state, or not at all. */
export type LockRule = "as a wrong state" | "ignored";

export interface OperationRow {
  /** The event that asks for it, and the one that says it is done. */
  readonly requested: string;
  readonly done: string;
  /** The key of `POST /servers/{id}/action`, `delete`, or the name of an external event. */
  readonly action: string;
  /** nova/compute/instance_actions.py. */
  readonly instanceAction: string;
  /** How refusals call it: "Cannot 'pause' instance …". */
  readonly word: string;
  readonly vmStates: readonly VmState[];
  /** Tasks that it may interrupt; null: none under way, as is asked by default. */
  readonly taskStates?: readonly (TaskState | null)[] | "any";
  /** By default as usual. */
  readonly lock?: LockRule;
  /** Whether it must be on a host, and whether Nova asks that before or behind its state. */
  readonly needsHost?: "before its state" | "behind its state";
  readonly stages: readonly [Stage, ...Stage[]];
  /** Absent: the server, its machine included, stays as it was. */
  endsIn?(server: StagedServer): VmState;
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

const fromImage = ({ boot }: StagedServer): boolean => !boot.isVolumeBacked;
const fromVolume = ({ boot }: StagedServer): boolean => boot.isVolumeBacked;
const stopped = ({ vmState }: StagedServer): boolean => vmState === "stopped";
const isOnHost = ({ vmState }: StagedServer): boolean => vmState !== "shelved_offloaded";
const isOffloaded = ({ vmState }: StagedServer): boolean => vmState === "shelved_offloaded";

/** No host has been chosen yet. */
const isLookingForHost = ({ move }: StagedServer): boolean => !move?.destination;
/** The first of two stages that show the same task. */
const isInFirstHalf = ({ move }: StagedServer): boolean => !move?.isHalfway;
const isToAbort = ({ move }: StagedServer): boolean => move?.wish === "abort";
const isToComplete = ({ move }: StagedServer): boolean => move?.wish === "complete";
const isUndisturbed = ({ move }: StagedServer): boolean => !move?.wish;
/** It was off before it was moved, or is to be off now. */
const endsOff = ({ move }: StagedServer): boolean => move?.endsOff === true;

/** nova/compute/manager.py: `prep_resize`, `resize_instance`, `finish_resize`. */
const MOVE_STAGES = [
  {
    task: "resize_prep",
    step: "ChooseDestination",
    event: "cold_migrate",
    around: ["conductor_migrate_server"],
    only: isLookingForHost,
    isHarmless: true,
  },
  { task: "resize_prep", step: "AdvanceTask", event: "compute_prep_resize", isHarmless: true },
  { task: "resize_migrating", step: "MoveDisks", event: "compute_resize_instance" },
  { task: "resize_migrated", step: "AdvanceTask", event: "compute_resize_instance" },
  { task: "resize_finish", step: "FinishMove", event: "compute_finish_resize" },
] as const satisfies readonly Stage[];

/** What was stopped before a rebuild, or a move, is stopped again as a part of that. */
const stopAgain = (within: string): Stage => ({
  ...operate("powering-off", "compute_stop_instance"),
  around: [within],
});

/** nova/conductor/manager.py, `unshelve_instance`. */
const UNSHELVING = {
  task: "unshelving",
  step: "ChooseDestination",
  event: "schedule_instances",
} as const satisfies Stage;

/** nova/compute/manager.py: `_post_live_migration`, `_rollback_live_migration`. */
const LIVE_ENDS = {
  arrived: "compute_post_live_migration_at_destination",
  stayed: "compute_rollback_live_migration_at_destination",
} as const;

const IMAGEABLE = ["active", "stopped", "paused", "suspended"] as const;

export const OPERATIONS = {
  start: {
    requested: "ServerStartRequested",
    done: "ServerStarted",
    action: "os-start",
    instanceAction: "start",
    word: "start",
    vmStates: ["stopped"],
    needsHost: "before its state",
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
    needsHost: "before its state",
    stages: [operate("powering-off", "compute_stop_instance")],
    endsIn: to("stopped"),
  },
  powerOn: {
    requested: "ServerPowerOnReported",
    done: "ServerPoweredOn",
    action: "power-update",
    instanceAction: "start",
    word: "power on",
    vmStates: ["stopped"],
    lock: "ignored",
    stages: [operate("powering-on", "compute_power_update")],
    endsIn: to("active"),
  },
  powerOff: {
    requested: "ServerPowerOffReported",
    done: "ServerPoweredOff",
    action: "power-update",
    instanceAction: "stop",
    word: "power off",
    vmStates: ["active"],
    lock: "ignored",
    stages: [operate("powering-off", "compute_power_update")],
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
      {
        task: "rebuilding",
        step: "DestroyMachine",
        atFirst: ["rebuild_server"],
        event: "compute_rebuild_instance",
      },
      {
        task: "rebuild_block_device_mapping",
        step: "PrepareDisksAgain",
        event: "compute_rebuild_instance",
      },
      { task: "rebuild_spawning", step: "RunAgain", event: "compute_rebuild_instance" },
      { ...stopAgain("compute_rebuild_instance"), only: stopped },
    ],
    endsIn: ({ vmState }: StagedServer): VmState => vmState === "stopped" ? "stopped" : "active",
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
      { ...operate("shelving", "compute_shelve_instance"), only: fromImage },
      { ...operate("shelving", "compute_shelve_offload_instance"), only: fromVolume },
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
      partOf: "compute_shelve_instance",
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
        only: isOnHost,
      },
      { ...operate("powering-on", "compute_start_instance"), only: isOnHost },
      {
        ...UNSHELVING,
        atFirst: ["get_image_info"],
        only: (server) => isOffloaded(server) && fromImage(server),
      },
      { ...UNSHELVING, only: (server) => isOffloaded(server) && fromVolume(server) },
      {
        task: "spawning",
        step: "RunFromShelf",
        event: "compute_unshelve_instance",
        only: isOffloaded,
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
  resize: {
    requested: "ServerResizeRequested",
    done: "ServerResized",
    action: "resize",
    instanceAction: "resize",
    word: "resize",
    vmStates: ["active", "stopped"],
    needsHost: "behind its state",
    stages: MOVE_STAGES,
    endsIn: to("resized"),
    failsIn: "error",
  },
  migrate: {
    requested: "ServerMigrationRequested",
    done: "ServerMigrated",
    action: "migrate",
    instanceAction: "migrate",
    word: "migrate",
    vmStates: ["active", "stopped"],
    needsHost: "behind its state",
    stages: MOVE_STAGES,
    endsIn: to("resized"),
    failsIn: "error",
  },
  confirmResize: {
    requested: "ServerResizeConfirmRequested",
    done: "ServerResizeConfirmed",
    action: "confirmResize",
    instanceAction: "confirmResize",
    word: "confirmResize",
    vmStates: ["resized"],
    stages: [{ task: null, step: "ConfirmMove", event: "compute_confirm_resize" }],
    endsIn: ({ powerState }: StagedServer): VmState =>
      powerState === POWER_STATE.shutDown ? "stopped" : "active",
    failsIn: "error",
  },
  revertResize: {
    requested: "ServerResizeRevertRequested",
    done: "ServerResizeReverted",
    action: "revertResize",
    instanceAction: "revertResize",
    word: "revertResize",
    vmStates: ["resized"],
    stages: [
      {
        task: "resize_reverting",
        step: "AdvanceTask",
        event: "compute_revert_resize",
        only: isInFirstHalf,
      },
      { task: "resize_reverting", step: "RevertMove", event: "compute_finish_revert_resize" },
      { ...stopAgain("compute_finish_revert_resize"), only: endsOff },
    ],
    endsIn: ({ move }: StagedServer): VmState => move?.vmState ?? "active",
    failsIn: "error",
  },
  liveMigrate: {
    requested: "ServerLiveMigrationRequested",
    done: "ServerLiveMigrated",
    action: "os-migrateLive",
    instanceAction: "live-migration",
    word: "os-migrateLive",
    vmStates: ["active", "paused"],
    stages: [
      {
        task: "migrating",
        step: "CancelLive",
        atLast: LIVE_ENDS,
        only: isToAbort,
      },
      {
        task: "migrating",
        step: "ChooseDestination",
        event: "conductor_live_migrate_instance",
        only: (server) => isUndisturbed(server) && isLookingForHost(server),
      },
      {
        task: "migrating",
        step: "AdvanceTask",
        around: ["conductor_live_migrate_instance", "compute_check_can_live_migrate_destination"],
        event: "compute_check_can_live_migrate_source",
        only: (server) => isUndisturbed(server) && isInFirstHalf(server),
      },
      {
        task: "migrating",
        step: "CompleteLive",
        atLast: LIVE_ENDS,
        only: isToComplete,
      },
      {
        task: "migrating",
        step: "MigrateLive",
        // Hosts are only asked to begin.
        atFirst: ["compute_live_migration", "compute_pre_live_migration"],
        atLast: LIVE_ENDS,
        only: isUndisturbed,
      },
    ],
  },
  evacuate: {
    requested: "ServerEvacuationRequested",
    done: "ServerEvacuated",
    action: "evacuate",
    instanceAction: "evacuate",
    word: "evacuate",
    vmStates: ["active", "stopped", "error"],
    taskStates: "any",
    lock: "ignored",
    stages: [
      {
        task: "rebuilding",
        step: "ChooseDestination",
        event: "rebuild_server",
        only: isLookingForHost,
      },
      { task: "rebuilding", step: "AdvanceTask", event: "compute_rebuild_instance" },
      {
        task: "rebuild_block_device_mapping",
        step: "PrepareDisksAgain",
        event: "compute_rebuild_instance",
      },
      { task: "rebuild_spawning", step: "RunAgain", event: "compute_rebuild_instance" },
      { ...stopAgain("compute_rebuild_instance"), only: endsOff },
    ],
    endsIn: (server: StagedServer): VmState => endsOff(server) ? "stopped" : "active",
    failsIn: "error",
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
  readonly resize: {
    readonly migrationId: string;
    readonly flavor: FlavorSnapshot;
    readonly diskConfig: DiskConfig;
  };
  readonly migrate: Destination;
  readonly liveMigrate: Destination & {
    /** Whether disks go along; null: whatever the hosts need. */
    readonly blockMigration: boolean | null;
    readonly diskOverCommit: boolean;
    /** Whether the host is taken whatever zone the server is to be in. */
    readonly isForced: boolean;
  };
  readonly evacuate: Destination & {
    readonly adminPass: Sealed | null;
    readonly isForced: boolean;
    /** Whether it is off at the end, whatever it was: from microversion 2.95 on. */
    readonly stops: boolean;
  };
}

/** Where a server is to go. */
interface Destination {
  /** Of the record of the move: a UUID. */
  readonly migrationId: string;
  /** The host that an administrator insisted on; null: any. */
  readonly host: string | null;
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
  /** Null: none is named, it boots from its volume. */
  readonly image: ImageSnapshot | null;
  /** Absent: as before. */
  readonly boot?: BootNotes;
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
  readonly unshelve: {
    /** Of all its volumes, by their ids; absent: as they are. */
    readonly deviceNames?: Readonly<Record<string, string>>;
  };
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
  resize: { migrationId: true, flavor: true, diskConfig: true },
  migrate: { migrationId: true, host: true },
  liveMigrate: {
    migrationId: true,
    host: true,
    blockMigration: true,
    diskOverCommit: true,
    isForced: true,
  },
  evacuate: { migrationId: true, host: true, adminPass: true, isForced: true, stops: true },
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

/** Whether nobody can know how a machine is whose operation comes to nothing at this moment. */
export function leavesInDoubt(server: OperatedServer): boolean {
  if (server.operation === null) return false;
  return rowOf(server.operation.name).failsIn === "error" && !stageOf(server)?.isHarmless;
}

interface OperatedServer extends StagedServer {
  readonly operation: { readonly name: Operation } | null;
  readonly taskState: TaskState | null;
}
