/** What the backend reports back; it counts only while it is awaited. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import { invalidVolume } from "../../refusals.ts";
import type {
  VolumeBecameAvailable,
  VolumeDeleted,
  VolumeUploadBegun,
  VolumeUploadEnded,
  VolumeWorkFailed,
} from "../events.ts";
import type { Volume, VolumeWork } from "../state.ts";

export function recordMade({ work }: Volume): Decision<VolumeBecameAvailable> {
  return work === "make" ? [{ type: "VolumeBecameAvailable", data: {} }] : [];
}

export function recordGone({ work }: Volume): Decision<VolumeDeleted> {
  return work === "delete" ? [{ type: "VolumeDeleted", data: {} }] : [];
}

/**
 * Begins to copy a volume to an image; refuses one that is not free.
 *
 * Source: cinder/volume/api.py, `API.copy_volume_to_image`, with `enable_force_upload` off.
 */
export function uploadVolume(
  { id, ...upload }: VolumeUploadBegun["data"] & { readonly id: string },
  { status }: Volume,
): Decision<VolumeUploadBegun> {
  if (status !== "available") return invalidVolume(`Volume ${id} status must be available`);
  return [{ type: "VolumeUploadBegun", data: upload }];
}

/** The image has what is on the volume, or is not there any more. */
export function recordUploaded({ work }: Volume): Decision<VolumeUploadEnded> {
  return work === "upload" ? [{ type: "VolumeUploadEnded", data: {} }] : [];
}

/** Ends what the backend was to do, and did not. */
export function recordWorkFailure(
  step: VolumeWork,
  { work }: Volume,
): Decision<VolumeWorkFailed> {
  return work === step ? [{ type: "VolumeWorkFailed", data: { work } }] : [];
}
