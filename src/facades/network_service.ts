/** What compute needs of a network service: the embedded one, or a Neutron. */

export interface Network {
  readonly id: string;
  readonly name: string;
}

export interface Port {
  readonly id: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly macAddress: string;
  /** The server or other device that has it; empty when it is free. */
  readonly deviceId: string;
  readonly fixedIps: readonly { readonly address: string; readonly subnetId: string }[];
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
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

/** What the network service could not do, in words a user can act on. */
export interface NetworkFailure {
  readonly failed: string;
}

export interface NetworkService {
  /** Networks that servers of this project may be put on. */
  networksFor(projectId: string): Promise<readonly Network[]>;
  /** The ports of these ids that exist and belong to the project. */
  ports(ids: readonly string[], projectId: string): Promise<readonly Port[]>;
  securityGroupsFor(projectId: string): Promise<readonly SecurityGroup[]>;
  /**
   * Makes sure that the server has its ports, and gives them in the order of the nics.
   *
   * Asked twice it gives the same ports. Addresses are never given to two ports.
   */
  ensurePorts(request: PortsRequest): Promise<readonly Port[] | NetworkFailure>;
  /** Makes sure that nothing of the server's ports is left: made ones go, given ones are free. */
  releasePorts(serverId: string): Promise<void>;
}
