/** What can happen to a server. These are storage formats: see docs/ARCHITECTURE.md, "Events". */
import type { RejectionKind } from "../../eventsourcing/decider.ts";
import type { Sealed } from "../../store/secrets.ts";
import type { MemoryCopied } from "./moves.ts";
import type { Operation, OperationDone, OperationRequested } from "./operations.ts";
import type { PowerState, TaskState } from "./states.ts";
import type { Placement } from "../hosts/scheduler.ts";

export type ServerEvent =
  | ServerCreated
  | ServerScheduled
  | ServerNetworked
  | ServerDisksPrepared
  | ServerSpawned
  | ServerBuildRescheduled
  | ServerBuildFailed
  | ServerUpdated
  | ServerMetadataChanged
  | ServerTagsChanged
  | ServerLocked
  | ServerUnlocked
  | ServerDeleteRequested
  | ServerDeleted
  | OperationRequested
  | OperationDone
  | ServerTaskAdvanced
  | ServerDestinationChosen
  | ServerMigrationProgressed
  | ServerMigrationAbortRequested
  | ServerMigrationForceCompleteRequested
  | ServerMigrationCancelled
  | ServerEvacuationCompleted
  | ServerOperationFailed
  | ServerStateReset
  | ServerPowerStateSynced
  | ServerPowerUpdateIgnored
  | ServerVolumeExtended
  | ServerFixedIpChangeFailed
  | ServerCrashDumpTriggered
  | ServerNetworkInfoInjected
  | ServerVolumeEvent
  | ServerVolumeImageEvent
  | InterfaceEvent;

/** What can happen to the volumes of a server. */
export type ServerVolumeEvent =
  | ServerVolumeAttachRequested
  | ServerVolumeAttached
  | ServerVolumeAttachFailed
  | ServerVolumeDetachRequested
  | ServerVolumeDetached
  | ServerVolumeDetachFailed
  | ServerVolumeSwapRequested
  | ServerVolumeSwapped
  | ServerVolumeSwapFailed
  | ServerVolumeUpdated;

/** What can happen of an image of a server that boots from a volume. */
export type ServerVolumeImageEvent =
  | ServerVolumeImageRequested
  | ServerVolumeImageCreated
  | ServerVolumeImageFailed;

/** A create was accepted: everything that was asked for, with defaults filled in. */
export interface ServerCreated {
  readonly type: "ServerCreated";
  readonly data: {
    readonly projectId: string;
    readonly userId: string;
    readonly name: string;
    readonly hostname: string;
    /** Below microversion 2.19 a new server's description is its name. */
    readonly description: string | null;
    readonly flavor: FlavorSnapshot;
    /** The image that was named; null: none, it boots from a volume. */
    readonly image: ImageSnapshot | null;
    /** Absent: it boots from a volume if it has no image, and nothing but the flavor was noted. */
    readonly boot?: BootNotes;
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags: readonly string[];
    readonly accessIPv4: string | null;
    readonly accessIPv6: string | null;
    readonly diskConfig: DiskConfig;
    readonly configDrive: boolean;
    readonly keyName: string | null;
    readonly userData: Sealed | null;
    readonly personality: readonly PersonalityFile[];
    /** The zone that was named, if one was: where the server stays for life. */
    readonly requestedZone: string | null;
    /** A host, and a node of it, that an administrator insisted on. */
    readonly requestedHost: { readonly host: string | null; readonly node: string | null } | null;
    readonly networks: readonly RequestedNetwork[];
    readonly securityGroups: readonly string[];
    readonly blockDevices: readonly BlockDevice[];
    /** Those of the block devices that are volumes. Absent: there are none. */
    readonly volumes?: readonly ServerVolume[];
    readonly schedulerHints: Readonly<Record<string, readonly string[]>>;
    readonly trustedImageCertificates: readonly string[] | null;
    /** `r-` and eight of `[0-9a-z]`: one per create request. */
    readonly reservationId: string;
    /** Place in the request's batch, from 0. */
    readonly launchIndex: number;
  };
}

/** The scheduler chose a host; the flavor's size is claimed on it from here on. */
export interface ServerScheduled {
  readonly type: "ServerScheduled";
  readonly data: {
    readonly host: string;
    readonly node: string;
    readonly availabilityZone: string;
    /** Who was considered, what each filter removed, and the weights. */
    readonly decision: Placement;
  };
}

/** Its ports exist, with their addresses. */
export interface ServerNetworked {
  readonly type: "ServerNetworked";
  readonly data: { readonly ports: readonly ServerPort[] };
}

/** Its block devices are ready to boot from. */
export interface ServerDisksPrepared {
  readonly type: "ServerDisksPrepared";
  readonly data: {
    readonly rootDeviceName: string;
    /** Under which names the server has its volumes, by their ids. Absent: it has none. */
    readonly deviceNames?: Readonly<Record<string, string>>;
  };
}

