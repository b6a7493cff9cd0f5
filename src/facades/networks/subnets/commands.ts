/** Subnets as requests make, change and delete them. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { mayWrite } from "../access.ts";
import { formatCidr } from "../addresses.ts";
import {
  allocationPools,
  flag,
  integer,
  ipAddress,
  ipVersion,
  nameServers,
  oneOf,
  orNull,
  routes,
  serviceTypes,
  subnetCidr,
  text,
  textOrNone,
  uuid,
} from "../fields.ts";
import { findVisible } from "../list.ts";
import { networkResource } from "../networks/resource.ts";
import { hasAddresses, holderOf } from "../ports/address_tables.ts";
import { findPort } from "../ports/projection.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notAllowed, notFound } from "../refusals.ts";
import type { WritableResource } from "../write.ts";
import {
  createSubnet,
  deleteSubnet,
  type Ipv6Mode,
  type Subnet,
  type SubnetFacts,
  updateSubnet,
} from "./decider.ts";
import { defaultGateway, defaultPools } from "./plan.ts";
import { findPlace } from "./place.ts";
import { subnets, subnetsOf } from "./projection.ts";
import { subnetResource } from "./resource.ts";

const IPV6_MODES: readonly Ipv6Mode[] = ["slaac", "dhcpv6-stateful", "dhcpv6-stateless"];

const fields = {
  name: { read: text() },
  description: { read: textOrNone },
  network_id: { read: uuid, post: "required", put: "refused" },
  ip_version: { read: ipVersion, post: "required", put: "refused" },
  cidr: { read: subnetCidr, put: "refused" },
  gateway_ip: { read: orNull(ipAddress) },
  allocation_pools: { read: allocationPools },
  enable_dhcp: { read: flag },
  dns_nameservers: { read: nameServers },
  host_routes: { read: routes },
  ipv6_ra_mode: { read: orNull(oneOf(IPV6_MODES)), put: "refused" },
  ipv6_address_mode: { read: orNull(oneOf(IPV6_MODES)), put: "refused" },
  service_types: { read: serviceTypes },
  subnetpool_id: { read: orNull(uuid), put: "refused" },
  prefixlen: { read: integer(0), put: "refused" },
  use_default_subnetpool: { read: flag, put: "refused" },
} as const;

/** Subnets that requests may write. */
export const writableSubnets: WritableResource<Subnet, typeof fields> = {
  ...subnetResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const networkId = values.network_id!;
    const refusal = await refuseNetwork(unit, networkId, by) ??
      await refuseBeyondQuota(unit, projectId, "subnet");
    if (refusal) return refusal;
    const place = await findPlace(unit, values, by);
    if (isRejection(place)) return place;
    const { cidr, subnetPoolId } = place;
    const gatewayIp = values.gateway_ip === undefined ? defaultGateway(cidr) : values.gateway_ip;
    const subnet: SubnetFacts = {
      name: values.name ?? "",
      description: values.description ?? "",
      projectId,
      networkId,
      ipVersion: values.ip_version!,
      cidr: formatCidr(cidr),
      gatewayIp,
      allocationPools: values.allocation_pools ?? defaultPools(cidr, gatewayIp),
      enableDhcp: values.enable_dhcp ?? true,
      dnsNameservers: values.dns_nameservers ?? [],
      hostRoutes: values.host_routes ?? [],
      ipv6RaMode: values.ipv6_ra_mode ?? null,
      ipv6AddressMode: values.ipv6_address_mode ?? null,
      tags: [],
      serviceTypes: values.service_types ?? [],
      subnetPoolId,
    };
    const others = (await subnetsOf(unit, networkId)).map(({ state }) => state.cidr);
    const before = await unit.load(subnets, id);
    const decision = createSubnet({ type: "CreateSubnet", id, subnet, others }, before.state);
    return await record(unit, subnets, before, decision);
  },

  async update(unit, before, { values }) {
    const decision = updateSubnet({
      type: "UpdateSubnet",
      id: before.id,
      changes: withoutAbsent({
        name: values.name,
        description: values.description,
        gatewayIp: values.gateway_ip,
        allocationPools: values.allocation_pools,
        enableDhcp: values.enable_dhcp,
        dnsNameservers: values.dns_nameservers,
        hostRoutes: values.host_routes,
        serviceTypes: values.service_types,
      }),
      gatewayPortId: await gatewayPort(unit, before.id, before.state),
    }, before.state);
    return await record(unit, subnets, before, decision);
  },

  async remove(unit, before) {
    const decision = deleteSubnet(before.id, await hasAddresses(unit, before.id));
    const outcome = await record(unit, subnets, before, decision);
    return "rejected" in outcome ? outcome : undefined;
  },
};

/** Only the owner of a network, or an admin, makes subnets on it. */
async function refuseNetwork(
  reader: Reader,
  networkId: string,
  by: Caller,
): Promise<NeutronRejection | undefined> {
  const network = await findVisible(reader, networkResource, networkId, by);
  if (!network) return notFound.network(networkId);
  return mayWrite(by, network.state.projectId) ? undefined : notAllowed("create_subnet");
}

/** The router's port that has the gateway's address. */
async function gatewayPort(
  reader: Reader,
  subnetId: string,
  { gatewayIp }: Subnet,
): Promise<string | undefined> {
  if (gatewayIp === null) return undefined;
  const portId = await holderOf(reader, { subnetId, address: gatewayIp });
  const port = portId === undefined ? undefined : await findPort(reader, portId);
  return port?.state.deviceOwner.startsWith("network:router") ? port.id : undefined;
}

/** The changes that a request names: an absent one would undo what is there. */
function withoutAbsent<T extends object>(changes: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
