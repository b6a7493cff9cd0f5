/** What is true of a volume. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import type { AttachMode, VolumeEvent, VolumeFacts } from "./events.ts";

/** Cinder's words for how far an attachment has come. */
export type AttachmentStatus = "reserved" | "attaching" | "attached";

/** One server's, or host's, part in a volume. */
export interface Attachment {
  readonly id: string;
  readonly serverId: string | null;
  readonly status: AttachmentStatus;
  readonly mode: AttachMode;
  readonly isOfCompute: boolean;
  /** Whether a host has been told how to reach the volume. */
  readonly isConnected: boolean;
  readonly host: string | null;
  /** Name of the device: `/dev/vdb`. */
  readonly mountpoint: string | null;
  readonly createdAt: string;
  readonly attachedAt: string | null;
}

/** What the backend is to do with a volume. */
export type VolumeWork = "make" | "delete" | "upload";

export interface Volume extends Lifetime, VolumeFacts {
  /** Cinder's word: `creating`, `available`, `reserved`, `attaching`, `in-use`, … */
  readonly status: string;
  readonly migrationStatus: string | null;
  /** Null: the backend has nothing to do. */
  readonly work: VolumeWork | null;
  /** The image that it is being copied to. */
  readonly upload: { readonly imageId: string; readonly diskFormat: string } | null;
  /** Whether the backend has it though nobody knows it any more. */
  readonly isLeftBehind: boolean;
  /** In the order in which they were made. */
  readonly attachments: readonly Attachment[];
}

export const NO_VOLUME: Volume = {
  ...UNBORN,
  name: null,
  description: null,
  projectId: "",
  userId: "",
  sizeGib: 0,
  typeId: "",
  availabilityZone: "",
  metadata: {},
  isBootable: false,
  isMultiattach: false,
  isReadonly: false,
  snapshotId: null,
  sourceVolumeId: null,
  imageMetadata: null,
  status: "deleted",
  migrationStatus: null,
  work: null,
  upload: null,
  isLeftBehind: false,
  attachments: [],
};

export function evolve(volume: Volume, event: Recorded<VolumeEvent>): Volume {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeCreated":
      return { ...volume, ...event.data, ...born(event), status: "creating", work: "make" };
    case "VolumeBecameAvailable":
      return { ...volume, status: "available", work: null, updatedAt };
    case "VolumeOffered":
      return { ...volume, status: "awaiting-transfer", updatedAt };
    case "VolumeOfferWithdrawn":
      return { ...volume, status: "available", updatedAt };
    case "VolumeHandedOver":
      return { ...volume, ...event.data, status: "available", updatedAt };
    case "VolumeUploadBegun":
      return { ...volume, status: "uploading", work: "upload", upload: event.data, updatedAt };
    case "VolumeUploadEnded":
      return { ...volume, ...afterUpload(volume), updatedAt };
    case "VolumeWorkFailed":
      return { ...volume, ...afterFailure(volume, event.data.work), updatedAt };
    case "VolumeDeleteRequested":
      return { ...volume, status: "deleting", work: "delete", updatedAt };
    case "VolumeUpdated":
    case "VolumeExtended":
      return { ...volume, ...event.data, updatedAt };
    case "VolumeStatusReset":
      return { ...reset(volume, event.data), updatedAt };
    case "VolumeReserved":
      return { ...volume, status: "attaching", updatedAt };
    case "VolumeUnreserved":
      return { ...volume, status: statusOf(volume.attachments), updatedAt };
    case "VolumeDetachBegun":
      return { ...volume, status: "detaching", updatedAt };
    case "VolumeDetachRolledBack":
      return { ...volume, status: "in-use", updatedAt };
    case "VolumeAttachmentReserved":
      return { ...volume, ...withReserved(volume, event), updatedAt };
    case "VolumeAttachmentConnected":
      return { ...volume, ...withConnected(volume, event.data), updatedAt };
    case "VolumeAttached":
      return {
        ...volume,
        status: "in-use",
        attachments: change(volume, event.data.attachmentId, {
          status: "attached",
          attachedAt: event.recordedAt,
        }),
        updatedAt,
      };
    case "VolumeAttachmentDisconnected": {
      const attachments = change(volume, event.data.attachmentId, RESERVED);
      return { ...volume, attachments, status: statusOf(attachments), updatedAt };
    }
    case "VolumeAttachmentRemoved": {
      const attachments = volume.attachments.filter(({ id }) => id !== event.data.attachmentId);
      return { ...volume, attachments, status: statusOf(attachments), updatedAt };
    }
    case "VolumeUnmanaged":
      return { ...volume, exists: false, status: "deleted", isLeftBehind: true, updatedAt };
    case "VolumeTakenUp":
      return { ...volume, isLeftBehind: false, updatedAt };
    case "VolumeManageFailed":
      return { ...volume, status: "error_managing", work: null, updatedAt };
    case "VolumeDeleted":
      return {
        ...volume,
        exists: false,
        status: "deleted",
        work: null,
        attachments: [],
        updatedAt,
      };
  }
}