/** The machine runs. */
export interface ServerSpawned {
  readonly type: "ServerSpawned";
  readonly data: Readonly<Record<never, never>>;
}

/** The build failed on a host and gave back what it had there; another host is looked for. */
export interface ServerBuildRescheduled {
  readonly type: "ServerBuildRescheduled";
  readonly data: {
    readonly host: string;
    /** In words that the server's owner may read. */
    readonly reason: string;
    readonly details: string;
  };
}

/** The build ended in an error, and everything that had been claimed for it is given back. */
export interface ServerBuildFailed {
  readonly type: "ServerBuildFailed";
  readonly data: {
    readonly fault: { readonly code: number; readonly message: string; readonly details?: string };
    /** For "No valid host": who was considered, and what each filter removed. */
    readonly decision?: Placement;
  };
}

/** Attributes that PUT may change; a key that is absent did not change. */
export interface ServerUpdated {
  readonly type: "ServerUpdated";
  readonly data: {
    readonly name?: string;
    readonly description?: string | null;
    readonly accessIPv4?: string;
    readonly accessIPv6?: string;
    readonly diskConfig?: DiskConfig;
    readonly hostname?: string;
    readonly pinnedAvailabilityZone?: string | null;
  };
}

export interface ServerMetadataChanged {
  readonly type: "ServerMetadataChanged";
  readonly data: {
    readonly set: Readonly<Record<string, string>>;
    readonly removed: readonly string[];
  };
}

