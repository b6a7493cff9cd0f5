/** Subnets: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { IpVersion } from "../addresses.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import { type NetworkDecision, refusal } from "../refusals.ts";

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

export interface Subnet extends Lifetime, SubnetFacts {}

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
}

/** Makes a subnet; refuses an id that is taken. */
export function createSubnet(
  command: CreateSubnet,
  subnet: Subnet,
): NetworkDecision<SubnetCreated> {
  if (subnet.createdAt !== "") {
    return refusal("Conflict", "SubnetInUse", `Subnet ${command.id} already exists.`);
  }
  return [{ type: "SubnetCreated", data: command.subnet }];
}
