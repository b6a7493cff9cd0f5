/** Subnets: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Cidr, type IpVersion, overlap, parseAddress, parseCidr } from "../addresses.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidInput, type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";
import { refuseGateway, refusePools } from "./plan.ts";

export type SubnetEvent = SubnetCreated | SubnetUpdated | SubnetDeleted;

/** Addresses that ports may be given: from the first to the last, both included. */
export interface AllocationPool {
  readonly start: string;
  readonly end: string;
}

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

/** How hosts get IPv6 addresses, or routes; Neutron's words. */
export type Ipv6Mode = "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless";

/** What whoever makes a subnet says of it; addresses are in canonical text. */
export interface SubnetFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly networkId: string;
  readonly ipVersion: IpVersion;
  readonly cidr: string;
  /** Null: the subnet has no way out. */
  readonly gatewayIp: string | null;
  readonly allocationPools: readonly AllocationPool[];
  readonly enableDhcp: boolean;
  readonly dnsNameservers: readonly string[];
  readonly hostRoutes: readonly HostRoute[];
  readonly ipv6RaMode: Ipv6Mode | null;
  readonly ipv6AddressMode: Ipv6Mode | null;
  readonly tags: readonly string[];
  /** The owners of devices whose ports may have its addresses; none: all. */
  readonly serviceTypes?: readonly string[];
  /** The pool that its network was cut from; null: none. */
  readonly subnetPoolId?: string | null;
}

export interface SubnetCreated {
  readonly type: "SubnetCreated";
  readonly data: SubnetFacts;
}

export interface SubnetUpdated {
  readonly type: "SubnetUpdated";
  readonly data: Partial<SubnetFacts>;
}

export interface SubnetDeleted {
  readonly type: "SubnetDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Subnet extends Lifetime, Required<SubnetFacts> {}

export const NO_SUBNET: Subnet = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  networkId: "",
  ipVersion: 4,
  cidr: "",
  gatewayIp: null,
  allocationPools: [],
  enableDhcp: true,
  dnsNameservers: [],
  hostRoutes: [],
  ipv6RaMode: null,
  ipv6AddressMode: null,
  tags: [],
  serviceTypes: [],
  subnetPoolId: null,
};

export function evolve(subnet: Subnet, event: Recorded<SubnetEvent>): Subnet {
  switch (event.type) {
    case "SubnetCreated":
      return { ...subnet, ...event.data, ...born(event) };
    case "SubnetUpdated":
      return { ...subnet, ...event.data, updatedAt: event.recordedAt };
    case "SubnetDeleted":
      return { ...subnet, exists: false, updatedAt: event.recordedAt };
  }
}

export interface CreateSubnet {
  readonly type: "CreateSubnet";
  readonly id: string;
  readonly subnet: SubnetFacts;
  /** The networks (CIDR) of the other subnets beside it. */
  readonly others: readonly string[];
}

/** Makes a subnet; refuses an id that is taken, addresses that another has, and modes at odds. */
export function createSubnet(
  command: CreateSubnet,
  subnet: Subnet,
): NetworkDecision<SubnetCreated> {
  const { id, subnet: facts, others } = command;
  if (subnet.number > 0) {
    return refusal("Conflict", "SubnetInUse", `Subnet ${id} already exists.`);
  }
  const cidr = parseCidr(facts.cidr)!;
  return refuseCidr(cidr, facts) ??
    (facts.gatewayIp === null ? undefined : refuseGateway(facts.gatewayIp, cidr)) ??
    refuseTooMany(facts, "new subnet") ??
    refuseModes(facts, cidr) ??
    refusePools(facts.allocationPools, cidr, { text: facts.cidr, gatewayIp: facts.gatewayIp }) ??
    refuseOverlap(cidr, facts, others) ??
    [{ type: "SubnetCreated", data: facts }];
}

function refuseCidr(cidr: Cidr, facts: SubnetFacts): NeutronRejection | undefined {
  if (cidr.version !== facts.ipVersion) {
    return invalidInput(
      `cidr '${facts.cidr}' does not match the ip_version '${facts.ipVersion}'`,
    );
  }
  if (cidr.version === 6 && cidr.first === 0n) {
    return invalidInput("IPv6 subnet '::' is not supported");
  }
  return (facts.enableDhcp ? refuseDhcp(cidr) : undefined) ??
    (cidr.prefixLength === 0 ? invalidInput("0 is not allowed as CIDR prefix length") : undefined);
}

/** Networks on which no host could ask for an address. */
function refuseDhcp(cidr: Cidr): NeutronRejection | undefined {
  if (cidr.prefixLength > (cidr.version === 4 ? 30 : 126)) {
    return invalidInput(
      "Subnet has a prefix length that is incompatible with DHCP service enabled",
    );
  }
  const within = (text: string) => {
    const outer = parseCidr(text)!;
    return outer.version === cidr.version && cidr.first >= outer.first && cidr.last <= outer.last;
  };
  if (within("224.0.0.0/4") || within("ff00::/8")) {
    return invalidInput("Multicast IP subnet is not supported if enable_dhcp is True");
  }
  if (within("127.0.0.0/8") || within("::1/128")) {
    return invalidInput("Loopback IP subnet is not supported if enable_dhcp is True");
  }
  if (cidr.version === 4 && cidr.first === 0n) {
    return invalidInput(
      "First IP '0.0.0.0' of network is not supported if enable_dhcp is True.",
    );
  }
}

