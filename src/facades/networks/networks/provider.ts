/** How a network's frames travel between hosts; pure. */
import { invalidInput, type NeutronRejection, refusal } from "../refusals.ts";

/** Neutron's words. */
export const NETWORK_TYPES = ["local", "flat", "vlan", "vxlan", "gre", "geneve"] as const;

export type NetworkType = typeof NETWORK_TYPES[number];

export interface Provider {
  readonly type: NetworkType;
  /** The wires that a flat or VLAN network is on. */
  readonly physicalNetwork: string | null;
  /** What tells its frames from those of others: a VLAN or tunnel id. */
  readonly segmentationId: number | null;
}

/** A network that needs nothing outside the host. */
export const LOCAL: Provider = { type: "local", physicalNetwork: null, segmentationId: null };

/** The largest segmentation id of each type that has any. */
const MAX_SEGMENT: Readonly<Partial<Record<NetworkType, number>>> = {
  vlan: 4094,
  vxlan: 2 ** 24 - 1,
  gre: 2 ** 24 - 1,
  geneve: 2 ** 24 - 1,
};

/** What a request says of a provider; absent and null both say nothing. */
export interface AskedProvider {
  readonly type?: string | null | undefined;
  readonly physicalNetwork?: string | null | undefined;
  readonly segmentationId?: number | null | undefined;
}

/** Whether a request says anything of a provider. */
export function namesProvider({ type, physicalNetwork, segmentationId }: AskedProvider): boolean {
  return [type, physicalNetwork, segmentationId].some((value) => (value ?? null) !== null);
}

/**
 * Reads a provider; without a segmentation id, one is yet to be found.
 *
 * Source: neutron/plugins/ml2/drivers/type_*.py, `validate_provider_segment`. Every physical
 * network is known here, as with `flat_networks = *`.
 */
export function readProvider(asked: AskedProvider): Provider | NeutronRejection {
  if (!namesProvider(asked)) return LOCAL;
  const { physicalNetwork = null, segmentationId = null } = asked;
  const type = NETWORK_TYPES.find((known) => known === asked.type);
  if ((asked.type ?? null) === null) return invalidInput("network_type required");
  if (!type) return invalidInput(`network_type value '${asked.type}' not supported`);
  return refuseProvider({ type, physicalNetwork, segmentationId }) ??
    { type, physicalNetwork, segmentationId };
}

function refuseProvider(provider: Provider): NeutronRejection | undefined {
  const { type, physicalNetwork, segmentationId } = provider;
  const isOnWires = type === "flat" || type === "vlan";
  if (isOnWires && !physicalNetwork) {
    return invalidInput(`physical_network required for ${type} provider network`);
  }
  if (!isOnWires && physicalNetwork !== null) {
    return invalidInput(`provider:physical_network specified for ${type} network`);
  }
  if (segmentationId === null) return undefined;
  const max = MAX_SEGMENT[type];
  if (max === undefined) {
    return invalidInput(`segmentation_id prohibited for ${type} provider network`);
  }
  if (segmentationId < 1 || segmentationId > max) {
    return invalidInput(`segmentation_id out of range (1 through ${max})`);
  }
}

/** Whether networks of this type are told apart by segmentation ids. */
export function hasSegments({ type }: Provider): boolean {
  return MAX_SEGMENT[type] !== undefined;
}

/** Says no to a segment that another network has. */
export function segmentInUse(provider: Provider): NeutronRejection {
  const { type, physicalNetwork, segmentationId } = provider;
  switch (type) {
    case "flat":
      return refusal(
        "Conflict",
        "FlatNetworkInUse",
        "Unable to create the flat network. " +
          `Physical network ${physicalNetwork} is in use.`,
      );
    case "vlan":
      return refusal(
        "Conflict",
        "VlanIdInUse",
        `Unable to create the network. The VLAN ${segmentationId} on physical network ` +
          `${physicalNetwork} is in use.`,
      );
    default:
      return refusal(
        "Conflict",
        "TunnelIdInUse",
        `Unable to create the network. The tunnel ID ${segmentationId} is in use.`,
      );
  }
}

/** Says no when every segmentation id of a type is taken. */
export function refuseNoSegment(provider: Provider): NeutronRejection | undefined {
  const { type, segmentationId } = provider;
  if (segmentationId === null || segmentationId <= MAX_SEGMENT[type]!) return undefined;
  return refusal(
    "Conflict",
    "NoNetworkAvailable",
    "Unable to create the network. No tenant network is available for allocation.",
  );
}
