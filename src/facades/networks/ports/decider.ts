/** Ports: what can happen to one, what is true of it, and what may be done to it. */
import { INTERFACE_OWNERS } from "../routers/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import type { DhcpOption } from "./dhcp_options.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";

export type PortEvent = PortCreated | PortUpdated | PortBound | PortUnbound | PortDeleted;

export interface FixedIp {
  readonly subnetId: string;
  /** In canonical text. */
  readonly address: string;
}

export interface AddressPair {
  readonly ipAddress: string;
  readonly macAddress: string;
}

/** What whoever makes a port says of it. */
export interface PortFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly networkId: string;
  readonly macAddress: string;
  readonly adminStateUp: boolean;
  /** What has it: a server, a router; empty when it is free. */
  readonly deviceId: string;
  /** What kind of thing that is: `compute:nova`, `network:router_interface`. */
  readonly deviceOwner: string;
  readonly fixedIps: readonly FixedIp[];
  readonly securityGroups: readonly string[];
  readonly portSecurityEnabled: boolean;
  readonly allowedAddressPairs: readonly AddressPair[];
  readonly extraDhcpOpts: readonly DhcpOption[];
  /** Where the device runs; empty while it runs nowhere. */
  readonly host: string;
  readonly vnicType: string;
  readonly bindingProfile: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  /** Whether compute made it for a server, and so takes it away with the server. */
  readonly isMadeForServer: boolean;
  /** Whether its device may do more than others, such as change its MAC address; null: not said. */
  readonly isTrusted?: boolean | null;
  /** What its traffic is held to; null: what holds for its network. */
  readonly qosPolicyId?: string | null;
}

export interface PortCreated {
  readonly type: "PortCreated";
  readonly data: PortFacts;
}

export interface PortUpdated {
  readonly type: "PortUpdated";
  readonly data: Partial<PortFacts>;
}

/** A port that was there is a server's now. */
export interface PortBound {
  readonly type: "PortBound";
  readonly data: Pick<PortFacts, "deviceId" | "deviceOwner" | "host">;
}

/** The server has let go of the port, which stays. */
export interface PortUnbound {
  readonly type: "PortUnbound";
  readonly data: Readonly<Record<never, never>>;
}

/** The port is gone, and its addresses are free. */
export interface PortDeleted {
  readonly type: "PortDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Port extends Lifetime, Required<PortFacts> {}

export const NO_PORT: Port = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  networkId: "",
  macAddress: "",
  adminStateUp: true,
  deviceId: "",
  deviceOwner: "",
  fixedIps: [],
  securityGroups: [],
  portSecurityEnabled: true,
  allowedAddressPairs: [],
  extraDhcpOpts: [],
  host: "",
  vnicType: "normal",
  bindingProfile: {},
  tags: [],
  isMadeForServer: false,
  isTrusted: null,
  qosPolicyId: null,
};

export function evolve(port: Port, event: Recorded<PortEvent>): Port {
  switch (event.type) {
    case "PortCreated":
      return { ...port, ...event.data, ...born(event) };
    case "PortUpdated":
    case "PortBound":
      return { ...port, ...event.data, updatedAt: event.recordedAt };
    case "PortUnbound":
      return { ...port, deviceId: "", deviceOwner: "", host: "", updatedAt: event.recordedAt };
    case "PortDeleted":
      return { ...port, exists: false, updatedAt: event.recordedAt };
  }
}

export interface CreatePort {
  readonly type: "CreatePort";
  readonly id: string;
  /** With addresses that were found free in the same transaction. */
  readonly port: PortFacts;
  /** Whether another port of the network has the MAC address. */
  readonly isMacTaken: boolean;
}

/** Makes a port; refuses an id or a MAC address that is taken, and groups without port security. */
export function createPort(command: CreatePort, port: Port): NetworkDecision<PortCreated> {
  const { id, port: facts, isMacTaken } = command;
  if (port.number > 0) {
    return refusal("Conflict", "PortInUse", `Port ${id} already exists.`);
  }
  return (isMacTaken ? macInUse(facts) : undefined) ?? refuseUnsecured(facts) ??
    [{ type: "PortCreated", data: facts }];
}

function macInUse({ networkId, macAddress }: PortFacts): NeutronRejection {
  return refusal(
    "Conflict",
    "MacAddressInUse",
    `Unable to complete operation for network ${networkId}. The mac address ${macAddress} is in ` +
      "use.",
  );
}

