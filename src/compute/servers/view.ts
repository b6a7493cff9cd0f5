/** Servers as Nova's JSON, by microversion; nova/api/openstack/compute/views/servers.py. */
import { createHash } from "node:crypto";
import { MAX_MINOR, MIN_MINOR, type Minor } from "../../http/microversions.ts";
import type { Sealed } from "../../store/secrets.ts";
import type { ServerPort } from "./events.ts";
import type { Fault, Server } from "./state.ts";
import { POWER_STATE } from "./states.ts";
import { type AttachedVolume, shownVolumes } from "./volumes.ts";
import { FAULT_STATUSES, PROGRESS_STATUSES, statusOf } from "./status.ts";

/** Which operation's answer a server is shown in: changes show less below 2.75, lists no groups. */
export type Operation = "show" | "detail" | "update" | "rebuild";

/** All that a server's JSON depends on besides the server. */
export interface ViewContext {
  readonly operation: Operation;
  readonly minor: Minor;
  /** Whether the caller sees what the rules for administrators guard. */
  readonly isAdmin: boolean;
  /** `http://host:port/v2.1` or with the project behind it: what `self` links begin with. */
  readonly selfBase: string;
  /** The same without the version: what `bookmark` links begin with. */
  readonly bookmarkBase: string;
  /** Addresses are not shown in these vm_states: setting `osapi_hide_server_address_states`. */
  readonly hideAddressStates: ReadonlySet<string>;
  /** Reads what is sealed, for administrators. */
  openSecret(sealed: Sealed): string;
  /** What is known of a host; undefined when the caller may not know it. */
  hostStatus(host: string | null): HostStatus | undefined;
}

/** api-ref, `host_status`; empty: there is no host, or its service is gone. */
export type HostStatus = "UP" | "DOWN" | "MAINTENANCE" | "UNKNOWN" | "";

/** Microversions in which a server's JSON changes; between two of them it is the same. */
const SHAPE_CHANGES: readonly Minor[] = [
  1,
  3,
  9,
  16,
  19,
  26,
  47,
  54,
  57,
  63,
  71,
  73,
  75,
  90,
  96,
  98,
  100,
];

const SHAPES: readonly Minor[] = Array.from(
  { length: MAX_MINOR + 1 },
  (_, minor) => SHAPE_CHANGES.findLast((change) => change <= minor) ?? MIN_MINOR,
);

/** The lowest microversion with the same shape: answers of one shape can share a cache. */
export function shapeOf(minor: Minor): Minor {
  return SHAPES[minor]!;
}

/** A server as the caller may see it. */
export function viewServer(id: string, server: Server, context: ViewContext): object {
  const { minor, operation } = context;
  const whole = showsAll(context);
  return {
    ...basics(id, server, context),
    ...(whole && extended(server, minor)),
    ...(context.isAdmin && whole && administrative(server, context)),
    ...(minor >= 9 && { locked: server.lock !== null }),
    ...(minor >= 16 && whole && hostStatusOf(server, context)),
    ...(minor >= 19 && { description: server.description }),
    ...(minor >= 26 && { tags: server.tags }),
    ...(minor >= 63 && { trusted_image_certificates: server.trustedImageCertificates }),
    ...(minor >= 71 && operation !== "detail" && {
      server_groups: server.schedulerHints["group"] ?? [],
    }),
    ...(minor >= 73 && { locked_reason: server.lock?.reason ?? null }),
    ...(minor >= 90 && { "OS-EXT-SRV-ATTR:hostname": server.hostname }),
    ...(minor >= 96 && { pinned_availability_zone: server.pinnedAvailabilityZone }),
    ...(minor >= 100 && { scheduler_hints: server.schedulerHints }),
    ...(operation === "rebuild" && rebuilt(server, context)),
  };
}

/** Below 2.75 the answer to a change leaves out what came from extensions. */
function showsAll({ operation, minor }: ViewContext): boolean {
  return operation === "show" || operation === "detail" || minor >= 75;
}

/** What only the answer to a rebuild shows. */
function rebuilt(server: Server, { minor, openSecret }: ViewContext): object {
  const { keyName, userData } = server;
  return {
    ...(minor >= 54 && { key_name: keyName }),
    ...(minor >= 57 && { user_data: userData === null ? null : openSecret(userData) }),
  };
}

function hostStatusOf({ placement }: Server, { hostStatus }: ViewContext): object {
  const status = hostStatus(placement?.host ?? null);
  return status === undefined ? {} : { host_status: status };
}

/** What every full answer has, at every microversion. */
function basics(id: string, server: Server, context: ViewContext): object {
  const status = statusOf(server);
  return {
    id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.placement ? hostIdOf(server.projectId, server.placement.host) : "",
    image: imageOf(server, context),
    flavor: flavorOf(server, context),
    created: seconds(server.createdAt),
    updated: seconds(server.updatedAt),
    addresses: addressesOf(server, context),
    accessIPv4: server.accessIPv4 ?? "",
    accessIPv6: server.accessIPv6 ?? "",
    links: linksOf(id, context),
    "OS-DCF:diskConfig": server.diskConfig,
    ...(PROGRESS_STATUSES.has(status) && { progress: server.progress }),
    ...(server.fault && FAULT_STATUSES.has(status) && {
      fault: faultOf(server.fault, context.isAdmin),
    }),
  };
}

