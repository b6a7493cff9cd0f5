/** What can happen to a volume, as stored. */

export type VolumeEvent =
  | VolumeCreated
  | VolumeBecameAvailable
  | VolumeUpdated
  | VolumeExtended
  | VolumeStatusReset
  | VolumeReserved
  | VolumeUnreserved
  | VolumeDetachBegun
  | VolumeDetachRolledBack
  | VolumeAttachmentReserved
  | VolumeAttachmentConnected
  | VolumeAttached
  | VolumeAttachmentDisconnected
  | VolumeAttachmentRemoved
  | VolumeOffered
  | VolumeOfferWithdrawn
  | VolumeHandedOver
  | VolumeUploadBegun
  | VolumeUploadEnded
  | VolumeWorkFailed
  | VolumeUnmanaged
  | VolumeTakenUp
  | VolumeManageFailed
  | VolumeDeleteRequested
  | VolumeDeleted;

/** What whoever makes a volume says of it. */
export interface VolumeFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly sizeGib: number;
  readonly typeId: string;
  readonly availabilityZone: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly isBootable: boolean;
  /** Whether several servers may have it at once: the volume type says so. */
  readonly isMultiattach: boolean;
  readonly isReadonly: boolean;
  /** The snapshot that it was made from. */
  readonly snapshotId: string | null;
  /** The volume that it was made from. */
  readonly sourceVolumeId: string | null;
  /** What is said of the image on it; null: there is none. */
  readonly imageMetadata: Readonly<Record<string, string>> | null;
  /** Whether it is encrypted, as its type asked for when it was made; absent: no. */
  readonly isEncrypted?: boolean;
  /** The group that it is in; absent or null: none. */
  readonly groupId?: string | null;
}

/** A volume is to be made: it counts against quota from here on. */
export interface VolumeCreated {
  readonly type: "VolumeCreated";
  readonly data: VolumeFacts;
}

/** The backend has made it, with all data that it begins with. */
export interface VolumeBecameAvailable {
  readonly type: "VolumeBecameAvailable";
  readonly data: Readonly<Record<never, never>>;
}

/** Facts that have another value now; `metadata` and `imageMetadata` are all of them. */
export interface VolumeUpdated {
  readonly type: "VolumeUpdated";
  readonly data: Partial<VolumeFacts>;
}

/** It is larger now. */
export interface VolumeExtended {
  readonly type: "VolumeExtended";
  readonly data: { readonly sizeGib: number };
}

/** An admin has said what its status is, whatever it was. */
export interface VolumeStatusReset {
  readonly type: "VolumeStatusReset";
  readonly data: {
    readonly status?: string;
    /** `detached` drops all attachments. */
    readonly attachStatus?: string;
    readonly migrationStatus?: string | null;
  };
}

/** Somebody is going to attach it, in the older way. */
export interface VolumeReserved {
  readonly type: "VolumeReserved";
  readonly data: Readonly<Record<never, never>>;
}

/** Nobody is going to attach it after all. */
export interface VolumeUnreserved {
  readonly type: "VolumeUnreserved";
  readonly data: Readonly<Record<never, never>>;
}

/** Somebody is going to detach it, in the older way. */
export interface VolumeDetachBegun {
  readonly type: "VolumeDetachBegun";
  readonly data: Readonly<Record<never, never>>;
}

/** It stays attached after all. */
export interface VolumeDetachRolledBack {
  readonly type: "VolumeDetachRolledBack";
  readonly data: Readonly<Record<never, never>>;
}

export type AttachMode = "rw" | "ro" | "null";

/** An attachment is there, and keeps others away; nothing is connected. */
export interface VolumeAttachmentReserved {
  readonly type: "VolumeAttachmentReserved";
  readonly data: {
    readonly attachmentId: string;
    /** The server that it is for, if it is for one. */
    readonly serverId: string | null;
    readonly mode: AttachMode;
    /** Whether compute asked for it, and is the one to give it up. */
    readonly isOfCompute: boolean;
  };
}

/** A host has been told how to reach the volume. */
export interface VolumeAttachmentConnected {
  readonly type: "VolumeAttachmentConnected";
  readonly data: {
    readonly attachmentId: string;
    readonly host: string | null;
    /** Name of the device: `/dev/vdb`. */
    readonly mountpoint: string | null;
    readonly mode: AttachMode;
  };
}

/** The volume is in use through an attachment. */
export interface VolumeAttached {
  readonly type: "VolumeAttached";
  readonly data: { readonly attachmentId: string };
}

/** No host has the volume through an attachment any more, which keeps others away all the same. */
export interface VolumeAttachmentDisconnected {
  readonly type: "VolumeAttachmentDisconnected";
  readonly data: { readonly attachmentId: string };
}

export interface VolumeAttachmentRemoved {
  readonly type: "VolumeAttachmentRemoved";
  readonly data: { readonly attachmentId: string };
}

/** It waits to be taken over by another project. */
export interface VolumeOffered {
  readonly type: "VolumeOffered";
  readonly data: Readonly<Record<never, never>>;
}

export interface VolumeOfferWithdrawn {
  readonly type: "VolumeOfferWithdrawn";
  readonly data: Readonly<Record<never, never>>;
}

/** It is another project's now. */
export interface VolumeHandedOver {
  readonly type: "VolumeHandedOver";
  readonly data: { readonly projectId: string; readonly userId: string };
}

/** What is on the volume is to be copied to an image. */
export interface VolumeUploadBegun {
  readonly type: "VolumeUploadBegun";
  readonly data: {
    readonly imageId: string;
    /** Glance's word: `raw`, `qcow2`, … */
    readonly diskFormat: string;
  };
}

export interface VolumeUploadEnded {
  readonly type: "VolumeUploadEnded";
  readonly data: Readonly<Record<never, never>>;
}

/** The backend did not do what it was to do. */
export interface VolumeWorkFailed {
  readonly type: "VolumeWorkFailed";
  readonly data: { readonly work: "make" | "delete" | "upload" };
}

/** The volume is to go; it counts against quota until it has. */
export interface VolumeDeleteRequested {
  readonly type: "VolumeDeleteRequested";
  readonly data: Readonly<Record<never, never>>;
}

/** The volume is gone, with all that was on it. */
export interface VolumeDeleted {
  readonly type: "VolumeDeleted";
  readonly data: Readonly<Record<never, never>>;
}

/** Nobody knows it any more, but the backend has it still. */
export interface VolumeUnmanaged {
  readonly type: "VolumeUnmanaged";
  readonly data: Readonly<Record<never, never>>;
}

/** What the backend has of it is another volume now. */
export interface VolumeTakenUp {
  readonly type: "VolumeTakenUp";
  readonly data: { readonly volumeId: string };
}

/** The backend has nothing by the name that it was to be found by. */
export interface VolumeManageFailed {
  readonly type: "VolumeManageFailed";
  readonly data: Readonly<Record<never, never>>;
}
