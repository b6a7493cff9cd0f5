/** Attaching and detaching: reservations, attachments, and the older actions. */
import { type Decision, reject, type Rejection } from "../../../../eventsourcing/decider.ts";
import { invalidInput, invalidVolume, notFound, orList } from "../../refusals.ts";
import type {
  AttachMode,
  VolumeAttached,
  VolumeAttachmentConnected,
  VolumeAttachmentDisconnected,
  VolumeAttachmentRemoved,
  VolumeAttachmentReserved,
  VolumeDetachBegun,
  VolumeDetachRolledBack,
  VolumeReserved,
  VolumeUnreserved,
} from "../events.ts";
import type { Attachment, Volume } from "../state.ts";

export interface ReserveAttachment {
  readonly type: "ReserveAttachment";
  readonly volumeId: string;
  readonly attachmentId: string;
  readonly serverId: string | null;
  readonly mode: AttachMode;
  readonly isOfCompute: boolean;
}

/**
 * Makes an attachment that keeps others away from a volume.
 *
 * Refuses volumes in error, and those that are not free, unless the same server has it already or
 * several may. Source: cinder/volume/api.py, `API.attachment_create` and `_attachment_reserve`.
 */
export function reserveAttachment(
  command: ReserveAttachment,
  volume: Volume,
): Decision<VolumeAttachmentReserved> {
  const { volumeId, type: _, ...data } = command;
  if (volume.status.includes("error")) {
    return invalidVolume(
      "Volume attachments can not be created if the volume is in an error state. " +
        `The Volume ${volumeId} currently has a status of: ${volume.status} `,
    );
  }
  const free = volume.isMultiattach
    ? ["available", "in-use", "downloading"]
    : ["available", "downloading"];
  const isMoving = data.serverId !== null && ["in-use", "reserved"].includes(volume.status) &&
    volume.attachments.some(({ serverId }) => serverId === data.serverId);
  if (!free.includes(volume.status) && !isMoving) {
    return invalidVolume(
      `Volume ${volumeId} status must be ${orList(free)} to reserve, but the current status is ` +
        `${volume.status}.`,
    );
  }
  return [{ type: "VolumeAttachmentReserved", data }];
}

export interface ConnectAttachment {
  readonly type: "ConnectAttachment";
  readonly volumeId: string;
  readonly attachmentId: string;
  readonly host: string | null;
  readonly mountpoint: string | null;
  /** Undefined: what was asked for when it was made. */
  readonly mode: AttachMode | undefined;
}

/** Tells a host how to reach a volume; refuses volumes in error. */
export function connectAttachment(
  command: ConnectAttachment,
  volume: Volume,
): Decision<VolumeAttachmentConnected> {
  const { volumeId, attachmentId, host, mountpoint } = command;
  const attachment = attachmentOf(volume, attachmentId);
  if (!attachment) return notFound.attachment(attachmentId);
  if (volume.status.includes("error")) {
    return reject(
      "Conflict",
      "Resource conflict: Volume attachments can not be updated if the volume is in an error " +
        `state. The Volume ${volumeId} currently has a status of: ${volume.status} `,
    );
  }
  const asked = attachment.mode === "null" ? "rw" : attachment.mode;
  const mode = command.mode ?? asked;
  return [{
    type: "VolumeAttachmentConnected",
    data: { attachmentId, host, mountpoint, mode },
  }];
}

/** Says that a volume is in use through an attachment; refuses one that is not there. */
export function completeAttachment(
  attachmentId: string,
  volume: Volume,
): Decision<VolumeAttached> {
  const attachment = attachmentOf(volume, attachmentId);
  if (!attachment) return notFound.attachment(attachmentId);
  const isDone = attachment.status === "attached" && volume.status === "in-use";
  return isDone ? [] : [{ type: "VolumeAttached", data: { attachmentId } }];
}

/**
 * Takes a volume from the host that it is connected to; it stays reserved for whom it was attached.
 *
 * One that is not connected, or is gone, stays as it is.
 * Source: nova/compute/manager.py, `_terminate_volume_connections`.
 */
export function disconnectAttachment(
  attachmentId: string,
  volume: Volume,
): Decision<VolumeAttachmentDisconnected> {
  const attachment = attachmentOf(volume, attachmentId);
  if (!attachment || attachment.status === "reserved") return [];
  return [{ type: "VolumeAttachmentDisconnected", data: { attachmentId } }];
}

/**
 * Takes an attachment away, and lets others have the volume.
 *
 * Refuses, to others than compute, what compute has connected to a server.
 * Source: cinder/volume/api.py, `API.attachment_deletion_allowed`.
 */
export function removeAttachment(
  { attachmentId, byCompute }: { readonly attachmentId: string; readonly byCompute: boolean },
  volume: Volume,
): Decision<VolumeAttachmentRemoved> {
  const attachment = attachmentOf(volume, attachmentId);
  if (!attachment) return notFound.attachment(attachmentId);
  if (!byCompute && isHeldByCompute(attachment)) return usedByCompute(attachment);
  return [{ type: "VolumeAttachmentRemoved", data: { attachmentId } }];
}