/** neutron/conf/common.py, `max_dns_nameservers` and `max_subnet_host_routes`. */
const MAX_NAME_SERVERS = 5;
const MAX_HOST_ROUTES = 20;

function refuseTooMany(
  { ipVersion, dnsNameservers = [], hostRoutes = [] }: Partial<SubnetFacts>,
  subnet: string,
): NeutronRejection | undefined {
  const exceeds = (type: string, what: string, limit: number) =>
    refusal(
      "Invalid",
      type,
      `Unable to complete operation for ${subnet}. The number of ${what} exceeds the limit ${limit}.`,
    );
  if (dnsNameservers.length > MAX_NAME_SERVERS) {
    return exceeds("DNSNameServersExhausted", "DNS nameservers", MAX_NAME_SERVERS);
  }
  const wrong = dnsNameservers.find((server) => parseAddress(server)?.version !== ipVersion);
  if (wrong !== undefined) {
    return invalidInput(`dns_nameserver '${wrong}' does not match the ip_version '${ipVersion}'`);
  }
  if (hostRoutes.length > MAX_HOST_ROUTES) {
    return exceeds("HostRoutesExhausted", "host routes", MAX_HOST_ROUTES);
  }
}

function refuseModes(facts: SubnetFacts, cidr: Cidr): NeutronRejection | undefined {
  const { ipv6RaMode, ipv6AddressMode } = facts;
  if (ipv6RaMode === null && ipv6AddressMode === null) return undefined;
  if (cidr.version === 4) {
    const name = ipv6RaMode === null ? "ipv6_address_mode" : "ipv6_ra_mode";
    return invalidInput(`${name} is not valid when ip_version is 4`);
  }
  if (!facts.enableDhcp) {
    return invalidInput(
      "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False",
    );
  }
  if (ipv6RaMode !== null && ipv6AddressMode !== null && ipv6RaMode !== ipv6AddressMode) {
    return invalidInput(
      `ipv6_ra_mode set to '${ipv6RaMode}' with ipv6_address_mode set to '${ipv6AddressMode}' is ` +
        "not valid. If both attributes are set, they must be the same value",
    );
  }
  if (isAutoAddressed(facts) && cidr.prefixLength !== 64) {
    return invalidInput(
      `Invalid CIDR ${facts.cidr} for IPv6 address mode. OpenStack uses the EUI-64 address ` +
        "format, which requires the prefix to be /64",
    );
  }
}

/** Whether hosts make their addresses themselves, of the prefix and their MAC address. */
export function isAutoAddressed(
  { ipv6AddressMode }: Pick<SubnetFacts, "ipv6AddressMode">,
): boolean {
  return ipv6AddressMode === "slaac" || ipv6AddressMode === "dhcpv6-stateless";
}

function refuseOverlap(
  cidr: Cidr,
  facts: SubnetFacts,
  others: readonly string[],
): NeutronRejection | undefined {
  if (!others.some((other) => overlap(cidr, parseCidr(other)!))) return undefined;
  return invalidInput(
    `Requested subnet with cidr: ${facts.cidr} for network: ${facts.networkId} overlaps with ` +
      "another subnet",
  );
}

export interface UpdateSubnet {
  readonly type: "UpdateSubnet";
  readonly id: string;
  readonly changes: Partial<SubnetFacts>;
  /** The router's port that has the present gateway's address, if any. */
  readonly gatewayPortId: string | undefined;
}

/** Changes a subnet; refuses to move a gateway that is in use, and what a create refuses. */
export function updateSubnet(
  command: UpdateSubnet,
  subnet: Subnet,
): NetworkDecision<SubnetUpdated> {
  const { id, changes, gatewayPortId } = command;
  const cidr = parseCidr(subnet.cidr)!;
  const after = { ...subnet, ...changes };
  const movesGateway = after.gatewayIp !== subnet.gatewayIp;
  if (movesGateway && gatewayPortId !== undefined) {
    return refusal(
      "Conflict",
      "GatewayIpInUse",
      `Current gateway ip ${subnet.gatewayIp} already in use by port ${gatewayPortId}. ` +
        "Unable to update.",
    );
  }
  if (
    subnet.ipVersion === 6 && !after.enableDhcp && (subnet.ipv6RaMode ?? subnet.ipv6AddressMode)
  ) {
    return invalidInput("Cannot disable enable_dhcp with ipv6 attributes set");
  }
  const data = whatDiffers<SubnetFacts>(subnet, changes);
  return (after.enableDhcp && !subnet.enableDhcp ? refuseDhcp(cidr) : undefined) ??
    (after.gatewayIp !== null && movesGateway ? refuseGateway(after.gatewayIp, cidr) : undefined) ??
    refuseTooMany({ ...changes, ipVersion: subnet.ipVersion }, id) ??
    refusePools(after.allocationPools, cidr, { text: subnet.cidr, gatewayIp: after.gatewayIp }) ??
    (Object.keys(data).length === 0 ? [] : [{ type: "SubnetUpdated", data }]);
}

/** Deletes a subnet; refuses one of which ports have addresses. */
export function deleteSubnet(id: string, isInUse: boolean): NetworkDecision<SubnetDeleted> {
  if (!isInUse) return [{ type: "SubnetDeleted", data: {} }];
  return refusal(
    "Conflict",
    "SubnetInUse",
    `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from ` +
      "this subnet.",
  );
}
