/** Floating IPs as requests make, change and delete them. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { parseAddress } from "../addresses.ts";
import { ipAddress, orNull, text, textOrNone, uuid } from "../fields.ts";
import { findVisible } from "../list.ts";
import { leadsOut } from "../networks/external.ts";
import { networkResource } from "../networks/resource.ts";
import type { FixedIp, Port } from "../ports/decider.ts";
import { portResource } from "../ports/resource.ts";
import { createServicePort, deleteServicePort } from "../ports/service_ports.ts";
import { refusePolicy } from "../qos/commands.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notAllowed, notFound, refusal } from "../refusals.ts";
import { findRouterBetween } from "../routers/between.ts";
import { subnetsOf } from "../subnets/projection.ts";
import type { WritableResource } from "../write.ts";
import {
  alreadyAssociated,
  associate,
  type Association,
  type FloatingIp,
  updateFloatingIp,
} from "./decider.ts";
import { floatingIps, floatingIpsOfPort } from "./projection.ts";
import { floatingIpResource } from "./resource.ts";

const fields = {
  floating_network_id: { read: uuid, post: "required", put: "refused" },
  floating_ip_address: { read: orNull(ipAddress), put: "refused" },
  subnet_id: { read: orNull(uuid), put: "refused" },
  port_id: { read: orNull(uuid) },
  fixed_ip_address: { read: orNull(ipAddress) },
  description: { read: textOrNone },
  qos_policy_id: { read: orNull(uuid) },
  dns_name: { read: text(), put: "refused" },
  dns_domain: { read: text(), put: "refused" },
} as const;

/** Floating IPs that requests may write. */
export const writableFloatingIps: WritableResource<FloatingIp, typeof fields> = {
  ...floatingIpResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const networkId = values.floating_network_id!;
    if (values.floating_ip_address && !by.isAdmin && !by.roles.has("manager")) {
      return notAllowed("create_floatingip", "floating_ip_address");
    }
    const beyond = await refusePolicy(unit, values.qos_policy_id, by) ??
      await refuseBeyondQuota(unit, projectId, "floatingip");
    if (beyond) return beyond;
    const address = await allocate(unit, id, networkId, by, {
      ipAddress: values.floating_ip_address ?? undefined,
      subnetId: values.subnet_id ?? undefined,
    });
    if (isRejection(address)) return address;
    const facts = {
      description: values.description ?? "",
      projectId,
      floatingNetworkId: networkId,
      address: address.address,
      externalPortId: address.portId,
      tags: [],
      qosPolicyId: values.qos_policy_id ?? null,
    };
    const association = await findAssociation(unit, {
      portId: values.port_id ?? null,
      fixedIp: values.fixed_ip_address ?? null,
    }, { networkId, projectId, by });
    if (isRejection(association)) return association;
    if (association && await isTaken(unit, association, networkId)) {
      return alreadyAssociated(id, facts, association);
    }
    const created = await unit.append(floatingIps, await unit.load(floatingIps, id), [
      { type: "FloatingIpCreated", data: facts },
    ]);
    return await unit.append(floatingIps, created, associate(association, created.state));
  },

  async update(unit, before, { values, by }) {
    const { floatingNetworkId: networkId, projectId } = before.state;
    const unknown = await refusePolicy(unit, values.qos_policy_id, by);
    if (unknown) return unknown;
    const association = values.port_id === undefined && values.fixed_ip_address === undefined
      ? undefined
      : await findAssociation(unit, {
        portId: values.port_id === undefined
          ? before.state.association?.portId ?? null
          : values.port_id,
        fixedIp: values.fixed_ip_address ?? null,
      }, { networkId, projectId, by });
    if (isRejection(association)) return association;
    const decision = updateFloatingIp({
      type: "UpdateFloatingIp",
      id: before.id,
      description: values.description,
      qosPolicyId: values.qos_policy_id,
      association,
      isTaken: association ? await isTaken(unit, association, networkId, before.id) : false,
    }, before.state);
    return await record(unit, floatingIps, before, decision);
  },

  async remove(unit, before) {
    await deleteServicePort(unit, before.state.externalPortId);
    await unit.append(floatingIps, before, [{ type: "FloatingIpDeleted", data: {} }]);
    return undefined;
  },
};

function badFloatingIp(message: string): NeutronRejection {
  return refusal("Invalid", "BadRequest", `Bad floatingip request: ${message}.`);
}

