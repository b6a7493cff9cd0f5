/** Networks: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import { type NetworkDecision, refusal } from "../refusals.ts";

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

export interface Network extends Lifetime, NetworkFacts {}

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
  if (network.createdAt !== "") {
    return refusal("Conflict", "NetworkInUse", `Network ${command.id} already exists.`);
  }
  return [{ type: "NetworkCreated", data: command.network }];
}