/** What came from extensions that everyone sees. */
function extended(server: Server, minor: Minor): object {
  return {
    "OS-EXT-AZ:availability_zone": server.placement?.availabilityZone ??
      server.pinnedAvailabilityZone ?? "",
    config_drive: server.configDrive ? "True" : "",
    key_name: server.keyName,
    "OS-SRV-USG:launched_at": micros(server.launchedAt),
    "OS-SRV-USG:terminated_at": micros(server.terminatedAt),
    // Nova leaves the key out for a server whose ports are in no group.
    ...(groupsOf(server).length > 0 && {
      security_groups: groupsOf(server).map((name) => ({ name })),
    }),
    "OS-EXT-STS:task_state": server.taskState,
    "OS-EXT-STS:vm_state": server.vmState,
    "OS-EXT-STS:power_state": server.powerState,
    "os-extended-volumes:volumes_attached": shownVolumes(server.volumes).map((volume) => ({
      id: volume.volumeId,
      ...(minor >= 3 && { delete_on_termination: volume.deleteOnTermination }),
    })),
  };
}

/** The groups of all ports, in port order; one that several ports are in comes as often. */
function groupsOf({ ports, securityGroups }: Server): readonly string[] {
  return ports.flatMap((port) => port.securityGroups ?? securityGroups);
}

/** Rule `os-extended-server-attributes`. */
function administrative(server: Server, context: ViewContext): object {
  const { minor, operation, openSecret } = context;
  return {
    "OS-EXT-SRV-ATTR:host": server.placement?.host ?? null,
    "OS-EXT-SRV-ATTR:instance_name": server.taskState === "scheduling"
      ? ""
      : instanceNameOf(server.number),
    "OS-EXT-SRV-ATTR:hypervisor_hostname": server.placement?.node ?? null,
    ...(minor >= 3 && {
      "OS-EXT-SRV-ATTR:reservation_id": server.reservationId,
      "OS-EXT-SRV-ATTR:launch_index": server.launchIndex,
      "OS-EXT-SRV-ATTR:hostname": server.hostname,
      "OS-EXT-SRV-ATTR:kernel_id": server.image?.properties["kernel_id"] ?? "",
      "OS-EXT-SRV-ATTR:ramdisk_id": server.image?.properties["ramdisk_id"] ?? "",
      "OS-EXT-SRV-ATTR:root_device_name": server.rootDeviceName,
      ...(operation !== "rebuild" && {
        "OS-EXT-SRV-ATTR:user_data": server.userData === null ? null : openSecret(server.userData),
      }),
    }),
  };
}

/** A server in `GET /servers`. */
export function viewShort(id: string, name: string, bases: LinkBases): object {
  return { id, name, links: linksOf(id, bases) };
}

/** A server out of reach in `GET /servers`: there is no name without its cell. */
export function viewShortOutOfReach(id: string, bases: LinkBases): object {
  return { id, status: "UNKNOWN", links: linksOf(id, bases) };
}

/** The same in `GET /servers/detail`; the groups are known of the ports, as in Nova. */
export function viewDetailOutOfReach(id: string, server: Server, bases: LinkBases): object {
  const groups = groupsOf(server).map((name) => ({ name }));
  return { ...partial(id, server, bases), ...(groups.length > 0 && { security_groups: groups }) };
}

/** The same in `GET /servers/{id}`: with what was asked for when it was created. */
export function viewOutOfReach(id: string, server: Server, context: PartialContext): object {
  return {
    ...partial(id, server, context),
    image: imageOf(server, context),
    flavor: flavorOf(server, context),
    "OS-EXT-AZ:availability_zone": server.pinnedAvailabilityZone ?? "UNKNOWN",
    "OS-EXT-STS:power_state": POWER_STATE.noState,
    user_id: server.userId,
    ...(context.minor >= 71 && { server_groups: server.schedulerHints["group"] ?? [] }),
  };
}

type PartialContext = Pick<ViewContext, "minor" | "selfBase" | "bookmarkBase">;

/** What is known of a server without its cell; `_show_from_down_cell`. */
function partial(id: string, server: Server, bases: LinkBases): object {
  return {
    ...viewShortOutOfReach(id, bases),
    tenant_id: server.projectId,
    created: seconds(server.createdAt),
  };
}

/** The answer to a create: no name, no status; groups as they were asked for. */
export function viewCreated(
  id: string,
  created: {
    readonly diskConfig: string;
    readonly securityGroups: readonly { readonly name: string }[];
    readonly adminPass: string;
  },
  bases: LinkBases,
): object {
  return {
    id,
    links: linksOf(id, bases),
    "OS-DCF:diskConfig": created.diskConfig,
    security_groups: created.securityGroups,
    adminPass: created.adminPass,
  };
}

type LinkBases = Pick<ViewContext, "selfBase" | "bookmarkBase">;