function isHeldByCompute({ isOfCompute, isConnected }: Attachment): boolean {
  return isOfCompute && isConnected;
}

/** Says no to taking a volume from a host while compute uses it; cinder/volume/api.py. */
export function refuseDisconnection({ attachments }: Volume): Rejection | undefined {
  const held = attachments.find(isHeldByCompute);
  return held && usedByCompute(held);
}

function usedByCompute({ serverId }: Attachment): Rejection {
  return reject(
    "Conflict",
    `Detach volume from instance ${serverId} using the Compute API`,
  );
}

function attachmentOf({ attachments }: Volume, attachmentId: string): Attachment | undefined {
  return attachments.find(({ id }) => id === attachmentId);
}

/** Keeps a volume for an attach in the older way; refuses one that is not free. */
export function reserveVolume(volume: Volume): Decision<VolumeReserved> {
  const free = volume.isMultiattach ? ["available", "in-use"] : ["available"];
  if (free.includes(volume.status)) return [{ type: "VolumeReserved", data: {} }];
  return invalidVolume(
    `Volume status must be ${orList(free)} to reserve, but the status is ${volume.status}.`,
  );
}

/** Gives up such a reservation; there is nothing to give up without one. */
export function unreserveVolume(volume: Volume): Decision<VolumeUnreserved> {
  return volume.status === "attaching" ? [{ type: "VolumeUnreserved", data: {} }] : [];
}

/** Says that a detach in the older way has begun; refuses a volume that is not attached. */
export function beginDetaching(volume: Volume): Decision<VolumeDetachBegun> {
  const isAttached = volume.attachments.some(({ status }) => status === "attached");
  if (volume.status === "in-use" && isAttached) return [{ type: "VolumeDetachBegun", data: {} }];
  return invalidVolume(
    "Unable to detach volume. Volume status must be 'in-use' and attach_status must be " +
      "'attached' to detach.",
  );
}

/** Says that a volume stays attached after all. */
export function rollDetaching(volume: Volume): Decision<VolumeDetachRolledBack> {
  return volume.status === "detaching" ? [{ type: "VolumeDetachRolledBack", data: {} }] : [];
}

export interface AttachVolume {
  readonly type: "AttachVolume";
  readonly volumeId: string;
  readonly attachmentId: string;
  readonly serverId: string | null;
  readonly host: string | null;
  readonly mountpoint: string;
  readonly mode: AttachMode;
}

/**
 * Attaches a volume in the older way, all at once; where it is attached already, nothing changes.
 *
 * Refuses volumes that are in use elsewhere, or not free, and writing to a read-only one.
 * Source: cinder/volume/manager.py, `VolumeManager.attach_volume`.
 */
export function attachVolume(
  command: AttachVolume,
  volume: Volume,
): Decision<VolumeAttachmentReserved | VolumeAttachmentConnected | VolumeAttached> {
  const { volumeId, attachmentId, serverId, host, mountpoint, mode } = command;
  if (volume.isReadonly && mode !== "ro") {
    return reject("Invalid", `Invalid attaching mode '${mode}' for volume ${volumeId}.`);
  }
  const isThere = volume.attachments.some((one) =>
    serverId === null ? one.host === host : one.serverId === serverId
  );
  if (isThere) return [];
  if (volume.status === "in-use" && !volume.isMultiattach) {
    return errorAttaching("volume is already attached and multiple attachments are not enabled");
  }
  if (!["available", "attaching", "in-use"].includes(volume.status)) {
    return errorAttaching(`volume status is ${volume.status}`);
  }
  return [
    {
      type: "VolumeAttachmentReserved",
      data: { attachmentId, serverId, mode, isOfCompute: false },
    },
    { type: "VolumeAttachmentConnected", data: { attachmentId, host, mountpoint, mode } },
    { type: "VolumeAttached", data: { attachmentId } },
  ];
}

function errorAttaching(reason: string): Rejection {
  return reject(
    "Invalid",
    `Error attaching volume - InvalidVolume: Invalid volume: ${reason}`,
  );
}

/**
 * Detaches a volume in the older way.
 *
 * Refuses several attachments of which none is named, one of another volume, and what compute has
 * connected. Source: cinder/volume/manager.py, `VolumeManager.detach_volume`.
 */
export function detachVolume(
  attachmentId: string | null,
  volume: Volume,
): Decision<VolumeAttachmentRemoved | VolumeUnreserved> {
  const { attachments } = volume;
  if (attachmentId === null && attachments.length > 1) {
    return invalidVolume(
      "Detach volume failed: More than one attachment, but no attachment_id provided.",
    );
  }
  const attachment = attachmentId === null
    ? attachments[0]
    : attachments.find(({ id }) => id === attachmentId);
  if (!attachment) {
    if (attachmentId !== null) return invalidInput("Mismatched volume and attachment");
    return volume.status === "available" ? [] : [{ type: "VolumeUnreserved", data: {} }];
  }
  return removeAttachment({ attachmentId: attachment.id, byCompute: false }, volume);
}
