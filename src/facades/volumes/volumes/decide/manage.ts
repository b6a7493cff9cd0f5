/** Volumes that the backend keeps though nobody knows them, and that are known again. */
import { type Decision, isRejection, reject } from "../../../../eventsourcing/decider.ts";
import type { Versioned } from "../../../../eventsourcing/aggregate.ts";
import { isMultiattach, type VolumeType } from "../../types/decider.ts";
import type {
  VolumeBecameAvailable,
  VolumeCreated,
  VolumeManageFailed,
  VolumeTakenUp,
  VolumeUnmanaged,
} from "../events.ts";
import type { Volume } from "../state.ts";
import { deleteVolume } from "./delete.ts";

/**
 * Forgets a volume, and leaves it on the backend.
 *
 * Refuses what a delete refuses, and encrypted ones. Source: cinder/volume/api.py, `API.delete`.
 */
export function unmanageVolume(
  { snapshots }: { readonly snapshots: readonly string[] },
  volume: Volume,
): Decision<VolumeUnmanaged> {
  const decision = deleteVolume(
    { type: "DeleteVolume", force: false, cascade: false, snapshots, takesTime: false },
    volume,
  );
  if (isRejection(decision)) return decision;
  if (volume.isEncrypted) {
    return reject(
      "Invalid",
      "Invalid volume: Unmanaging encrypted volumes is not supported.",
    );
  }
  return [{ type: "VolumeUnmanaged", data: {} }];
}

/** What whoever has a volume managed says of it. */
export interface ManageVolume {
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly availabilityZone: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly isBootable: boolean;
  readonly volumeType: Versioned<VolumeType>;
  /** What is on the backend by the name that was given; undefined: nothing. */
  readonly found: Volume | undefined;
}

/**
 * Takes a volume of the backend up; where there is none of the name, what comes of it is in error.
 *
 * Refuses types that encrypt. Source: cinder/volume/api.py, `API.manage_existing`.
 */
export function manageVolume(
  { volumeType, found, ...facts }: ManageVolume,
): Decision<VolumeCreated | VolumeBecameAvailable | VolumeManageFailed> {
  if (volumeType.state.encryption) {
    return reject(
      "Invalid",
      "Invalid volume type: Managing to an encrypted volume type is not supported.",
    );
  }
  const created: VolumeCreated = {
    type: "VolumeCreated",
    data: {
      ...facts,
      sizeGib: found?.sizeGib ?? 0,
      typeId: volumeType.id,
      isMultiattach: isMultiattach(volumeType.state),
      isReadonly: false,
      snapshotId: null,
      sourceVolumeId: null,
      imageMetadata: null,
    },
  };
  return [
    created,
    found ? { type: "VolumeBecameAvailable", data: {} } : { type: "VolumeManageFailed", data: {} },
  ];
}

/** What was left on the backend has another id now. */
export function takeUp(volumeId: string): Decision<VolumeTakenUp> {
  return [{ type: "VolumeTakenUp", data: { volumeId } }];
}
