/** Parts of a create request: devices, networks and scheduler hints. */
import {
  anything,
  boolean,
  type Fields,
  ipAddress,
  listOf,
  MAX_INTEGER,
  name,
  object,
  text,
  uuid,
} from "../../http/schema_parts.ts";
import type { JsonSchema } from "../../http/schema.ts";

function textUpTo(maxLength: number): JsonSchema {
  return { type: "string", maxLength };
}

const blockDevice: Fields = {
  virtual_name: textUpTo(255),
  volume_id: uuid,
  snapshot_id: uuid,
  volume_size: {
    type: ["integer", "string"],
    pattern: "^[0-9]+$",
    minimum: 1,
    maximum: MAX_INTEGER,
  },
  device_name: { type: "string", minLength: 1, maxLength: 255, pattern: "^[a-zA-Z0-9._/-]*$" },
  delete_on_termination: boolean,
  no_device: anything,
  connection_info: textUpTo(16777215),
};

/** `block_device_mapping`: devices in the form of EC2. */
export const legacyBlockDevices: JsonSchema = listOf(object(blockDevice));

/** `block_device_mapping_v2`, with the fields that came to its items since 2.1. */
export function blockDevices(more: Fields = {}): JsonSchema {
  return listOf(object({
    ...blockDevice,
    source_type: { type: "string", enum: ["volume", "image", "snapshot", "blank"] },
    uuid: { type: "string", minLength: 1, maxLength: 255, pattern: "^[a-zA-Z0-9._-]*$" },
    image_id: uuid,
    destination_type: { type: "string", enum: ["local", "volume"] },
    guest_format: textUpTo(255),
    device_type: textUpTo(255),
    disk_bus: textUpTo(255),
    boot_index: { type: ["integer", "string", "null"], pattern: "^-?[0-9]+$" },
    ...more,
  }));
}

/** The type of a volume to be made; the empty text and null are the default one. */
export const volumeType: JsonSchema = { type: ["string", "null"], minLength: 0, maxLength: 255 };

/** `networks` up to 2.36, with the fields that came to its items. */
export function networks(more: Fields = {}): JsonSchema {
  return listOf(object({ fixed_ip: ipAddress, port: portId, uuid: text, ...more }));
}

/** `networks` from 2.37, where `none` and `auto` also stand for a list. */
export function networksOrWord(more: Fields = {}): JsonSchema {
  return { oneOf: [networks({ uuid, ...more }), { type: "string", enum: ["none", "auto"] }] };
}

const portId: JsonSchema = { type: ["string", "null"], format: "uuid" };

export const securityGroups: JsonSchema = listOf(object({ name }));

/** Hints for the scheduler; unknown ones are passed on to it. */
export const schedulerHints: JsonSchema = {
  type: "object",
  properties: {
    group: { oneOf: [listOf(uuid), uuid] },
    different_host: { oneOf: [uuid, listOf(uuid)] },
    same_host: { type: ["string", "array"], items: uuid },
    query: { type: ["string", "object"] },
    target_cell: name,
    different_cell: { type: ["string", "array"], items: text },
    build_near_host_ip: ipAddress,
    cidr: { type: "string", pattern: "^/[0-9a-f.:]+$" },
  },
  additionalProperties: true,
};
