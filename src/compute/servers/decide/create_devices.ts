/** The block devices of a create: whether they can be had and booted from, and what becomes of them. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { BlockDevice, ServerVolume, VolumeSource } from "../events.ts";
import type { CreateFacts, CreateRequest, FlavorFacts, ImageFacts } from "./create.ts";
import { refuseMultiattach, refuseReserved, type VolumeFacts } from "./volumes.ts";

/** What other services said of the things that block devices name. */
export interface DeviceFacts {
  readonly volumes: readonly VolumeFacts[];
  readonly snapshots: readonly SnapshotFacts[];
  readonly images: readonly ImageFacts[];
  /** Those of the named volume types that the caller may use. */
  readonly volumeTypes: readonly string[];
  /** From 2.60 on. */
  readonly mayBeMultiattach: boolean;
}

export interface SnapshotFacts {
  readonly id: string;
  readonly volumeId: string;
  readonly sizeGib: number;
  /** Whether the volume that it is of can be booted from. */
  readonly isBootable: boolean;
  /** What is said of the image on that volume; empty: there is none. */
  readonly imageMetadata: Readonly<Record<string, string>>;
}

/** A create without block devices. */
export const NO_DEVICES: DeviceFacts = {
  volumes: [],
  snapshots: [],
  images: [],
  volumeTypes: [],
  mayBeMultiattach: false,
};

/** Ids for one block device. */
export interface DeviceIds {
  readonly volumeId: string;
  readonly attachmentId: string;
  readonly bdmId: string;
}

const GIB = 2 ** 30;

const invalid = (message: string): Rejection => reject("Invalid", message);
const problem = (text: string): Rejection => invalid(`Block Device Mapping is Invalid: ${text}`);

const find = <Thing extends { readonly id: string }>(
  things: readonly Thing[],
  id: string | null,
): Thing | undefined => things.find((thing) => thing.id === id?.toLowerCase());

/** The block device that a server boots from, if there is one. */
export function rootDevice(asked: CreateRequest): BlockDevice | undefined {
  return asked.blockDevices.find((device) => device.bootIndex === 0);
}

/**
 * Whether what a server without an image boots from is there, and can be booted from.
 *
 * Source: nova/block_device.py and nova/utils.py, `get_bdm_image_metadata`.
 */
export function refuseUnbootable(
  asked: CreateRequest,
  { devices = NO_DEVICES }: CreateFacts,
): Rejection | undefined {
  const root = rootDevice(asked);
  if (asked.imageRef !== null || !root) return undefined;
  const { sourceType, sourceId } = root;
  switch (sourceType) {
    case "image":
      return find(devices.images, sourceId)
        ? undefined
        : problem(`failed to get image ${sourceId}.`);
    case "volume": {
      const volume = find(devices.volumes, sourceId);
      if (!volume) return problem(`failed to get volume ${sourceId}.`);
      return volume.isBootable ? undefined : invalid(`Block Device ${sourceId} is not bootable.`);
    }
    case "snapshot": {
      const snapshot = find(devices.snapshots, sourceId);
      if (!snapshot) return problem(`failed to get snapshot ${sourceId}.`);
      return snapshot.isBootable
        ? undefined
        : invalid(`Block Device ${snapshot.volumeId} is not bootable.`);
    }
    case "blank":
      return undefined;
  }
}

/** The image that a server boots, be it on a volume: what it asks of the flavor and of the disk. */
export function bootedImage(asked: CreateRequest, facts: CreateFacts): ImageFacts | undefined {
  if (facts.image) return facts.image;
  const { devices = NO_DEVICES } = facts;
  const root = rootDevice(asked);
  if (root?.sourceType === "image") return find(devices.images, root.sourceId);
  const volume = root?.sourceType === "volume"
    ? find(devices.volumes, root.sourceId)
    : root?.sourceType === "snapshot"
    ? find(devices.snapshots, root.sourceId)
    : undefined;
  if (!volume || Object.keys(volume.imageMetadata).length === 0) return undefined;
  const { image_id, min_ram, min_disk, size, ...properties } = volume.imageMetadata;
  return {
    id: image_id ?? "",
    status: "active",
    minRamMib: Number(min_ram ?? 0),
    minDiskGib: Number(min_disk ?? 0),
    sizeBytes: Number(size ?? 0),
    properties,
  };
}

/** Whether a volume whose size is given is large enough for what is booted from it. */
export function refuseSmallRoot(
  asked: CreateRequest,
  image: ImageFacts | undefined,
): Rejection | undefined {
  const root = rootDevice(asked);
  return refuseSmallVolume(root?.destinationType === "volume" ? root.sizeGib : null, image);
}

/** Whether a volume is large enough for an image; `sizeGib` null: nothing is known of it. */
export function refuseSmallVolume(
  sizeGib: number | null,
  image: ImageFacts | undefined,
): Rejection | undefined {
  if (!image || sizeGib === null || image.minDiskGib <= sizeGib) return undefined;
  return invalid(
    "Volume is smaller than the minimum size specified in image metadata. Volume size is " +
      `${sizeGib * GIB} bytes, minimum size is ${image.minDiskGib * GIB} bytes.`,
  );
}

