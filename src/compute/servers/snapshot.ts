/** The image that is made of a server: its name, and what Nova writes on it. Pure. */
import type { NewImage } from "./operations.ts";
import type { Server } from "./state.ts";
import { volumeOf } from "./volumes.ts";

/** An image to be made, as the image service takes it. */
export interface SnapshotFacts {
  readonly imageId: string;
  readonly name: string;
  readonly projectId: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** nova/conf/imagecache.py, `non_inheritable_image_properties`. */
const NOT_INHERITED = new Set(["bittorrent", "cache_in_nova"]);

/** The image that the operation under way makes; undefined when it makes none. */
export function newImageOf(id: string, server: Server): SnapshotFacts | undefined {
  const { operation } = server;
  switch (operation?.name) {
    case "createImage":
      return snapshotOf(id, server, operation.input, "snapshot");
    case "createBackup": {
      const { backupType } = operation.input;
      return snapshotOf(id, server, operation.input, "backup", { backup_type: backupType });
    }
    case "shelve":
      return snapshotOf(id, server, { ...operation.input, metadata: {} }, "snapshot");
    default:
      return undefined;
  }
}

/** A volume of which there is a snapshot for an image. */
export interface ImagedVolume {
  readonly volumeId: string;
  readonly snapshotId: string;
  readonly sizeGib: number;
}

/** Of the image that a server was booted from only, not of those that are made of it. */
const OF_BOOT = new Set(["block_device_mapping", "bdm_v2", "root_device_name"]);

/**
 * The image of a server that boots from a volume: no data, but what to make of snapshots.
 *
 * Source: nova/compute/api.py, `snapshot_volume_backed`.
 */
export function volumeImageOf(
  server: Server,
  { imageId, name, metadata }: NewImage,
  volumes: readonly ImagedVolume[],
): SnapshotFacts {
  const { image, boot, rootDeviceName, projectId } = server;
  const inherited = Object.entries((image ?? boot.volumeImage)?.properties ?? {})
    .filter(([name]) => !NOT_INHERITED.has(name) && !OF_BOOT.has(name));
  const mapping = [...localDevices(server), ...volumes.map((volume) => ofVolume(server, volume))];
  return {
    imageId,
    name,
    projectId,
    minRamMib: boot.minRamMib,
    minDiskGib: boot.minDiskGib,
    properties: {
      ...Object.fromEntries(inherited),
      base_image_ref: image?.id ?? "",
      ...metadata,
      ...(rootDeviceName !== null && { root_device_name: rootDeviceName }),
      ...(mapping.length > 0 && {
        block_device_mapping: JSON.stringify(mapping),
        bdm_v2: "True",
      }),
    },
  };
}

/** All that a block device can say of itself; nova/block_device.py, `BlockDeviceDict`. */
const UNSAID = {
  source_type: null,
  destination_type: null,
  boot_index: null,
  device_name: null,
  device_type: null,
  disk_bus: null,
  guest_format: null,
  delete_on_termination: false,
  snapshot_id: null,
  volume_id: null,
  image_id: null,
  volume_size: null,
  volume_type: null,
  no_device: null,
  tag: null,
  encrypted: null,
  encryption_secret_uuid: null,
  encryption_format: null,
  encryption_options: null,
};

/** nova/block_device.py, `snapshot_from_bdm`. */
function ofVolume(server: Server, { volumeId, snapshotId, sizeGib }: ImagedVolume): object {
  const { bootIndex, deviceName, deleteOnTermination } = volumeOf(server.volumes, volumeId)!;
  return {
    ...UNSAID,
    source_type: "snapshot",
    destination_type: "volume",
    snapshot_id: snapshotId,
    boot_index: bootIndex,
    device_name: deviceName,
    device_type: "disk",
    disk_bus: "virtio",
    delete_on_termination: deleteOnTermination,
    volume_size: sizeGib,
  };
}

/** The disks that came with the flavor, unless the request had others; their data stay behind. */
function localDevices({ flavor, blockDevices }: Server): readonly object[] {
  const asked = blockDevices.filter(({ destinationType }) => destinationType === "local");
  if (asked.length > 0) return asked.map(({ sizeGib }) => blank(sizeGib, null));
  return [
    ...(flavor.ephemeralGib > 0 ? [blank(flavor.ephemeralGib, null)] : []),
    ...(flavor.swapMib > 0 ? [blank(flavor.swapMib, "swap")] : []),
  ];
}

/** nova/block_device.py, `create_blank_bdm`; the size of swap is in MiB, as in Nova. */
function blank(size: number | null, guestFormat: "swap" | null): object {
  return {
    ...UNSAID,
    source_type: "blank",
    destination_type: "local",
    boot_index: -1,
    device_type: "disk",
    guest_format: guestFormat,
    delete_on_termination: true,
    volume_size: size,
  };
}

/** nova/compute/api.py, `_create_image`; nova/compute/utils.py, `initialize_instance_snapshot_metadata`. */
function snapshotOf(
  id: string,
  server: Server,
  { imageId, name, metadata }: NewImage,
  type: "snapshot" | "backup",
  more: Readonly<Record<string, string>> = {},
): SnapshotFacts {
  const inherited = Object.entries(server.image?.properties ?? {})
    .filter(([name]) => !NOT_INHERITED.has(name));
  return {
    imageId,
    name,
    projectId: server.projectId,
    minRamMib: server.boot.minRamMib,
    minDiskGib: server.boot.minDiskGib,
    properties: {
      ...Object.fromEntries(inherited),
      base_image_ref: server.image?.id ?? "",
      image_type: type,
      instance_uuid: id,
      user_id: server.userId,
      owner_id: server.projectId,
      ...more,
      ...metadata,
    },
  };
}