/** Says no to groups and address pairs on ports whose traffic is not looked at. */
function refuseUnsecured(facts: PortFacts): NeutronRejection | undefined {
  if (facts.portSecurityEnabled) return undefined;
  if (facts.securityGroups.length > 0) {
    return refusal(
      "Invalid",
      "PortSecurityAndIPRequiredForSecurityGroups",
      "Port security must be enabled and port must have an IP address in order to use security " +
        "groups.",
    );
  }
  if (facts.allowedAddressPairs.length > 0) {
    return refusal(
      "Conflict",
      "AddressPairAndPortSecurityRequired",
      "Port Security must be enabled in order to have allowed address pairs on a port.",
    );
  }
}

export interface UpdatePort {
  readonly type: "UpdatePort";
  readonly id: string;
  readonly changes: Partial<PortFacts>;
  /** Whether another port of the network has the new MAC address. */
  readonly isMacTaken: boolean;
  /** The fixed addresses that floating IPs lead to. */
  readonly floated: readonly string[];
}

/**
 * Changes a port.
 *
 * Refuses another MAC address while a device runs with the present one, and to take away an
 * address that a floating IP leads to. Source: neutron/db/db_base_plugin_v2.py, `update_port`.
 */
export function updatePort(command: UpdatePort, port: Port): NetworkDecision<PortUpdated> {
  const { id, changes, isMacTaken, floated } = command;
  const after: Port = { ...port, ...changes };
  if (after.macAddress !== port.macAddress) {
    if (isMacTaken) return macInUse(after);
    if (port.host !== "") {
      return refusal(
        "Conflict",
        "PortBound",
        `Unable to complete operation on port ${id}, port is already bound, port type: other, ` +
          `old_mac ${port.macAddress}, new_mac ${after.macAddress}.`,
      );
    }
  }
  const kept = new Set(after.fixedIps.map(({ address }) => address));
  if (floated.some((address) => !kept.has(address))) {
    return refusal(
      "Invalid",
      "BadRequest",
      `Bad port request: Cannot update the fixed_ips of the port ${id}, because its original ` +
        "fixed_ip has been associated to a floating ip.",
    );
  }
  if (
    port.portSecurityEnabled && !after.portSecurityEnabled && after.securityGroups.length > 0
  ) {
    return refusal(
      "Conflict",
      "PortSecurityPortHasSecurityGroup",
      "Port has security group associated. Cannot disable port security or IP address until " +
        "security group is removed.",
    );
  }
  const data = whatDiffers<PortFacts>(port, changes);
  return refuseUnsecured(after) ??
    (Object.keys(data).length === 0 ? [] : [{ type: "PortUpdated", data }]);
}

/** What router ports and the ports behind floating IPs are for; they go with these. */
// deno-fmt-ignore
const SERVICE_OWNERS: readonly string[] = [
  ...INTERFACE_OWNERS, "network:router_gateway", "network:floatingip",
];

/** Deletes a port that a request names; refuses one that belongs to a router or a floating IP. */
export function deletePort(id: string, port: Port): NetworkDecision<PortDeleted> {
  if (!SERVICE_OWNERS.includes(port.deviceOwner)) return [{ type: "PortDeleted", data: {} }];
  return refusal(
    "Conflict",
    "ServicePortInUse",
    `Port ${id} cannot be deleted directly via the port API: has device owner ${port.deviceOwner}.`,
  );
}

export interface BindPort {
  readonly type: "BindPort";
  readonly id: string;
  readonly serverId: string;
  readonly deviceOwner: string;
  readonly host: string;
}

/** Gives a port to a server; refuses one that another device has. */
export function bindPort(command: BindPort, port: Port): NetworkDecision<PortBound> {
  const { id, serverId, deviceOwner, host } = command;
  if (!port.exists) {
    return refusal("NotFound", "PortNotFound", `Port id ${id} could not be found.`);
  }
  if (port.deviceId !== "" && port.deviceId !== serverId) {
    return refusal("Conflict", "PortInUse", `Port ${id} is still in use.`);
  }
  if (port.deviceId === serverId && port.host === host) return [];
  return [{ type: "PortBound", data: { deviceId: serverId, deviceOwner, host } }];
}

/** Takes a server's port from it: one made for it goes, another is free afterwards. */
export function releasePort(port: Port): NetworkDecision<PortUnbound | PortDeleted> {
  if (!port.exists || port.deviceId === "") return [];
  return [{ type: port.isMadeForServer ? "PortDeleted" : "PortUnbound", data: {} }];
}
