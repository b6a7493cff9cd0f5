/** Bodies of create and update as commands' attributes: Nova's field names stop here. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { compressIpv6, FORMATS } from "../../http/formats.ts";
import type { Minor } from "../../http/microversions.ts";
import type { Sealed } from "../../store/secrets.ts";
import type { AskedNetwork, CreateRequest } from "./decide/mod.ts";
import type { BlockDevice, DiskConfig, ServerUpdated } from "./events.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a create asks for, beyond the attributes of the servers. */
export interface ReadCreate {
  readonly asked: CreateRequest;
  readonly minCount: number;
  readonly maxCount: number;
  readonly returnReservationId: boolean;
  /** Undefined: one is to be made up. */
  readonly adminPass: string | undefined;
  /** As sent: the answer repeats them untouched. */
  readonly securityGroups: readonly { readonly name: string }[];
  /** Whether the zone carried a host or a node: only administrators may. */
  readonly forcesHost: boolean;
}

function countsOf(server: Fields): { readonly minCount: number; readonly maxCount: number } {
  const minCount = Number(server["min_count"] ?? 1);
  return { minCount, maxCount: Number(server["max_count"] ?? minCount) };
}

/** What is wrong with a create whoever sends it: Nova looks at rights after this only. */
export function refuseCounts(body: unknown): Rejection | undefined {
  const { minCount, maxCount } = countsOf((body as Fields)["server"] as Fields);
  if (minCount > maxCount) return reject("Invalid", "min_count must be <= max_count");
}

/** Reads the body of `POST /servers`, valid by its schema; `seal` hides what must not be readable. */
export function readCreate(
  body: unknown,
  minor: Minor,
  seal: (text: string) => Sealed,
): ReadCreate | Rejection {
  const whole = body as Fields;
  const server = whole["server"] as Fields;
  const { minCount, maxCount } = countsOf(server);
  const miscounted = refuseCounts(body);
  if (miscounted) return miscounted;
  const zone = readZone(server["availability_zone"] as string | undefined);
  if ("rejected" in zone) return zone;
  const byAttribute = server["host"] !== undefined || server["hypervisor_hostname"] !== undefined;
  if (byAttribute && (zone.host !== null || zone.node !== null)) {
    return reject(
      "Invalid",
      "One mechanism with host and/or hypervisor_hostname and another mechanism with " +
        "zone:host:node are mutually exclusive.",
    );
  }
  const imageRef = (server["imageRef"] as string | undefined) || null;
  const blockDevices = readBlockDevices(server, imageRef);
  if ("rejected" in blockDevices) return blockDevices;
  if (imageRef === null && blockDevices.length === 0) {
    return reject("Invalid", "Missing imageRef attribute");
  }
  const networks = readNetworks(server["networks"]);
  if (networks !== undefined && typeof networks === "object" && "rejected" in networks) {
    return networks;
  }
  const name = server["name"] as string;
  const groups = server["security_groups"] as { name: string }[] | undefined;
  const personality = readPersonality(server);
  if ("rejected" in personality) return personality;
  const userData = server["user_data"] as string | undefined;
  return {
    minCount,
    maxCount,
    returnReservationId: isTrue(server["return_reservation_id"]),
    adminPass: server["adminPass"] as string | undefined,
    securityGroups: groups ?? [{ name: "default" }],
    forcesHost: zone.host !== null || zone.node !== null,
    asked: {
      name,
      hostname: server["hostname"] as string | undefined,
      description: minor < 19 ? name : (server["description"] as string | undefined) ?? null,
      flavorRef: lastSegment(String(server["flavorRef"])),
      imageRef,
      metadata: (server["metadata"] ?? {}) as Record<string, string>,
      tags: (server["tags"] ?? []) as string[],
      accessIPv4: (server["accessIPv4"] as string | undefined) ?? null,
      accessIPv6: canonicalIpv6(server["accessIPv6"] as string | undefined) ?? null,
      diskConfig: server["OS-DCF:diskConfig"] as DiskConfig | undefined,
      configDrive: isTrue(server["config_drive"]),
      keyName: (server["key_name"] as string | undefined) ?? null,
      userData: userData === undefined ? null : seal(userData),
      personality: personality.map(({ path, contents }) => ({
        path,
        contents: seal(contents),
        contentLength: contents.length,
      })),
      availabilityZone: zone.zone,
      host: zone.host ?? (server["host"] as string | undefined) ?? null,
      node: zone.node ?? (server["hypervisor_hostname"] as string | undefined) ?? null,
      hostByAttribute: byAttribute,
      networks,
      securityGroups: groups === undefined || groups.length === 0
        ? ["default"]
        : [...new Set(groups.map((group) => group.name))],
      blockDevices,
      bootsFromDevicesOnly: versionTwoDevices(server).length > 0,
      schedulerHints: readHints(whole),
      trustedImageCertificates: (server["trusted_image_certificates"] as string[] | null) ?? null,
    },
  };
}

