/** What compute needs of a network service: the embedded one, or a Neutron. */
import type { Rejection } from "../eventsourcing/decider.ts";
import type { Caller } from "../http/auth.ts";

export interface Network {
  readonly id: string;
  readonly name: string;
}

/** A network as a caller sees it. */
export interface VisibleNetwork extends Network {
  /** Whether it leads out of the cloud: floating IPs come from such networks. */
  readonly isExternal: boolean;
  readonly isShared: boolean;
}

export interface Port {
  readonly id: string;
  readonly projectId: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly macAddress: string;
  /** The server or other device that has it; empty when it is free. */
  readonly deviceId: string;
  readonly status: "ACTIVE" | "DOWN";
  readonly fixedIps: readonly { readonly address: string; readonly subnetId: string }[];
  /** Those that lead to one of its fixed addresses. */
  readonly floatingIps: readonly { readonly address: string; readonly fixedIp: string }[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly isPortSecurityEnabled: boolean;
}

/** A fixed address that a port has. */
export interface TakenAddress {
  readonly networkId: string;
  /** As it was asked for. */
  readonly address: string;
  /** The server or other device that has the port; empty: none. */
  readonly deviceId: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
}

/** A security group with all that is told of it. */
export interface SecurityGroupDetails extends SecurityGroup {
  readonly projectId: string;
  readonly description: string;
  readonly rules: readonly SecurityGroupRule[];
}

export interface SecurityGroupRule {
  readonly id: string;
  readonly groupId: string;
  readonly direction: "ingress" | "egress";
  /** A name or a number as text; null: every protocol. */
  readonly protocol: string | null;
  /** Lowest port, or the ICMP type; null: all. */
  readonly portRangeMin: number | null;
  /** Highest port, or the ICMP code; null: all. */
  readonly portRangeMax: number | null;
  readonly remoteIpPrefix: string | null;
  readonly remoteGroupId: string | null;
}

/** A rule for traffic that comes in. */
export interface IngressRule {
  readonly groupId: string;
  readonly ethertype: "IPv4" | "IPv6";
  readonly protocol: string | null;
  readonly portRangeMin: number | null;
  readonly portRangeMax: number | null;
  readonly remoteIpPrefix: string | null;
  readonly remoteGroupId: string | null;
}

export interface FloatingIp {
  readonly id: string;
  readonly address: string;
  readonly network: Network;
  /** Where it leads to; null: nowhere. */
  readonly leadsTo: {
    readonly portId: string;
    readonly fixedIp: string;
    /** The server or other device that has the port. */
    readonly deviceId: string;
  } | null;
}

/** A nic to be: on a network, or through a port that exists. */
export interface PortRequest {
  readonly networkId: string;
  readonly portId?: string;
  readonly fixedIp?: string;
}

/** Ports for one server. */
export interface PortsRequest {
  readonly serverId: string;
  readonly projectId: string;
  readonly host: string;
  readonly securityGroups: readonly string[];
  /** In the order of the nics. */
  readonly nics: readonly PortRequest[];
}

/** One more port for a server that is there. */
export interface OnePortRequest {
  readonly serverId: string;
  readonly projectId: string;
  readonly host: string;
  /** Of the port that is there, or of the one to be made. */
  readonly portId: string;
  /** Where to make it; null: it is there. */
  readonly make: { readonly networkId: string; readonly fixedIp: string | null } | null;
}

/** What the network service could not do, in words a user can act on. */
export interface NetworkFailure {
  readonly failed: string;
}

/** Why not: what the service calls the refusal (`PortNotFound`), and its words. */
export interface NetworkRefusal extends Rejection {
  readonly type: string;
}

export interface NetworkService {
  /** Networks that servers of this project may be put on. */
  networksFor(projectId: string): Promise<readonly Network[]>;
  /** The ports of these ids that exist and belong to the project. */
  ports(ids: readonly string[], projectId: string): Promise<readonly Port[]>;
  /** Which of these addresses are some port's; null: of any project, as administrators see. */
  takenAddresses(
    addresses: readonly string[],
    projectId: string | null,
  ): Promise<readonly TakenAddress[]>;
  securityGroupsFor(projectId: string): Promise<readonly SecurityGroup[]>;
  /**
   * Makes sure that the server has its ports, and gives them in the order of the nics.
   *
   * Asked twice it gives the same ports. Addresses are never given to two ports.
   */
  ensurePorts(request: PortsRequest): Promise<readonly Port[] | NetworkFailure>;
  /** Makes sure that the server has one more port. Asked twice it gives the same. */
  ensurePort(request: OnePortRequest): Promise<Port | NetworkRefusal>;
  /** Makes sure that all the server's ports lead to a host. */
  bindPorts(serverId: string, host: string): Promise<void>;
  /** Makes sure that nothing of the server's ports is left: made ones go, given ones are free. */
  releasePorts(serverId: string): Promise<void>;
  /** The same for one port, if the server has it. */
  releasePort(portId: string, serverId: string): Promise<void>;
  /** The ports of a server, in the order in which they were made. */
  portsOf(serverId: string): Promise<readonly Port[]>;
  /** Tells anew, to all who follow a server's ports, what these are. */
  tellPortsOf(serverId: string, request: CallersRequest): Promise<void>;
  /** What one caller sees and may do, within one request. */
  onBehalfOf(request: CallersRequest): CallersNetworks;
}

/** Who asks, and in which request: what changes are recorded under. */
export interface CallersRequest {
  readonly caller: Caller;
  readonly requestId: string;
}

/** The network service with a caller's eyes and hands: what it refuses them, it refuses here. */
export interface CallersNetworks {
  networks(): Promise<readonly VisibleNetwork[]>;
  network(id: string): Promise<VisibleNetwork | undefined>;
  port(id: string): Promise<Port | undefined>;
  portsOf(serverId: string): Promise<readonly Port[]>;
  /** Puts ports of a server into the groups that `decide` names: all of the ports, or none. */
  changeSecurityGroups(
    serverId: string,
    decide: (ports: readonly Port[]) => readonly GroupsOfPort[] | Rejection,
  ): Promise<Rejection | undefined>;
  /**
   * Gives one of the server's ports on a network one more address, on the first of its subnets that
   * has one; false: there is no such port, or no address left.
   */
  addFixedIp(serverId: string, networkId: string): Promise<boolean>;
  /** Takes an address from the port of a server that has it; false: none has. */
  removeFixedIp(serverId: string, address: string): Promise<boolean>;
  /** Of the caller's project; of all projects only for admins. */
  floatingIps(
    filter?: { readonly address?: string; readonly projectId?: string },
  ): Promise<readonly FloatingIp[]>;
  floatingIp(id: string): Promise<FloatingIp | undefined>;
  createFloatingIp(networkId: string): Promise<FloatingIp | NetworkRefusal>;
  /** Leads a floating IP to an address of a port, or nowhere. */
  leadFloatingIp(
    id: string,
    to: { readonly portId: string; readonly fixedIp: string } | null,
  ): Promise<NetworkRefusal | undefined>;
  deleteFloatingIp(id: string): Promise<NetworkRefusal | undefined>;
  /** Of one project, or of every project that the caller sees. */
  securityGroups(projectId?: string): Promise<readonly SecurityGroupDetails[]>;
  securityGroup(id: string): Promise<SecurityGroupDetails | undefined>;
  /** Those of these ids that the caller sees. */
  securityGroupsById(ids: readonly string[]): Promise<readonly SecurityGroupDetails[]>;
  createSecurityGroup(facts: NamedGroup): Promise<SecurityGroupDetails | NetworkRefusal>;
  updateSecurityGroup(
    id: string,
    facts: NamedGroup,
  ): Promise<SecurityGroupDetails | NetworkRefusal>;
  deleteSecurityGroup(id: string): Promise<NetworkRefusal | undefined>;
  securityGroupRule(id: string): Promise<SecurityGroupRule | undefined>;
  addSecurityGroupRule(rule: IngressRule): Promise<SecurityGroupRule | NetworkRefusal>;
  removeSecurityGroupRule(id: string): Promise<NetworkRefusal | undefined>;
}

/** The security groups that a port is to be in, and in no others. */
export interface GroupsOfPort {
  readonly portId: string;
  readonly groupIds: readonly string[];
}

export interface NamedGroup {
  readonly name: string;
  readonly description: string;
}