type Worked = Pick<Volume, "status" | "work" | "upload">;

function afterUpload({ attachments }: Volume): Worked {
  return { status: statusOf(attachments), work: null, upload: null };
}

function afterFailure(volume: Volume, work: VolumeWork): Worked {
  switch (work) {
    case "make":
      return { ...volume, status: "error", work: null };
    case "delete":
      return { ...volume, status: "error_deleting", work: null };
    case "upload":
      return afterUpload(volume);
  }
}

type EventOf<Type extends VolumeEvent["type"]> = Extract<VolumeEvent, { type: Type }>;

function reset(
  volume: Volume,
  { status, attachStatus, migrationStatus }: EventOf<"VolumeStatusReset">["data"],
): Volume {
  return {
    ...volume,
    ...(status !== undefined && { status }),
    ...(migrationStatus !== undefined && { migrationStatus }),
    ...(attachStatus === "detached" && { attachments: [] }),
  };
}

/** What holds of an attachment that no host uses. */
const RESERVED = {
  status: "reserved",
  isConnected: false,
  host: null,
  mountpoint: null,
  attachedAt: null,
} as const;

function withReserved(
  volume: Volume,
  { data, recordedAt }: Recorded<EventOf<"VolumeAttachmentReserved">>,
): Pick<Volume, "status" | "attachments"> {
  const { attachmentId, ...others } = data;
  const attachment: Attachment = {
    id: attachmentId,
    ...others,
    ...RESERVED,
    createdAt: recordedAt,
  };
  // A volume that moves with its server from host to host is in use all the while.
  const status = volume.status === "in-use" && !volume.isMultiattach ? "in-use" : "reserved";
  return { status, attachments: [...volume.attachments, attachment] };
}

function withConnected(
  volume: Volume,
  { attachmentId, ...connection }: EventOf<"VolumeAttachmentConnected">["data"],
): Pick<Volume, "status" | "attachments"> {
  const status = volume.attachments.find(({ id }) => id === attachmentId)?.status === "attached"
    ? "attached"
    : "attaching";
  return {
    status: status === "attached" || volume.status === "in-use" ? "in-use" : "attaching",
    attachments: change(volume, attachmentId, { ...connection, status, isConnected: true }),
  };
}

function change(
  { attachments }: Volume,
  attachmentId: string,
  changes: Partial<Attachment>,
): readonly Attachment[] {
  return attachments.map((one) => one.id === attachmentId ? { ...one, ...changes } : one);
}

/** The status of a volume with these attachments; cinder/db/api.py, `volume_detached`. */
export function statusOf(attachments: readonly Attachment[]): string {
  if (attachments.length === 0) return "available";
  if (attachments.some(({ status }) => status === "attached")) return "in-use";
  return attachments.some(({ status }) => status === "attaching") ? "attaching" : "reserved";
}
