/** The network that a new cloud begins with. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import { createNetwork } from "./networks/decider.ts";
import { networks } from "./networks/projection.ts";
import { createSubnet } from "./subnets/decider.ts";
import { subnets } from "./subnets/projection.ts";

export interface NetworkSeed {
  readonly networkId: string;
  readonly subnetId: string;
  /** The project that owns both. */
  readonly projectId: string;
}

/**
 * Makes the network `private` with 65,533 addresses, for all projects to share; what is there
 * already is left alone.
 */
export async function seedNetworks(
  unit: UnitOfWork,
  { networkId, subnetId, projectId }: NetworkSeed,
): Promise<void> {
  const network = await unit.load(networks, networkId);
  const networkDecision = createNetwork({
    type: "CreateNetwork",
    id: networkId,
    network: {
      name: "private",
      description: "",
      projectId,
      adminStateUp: true,
      isShared: true,
      isExternal: false,
      portSecurityEnabled: true,
      mtu: 1500,
      tags: [],
    },
  }, network.state);
  if (!isRejection(networkDecision)) await unit.append(networks, network, networkDecision);

  const subnet = await unit.load(subnets, subnetId);
  const subnetDecision = createSubnet({
    type: "CreateSubnet",
    id: subnetId,
    others: [],
    subnet: {
      name: "private-subnet",
      description: "",
      projectId,
      networkId,
      ipVersion: 4,
      cidr: "10.0.0.0/16",
      gatewayIp: "10.0.0.1",
      allocationPools: [{ start: "10.0.0.2", end: "10.0.255.254" }],
      enableDhcp: true,
      dnsNameservers: [],
      hostRoutes: [],
      ipv6RaMode: null,
      ipv6AddressMode: null,
      tags: [],
    },
  }, subnet.state);
  if (!isRejection(subnetDecision)) await unit.append(subnets, subnet, subnetDecision);
}