/** Files for a server. Their parts are not required by the schema, so Nova fails without. */
export function readPersonality(
  server: { readonly personality?: unknown },
): readonly { readonly path: string; readonly contents: string }[] | Rejection {
  const files = (server.personality ?? []) as { path: string; contents: string }[];
  for (const part of ["path", "contents"] as const) {
    if (files.every((file) => file[part] !== undefined)) continue;
    return reject("Invalid", `Bad personality format: missing '${part}'`);
  }
  return files;
}

/** `zone`, `zone:host`, `zone:host:node` or `zone::node`; nova/compute/api.py, `parse_availability_zone`. */
function readZone(
  text: string | undefined,
): { zone: string | null; host: string | null; node: string | null } | Rejection {
  if (text === undefined) return { zone: null, host: null, node: null };
  const [zone, host, node, ...rest] = text.split(":");
  if (rest.length > 0) {
    return reject("Invalid", "Invalid input received: Unable to parse availability_zone");
  }
  return { zone: zone || null, host: host || null, node: node || null };
}

function versionTwoDevices(server: Fields): readonly Fields[] {
  return (server["block_device_mapping_v2"] ?? []) as Fields[];
}

function readBlockDevices(
  server: Fields,
  imageRef: string | null,
): readonly BlockDevice[] | Rejection {
  const legacy = (server["block_device_mapping"] ?? []) as Fields[];
  const devices = versionTwoDevices(server);
  if (legacy.length > 0 && devices.length > 0) {
    return reject(
      "Invalid",
      "Using different block_device_mapping syntaxes is not allowed in the same request.",
    );
  }
  for (const device of devices) {
    const problem = problemOf(device, imageRef);
    if (problem) return reject("Invalid", `Block Device Mapping is Invalid: ${problem}`);
  }
  return [...legacy.map(readLegacyDevice), ...devices.map(readDevice)];
}

/** What is wrong with a device, whatever there is; nova/block_device.py, `BlockDeviceDict.from_api`. */
function problemOf(device: Fields, imageRef: string | null): string | undefined {
  if (device["no_device"]) return undefined;
  const { source_type: source, destination_type: destination } = device;
  if (source === "blank" && device["uuid"]) return "Invalid device UUID.";
  if (source !== "blank" && idOf(device) === null) return "Missing device UUID.";
  const isBootedImage = imageRef !== null && numberOrNull(device["boot_index"]) === 0;
  if (source === "image" && destination === "local" && !isBootedImage) {
    return "Mapping image to local is not supported.";
  }
  if (!device["volume_type"]) return undefined;
  if (destination === "local") {
    return "Specifying a volume_type with destination_type=local is not supported.";
  }
  return source === "volume"
    ? "Specifying volume type to existing volume is not supported."
    : undefined;
}

function idOf(device: Fields): string | null {
  const id = device["uuid"] ?? device["volume_id"] ?? device["snapshot_id"] ?? device["image_id"];
  return (id as string | undefined) ?? null;
}

function readDevice(device: Fields): BlockDevice {
  const sourceType = device["source_type"] as BlockDevice["sourceType"] ?? "blank";
  const defaultDestination = sourceType === "blank" || sourceType === "image" ? "local" : "volume";
  return {
    sourceType,
    destinationType: device["destination_type"] as BlockDevice["destinationType"] ??
      defaultDestination,
    sourceId: idOf(device),
    bootIndex: numberOrNull(device["boot_index"]),
    ...(device["guest_format"] === "swap" && { isSwap: true }),
    ...commonParts(device),
  };
}

