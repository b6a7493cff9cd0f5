/** What compute needs of a volume service: the embedded one, or a Cinder. */
import type { Caller } from "../http/auth.ts";

/** A volume, as far as servers are concerned. */
export interface Volume {
  readonly id: string;
  /** Cinder's word: `available`, `reserved`, `in-use`, … */
  readonly status: string;
  readonly sizeGib: number;
  readonly isBootable: boolean;
  /** Whether several servers may have it at once. */
  readonly isMultiattach: boolean;
  /** Null unless the volume service is moving it elsewhere. */
  readonly migrationStatus: string | null;
  /** What is said of the image on it; empty: there is none. */
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachments: readonly VolumeAttachment[];
}

/** One server's part in a volume. */
export interface VolumeAttachment {
  readonly id: string;
  /** Null: a host's that is no server. */
  readonly serverId: string | null;
  /** Cinder's word: `reserved`, `attaching`, `attached`. */
  readonly status: string;
}

export interface VolumeSnapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly status: string;
  readonly sizeGib: number;
  /** Whether the volume that it is of can be booted from. */
  readonly isBootable: boolean;
  /** What is said of the image on that volume; empty: there is none. */
  readonly imageMetadata: Readonly<Record<string, string>>;
}

/** Which attachment of which volume, for which server. */
export interface AttachmentRequest {
  readonly attachmentId: string;
  readonly volumeId: string;
  readonly serverId: string;
}

/** An attachment that is to be used. */
export interface ConnectRequest extends AttachmentRequest {
  readonly host: string;
  /** Name of the device: `/dev/vdb`. */
  readonly deviceName: string | null;
}

/** A volume to be made for a server. */
export interface VolumeRequest {
  readonly volumeId: string;
  readonly projectId: string;
  readonly userId: string;
  /** Null: that of the snapshot. */
  readonly sizeGib: number | null;
  /** Id or name; null: the default, or that of the snapshot. */
  readonly volumeType: string | null;
  readonly source:
    | { readonly type: "blank" }
    | { readonly type: "image" | "snapshot"; readonly id: string };
}

/** An image that is to be on a volume of a server, in the place of all that was there. */
export interface ReimageRequest {
  readonly volumeId: string;
  readonly imageId: string;
  readonly projectId: string;
  readonly userId: string;
}

/** A snapshot to be made of a volume of a server, be it in use; it is described as its volume is. */
export interface SnapshotRequest {
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly name: string;
}

/** What the volume service could not do, in its own words. */
export interface VolumeFailure {
  readonly failed: string;
}

/** Every `ensure…` may be asked for twice, and may be cut short. */
export interface VolumeService {
  /** The volume, or undefined when there is none of this id that the caller may see. */
  find(id: string, caller: Caller): Promise<Volume | undefined>;
  /** The snapshot, likewise. */
  findSnapshot(id: string, caller: Caller): Promise<VolumeSnapshot | undefined>;
  /** Whether the caller may use a volume type, named by its id or its name. */
  hasType(idOrName: string, caller: Caller): Promise<boolean>;
  /** Makes sure that a volume is kept for a server. */
  ensureReserved(request: AttachmentRequest): Promise<VolumeFailure | undefined>;
  /** Makes sure that a volume is in use by a server. */
  ensureAttached(request: ConnectRequest): Promise<VolumeFailure | undefined>;
  /** Makes sure that no host has a volume, which is kept for its server all the same. */
  ensureDisconnected(request: AttachmentRequest): Promise<void>;
  /** Makes sure that others see that a server is giving a volume up; refuses one not in use. */
  ensureDetaching(request: AttachmentRequest): Promise<VolumeFailure | undefined>;
  /** Makes sure that a server that was giving a volume up keeps it. */
  ensureKept(request: AttachmentRequest): Promise<void>;
  /** Makes sure that an attachment is gone, and others may have the volume. */
  ensureReleased(request: AttachmentRequest): Promise<void>;
  /** Makes sure that a volume of this id was made, and waits until it is; `signal` ends that. */
  ensureVolume(request: VolumeRequest, signal: AbortSignal): Promise<VolumeFailure | undefined>;
  /** Makes sure that an image is on a volume. */
  ensureReimaged(request: ReimageRequest): Promise<VolumeFailure | undefined>;
  /** Makes sure that a snapshot of this id was made. */
  ensureSnapshot(request: SnapshotRequest): Promise<VolumeFailure | undefined>;
  /** How many snapshots a project may have, and has; `limit` -1: as many as it likes. */
  snapshotQuota(projectId: string): Promise<{ readonly limit: number; readonly inUse: number }>;
  /** Makes sure that a volume goes, if nobody uses it. */
  ensureDeleted(volumeId: string): Promise<void>;
}

export function isVolumeFailure(outcome: unknown): outcome is VolumeFailure {
  return typeof outcome === "object" && outcome !== null && "failed" in outcome;
}