function linksOf(id: string, { selfBase, bookmarkBase }: LinkBases): object[] {
  return [
    { rel: "self", href: `${selfBase}/servers/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/servers/${id}` },
  ];
}

function imageOf(server: Server, { minor, bookmarkBase }: PartialContext): object | "" {
  if (server.image === null) return "";
  const { id, properties } = server.image;
  return {
    id,
    links: [{ rel: "bookmark", href: `${bookmarkBase}/images/${id}` }],
    ...(minor >= 98 && { properties }),
  };
}

function flavorOf({ flavor }: Server, { minor, bookmarkBase }: PartialContext): object {
  if (minor < 47) {
    return {
      id: flavor.id,
      links: [{ rel: "bookmark", href: `${bookmarkBase}/flavors/${flavor.id}` }],
    };
  }
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ramMib,
    disk: flavor.diskGib,
    ephemeral: flavor.ephemeralGib,
    swap: flavor.swapMib,
    original_name: flavor.name,
    extra_specs: flavor.extraSpecs,
  };
}

/** By network name: the fixed addresses of all ports, in port order, then the floating ones. */
function addressesOf(server: Server, context: ViewContext): Record<string, object[]> {
  if (context.hideAddressStates.has(server.vmState)) return {};
  const whole = showsAll(context);
  return addressesByNetwork(server.ports, (address, type, port) => ({
    ...address,
    ...(whole && {
      "OS-EXT-IPS:type": type,
      "OS-EXT-IPS-MAC:mac_addr": port.macAddress,
    }),
  }));
}

/** `GET /servers/{id}/ips`: version and address only, also while the server is being built. */
export function viewAddresses(server: Server): Record<string, object[]> {
  return addressesByNetwork(server.ports, (address) => address);
}

function addressesByNetwork(
  ports: readonly ServerPort[],
  view: (
    address: { version: 4 | 6; addr: string },
    type: "fixed" | "floating",
    port: ServerPort,
  ) => object,
): Record<string, object[]> {
  const byNetwork: Record<string, object[]> = {};
  for (const [type, addressesIn] of [["fixed", fixedOf], ["floating", floatingOf]] as const) {
    for (const port of ports) {
      const addresses = byNetwork[port.networkName] ??= [];
      for (const { address } of addressesIn(port)) {
        addresses.push(view({ version: address.includes(":") ? 6 : 4, addr: address }, type, port));
      }
    }
  }
  return byNetwork;
}

const fixedOf = ({ fixedIps }: ServerPort) => fixedIps;
const floatingOf = ({ floatingIps }: ServerPort) => floatingIps ?? [];

function faultOf(fault: Fault, isAdmin: boolean): object {
  // What went wrong inside is for administrators; nova/api/openstack/compute/views/servers.py.
  const showDetails = fault.details !== null && (isAdmin || fault.code !== 500);
  return {
    code: fault.code,
    created: seconds(fault.createdAt),
    message: fault.message.slice(0, 255),
    ...(showDetails && { details: fault.details }),
  };
}

/** One way to tell hosts apart without naming them: another for each project. */
export function hostIdOf(projectId: string, host: string): string {
  const key = projectId + host;
  let id = hostIds.get(key);
  if (id === undefined) {
    id = createHash("sha224").update(key).digest("hex");
    if (hostIds.size >= 10_000) hostIds.clear();
    hostIds.set(key, id);
  }
  return id;
}

const hostIds = new Map<string, string>();

/** nova/conf/compute.py, `instance_name_template`. */
export function instanceNameOf(number: number): string {
  return `instance-${number.toString(16).padStart(8, "0")}`;
}

/** `2026-01-02T03:04:05Z`. */
function seconds(timestamp: string): string {
  return `${timestamp.slice(0, 19)}Z`;
}

/** `2026-01-02T03:04:05.678901`. */
export function micros(timestamp: string | null): string | null {
  return timestamp === null ? null : timestamp.slice(0, -1);
}

/** A volume of a server; nova/api/openstack/compute/volume_attachments.py. */
export function viewVolume(serverId: string, volume: AttachedVolume, minor: Minor): object {
  const { volumeId, deviceName } = volume;
  return {
    ...(minor < 89 && { id: volumeId }),
    volumeId,
    serverId,
    ...(deviceName !== null && { device: deviceName }),
    ...(minor >= 70 && { tag: volume.tag }),
    ...(minor >= 79 && { delete_on_termination: volume.deleteOnTermination }),
    ...(minor >= 89 && { attachment_id: volume.attachmentId, bdm_uuid: volume.bdmId }),
  };
}

/** The answer to an attach, up to 2.100: it never followed 2.89. */
export function viewAttached(serverId: string, volume: AttachedVolume, minor: Minor): object {
  const { volumeId, deviceName, tag, deleteOnTermination } = volume;
  return {
    id: volumeId,
    serverId,
    volumeId,
    device: deviceName,
    ...(minor >= 70 && { tag }),
    ...(minor >= 79 && { delete_on_termination: deleteOnTermination }),
  };
}
