/** Block devices that an image names: such images are made of servers that boot from volumes. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { BlockDevice } from "../events.ts";
import type { CreateRequest, ImageFacts } from "./create.ts";

/** One entry of an image's property `block_device_mapping`, in the new form or the old one. */
type Entry = Readonly<Record<string, unknown>>;

const SOURCES = ["blank", "image", "snapshot", "volume"] as const;
type SourceType = BlockDevice["sourceType"];

const DEFAULT_ROOT = "vda";

/**
 * The request with the block devices that its image names beside those of its own.
 *
 * A device of the request takes the place of the image's of the same name; an image that has a
 * device to boot from is not booted itself. Refuses entries that are no block devices.
 * Source: nova/compute/api.py, `_check_and_transform_bdm`.
 */
export function withImageDevices(
  asked: CreateRequest,
  image: Pick<ImageFacts, "properties"> | undefined,
): CreateRequest | Rejection {
  const devices = image ? imageDevices(image.properties) : [];
  if (isRejection(devices)) return devices;
  if (devices.length === 0) return asked;
  const hasRoot = devices.some(({ bootIndex }) => bootIndex === 0);
  const own = hasRoot ? asked.blockDevices.filter((device) => !isImageRoot(device)) : asked
    .blockDevices;
  const names = new Set(own.flatMap(({ deviceName }) => deviceName ?? []));
  const more = devices.filter(({ deviceName }) => deviceName === null || !names.has(deviceName));
  return { ...asked, blockDevices: [...own, ...more] };
}

function isImageRoot({ bootIndex, sourceType }: BlockDevice): boolean {
  return bootIndex === 0 && sourceType === "image";
}

/** The block devices of an image's properties. */
export function imageDevices(
  properties: ImageFacts["properties"],
): readonly BlockDevice[] | Rejection {
  const text = properties["block_device_mapping"];
  if (text === undefined) return [];
  const entries = readEntries(text);
  if (!entries) return malformed("The mapping of the image is not a list of block devices.");
  const read = isTrue(properties["bdm_v2"])
    ? readDevice
    : (entry: Entry) => readLegacy(entry, properties["root_device_name"] ?? DEFAULT_ROOT);
  const devices: BlockDevice[] = [];
  for (const entry of entries.filter(({ no_device }) => !isTrue(no_device))) {
    const device = read(entry);
    if (isRejection(device)) return device;
    devices.push(device);
  }
  return devices;
}

/** nova/exception.py, `InvalidBDMFormat`. */
function malformed(details: string): Rejection {
  return reject("Invalid", `Block Device Mapping is Invalid: ${details}`);
}

function readEntries(text: string): readonly Entry[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isEntry) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** nova/block_device.py, `BlockDeviceDict`. */
function readDevice(entry: Entry): BlockDevice | Rejection {
  const sourceType = SOURCES.find((known) => known === entry["source_type"]);
  if (!sourceType) return malformed("Some required fields are missing");
  return deviceOf(entry, sourceType, wholeIn(entry["boot_index"]));
}

/** nova/block_device.py, `from_legacy_mapping`: the device with the name of the root is booted. */
function readLegacy(entry: Entry, rootDeviceName: string): BlockDevice | Rejection {
  const sourceType = legacySource(entry);
  if (!sourceType) return malformed("Unrecognized legacy format.");
  const isRoot = sourceType !== "blank" &&
    bare(textIn(entry["device_name"]) ?? "") === bare(rootDeviceName);
  return deviceOf(entry, sourceType, isRoot ? 0 : -1);
}

function legacySource(entry: Entry): SourceType | undefined {
  const virtual = textIn(entry["virtual_name"]) ?? "";
  if (virtual === "swap" || /^ephemeral\d+$/.test(virtual)) return "blank";
  if (textIn(entry["snapshot_id"])) return "snapshot";
  return textIn(entry["volume_id"]) ? "volume" : undefined;
}

function deviceOf(
  entry: Entry,
  sourceType: SourceType,
  bootIndex: number | null,
): BlockDevice | Rejection {
  const sourceId = sourceType === "blank" ? null : textIn(entry[`${sourceType}_id`]);
  if (sourceType !== "blank" && !sourceId) return malformed("Missing device UUID.");
  const sizeGib = wholeIn(entry["volume_size"]);
  if (sizeGib !== null && sizeGib < 0) return malformed("Volume size is invalid.");
  const isLocal = entry["destination_type"] === "local" ||
    (sourceType === "blank" && entry["destination_type"] !== "volume");
  const deviceName = textIn(entry["device_name"]);
  return {
    sourceType,
    destinationType: isLocal ? "local" : "volume",
    sourceId,
    bootIndex,
    sizeGib,
    volumeType: textIn(entry["volume_type"]),
    deviceName: deviceName && `/dev/${bare(deviceName)}`,
    deleteOnTermination: isTrue(entry["delete_on_termination"]),
    tag: textIn(entry["tag"]),
  };
}

function bare(deviceName: string): string {
  return deviceName.replace(/^\/dev\//, "");
}

function textIn(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function wholeIn(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

/** oslo_utils.strutils, `bool_from_string`. */
function isTrue(value: unknown): boolean {
  return ["1", "t", "true", "on", "y", "yes"].includes(String(value ?? "").trim().toLowerCase());
}
