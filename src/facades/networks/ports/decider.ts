/** Ports: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import { type NetworkDecision, refusal } from "../refusals.ts";

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
  readonly extraDhcpOpts: readonly Readonly<Record<string, unknown>>[];
  /** Where the device runs; empty while it runs nowhere. */
  readonly host: string;
  readonly vnicType: string;
  readonly bindingProfile: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  /** Whether compute made it for a server, and so takes it away with the server. */
  readonly isMadeForServer: boolean;
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

export interface Port extends Lifetime, PortFacts {}

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
}

/** Makes a port; refuses an id that is taken. */
export function createPort(command: CreatePort, port: Port): NetworkDecision<PortCreated> {
  if (port.createdAt !== "") {
    return refusal("Conflict", "PortInUse", `Port ${command.id} already exists.`);
  }
  return [{ type: "PortCreated", data: command.port }];
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
