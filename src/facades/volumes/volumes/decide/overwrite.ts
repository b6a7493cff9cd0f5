/** What is on a volume, in the place of all that was there: an image, or what a snapshot has kept. */
import { type Decision, reject } from "../../../../eventsourcing/decider.ts";
import type { Image } from "../../../image_service.ts";
import { invalidVolume, orList } from "../../refusals.ts";
import type { VolumeUpdated } from "../events.ts";
import type { Volume } from "../state.ts";
import { updateVolume } from "./change.ts";
import { imageMetadataOf, refuseImage } from "./create.ts";

/** Has an image on a volume. */
export function putImage(image: Image, volume: Volume): Decision<VolumeUpdated> {
  return updateVolume({ imageMetadata: imageMetadataOf(image), isBootable: true }, volume);
}

export interface ReimageVolume {
  readonly type: "ReimageVolume";
  readonly id: string;
  readonly image: Image;
  /** Whether it may be reserved for a server. */
  readonly mayBeReserved: boolean;
}

/**
 * Has an image on a volume that nobody uses.
 *
 * Refuses volumes of several servers, those that are busy, and images that do not fit.
 * Source: cinder/volume/api.py, `API.reimage`.
 */
export function reimageVolume(command: ReimageVolume, volume: Volume): Decision<VolumeUpdated> {
  const { id, image, mayBeReserved } = command;
  if (volume.attachments.length > 1) {
    return reject(
      "Conflict",
      "Cannot re-image a volume which is attached to more than one server.",
    );
  }
  const expected = ["available", "error", ...(mayBeReserved ? ["reserved"] : [])];
  if (!expected.includes(volume.status)) {
    return invalidVolume(
      `Volume ${id} status must be ${orList(expected)}, but current status is ${volume.status}.`,
    );
  }
  return refuseImage(image, volume.sizeGib) ?? putImage(image, volume);
}

export interface RevertVolume {
  readonly type: "RevertVolume";
  readonly id: string;
  readonly snapshotId: string | null;
  /** The newest snapshot of the volume, if it has any. */
  readonly newest:
    | { readonly id: string; readonly status: string; readonly sizeGib: number }
    | undefined;
}

/**
 * Gives a volume back what its newest snapshot has kept; of what is simulated, nothing changes.
 *
 * Refuses any other snapshot, another size, and volumes and snapshots that are busy.
 * Source: cinder/api/v3/volumes.py, `revert`; cinder/volume/api.py, `API.revert_to_snapshot`.
 */
export function revertVolume(
  { id, snapshotId, newest }: RevertVolume,
  volume: Volume,
): Decision<never> {
  if (!newest) return reject("Invalid", `Volume ${id} doesn't have any snapshots.`);
  if (snapshotId !== newest.id) {
    return reject(
      "Invalid",
      `Specified snapshot ${snapshotId ?? "None"} is None or not the latest one of volume ${id}.`,
    );
  }
  const cannot = `Can't revert volume ${id} to its latest snapshot ${newest.id}.`;
  if (volume.sizeGib !== newest.sizeGib) {
    return reject("Invalid", `${cannot} The volume size must be equal to the snapshot size.`);
  }
  if (volume.status !== "available") {
    return reject(
      "Conflict",
      `Invalid volume: ${cannot} Volume's status must be 'available'.`,
    );
  }
  if (newest.status === "available") return [];
  return reject("Conflict", `Invalid snapshot: ${cannot} Snapshot's status must be 'available'.`);
}
