/** Ports as requests make, change and delete them. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { mayWrite } from "../access.ts";
import {
  addressPairs,
  type AskedPair,
  dictionary,
  fixedIps,
  flag,
  listOf,
  macAddress,
  oneOf,
  orNull,
  text,
  textOrNone,
  uuid,
} from "../fields.ts";
import { fixedIpsWithFloating, unfloat } from "../floating_ips/release.ts";
import { findVisible } from "../list.ts";
import type { Network } from "../networks/decider.ts";
import { findNetwork } from "../networks/projection.ts";
import { networkResource } from "../networks/resource.ts";
import { refusePolicy } from "../qos/commands.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { mayUse } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notAllowed, notFound } from "../refusals.ts";
import { findSecurityGroup, withDefaultGroup } from "../security_groups/projection.ts";
import { subnetsOf } from "../subnets/projection.ts";
import { MAX_TAGS } from "../tags.ts";
import type { Update, WritableResource } from "../write.ts";
import { addressesAfter, type AddressRequest, allocateAddresses, allocateMac } from "./allocate.ts";
import {
  type AddressPair,
  createPort,
  deletePort,
  type Port,
  type PortFacts,
  updatePort,
} from "./decider.ts";
import { dhcpOptions, mergeDhcpOptions } from "./dhcp_options.ts";
import { networksWithMac, ports } from "./projection.ts";
import { portResource } from "./resource.ts";

// deno-fmt-ignore
const VNIC_TYPES = [
  "normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic",
  "vdpa", "accelerator-direct", "accelerator-direct-physical", "remote-managed",
] as const;

const fields = {
  "name": { read: text() },
  "description": { read: textOrNone },
  "network_id": { read: uuid, post: "required", put: "refused" },
  "admin_state_up": { read: flag },
  "mac_address": { read: macAddress },
  "fixed_ips": { read: fixedIps },
  "device_id": { read: text() },
  "device_owner": { read: text() },
  "security_groups": { read: listOf(uuid) },
  "port_security_enabled": { read: flag },
  "allowed_address_pairs": { read: addressPairs },
  "extra_dhcp_opts": { read: dhcpOptions },
  "binding:vnic_type": { read: oneOf(VNIC_TYPES) },
  "binding:host_id": { read: textOrNone, adminOnly: true },
  "binding:profile": { read: dictionary, adminOnly: true },
  "qos_policy_id": { read: orNull(uuid) },
  "trusted": { read: flag, adminOnly: true },
  "tags": { read: listOf(text()), put: "refused" },
} as const;

type Values = Update<typeof fields>["values"];

/** Ports that requests may write. */
export const writablePorts: WritableResource<Port, typeof fields> = {
  ...portResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const networkId = values.network_id!;
    const network = await findVisible(unit, networkResource, networkId, by);
    if (!network) return notFound.network(networkId);
    const refusal = refuseForOwner("create_port", network.state, values, by) ??
      await refusePolicy(unit, values.qos_policy_id, by) ??
      await refuseBeyondQuota(unit, projectId, "port");
    if (refusal) return refusal;
    const macAddress = values.mac_address ?? await allocateMac(unit, id);
    const subnets = await subnetsOf(unit, networkId);
    const deviceOwner = values.device_owner ?? "";
    const place = { networkId, subnets, macAddress, deviceOwner };
    const addresses = await allocateAddresses(unit, place, values.fixed_ips);
    if (isRejection(addresses)) return addresses;
    const portSecurityEnabled = values.port_security_enabled ?? network.state.portSecurityEnabled;
    const groups = await groupsFor(unit, values.security_groups, {
      projectId,
      by,
      hasDefault: portSecurityEnabled && !isTrusted(values.device_owner ?? ""),
    });
    if (isRejection(groups)) return groups;
    const port: PortFacts = {
      name: values.name ?? "",
      description: values.description ?? "",
      projectId,
      networkId,
      macAddress,
      adminStateUp: values.admin_state_up ?? true,
      deviceId: values.device_id ?? "",
      deviceOwner: values.device_owner ?? "",
      fixedIps: addresses,
      securityGroups: groups,
      portSecurityEnabled,
      allowedAddressPairs: pairsOf(values.allowed_address_pairs ?? [], macAddress),
      extraDhcpOpts: mergeDhcpOptions([], values.extra_dhcp_opts),
      host: values["binding:host_id"] ?? "",
      vnicType: values["binding:vnic_type"] ?? "normal",
      bindingProfile: values["binding:profile"] ?? {},
      tags: (values.tags ?? []).slice(0, MAX_TAGS).toSorted(),
      isMadeForServer: false,
      isTrusted: values.trusted ?? null,
      qosPolicyId: values.qos_policy_id ?? null,
    };
    const before = await unit.load(ports, id);
    const isMacTaken = await isMacOn(unit, networkId, values.mac_address);
    const decision = createPort({ type: "CreatePort", id, port, isMacTaken }, before.state);
    return await record(unit, ports, before, decision);
  },

  async update(unit, before, { values, by }) {
    const port = before.state;
    const network = await findNetwork(unit, port.networkId);
    const refusal = (network && refuseForOwner("update_port", network.state, values, by)) ??
      await refusePolicy(unit, values.qos_policy_id, by);
    if (refusal) return refusal;
    const addresses = await newAddresses(unit, port, values.fixed_ips);
    if (isRejection(addresses)) return addresses;
    const groups = values.security_groups && await groupsFor(unit, values.security_groups, {
      projectId: port.projectId,
      by,
      hasDefault: false,
    });
    if (isRejection(groups)) return groups;
    const macAddress = values.mac_address ?? port.macAddress;
    const changes = {
      name: values.name ?? port.name,
      description: values.description ?? port.description,
      adminStateUp: values.admin_state_up ?? port.adminStateUp,
      macAddress,
      fixedIps: addresses,
      deviceId: values.device_id ?? port.deviceId,
      deviceOwner: values.device_owner ?? port.deviceOwner,
      securityGroups: groups ?? port.securityGroups,
      portSecurityEnabled: values.port_security_enabled ?? port.portSecurityEnabled,
      allowedAddressPairs: values.allowed_address_pairs
        ? pairsOf(values.allowed_address_pairs, macAddress)
        : port.allowedAddressPairs,
      extraDhcpOpts: mergeDhcpOptions(port.extraDhcpOpts, values.extra_dhcp_opts),
      host: values["binding:host_id"] ?? port.host,
      vnicType: values["binding:vnic_type"] ?? port.vnicType,
      bindingProfile: values["binding:profile"] ?? port.bindingProfile,
      isTrusted: values.trusted ?? port.isTrusted,
      qosPolicyId: values.qos_policy_id === undefined ? port.qosPolicyId : values.qos_policy_id,
    } satisfies Partial<PortFacts>;
    const decision = updatePort({
      type: "UpdatePort",
      id: before.id,
      changes,
      isMacTaken: macAddress !== port.macAddress &&
        await isMacOn(unit, port.networkId, macAddress),
      floated: await fixedIpsWithFloating(unit, before.id),
    }, port);
    return await record(unit, ports, before, decision);
  },

  async remove(unit, before) {
    const outcome = await record(unit, ports, before, deletePort(before.id, before.state));
    if (isRejection(outcome)) return outcome;
    await unfloat(unit, before.id);
  },
};

