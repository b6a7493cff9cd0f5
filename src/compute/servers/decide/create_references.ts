/** Whether what a create names exists, and fits; in the order in which Nova asks. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { FlavorSnapshot, RequestedNetwork } from "../events.ts";
import {
  type AskedNetwork,
  type CreateFacts,
  type CreateRequest,
  type CreateServer,
  type ImageFacts,
} from "./create.ts";

import { refuseUnbootable } from "./create_devices.ts";

const GIB = 2 ** 30;

const invalid = (message: string): Rejection => reject("Invalid", message);

/** Flavor, what cannot be shared, zone, image, security groups, nics, key pair, volumes. */
export function refuseUnknownReferences(
  command: CreateServer,
  networks: readonly RequestedNetwork[] | Rejection,
): Rejection | undefined {
  const { asked, facts, maxCount } = command;
  if (!facts.flavor) return invalid(`Flavor ${asked.flavorRef} could not be found.`);
  const shared = maxCount > 1 ? refuseToShare(asked) : undefined;
  if (shared) return shared;
  const zone = asked.availabilityZone;
  if (zone !== null && !facts.availabilityZones.includes(zone)) {
    return invalid("The requested availability zone is not available");
  }
  if (asked.imageRef !== null && !facts.image) return invalid("Can not find requested image");
  const unbootable = refuseUnbootable(asked, facts);
  if (unbootable) return unbootable;
  if (facts.flavor.disabled) return invalid(`Flavor ${asked.flavorRef} could not be found.`);
  const group = asked.securityGroups.find((name) => !facts.securityGroups.includes(name));
  if (group !== undefined) {
    return invalid(`Unable to find security_group with name or id '${group}'`);
  }
  if (isRejection(networks)) return networks;
  if (asked.keyName !== null && !facts.keyPairExists) {
    return invalid("Invalid key_name provided.");
  }
  const taken = asked.imageRef === null ? undefined : refuseRootName(asked, facts);
  if (taken) return taken;
  if (maxCount > 1 && asked.blockDevices.some((device) => device.sourceType === "volume")) {
    return invalid("Cannot attach one or more volumes to multiple instances");
  }
}

/** nova/compute/api.py, `_check_and_transform_bdm`: what the disk of an image is called. */
const ROOT_DEVICE_NAME = "vda";