/** The mapping of before 2013: volumes and snapshots, booted from if named as the root is. */
function readLegacyDevice(device: Fields): BlockDevice {
  const isRoot = ["vda", "/dev/vda"].includes(device["device_name"] as string);
  return {
    sourceType: device["snapshot_id"] === undefined ? "volume" : "snapshot",
    destinationType: "volume",
    sourceId: idOf(device),
    bootIndex: isRoot ? 0 : -1,
    ...commonParts(device),
  };
}

function commonParts(
  device: Fields,
): Pick<BlockDevice, "sizeGib" | "volumeType" | "deviceName" | "deleteOnTermination" | "tag"> {
  return {
    sizeGib: numberOrNull(device["volume_size"]),
    volumeType: (device["volume_type"] as string | null | undefined) ?? null,
    deviceName: (device["device_name"] as string | undefined) ?? null,
    deleteOnTermination: isTrue(device["delete_on_termination"]),
    tag: (device["tag"] as string | undefined) ?? null,
  };
}

function readNetworks(networks: unknown): CreateRequest["networks"] | Rejection {
  if (networks === undefined || networks === "auto" || networks === "none") return networks;
  const seen = new Set<string>();
  const read: AskedNetwork[] = [];
  for (const nic of networks as Fields[]) {
    const asked: AskedNetwork = {
      uuid: (nic["uuid"] as string | undefined) ?? undefined,
      port: (nic["port"] as string | null | undefined) ?? undefined,
      fixedIp: (nic["fixed_ip"] as string | undefined) ?? undefined,
      tag: nic["tag"] as string | undefined,
    };
    const refusal = refuseNic(asked, seen);
    if (refusal) return refusal;
    if (asked.port !== undefined) seen.add(asked.port);
    read.push(asked);
  }
  return read;
}

/** nova/api/openstack/compute/servers.py, `_get_requested_networks`. */
function refuseNic(
  { uuid, port, fixedIp }: AskedNetwork,
  seen: ReadonlySet<string>,
): Rejection | undefined {
  if (port !== undefined) {
    if (seen.has(port)) {
      return reject(
        "Invalid",
        `Port ID '${port}' was specified twice: you cannot attach a port multiple times.`,
      );
    }
    if (fixedIp === undefined) return undefined;
    return reject(
      "Invalid",
      `Specified Fixed IP '${fixedIp}' cannot be used with port '${port}': ` +
        "the two cannot be specified together.",
    );
  }
  if (uuid === undefined) return reject("Invalid", "Bad network format: missing 'uuid'");
  // From 2.37 the schema asks for a UUID; until then nobody has looked.
  if (FORMATS.uuid(uuid)) return undefined;
  return reject(
    "Invalid",
    `Bad networks format: network uuid is not in proper format (${uuid})`,
  );
}

/** Every value as a list of texts; the older spelling counts when the newer is absent. */
function readHints(body: Fields): CreateRequest["schedulerHints"] {
  const hints = (body["os:scheduler_hints"] ?? body["OS-SCH-HNT:scheduler_hints"] ?? {}) as Fields;
  return Object.fromEntries(
    Object.entries(hints)
      .filter(([name]) => !name.startsWith("_nova"))
      .map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(textOf)]),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Reads the body of `PUT /servers/{id}`, valid by its schema: only what it names. */
export function readUpdate(body: unknown): ServerUpdated["data"] {
  const server = (body as Fields)["server"] as Fields;
  const changes = {
    name: server["name"],
    description: server["description"],
    accessIPv4: server["accessIPv4"],
    accessIPv6: canonicalIpv6(server["accessIPv6"] as string | undefined),
    diskConfig: server["OS-DCF:diskConfig"],
    hostname: server["hostname"],
    pinnedAvailabilityZone: server["pinned_availability_zone"],
  };
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as ServerUpdated["data"];
}

function canonicalIpv6(text: string | undefined): string | undefined {
  return text === undefined ? undefined : compressIpv6(text) ?? text;
}

/** The id at the end of a reference, which may be a URL. */
function lastSegment(reference: string): string {
  return reference.split("/").at(-1)!;
}

/** oslo.utils' words for true among those that the schemas let through. */
export function isTrue(value: unknown): boolean {
  return value === true ||
    (typeof value === "string" &&
      ["1", "t", "true", "on", "y", "yes"].includes(value.toLowerCase()));
}

function numberOrNull(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value);
}