export interface ServerTagsChanged {
  readonly type: "ServerTagsChanged";
  readonly data: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

export interface ServerLocked {
  readonly type: "ServerLocked";
  readonly data: { readonly lockedBy: "owner" | "admin"; readonly reason?: string };
}

export interface ServerUnlocked {
  readonly type: "ServerUnlocked";
  readonly data: Readonly<Record<never, never>>;
}

/** A delete was accepted; the machine and all that belongs to it must go. */
export interface ServerDeleteRequested {
  readonly type: "ServerDeleteRequested";
  readonly data: Readonly<Record<never, never>>;
}

/** Nothing of it is left; quota and the claim on the host are free again. */
export interface ServerDeleted {
  readonly type: "ServerDeleted";
  readonly data: Readonly<Record<never, never>>;
}

/** An operation has come to its next task. */
export interface ServerTaskAdvanced {
  readonly type: "ServerTaskAdvanced";
  readonly data: { readonly taskState: TaskState };
}

/** The scheduler chose a host for a server that is to run again; its size is claimed there. */
export interface ServerDestinationChosen {
  readonly type: "ServerDestinationChosen";
  readonly data: ServerScheduled["data"];
}

/** A machine that is moved while it runs has come nearer to its new host. */
export interface ServerMigrationProgressed {
  readonly type: "ServerMigrationProgressed";
  readonly data: {
    /** In percent. */
    readonly progress: number;
    readonly memory: MemoryCopied;
  };
}

/** An administrator wants a server that is moved while it runs to stay where it is. */
export interface ServerMigrationAbortRequested {
  readonly type: "ServerMigrationAbortRequested";
  readonly data: Readonly<Record<never, never>>;
}

/** An administrator wants a move to end, though the machine stands still for it. */
export interface ServerMigrationForceCompleteRequested {
  readonly type: "ServerMigrationForceCompleteRequested";
  readonly data: Readonly<Record<never, never>>;
}

/** A move was aborted: the server is where it was. */
export interface ServerMigrationCancelled {
  readonly type: "ServerMigrationCancelled";
  readonly data: Readonly<Record<never, never>>;
}

/** A host that the server was evacuated from is back, and has cleared away what was left there. */
export interface ServerEvacuationCompleted {
  readonly type: "ServerEvacuationCompleted";
  readonly data: { readonly host: string };
}

/** An operation did not succeed; the server is what it was, or in error where that is said. */
export interface ServerOperationFailed {
  readonly type: "ServerOperationFailed";
  readonly data: {
    readonly operation: Operation;
    readonly fault: { readonly code: number; readonly message: string; readonly details?: string };
    /** Whether nobody knows any more how the machine is. */
    readonly inError: boolean;
  };
}

/** An administrator said what state the server is in. */
export interface ServerStateReset {
  readonly type: "ServerStateReset";
  readonly data: { readonly vmState: "active" | "error" };
}

/** The hypervisor says other than was known of the machine's power. */
export interface ServerPowerStateSynced {
  readonly type: "ServerPowerStateSynced";
  readonly data: { readonly powerState: PowerState };
}

/** Another service said that the machine went on or off, at a moment when that meant nothing. */
export interface ServerPowerUpdateIgnored {
  readonly type: "ServerPowerUpdateIgnored";
  readonly data: { readonly power: "on" | "off" };
}

/** The guest was told to dump its memory. */
export interface ServerCrashDumpTriggered {
  readonly type: "ServerCrashDumpTriggered";
  readonly data: Readonly<Record<never, never>>;
}

/** An administrator had the guest's network settings put in again. */
export interface ServerNetworkInfoInjected {
  readonly type: "ServerNetworkInfoInjected";
  readonly data: Readonly<Record<never, never>>;
}

/** A volume is to be attached to the server. */
export interface ServerVolumeAttachRequested {
  readonly type: "ServerVolumeAttachRequested";
  readonly data: { readonly volume: ServerVolume };
}

export interface ServerVolumeAttached {
  readonly type: "ServerVolumeAttached";
  readonly data: { readonly volumeId: string };
}

/** A volume could not be attached, and is free again. */
export interface ServerVolumeAttachFailed {
  readonly type: "ServerVolumeAttachFailed";
  readonly data: { readonly volumeId: string; readonly message: string };
}

export interface ServerVolumeDetachRequested {
  readonly type: "ServerVolumeDetachRequested";
  readonly data: { readonly volumeId: string };
}

/** The server has a volume no more, and others may. */
export interface ServerVolumeDetached {
  readonly type: "ServerVolumeDetached";
  readonly data: { readonly volumeId: string };
}

/** A volume could not be detached: the server has it still. */
export interface ServerVolumeDetachFailed {
  readonly type: "ServerVolumeDetachFailed";
  readonly data: { readonly volumeId: string; readonly message: string };
}

/** Another volume is to take the place of one that the server has. */
export interface ServerVolumeSwapRequested {
  readonly type: "ServerVolumeSwapRequested";
  readonly data: {
    readonly volumeId: string;
    readonly by: { readonly volumeId: string; readonly attachmentId: string };
  };
}

/** The other volume is in its place. `volumeId` is that of the one it replaced. */
export interface ServerVolumeSwapped {
  readonly type: "ServerVolumeSwapped";
  readonly data: { readonly volumeId: string };
}

/** The server has the volume still that was to be replaced. */
export interface ServerVolumeSwapFailed {
  readonly type: "ServerVolumeSwapFailed";
  readonly data: { readonly volumeId: string; readonly message: string };
}

/** What becomes of a volume when its server is deleted was changed. */
export interface ServerVolumeUpdated {
  readonly type: "ServerVolumeUpdated";
  readonly data: { readonly volumeId: string; readonly deleteOnTermination: boolean };
}

/** The volume service said that a volume has grown; the server need not have it. */
export interface ServerVolumeExtended {
  readonly type: "ServerVolumeExtended";
  readonly data: { readonly volumeId: string };
}

/** An image is to be made of a server that boots from a volume: of a snapshot of each volume. */
export interface ServerVolumeImageRequested {
  readonly type: "ServerVolumeImageRequested";
  readonly data: {
    readonly imageId: string;
    readonly name: string;
    readonly snapshots: readonly { readonly volumeId: string; readonly snapshotId: string }[];
    /** What is said of the image; absent where it was made with the request or not at all. */
    readonly image?: {
      readonly minRamMib: number;
      readonly minDiskGib: number;
      readonly properties: Readonly<Record<string, string>>;
    };
  };
}

/** The snapshots and the image are there. */
export interface ServerVolumeImageCreated {
  readonly type: "ServerVolumeImageCreated";
  readonly data: { readonly imageId: string };
}

/** The volume or the image service refused; snapshots that were made stay. */
export interface ServerVolumeImageFailed {
  readonly type: "ServerVolumeImageFailed";
  readonly data: {
    readonly imageId: string;
    readonly message: string;
    /** What whoever asked is answered with; absent: nobody waits. */
    readonly code?: number;
  };
}

/** A volume that a server has, or is to have. */
export interface ServerVolume {
  readonly volumeId: string;
  /** Of the volume service's attachment. */
  readonly attachmentId: string;
  /** Of Nova's record of the block device. */
  readonly bdmId: string;
  /** 0: the server boots from it. */
  readonly bootIndex: number | null;
  /** `/dev/vdb`; null until it is known. */
  readonly deviceName: string | null;
  readonly tag: string | null;
  /** Whether it goes with its server. */
  readonly deleteOnTermination: boolean;
  /** What it is to be made of; null: it is there already. */
  readonly source: VolumeSource | null;
}

export type VolumeSource =
  & {
    /** Null: that of the snapshot. */
    readonly sizeGib: number | null;
    /** Id or name; null: the volume service's choice. */
    readonly volumeType: string | null;
  }
  & (
    | { readonly type: "blank" }
    | { readonly type: "image" | "snapshot"; readonly id: string }
  );

export type InterfaceEvent =
  | ServerInterfaceAttachRequested
  | ServerInterfaceAttached
  | ServerInterfaceAttachFailed
  | ServerInterfaceDetachRequested
  | ServerInterfaceDetached
  | ServerInterfaceDetachFailed
  | ServerInterfaceLost
  | ServerPortsChanged;

/** A port was asked for: one that is there, or a new one of that id. */
export interface ServerInterfaceAttachRequested {
  readonly type: "ServerInterfaceAttachRequested";
  readonly data: AskedInterface;
}

export interface AskedInterface {
  readonly portId: string;
  /** Where to make the port; null: it is there. */
  readonly make: { readonly networkId: string; readonly fixedIp: string | null } | null;
  /** What the guest knows the device by. */
  readonly tag: string | null;
}

/** The machine has the port. */
export interface ServerInterfaceAttached {
  readonly type: "ServerInterfaceAttached";
  readonly data: { readonly port: ServerPort };
}

/** The machine does not get the port, which is as it was before. */
export interface ServerInterfaceAttachFailed {
  readonly type: "ServerInterfaceAttachFailed";
  readonly data: {
    readonly portId: string;
    /** Null: nobody refused it, the machine failed. */
    readonly rejected: RejectionKind | null;
    readonly message: string;
  };
}

/** A port is to be taken from the machine. */
export interface ServerInterfaceDetachRequested {
  readonly type: "ServerInterfaceDetachRequested";
  readonly data: { readonly portId: string };
}

/** The machine is without the port. */
export interface ServerInterfaceDetached {
  readonly type: "ServerInterfaceDetached";
  readonly data: { readonly portId: string };
}

/** The machine keeps the port, or never had it. */
export interface ServerInterfaceDetachFailed {
  readonly type: "ServerInterfaceDetachFailed";
  readonly data: { readonly portId: string; readonly message: string };
}

/** The network service took a port away; the machine still has to let go of it. */
export interface ServerInterfaceLost {
  readonly type: "ServerInterfaceLost";
  readonly data: { readonly portId: string };
}

/** The network service changed ports of the server: as they are now. */
export interface ServerPortsChanged {
  readonly type: "ServerPortsChanged";
  readonly data: { readonly ports: readonly ServerPort[] };
}

/** An address that was asked for could not be had, or one was to go that the server does not have. */
export interface ServerFixedIpChangeFailed {
  readonly type: "ServerFixedIpChangeFailed";
  readonly data: { readonly fault: { readonly code: number; readonly message: string } };
}

export type DiskConfig = "AUTO" | "MANUAL";

/** The flavor as it was when it was chosen: later changes to it do not reach the server. */
export interface FlavorSnapshot {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  readonly ephemeralGib: number;
  readonly swapMib: number;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

/** The image as it was at the boot. */
export interface ImageSnapshot {
  readonly id: string;
  /** Only properties whose names Nova knows (`hw_…`, `os_…`, `img_…` and the old ones). */
  readonly properties: Readonly<Record<string, string>>;
}

/** What was noted, at the boot, of the image behind the root disk: later changes count for nothing. */
export interface BootNotes {
  /** Whether the root disk is a volume, be an image named or not. */
  readonly isVolumeBacked: boolean;
  readonly minRamMib: number;
  /** The flavor's own root disk at least: no smaller flavor will do any more. */
  readonly minDiskGib: number;
  /** What the volume service says of the image on the volume; absent: nothing, or it has no part. */
  readonly volumeImage?: ImageSnapshot;
}

/** A nic that was asked for: on a network, or through a port that exists. */
export interface RequestedNetwork {
  readonly networkId: string;
  readonly portId?: string;
  readonly fixedIp?: string;
  readonly tag?: string;
}

/** A port of the network service as the server shows it. */
export interface ServerPort {
  readonly id: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly macAddress: string;
  readonly fixedIps: readonly { readonly address: string; readonly subnetId: string }[];
  /** Addresses from outside that lead to its own; absent: not known when it was recorded. */
  readonly floatingIps?: readonly { readonly address: string; readonly fixedIp: string }[];
  /** Names; absent: those that the server was created with. */
  readonly securityGroups?: readonly string[];
  /** What the guest knows the device by. */
  readonly tag?: string;
}

/** A file put into the guest (up to microversion 2.56). */
export interface PersonalityFile {
  readonly path: string;
  readonly contents: Sealed;
}

/** A block device as asked for; `api-ref`, `block_device_mapping_v2`. */
export interface BlockDevice {
  readonly sourceType: "blank" | "image" | "snapshot" | "volume";
  readonly destinationType: "local" | "volume";
  readonly sourceId: string | null;
  readonly bootIndex: number | null;
  readonly sizeGib: number | null;
  readonly volumeType: string | null;
  readonly deviceName: string | null;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
  /** A swap disk on the host: its size is in MiB. */
  readonly isSwap?: true;
}
