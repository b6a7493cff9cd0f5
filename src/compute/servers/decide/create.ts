import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { type QuotaLimits, type QuotaUsage, roomFor } from "../../quotas/limits.ts";
import type { Sealed } from "../../../store/secrets.ts";
import type {
  BlockDevice,
  BootNotes,
  DiskConfig,
  FlavorSnapshot,
  ImageSnapshot,
  PersonalityFile,
  ServerCreated,
} from "../events.ts";
import { defaultHostname } from "../hostname.ts";
import type { Actor } from "../preconditions.ts";
import {
  bootedImage,
  type DeviceFacts,
  type DeviceIds,
  refuseSmallRoot,
  refuseUnfitDevices,
  volumesOf,
} from "./create_devices.ts";
import {
  refuseUnfitImage,
  refuseUnknownDestination,
  refuseUnknownReferences,
  resolveNetworks,
} from "./create_references.ts";
import { refuseOverInjection, refuseOverMetadata } from "./create_limits.ts";

/** Create one server, or a batch of equal ones. */
export interface CreateServer {
  readonly type: "CreateServer";
  readonly by: Actor;
  /** Ids for the servers, `maxCount` of them at least. */
  readonly ids: readonly string[];
  /** For each server, ids for its block devices. Absent: it has none. */
  readonly deviceIds?: readonly (readonly DeviceIds[])[];
  readonly minCount: number;
  readonly maxCount: number;
  readonly reservationId: string;
  readonly asked: CreateRequest;
  readonly facts: CreateFacts;
}

/** What was asked for, checked against the schema of its microversion, nothing filled in. */
export interface CreateRequest {
  readonly name: string;
  readonly hostname?: string;
  readonly description: string | null;
  readonly flavorRef: string;
  /** Null: none was given, and the block devices must have one to boot from. */
  readonly imageRef: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly accessIPv4: string | null;
  readonly accessIPv6: string | null;
  readonly diskConfig?: DiskConfig;
  readonly configDrive: boolean;
  readonly keyName: string | null;
  readonly userData: Sealed | null;
  readonly personality: readonly (PersonalityFile & {
    /** Length of the contents as they were sent, in characters. */
    readonly contentLength: number;
  })[];
  readonly availabilityZone: string | null;
  readonly host: string | null;
  readonly node: string | null;
  /** Whether host and node came as attributes of their own (2.74), not within the zone. */
  readonly hostByAttribute: boolean;
  /** `auto`, `none`, a list, or undefined when not a word was said. */
  readonly networks: "auto" | "none" | readonly AskedNetwork[] | undefined;
  readonly securityGroups: readonly string[];
  readonly blockDevices: readonly BlockDevice[];
  /** Whether an image is booted only if a block device says so: beside devices of version 2. */
  readonly bootsFromDevicesOnly: boolean;
  readonly schedulerHints: Readonly<Record<string, readonly string[]>>;
  readonly trustedImageCertificates: readonly string[] | null;
}

/** One element of `networks`. */
export interface AskedNetwork {
  readonly uuid?: string;
  readonly port?: string;
  readonly fixedIp?: string;
  readonly tag?: string;
}

/** What other services said of the things the request names; looked up before the queue. */
export interface CreateFacts {
  /** Undefined: there is no such flavor, or it is not for this project. */
  readonly flavor: FlavorFacts | undefined;
  /** Undefined: there is no such image, or the caller may not see it. */
  readonly image: ImageFacts | undefined;
  readonly keyPairExists: boolean;
  readonly availabilityZones: readonly string[];
  readonly hosts: readonly { readonly host: string; readonly node: string }[];
  /** Networks that the project may use. */
  readonly networks: readonly { readonly id: string }[];
  /** The ports among those named that exist. */
  readonly ports: readonly PortFacts[];
  /** Those of the fixed addresses asked for that ports have already, as far as the caller sees. */
  readonly takenAddresses: readonly {
    readonly networkId: string;
    readonly address: string;
    readonly deviceId: string;
  }[];
  /** Names and ids of the project's security groups. */
  readonly securityGroups: readonly string[];
  /** Ids of the server groups among those hinted at that exist. */
  readonly serverGroups: readonly string[];
  /** Absent: no block device was asked for. */
  readonly devices?: DeviceFacts;
}

export interface FlavorFacts extends FlavorSnapshot {
  readonly disabled: boolean;
}