/** Whether a volume is to have the name of the disk that an image is booted from. */
function refuseRootName(
  { blockDevices, bootsFromDevicesOnly }: CreateRequest,
  { image }: CreateFacts,
): Rejection | undefined {
  // With a name from the image Nova compares two forms of names, which are never equal.
  if (!bootsFromDevicesOnly || image?.properties["root_device_name"] !== undefined) {
    return undefined;
  }
  const isTaken = blockDevices.some(({ destinationType, deviceName }) =>
    destinationType === "volume" && deviceName?.replace(/^\/dev\//, "") === ROOT_DEVICE_NAME
  );
  return isTaken
    ? invalid(
      `The volume cannot be assigned the same device name as the root device ${ROOT_DEVICE_NAME}`,
    )
    : undefined;
}

/** What only one server of a batch could have. */
function refuseToShare(asked: CreateRequest): Rejection | undefined {
  const nics = Array.isArray(asked.networks) ? asked.networks as readonly AskedNetwork[] : [];
  if (nics.some((nic) => nic.fixedIp !== undefined)) {
    return invalid(
      "Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.",
    );
  }
  if (nics.some((nic) => nic.port !== undefined)) {
    return invalid(
      "Failed to launch instances: Unable to launch multiple instances with a single configured " +
        "port ID. Please launch your instance one by one with different ports.",
    );
  }
  if (asked.hostname !== undefined) {
    return invalid("Unable to allocate a single hostname to multiple instances");
  }
}

/** Server group and host: where the servers are to go. */
export function refuseUnknownDestination(
  { asked, facts }: CreateServer,
): Rejection | undefined {
  const hinted = asked.schedulerHints["group"]?.find((id) => !facts.serverGroups.includes(id));
  if (hinted !== undefined) return invalid(`Instance group ${hinted} could not be found.`);
  return refuseUnknownHost(asked, facts);
}

function refuseUnknownHost(asked: CreateRequest, facts: CreateFacts): Rejection | undefined {
  const { host, node } = asked;
  // A host named within the zone is left to the scheduler, as in Nova.
  if (!asked.hostByAttribute || (host === null && node === null)) return undefined;
  const found = facts.hosts.some((candidate) =>
    (host === null || candidate.host === host) && (node === null || candidate.node === node)
  );
  if (found) return undefined;
  return invalid(`Compute host ${host ?? node} could not be found.`);
}

/** An image, and what is to boot it. */
export interface ImageToBoot {
  /** Undefined: it boots from no image. */
  readonly image: ImageFacts | undefined;
  readonly flavor: FlavorSnapshot;
  readonly isVolumeBacked: boolean;
  readonly isAdmin: boolean;
}

/** Whether the image may be booted on the flavor; nova/compute/api.py, `_validate_flavor_image`. */
export function refuseUnfitImage(
  { image, flavor, isVolumeBacked, isAdmin }: ImageToBoot,
): Rejection | undefined {
  if (!image) return undefined;
  if (image.status !== "active") {
    return reject("Invalid", `Image ${image.id} is not active.`);
  }
  if (flavor.ramMib < image.minRamMib) {
    return reject("Invalid", "Flavor's memory is too small for requested image.");
  }
  if (isVolumeBacked) return undefined;
  if (flavor.diskGib === 0) {
    if (isAdmin) return undefined;
    return reject(
      "Forbidden",
      "Only volume-backed servers are allowed for flavors with zero disk.",
    );
  }
  return refuseSmallDisk(flavor.diskGib * GIB, image);
}

function refuseSmallDisk(diskBytes: number, image: ImageFacts): Rejection | undefined {
  if (image.sizeBytes > diskBytes) {
    return reject(
      "Invalid",
      `Flavor's disk is too small for requested image. Flavor disk is ${diskBytes} bytes, ` +
        `image is ${image.sizeBytes} bytes.`,
    );
  }
  const minDiskBytes = image.minDiskGib * GIB;
  if (minDiskBytes <= diskBytes) return undefined;
  return reject(
    "Invalid",
    "Flavor's disk is smaller than the minimum size specified in image metadata. " +
      `Flavor disk is ${diskBytes} bytes, minimum size is ${minDiskBytes} bytes.`,
  );
}

/** The nics to be; nova/network/neutron.py, `validate_networks`. */
export function resolveNetworks(
  asked: CreateRequest,
  facts: CreateFacts,
): readonly RequestedNetwork[] | Rejection {
  const { networks } = asked;
  if (networks === "none") return [];
  if (networks === undefined || networks === "auto" || networks.length === 0) {
    if (facts.networks.length <= 1) return facts.networks.map(({ id }) => ({ networkId: id }));
    return reject(
      "Conflict",
      "More than one possible network found. Specify network ID(s) to select which one(s) to " +
        "connect to.",
    );
  }
  const resolved: RequestedNetwork[] = [];
  for (const nic of networks) {
    const outcome = resolveNic(nic, facts, resolved);
    if ("rejected" in outcome) return outcome;
    resolved.push(outcome);
  }
  return resolved;
}

function resolveNic(
  nic: AskedNetwork,
  facts: CreateFacts,
  before: readonly RequestedNetwork[],
): RequestedNetwork | Rejection {
  const tag = nic.tag !== undefined && { tag: nic.tag };
  if (nic.port !== undefined) {
    const port = facts.ports.find(({ id }) => id === nic.port);
    if (!port) return reject("Invalid", `Port id ${nic.port} could not be found.`);
    if (port.deviceId !== "" || before.some(({ portId }) => portId === nic.port)) {
      return reject("Conflict", `Port ${nic.port} is still in use.`);
    }
    return { networkId: port.networkId, portId: port.id, ...tag };
  }
  // Whether there is an id at all was checked with the syntax of the request.
  const networkId = nic.uuid!;
  if (!facts.networks.some(({ id }) => id === networkId)) {
    return reject("Invalid", `Network ${networkId} could not be found.`);
  }
  const taken = facts.takenAddresses.find((one) =>
    one.networkId === networkId && one.address === nic.fixedIp
  );
  if (taken) {
    return reject(
      "Invalid",
      `Fixed IP address ${nic.fixedIp} is already in use on instance ${taken.deviceId}.`,
    );
  }
  const fixedIp = nic.fixedIp !== undefined && { fixedIp: nic.fixedIp };
  return { networkId, ...fixedIp, ...tag };
}
