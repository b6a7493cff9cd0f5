/** Making volumes: of nothing, an image, a snapshot or another volume. */
import { type Decision, reject, type Rejection } from "../../../../eventsourcing/decider.ts";
import type { Image } from "../../../image_service.ts";
import { invalidInput, invalidSnapshot, invalidVolume } from "../../refusals.ts";
import { type Backup, invalidBackup } from "../../backups/decider.ts";
import type { Snapshot } from "../../snapshots/decider.ts";
import type { VolumeType } from "../../types/decider.ts";
import { isMultiattach } from "../../types/decider.ts";
import type { VolumeBecameAvailable, VolumeCreated, VolumeWorkFailed } from "../events.ts";
import type { Volume } from "../state.ts";

/** What a new volume begins with; each as it is in this transaction. */
export interface Source {
  readonly image?: Image;
  readonly snapshot?: { readonly id: string; readonly state: Snapshot; readonly of: Volume };
  readonly volume?: { readonly id: string; readonly state: Volume };
  readonly backup?: { readonly id: string; readonly state: Backup };
}

export interface CreateVolume {
  readonly type: "CreateVolume";
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  /** Null: that of the source. */
  readonly sizeGib: number | null;
  readonly volumeType: { readonly id: string; readonly state: VolumeType };
  readonly availabilityZone: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly source: Source;
  /** The group that it is to be in. */
  readonly groupId?: string;
  /** Whether the backend has to make it first. */
  readonly takesTime: boolean;
  /** Whether the scheduler finds no backend for it; default: no. */
  readonly isNowhere?: boolean;
}

const GIB = 2 ** 30;

/**
 * Makes a volume, ready to be attached unless that takes time; in error where it has nowhere to be.
 *
 * Refuses two sources at once, sources that are not in the state for it, and a size below that of
 * the source. Source: cinder/volume/flows/api/create_volume.py, `ExtractVolumeRequestTask`.
 */
export function createVolume(
  command: CreateVolume,
): Decision<VolumeCreated | VolumeBecameAvailable | VolumeWorkFailed> {
  const { source, volumeType, sizeGib: _, type: _type, takesTime, isNowhere, ...facts } = command;
  const refusal = refuseSource(source);
  if (refusal) return refusal;
  const sizeGib = sizeOf(command);
  if (typeof sizeGib !== "number") return sizeGib;
  const { image, snapshot, volume, backup } = source;
  const refusedImage = image && refuseImage(image, sizeGib);
  if (refusedImage) return refusedImage;
  const origin = volume?.state ?? snapshot?.of ?? backup?.state.kept;
  const created: VolumeCreated = {
    type: "VolumeCreated",
    data: {
      ...facts,
      sizeGib,
      typeId: volumeType.id,
      isMultiattach: isMultiattach(volumeType.state),
      isBootable: image !== undefined || (origin?.isBootable ?? false),
      isReadonly: false,
      ...(volumeType.state.encryption && { isEncrypted: true }),
      snapshotId: snapshot?.id ?? null,
      sourceVolumeId: volume?.id ?? null,
      imageMetadata: image ? imageMetadataOf(image) : origin?.imageMetadata ?? null,
    },
  };
  if (isNowhere) return [created, { type: "VolumeWorkFailed", data: { work: "make" } }];
  return takesTime ? [created] : [created, { type: "VolumeBecameAvailable", data: {} }];
}

function refuseSource({ image, snapshot, volume, backup }: Source): Rejection | undefined {
  if ([image, snapshot, volume, backup].filter(Boolean).length > 1) {
    return invalidInput(
      "May specify only one of backup, imageRef, snapshot, source_volume",
    );
  }
  if (backup && backup.state.status !== "available") {
    return invalidBackup("Originating backup status must be one of 'available' values");
  }
  if (snapshot && snapshot.state.status !== "available") {
    return invalidSnapshot("Originating snapshot status must be one of 'available' values");
  }
  if (volume && !["available", "in-use"].includes(volume.state.status)) {
    return invalidVolume(
      "Originating source volume status must be one of 'available, in-use' values",
    );
  }
}

function sizeOf({ sizeGib, source }: CreateVolume): number | Rejection {
  const { snapshot, volume, backup } = source;
  const size = sizeGib ?? (volume ?? snapshot ?? backup)?.state.sizeGib;
  if (size === undefined) {
    return invalidInput("Volume size 'None' must be an integer and greater than 0");
  }
  if (volume && size < volume.state.sizeGib) {
    return invalidInput(
      `Volume size '${size}'GB cannot be smaller than original volume size  ` +
        `${volume.state.sizeGib}GB. They must be >= original volume size.`,
    );
  }
  if (snapshot && size < snapshot.state.sizeGib) {
    return invalidInput(
      `Volume size '${size}'GB cannot be smaller than the snapshot size ` +
        `${snapshot.state.sizeGib}GB. They must be >= original snapshot size.`,
    );
  }
  if (backup && size < backup.state.sizeGib) {
    return invalidInput(
      `Volume size ${size}GB cannot be smaller than the backup size ${backup.state.sizeGib}GB. ` +
        "It must be >= backup size.",
    );
  }
  return size;
}

/** cinder/volume/volume_utils.py, `check_image_metadata`. */
export function refuseImage(image: Image, sizeGib: number): Rejection | undefined {
  if (image.status !== "active") return invalidInput(`Image ${image.id} is not active.`);
  const imageGib = Math.ceil(image.sizeBytes / GIB);
  if (imageGib > sizeGib) {
    return invalidInput(
      `Size of specified image ${imageGib}GB is larger than volume size ${sizeGib}GB.`,
    );
  }
  if (sizeGib < image.minDiskGib) {
    return invalidInput(
      `Volume size ${sizeGib}GB cannot be smaller than the image minDisk size ` +
        `${image.minDiskGib}GB.`,
    );
  }
  const virtualGib = Math.ceil((image.virtualSizeBytes ?? 0) / GIB);
  if (virtualGib > sizeGib) {
    return reject(
      "Invalid",
      `Image ${image.id} is unacceptable: Image virtual size is ${virtualGib}GB and doesn't fit ` +
        `in a volume of size ${sizeGib}GB.`,
    );
  }
}

/** What Cinder keeps of an image on its volume; cinder/utils.py, `GLANCE_CORE_PROPERTIES`. */
export function imageMetadataOf(image: Image): Readonly<Record<string, string>> {
  return {
    ...image.properties,
    image_id: image.id,
    ...(image.name !== null && { image_name: image.name }),
    ...(image.checksum && { checksum: image.checksum }),
    ...(image.containerFormat && { container_format: image.containerFormat }),
    ...(image.diskFormat && { disk_format: image.diskFormat }),
    min_disk: String(image.minDiskGib),
    min_ram: String(image.minRamMib),
    size: String(image.sizeBytes),
  };
}
