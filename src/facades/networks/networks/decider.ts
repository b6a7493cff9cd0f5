/** Networks: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { IpVersion } from "../addresses.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";
import { LOCAL, type Provider } from "./provider.ts";

export type NetworkEvent = NetworkCreated | NetworkUpdated | NetworkDeleted;

/** What whoever makes a network says of it. */
export interface NetworkFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly adminStateUp: boolean;
  /** Whether every project may use it. */
  readonly isShared: boolean;
  /** Whether it leads out of the cloud: floating IPs come from such networks. */
  readonly isExternal: boolean;
  readonly portSecurityEnabled: boolean;
  /** Largest packet, in bytes. */
  readonly mtu: number;
  readonly tags: readonly string[];
  /** Local unless an admin says otherwise. */
  readonly provider?: Provider;
  /** Whether it is the external network that routers take unless told otherwise. */
  readonly isDefault?: boolean;
  /** What its traffic is held to; null: nothing. */
  readonly qosPolicyId?: string | null;
}

export interface NetworkCreated {
  readonly type: "NetworkCreated";
  readonly data: NetworkFacts;
}

export interface NetworkUpdated {
  readonly type: "NetworkUpdated";
  readonly data: Partial<NetworkFacts>;
}

export interface NetworkDeleted {
  readonly type: "NetworkDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Network extends Lifetime, Required<NetworkFacts> {}

export const NO_NETWORK: Network = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  adminStateUp: true,
  isShared: false,
  isExternal: false,
  portSecurityEnabled: true,
  mtu: 1500,
  tags: [],
  provider: LOCAL,
  isDefault: false,
  qosPolicyId: null,
};

export function evolve(network: Network, event: Recorded<NetworkEvent>): Network {
  switch (event.type) {
    case "NetworkCreated":
      return { ...network, ...event.data, ...born(event) };
    case "NetworkUpdated":
      return { ...network, ...event.data, updatedAt: event.recordedAt };
    case "NetworkDeleted":
      return { ...network, exists: false, updatedAt: event.recordedAt };
  }
}

export interface CreateNetwork {
  readonly type: "CreateNetwork";
  readonly id: string;
  readonly network: NetworkFacts;
}

/** Makes a network; refuses an id that is taken. */
export function createNetwork(
  command: CreateNetwork,
  network: Network,
): NetworkDecision<NetworkCreated> {
  if (network.number > 0) {
    return refusal("Conflict", "NetworkInUse", `Network ${command.id} already exists.`);
  }
  return [{ type: "NetworkCreated", data: command.network }];
}

export interface UpdateNetwork {
  readonly type: "UpdateNetwork";
  readonly id: string;
  readonly changes: Partial<NetworkFacts>;
  /** Whether projects other than its own have ports or subnets on it. */
  readonly isUsedByOthers: boolean;
  /** Whether routers lead out through it. */
  readonly hasGateways: boolean;
  readonly subnetVersions: readonly IpVersion[];
}

/** Smallest packets that IP of a version must carry, in bytes; RFC 791, RFC 8200. */
const MIN_MTU: Readonly<Record<IpVersion, number>> = { 4: 68, 6: 1280 };

/**
 * Changes a network.
 *
 * Refuses to take it from projects that use it, to close a way out that routers have, and packets
 * too small for its subnets. Source: neutron/db/db_base_plugin_v2.py, `update_network`.
 */
export function updateNetwork(
  command: UpdateNetwork,
  network: Network,
): NetworkDecision<NetworkUpdated> {
  const { id, changes, subnetVersions } = command;
  if (changes.isShared === false && network.isShared && command.isUsedByOthers) {
    return refusal(
      "Conflict",
      "InvalidSharedSetting",
      `Unable to reconfigure sharing settings for network ${network.name}. ` +
        "Multiple projects are using it.",
    );
  }
  if (changes.isExternal === false && network.isExternal && command.hasGateways) {
    return refusal(
      "Conflict",
      "ExternalNetworkInUse",
      `External network ${id} cannot be updated to be made non-external, since it has existing ` +
        "gateway ports.",
    );
  }
  const { mtu } = changes;
  const smallest = Math.max(0, ...subnetVersions.map((version) => MIN_MTU[version]));
  if (mtu !== undefined && mtu < smallest) {
    return refusal(
      "Conflict",
      "NetworkMTUSubnetConflict",
      `MTU of ${id} is not valid, subnet requires a minimum of ${smallest}`,
    );
  }
  const data = whatDiffers(network, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "NetworkUpdated", data }];
}

export interface DeleteNetwork {
  readonly type: "DeleteNetwork";
  readonly id: string;
  /** Ids of ports on it, if any; not all when there are many. */
  readonly portIds: readonly string[];
}

/** Deletes a network; refuses one that has ports. */
export function deleteNetwork({ id, portIds }: DeleteNetwork): NetworkDecision<NetworkDeleted> {
  if (portIds.length > 0) {
    return refusal(
      "Conflict",
      "NetworkInUse",
      `Unable to complete operation on network ${id}. There are one or more ports still in use ` +
        `on the network, id for these ports is: ${portIds.join(",")}.`,
    );
  }
  return [{ type: "NetworkDeleted", data: {} }];
}

/** Says no to a second default; neutron/services/auto_allocate/exceptions.py. */
export function refuseSecondDefault(
  id: string,
  defaultId: string | undefined,
): NeutronRejection | undefined {
  if (defaultId === undefined || defaultId === id) return undefined;
  return refusal(
    "Conflict",
    "DefaultExternalNetworkExists",
    `A default external network already exists: ${defaultId}.`,
  );
}