/** What only the owner of the network may ask for, or an admin; neutron/conf/policies/port.py. */
function refuseForOwner(
  action: "create_port" | "update_port",
  network: Network,
  values: Values,
  by: Caller,
): NeutronRejection | undefined {
  if (mayWrite(by, network.projectId)) return undefined;
  if (values.mac_address !== undefined) return notAllowed(action, "mac_address");
  if (values.port_security_enabled !== undefined) {
    return notAllowed(action, "port_security_enabled");
  }
  if (values.allowed_address_pairs?.length) return notAllowed(action, "allowed_address_pairs");
  if (values.fixed_ips?.some(({ ipAddress }) => ipAddress !== undefined)) {
    return notAllowed(action, "fixed_ips:ip_address");
  }
  if (values.device_owner?.startsWith("network:")) return notAllowed(action, "device_owner");
}

async function isMacOn(
  reader: Reader,
  networkId: string,
  macAddress: string | undefined,
): Promise<boolean> {
  if (macAddress === undefined) return false;
  return (await networksWithMac(reader, macAddress)).includes(networkId);
}

/** Ports of the network's own devices are in no group unless one is named. */
function isTrusted(deviceOwner: string): boolean {
  return deviceOwner.startsWith("network:");
}

interface GroupsOptions {
  readonly projectId: string;
  readonly by: Caller;
  /** Whether the project's default group stands in when none is named. */
  readonly hasDefault: boolean;
}

async function groupsFor(
  unit: UnitOfWork,
  asked: readonly string[] | undefined,
  { projectId, by, hasDefault }: GroupsOptions,
): Promise<readonly string[] | NeutronRejection> {
  if (asked === undefined) return hasDefault ? [await withDefaultGroup(unit, projectId)] : [];
  const missing: string[] = [];
  for (const id of asked) {
    const group = await findSecurityGroup(unit, id);
    const isTheirs = group?.state.projectId === projectId || by.isAdmin ||
      await mayUse(unit, { objectId: id, projectId });
    if (!group || !isTheirs) missing.push(id);
  }
  return missing.length > 0 ? notFound.securityGroup(missing.join(", ")) : asked;
}

function pairsOf(asked: readonly AskedPair[], macAddress: string): readonly AddressPair[] {
  return asked.map((pair) => ({
    ipAddress: pair.ipAddress,
    macAddress: pair.macAddress ?? macAddress,
  }));
}

async function newAddresses(
  unit: UnitOfWork,
  port: Port,
  asked: readonly AddressRequest[] | undefined,
): Promise<Port["fixedIps"] | NeutronRejection> {
  if (asked === undefined) return port.fixedIps;
  const subnets = await subnetsOf(unit, port.networkId);
  const { networkId, macAddress, deviceOwner } = port;
  const place = { networkId, subnets, macAddress, deviceOwner };
  return await addressesAfter(unit, place, port.fixedIps, asked);
}
