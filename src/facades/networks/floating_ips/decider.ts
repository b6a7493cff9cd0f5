/** Floating IPs: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";

export type FloatingIpEvent =
  | FloatingIpCreated
  | FloatingIpUpdated
  | FloatingIpAssociated
  | FloatingIpDisassociated
  | FloatingIpDeleted;

/** What whoever asks for a floating IP gets. */
export interface FloatingIpFacts {
  readonly description: string;
  readonly projectId: string;
  /** The external network that the address is of. */
  readonly floatingNetworkId: string;
  readonly address: string;
  /** The port that holds the address. */
  readonly externalPortId: string;
  readonly tags: readonly string[];
  /** What its traffic is held to; null: nothing. */
  readonly qosPolicyId?: string | null;
}

/** Where a floating IP leads to. */
export interface Association {
  readonly portId: string;
  /** Address of that port. */
  readonly fixedIp: string;
  readonly routerId: string;
}

export interface FloatingIpCreated {
  readonly type: "FloatingIpCreated";
  readonly data: FloatingIpFacts;
}

export interface FloatingIpUpdated {
  readonly type: "FloatingIpUpdated";
  readonly data: Partial<FloatingIpFacts>;
}

export interface FloatingIpAssociated {
  readonly type: "FloatingIpAssociated";
  readonly data: Association;
}

export interface FloatingIpDisassociated {
  readonly type: "FloatingIpDisassociated";
  readonly data: Readonly<Record<never, never>>;
}

export interface FloatingIpDeleted {
  readonly type: "FloatingIpDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface FloatingIp extends Lifetime, Required<FloatingIpFacts> {
  readonly association: Association | null;
}

export const NO_FLOATING_IP: FloatingIp = {
  ...UNBORN,
  description: "",
  projectId: "",
  floatingNetworkId: "",
  address: "",
  externalPortId: "",
  tags: [],
  qosPolicyId: null,
  association: null,
};

export function evolve(ip: FloatingIp, event: Recorded<FloatingIpEvent>): FloatingIp {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "FloatingIpCreated":
      return { ...ip, ...event.data, ...born(event) };
    case "FloatingIpUpdated":
      return { ...ip, ...event.data, updatedAt };
    case "FloatingIpAssociated":
      return { ...ip, association: event.data, updatedAt };
    case "FloatingIpDisassociated":
      return { ...ip, association: null, updatedAt };
    case "FloatingIpDeleted":
      return { ...ip, exists: false, association: null, updatedAt };
  }
}

export interface UpdateFloatingIp {
  readonly type: "UpdateFloatingIp";
  readonly id: string;
  readonly description: string | undefined;
  readonly qosPolicyId?: string | null | undefined;
  /** Where it shall lead to; null: nowhere; undefined: where it leads now. */
  readonly association: Association | null | undefined;
  /** Whether another floating IP of the same network leads there. */
  readonly isTaken: boolean;
}

/** Changes where a floating IP leads to; refuses an address that another one leads to. */
export function updateFloatingIp(
  command: UpdateFloatingIp,
  ip: FloatingIp,
): NetworkDecision<FloatingIpUpdated | FloatingIpAssociated | FloatingIpDisassociated> {
  const { id, description, qosPolicyId, association, isTaken } = command;
  if (association && isTaken) return alreadyAssociated(id, ip, association);
  const changes = whatDiffers<FloatingIpFacts>(ip, { description, qosPolicyId });
  return [
    ...(Object.keys(changes).length === 0
      ? []
      : [{ type: "FloatingIpUpdated", data: changes } as const]),
    ...(association === undefined ? [] : associate(association, ip)),
  ];
}

/** Leads a floating IP somewhere, or nowhere. */
export function associate(
  association: Association | null,
  ip: FloatingIp,
): readonly (FloatingIpAssociated | FloatingIpDisassociated)[] {
  if (association === null) {
    return ip.association === null ? [] : [{ type: "FloatingIpDisassociated", data: {} }];
  }
  const isSame = ip.association?.portId === association.portId &&
    ip.association.fixedIp === association.fixedIp;
  return isSame ? [] : [{ type: "FloatingIpAssociated", data: association }];
}

/** Says that an address has a floating IP already. */
export function alreadyAssociated(
  id: string,
  { address, floatingNetworkId }: Pick<FloatingIpFacts, "address" | "floatingNetworkId">,
  { portId, fixedIp }: Association,
): NeutronRejection {
  return refusal(
    "Conflict",
    "FloatingIPPortAlreadyAssociated",
    `Cannot associate floating IP ${address} (${id}) with port ${portId} using fixed IP ` +
      `${fixedIp}, as that fixed IP already has a floating IP on external network ` +
      `${floatingNetworkId}.`,
  );
}