export interface ImageFacts {
  readonly id: string;
  /** `active`, or another of the image service's words. */
  readonly status: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly sizeBytes: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface PortFacts {
  readonly id: string;
  readonly networkId: string;
  /** The server (or other device) that has it; empty when it is free. */
  readonly deviceId: string;
}

/** The project's quota at this very moment. */
export interface QuotaState {
  readonly limits: QuotaLimits;
  readonly usage: QuotaUsage;
}

/** A server to be, with the event that makes it. */
export interface NewServer {
  readonly id: string;
  readonly event: ServerCreated;
}

/**
 * Creates as many servers as there is room for, `maxCount` at most.
 *
 * Refuses unknown or unfit references and anything over a limit, in the order in which Nova looks;
 * when fewer than `minCount` fit, none is created.
 * Source: nova/compute/api.py, `_create_instance`; the order is that of its checks.
 */
export function createServer(
  command: CreateServer,
  quota: QuotaState,
): readonly NewServer[] | Rejection {
  const { asked, facts } = command;
  const networks = resolveNetworks(asked, facts);
  const refusal = refuseUnknownReferences(command, networks) ??
    refuseOverMetadata(asked, quota.limits) ??
    refuseOverInjection(asked, quota.limits) ??
    refuseUnfitImage({
      image: bootedImage(asked, facts),
      flavor: facts.flavor!,
      isVolumeBacked: bootsFromVolume(asked),
      isAdmin: command.by.isAdmin,
    }) ??
    refuseSmallRoot(asked, bootedImage(asked, facts)) ??
    refuseUnknownDestination(command);
  if (refusal) return refusal;
  const flavor = facts.flavor!;
  const { minCount, maxCount } = command;
  const room = roomFor({ size: flavor, minCount, maxCount }, quota.limits, quota.usage);
  if (isRejection(room)) return room;
  const unfit = refuseUnfitDevices(asked, facts);
  if (unfit) return unfit;
  const count = Math.min(room, command.ids.length);
  return command.ids.slice(0, count).map((id, index) => ({
    id,
    event: created(command, { id, index, count, networks: networks as Networks }),
  }));
}

type Networks = ServerCreated["data"]["networks"];

function created(
  command: CreateServer,
  { id, index, count, networks }: {
    id: string;
    index: number;
    count: number;
    networks: Networks;
  },
): ServerCreated {
  const { asked, facts, by } = command;
  const { disabled: _, ...flavor } = facts.flavor!;
  const volumes = volumesOf(asked, command.deviceIds?.[index] ?? []);
  return {
    type: "ServerCreated",
    data: {
      projectId: by.projectId,
      userId: by.userId,
      name: count > 1 ? `${asked.name}-${index + 1}` : asked.name,
      hostname: asked.hostname ?? defaultHostname({ id, name: asked.name, index, count }),
      description: asked.description,
      flavor,
      image: bootImage(facts.image),
      boot: bootNotes(bootedImage(asked, facts), flavor, bootsFromVolume(asked)),
      metadata: asked.metadata,
      tags: asked.tags,
      accessIPv4: asked.accessIPv4,
      accessIPv6: asked.accessIPv6,
      diskConfig: asked.diskConfig ?? defaultDiskConfig(facts.image),
      configDrive: asked.configDrive,
      keyName: asked.keyName,
      userData: asked.userData,
      personality: asked.personality.map(({ path, contents }) => ({ path, contents })),
      requestedZone: asked.availabilityZone,
      requestedHost: asked.host === null && asked.node === null
        ? null
        : { host: asked.host, node: asked.node },
      networks,
      securityGroups: asked.securityGroups,
      blockDevices: asked.blockDevices,
      ...(volumes.length > 0 && { volumes }),
      schedulerHints: asked.schedulerHints,
      trustedImageCertificates: asked.trustedImageCertificates,
      reservationId: command.reservationId,
      launchIndex: index,
    },
  };
}

function bootImage(image: ImageFacts | undefined): ImageSnapshot | null {
  return image ? { id: image.id, properties: novaProperties(image.properties) } : null;
}

/**
 * What a server keeps of the image behind its root disk, besides the image itself.
 *
 * Source: nova/utils.py, `get_system_metadata_from_image`.
 */
export function bootNotes(
  image: ImageFacts | undefined,
  flavor: FlavorSnapshot,
  isVolumeBacked: boolean,
): BootNotes {
  const volumeImage = isVolumeBacked ? bootImage(image) : null;
  return {
    isVolumeBacked,
    minRamMib: image?.minRamMib ?? 0,
    minDiskGib: Math.max(image?.minDiskGib ?? 0, flavor.diskGib),
    ...(volumeImage && { volumeImage }),
  };
}

/** Whether the first device to boot from is a volume; nova/compute/api.py, `is_volume_backed_instance`. */
export function bootsFromVolume(asked: CreateRequest): boolean {
  const root = asked.blockDevices.find((device) => device.bootIndex === 0);
  if (root) return root.destinationType === "volume";
  return asked.imageRef === null;
}

/**
 * Nova's names before all of them got a prefix, but for the two lists that it never keeps.
 *
 * Source: nova/objects/image_meta.py, `_legacy_property_map`; nova/utils.py, `SM_SKIP_KEYS`.
 */
const LEGACY_PROPERTIES: ReadonlySet<string> = new Set([
  "architecture",
  "auto_disk_config",
  "bdm_v2",
  "cache_in_nova",
  "hypervisor_type",
  "kernel_id",
  "os_distro",
  "owner_id",
  "ramdisk_id",
  "root_device_name",
  "vm_mode",
]);

/** The properties of an image that a server keeps: those whose names Nova knows. */
export function novaProperties(
  properties: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) =>
      /^(hw|os|img)_/.test(name) || LEGACY_PROPERTIES.has(name)
    ),
  );
}

function defaultDiskConfig(image: ImageFacts | undefined): DiskConfig {
  const wanted = image?.properties["auto_disk_config"]?.toLowerCase() ?? "";
  return ["1", "t", "true", "on", "y", "yes"].includes(wanted) ? "AUTO" : "MANUAL";
}