/** Whether the devices can be had; nova/compute/api.py, `_validate_bdm`. */
export function refuseUnfitDevices(
  { blockDevices, imageRef, bootsFromDevicesOnly }: CreateRequest,
  { devices = NO_DEVICES, flavor }: CreateFacts,
): Rejection | undefined {
  const indexes = blockDevices.map((device) => device.bootIndex)
    .filter((index): index is number => index !== null && index >= 0)
    .sort((a, b) => a - b);
  // Where devices need not name it, an image is itself the first device.
  const imageIsRoot = imageRef !== null && !bootsFromDevicesOnly && !indexes.includes(0);
  const sequence = imageIsRoot ? [0, ...indexes] : indexes;
  const isSequence = sequence.length > 0 && sequence.every((index, place) => index === place);
  for (const [place, device] of blockDevices.entries()) {
    // A volume that is not there is told of before the sequence, as Nova looks volumes up first.
    const refusal = refuseAbsentVolume(device, devices);
    if (refusal) return refusal;
    const isTwice = device.sourceType === "volume" &&
      blockDevices.findIndex(({ sourceId }) => sourceId === device.sourceId) !== place;
    if (isTwice) return invalid(`Invalid volume: volume ${device.sourceId} already attached`);
  }
  if (!isSequence) {
    return problem(
      "Boot sequence for the instance and image/block device mapping combination is not valid.",
    );
  }
  for (const device of blockDevices) {
    const refusal = refuseUnfit(device, imageRef, devices);
    if (refusal) return refusal;
  }
  const locals = blockDevices.filter((device) => device.destinationType === "local");
  const tooLarge = refuseLargeDisks(locals, flavor!);
  if (tooLarge) return tooLarge;
  if (locals.length + (imageIsRoot ? 1 : 0) > MAX_LOCAL_DEVICES) {
    return problem("You specified more local devices than the limit allows");
  }
}

/** Whether ephemeral disks and swap keep within the flavor's; all of it, when no size is asked. */
function refuseLargeDisks(
  locals: readonly BlockDevice[],
  { ephemeralGib, swapMib }: FlavorFacts,
): Rejection | undefined {
  const blank = locals.filter(({ sourceType }) => sourceType === "blank");
  const swaps = blank.filter(({ isSwap }) => isSwap);
  const sizes = blank.filter(({ isSwap }) => !isSwap).map(({ sizeGib }) => sizeGib || ephemeralGib);
  if (sizes.reduce((sum, size) => sum + size, 0) > ephemeralGib) {
    return invalid(
      "Ephemeral disks requested are larger than the instance type allows. If no size is given " +
        "in one block device mapping, flavor ephemeral size will be used.",
    );
  }
  if (swaps.length > 1) return problem("More than one swap drive requested.");
  if ((swaps[0]?.sizeGib ?? 0) <= swapMib) return undefined;
  return invalid("Swap drive requested is larger than instance type allows.");
}

/** nova/conf/compute.py, `max_local_block_devices`. */
const MAX_LOCAL_DEVICES = 3;

function refuseAbsentVolume(
  { sourceType, sourceId }: BlockDevice,
  { volumes }: DeviceFacts,
): Rejection | undefined {
  if (sourceType !== "volume" || find(volumes, sourceId)) return undefined;
  return problem(`failed to get volume ${sourceId}.`);
}

function refuseUnfit(
  device: BlockDevice,
  imageRef: string | null,
  facts: DeviceFacts,
): Rejection | undefined {
  const { sourceType, sourceId, volumeType } = device;
  if (volumeType && !facts.volumeTypes.includes(volumeType)) {
    return invalid(`Volume type ${volumeType} could not be found.`);
  }
  const isSizeless = device.destinationType === "volume" && !device.sizeGib;
  switch (sourceType) {
    case "image":
      if (sourceId !== imageRef && !find(facts.images, sourceId)) {
        return problem(`failed to get image ${sourceId}.`);
      }
      if (!isSizeless) return undefined;
      return problem(
        "Images with destination_type 'volume' need to have a non-zero size specified",
      );
    case "volume":
      return refuseVolume(find(facts.volumes, sourceId)!, facts);
    case "snapshot":
      if (find(facts.snapshots, sourceId)) return undefined;
      return problem(`failed to get snapshot ${sourceId}.`);
    case "blank":
      if (!isSizeless) return undefined;
      return problem("Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
  }
}

function refuseVolume(
  volume: VolumeFacts,
  { mayBeMultiattach }: DeviceFacts,
): Rejection | undefined {
  const refusal = refuseReserved(volume);
  return refuseMultiattach(volume, mayBeMultiattach) ??
    (refusal && invalid(`Invalid volume: ${refusal.message}`));
}

/** The volumes that a server is to have. `ids`: for each block device. */
export function volumesOf(
  { blockDevices }: CreateRequest,
  ids: readonly DeviceIds[],
): readonly ServerVolume[] {
  return blockDevices.flatMap((device, place) => {
    if (device.destinationType !== "volume") return [];
    const { bootIndex, deviceName, tag, deleteOnTermination } = device;
    const source = sourceOf(device);
    const own = ids[place]!;
    return [{
      ...own,
      volumeId: source === null ? device.sourceId!.toLowerCase() : own.volumeId,
      bootIndex: bootIndex !== null && bootIndex >= 0 ? bootIndex : null,
      deviceName,
      tag,
      deleteOnTermination,
      source,
    }];
  });
}

function sourceOf({ sourceType, sourceId, sizeGib, volumeType }: BlockDevice): VolumeSource | null {
  const common = { sizeGib, volumeType: volumeType || null };
  switch (sourceType) {
    case "volume":
      return null;
    case "blank":
      return { type: sourceType, ...common };
    case "image":
    case "snapshot":
      return { type: sourceType, id: sourceId!, ...common };
  }
}