/** Takes an address of an external network, with a port that no project sees. */
async function allocate(
  unit: UnitOfWork,
  id: string,
  networkId: string,
  by: Caller,
  asked: { readonly ipAddress: string | undefined; readonly subnetId: string | undefined },
): Promise<{ readonly address: string; readonly portId: string } | NeutronRejection> {
  const network = await findVisible(unit, networkResource, networkId, by);
  if (!network) return notFound.network(networkId);
  if (!await leadsOut(unit, network, by)) {
    return badFloatingIp(`Network ${networkId} is not a valid external network`);
  }
  const subnets = await subnetsOf(unit, networkId);
  if (!subnets.some(({ state }) => state.ipVersion === 4)) {
    return badFloatingIp(`Network ${networkId} does not contain any IPv4 subnet`);
  }
  const isAsked = asked.ipAddress !== undefined || asked.subnetId !== undefined;
  const port = await createServicePort(unit, {
    id: crypto.randomUUID(),
    networkId,
    projectId: "",
    deviceId: id,
    deviceOwner: "network:floatingip",
    addresses: isAsked ? [asked] : undefined,
  });
  if (isRejection(port)) return port;
  const [first] = ipv4Of(port.state);
  if (first) return { address: first.address, portId: port.id };
  return refusal(
    "Invalid",
    "ExternalIpAddressExhausted",
    `Unable to find any IP address on external network ${networkId}.`,
  );
}

function ipv4Of({ fixedIps }: Port): readonly FixedIp[] {
  return fixedIps.filter(({ address }) => parseAddress(address)?.version === 4);
}

interface AssociationScope {
  /** The external network. */
  readonly networkId: string;
  readonly projectId: string;
  readonly by: Caller;
}

/** Where a floating IP is asked to lead; null: nowhere. */
async function findAssociation(
  reader: Reader,
  { portId, fixedIp }: { readonly portId: string | null; readonly fixedIp: string | null },
  { networkId, projectId, by }: AssociationScope,
): Promise<Association | null | NeutronRejection> {
  if (portId === null) {
    if (fixedIp === null) return null;
    return badFloatingIp("fixed_ip_address cannot be specified without a port_id");
  }
  const port = await findVisible(reader, portResource, portId, by);
  if (!port) return notFound.port(portId);
  if (port.state.projectId !== projectId && !by.isAdmin) {
    return badFloatingIp(
      `Cannot process floating IP association with Port ${portId}, since that port is owned by a ` +
        "different project",
    );
  }
  // neutron/common/utils.py, `is_fip_serviced`.
  if (port.state.deviceOwner === "network:dhcp") {
    return badFloatingIp(`Port ${portId} is unable to be assigned a floating IP`);
  }
  const target = targetOf(portId, port.state, fixedIp);
  if (isRejection(target)) return target;
  const routerId = await findRouterBetween(reader, target.subnetId, networkId);
  if (routerId !== undefined) return { portId, fixedIp: target.address, routerId };
  return refusal(
    "NotFound",
    "ExternalGatewayForFloatingIPNotFound",
    `External network ${networkId} is not reachable from subnet ${target.subnetId}.  ` +
      `Therefore, cannot associate Port ${portId} with a Floating IP.`,
  );
}

/** The address of a port that is meant: the one that is named, or the only one. */
function targetOf(
  portId: string,
  port: Port,
  fixedIp: string | null,
): FixedIp | NeutronRejection {
  if (fixedIp !== null) {
    if (parseAddress(fixedIp)?.version !== 4) {
      return badFloatingIp(
        `Cannot process floating IP association with ${fixedIp}, since that is not an IPv4 address`,
      );
    }
    return port.fixedIps.find(({ address }) => address === fixedIp) ??
      badFloatingIp(`Port ${portId} does not have fixed ip ${fixedIp}`);
  }
  const [first, second] = ipv4Of(port);
  if (!first) {
    return badFloatingIp(
      `Cannot add floating IP to port ${portId} that has no fixed IPv4 addresses`,
    );
  }
  if (!second) return first;
  return badFloatingIp(
    `Port ${portId} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when ` +
      "assigning a floating IP",
  );
}

/** Whether another floating IP of the same network leads to an address. */
async function isTaken(
  reader: Reader,
  { portId, fixedIp }: Association,
  networkId: string,
  exceptId?: string,
): Promise<boolean> {
  const others = await floatingIpsOfPort(reader, portId);
  return others.some(({ id, state }) =>
    id !== exceptId && state.floatingNetworkId === networkId &&
    state.association?.fixedIp === fixedIp
  );
}
