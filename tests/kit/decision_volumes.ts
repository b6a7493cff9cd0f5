/** An example volume, and what happens to it. */
import type { VolumeType } from "../../src/facades/volumes/types/decider.ts";
import { NO_TYPE } from "../../src/facades/volumes/types/decider.ts";
import type {
  AttachMode,
  VolumeAttached,
  VolumeAttachmentConnected,
  VolumeAttachmentReserved,
  VolumeEvent,
  VolumeFacts,
  VolumeStatusReset,
} from "../../src/facades/volumes/volumes/events.ts";
import { volumes } from "../../src/facades/volumes/volumes/projection.ts";
import { givenOf } from "./given.ts";

/** A volume to which some events have happened. */
export const givenVolume = givenOf(volumes);

export const exampleVolume: VolumeFacts = {
  name: "data",
  description: null,
  projectId: "project-1",
  userId: "user-1",
  sizeGib: 2,
  typeId: "type-1",
  availabilityZone: "nova",
  metadata: {},
  isBootable: false,
  isMultiattach: false,
  isReadonly: false,
  snapshotId: null,
  sourceVolumeId: null,
  imageMetadata: null,
};

/** A volume that can be attached. */
export function available(changes: Partial<VolumeFacts> = {}): readonly VolumeEvent[] {
  return [
    { type: "VolumeCreated", data: { ...exampleVolume, ...changes } },
    { type: "VolumeBecameAvailable", data: {} },
  ];
}

/** Reserved for a server. */
export function reserved(
  attachmentId: string,
  serverId: string | null,
  { isOfCompute = true, mode = "null" }: {
    readonly isOfCompute?: boolean;
    readonly mode?: AttachMode;
  } = {},
): VolumeAttachmentReserved {
  return {
    type: "VolumeAttachmentReserved",
    data: { attachmentId, serverId, mode, isOfCompute },
  };
}

/** The host knows how to reach it. */
export function connected(attachmentId: string): VolumeAttachmentConnected {
  return {
    type: "VolumeAttachmentConnected",
    data: { attachmentId, host: "host-a", mountpoint: "/dev/vdb", mode: "rw" },
  };
}

export function attached(attachmentId: string): VolumeAttached {
  return { type: "VolumeAttached", data: { attachmentId } };
}

/** In use by a server. */
export function inUse(attachmentId: string, serverId: string): readonly VolumeEvent[] {
  return [reserved(attachmentId, serverId), connected(attachmentId), attached(attachmentId)];
}

/** An admin has said so. */
export function reset(status: string): VolumeStatusReset {
  return { type: "VolumeStatusReset", data: { status } };
}

export const exampleType: VolumeType = { ...NO_TYPE, exists: true, name: "fast" };
