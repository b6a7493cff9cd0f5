import {
  type Decision,
  reject,
  type Rejection,
  type RejectionKind,
} from "../../../eventsourcing/decider.ts";
import type {
  AskedInterface,
  ServerInterfaceAttached,
  ServerInterfaceAttachFailed,
  ServerInterfaceAttachRequested,
  ServerInterfaceDetached,
  ServerInterfaceDetachFailed,
  ServerInterfaceDetachRequested,
  ServerInterfaceLost,
  ServerPort,
  ServerPortsChanged,
} from "../events.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessVisible,
} from "../preconditions.ts";
import { exists, type Server } from "../state.ts";
import { nextInterfaceChange, portIn } from "../state_interfaces.ts";

export interface AttachInterface {
  readonly type: "AttachInterface";
  readonly id: string;
  readonly by: Actor;
  readonly asked: AskedInterface;
}

/**
 * Asks for a port on a machine.
 *
 * Refuses a locked server, one whose state or task does not allow it, and a port that the server
 * has or is about to get. Source: nova/compute/api.py, `attach_interface`.
 */
export function attachInterface(
  { id, by, asked }: AttachInterface,
  server: Server,
): Decision<ServerInterfaceAttachRequested> {
  return refuseUnlessReady("attach_interface", id, server, by) ??
    refusePortInUse(asked.portId, server) ??
    [{ type: "ServerInterfaceAttachRequested", data: asked }];
}

/** What both directions ask of a server, in Nova's order. */
function refuseUnlessReady(
  word: "attach_interface" | "detach_interface",
  id: string,
  server: Server,
  by: Actor,
): Rejection | undefined {
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessIn(["active", "paused", "stopped"], id, server, word) ??
    refuseUnlessDoing([null], id, server, word) ??
    refuseUnlessLaunched(id, server, word);
}

function refusePortInUse(portId: string, server: Server): Rejection | undefined {
  const isTaken = server.ports.some(({ id }) => id === portId) ||
    server.interfaceChanges.some((change) => portIn(change) === portId);
  return isTaken ? reject("Conflict", `Port ${portId} is still in use.`) : undefined;
}

/** The machine has the port; nothing happens when that is no longer awaited. */
export function recordInterfaceAttached(
  server: Server,
  port: ServerPort,
): Decision<ServerInterfaceAttached> {
  if (!isAwaited(server, "attach", port.id)) return [];
  return [{ type: "ServerInterfaceAttached", data: { port } }];
}

/** The machine does not get the port. */
export function recordInterfaceAttachFailure(
  server: Server,
  data: {
    readonly portId: string;
    readonly rejected: RejectionKind | null;
    readonly message: string;
  },
): Decision<ServerInterfaceAttachFailed> {
  if (!isAwaited(server, "attach", data.portId)) return [];
  return [{ type: "ServerInterfaceAttachFailed", data }];
}

function isAwaited(server: Server, kind: "attach" | "detach", portId: string): boolean {
  const next = nextInterfaceChange(server);
  return next?.kind === kind && portIn(next) === portId;
}

export interface DetachInterface {
  readonly type: "DetachInterface";
  readonly id: string;
  readonly by: Actor;
  readonly portId: string;
}

/**
 * Asks that a port be taken from a machine; whether it has it is found out later, as in Nova.
 *
 * Source: nova/compute/api.py, `detach_interface`.
 */
export function detachInterface(
  { id, by, portId }: DetachInterface,
  server: Server,
): Decision<ServerInterfaceDetachRequested> {
  return refuseUnlessReady("detach_interface", id, server, by) ??
    [{ type: "ServerInterfaceDetachRequested", data: { portId } }];
}

/** The machine is without the port; nothing happens when that is no longer awaited. */
export function recordInterfaceDetached(
  server: Server,
  portId: string,
): Decision<ServerInterfaceDetached> {
  if (!isAwaited(server, "detach", portId)) return [];
  return [{ type: "ServerInterfaceDetached", data: { portId } }];
}

/** The machine keeps the port, or never had it. */
export function recordInterfaceDetachFailure(
  server: Server,
  data: { readonly portId: string; readonly message: string },
): Decision<ServerInterfaceDetachFailed> {
  if (!isAwaited(server, "detach", data.portId)) return [];
  return [{ type: "ServerInterfaceDetachFailed", data }];
}

/**
 * Follows what the network service did to a server's ports: `ports` are all it has there now.
 *
 * What it made by itself is none of the server's. A server that is being deleted does not care.
 * Source: nova/compute/manager.py, `external_instance_event`.
 */
export function followPorts(
  server: Server,
  ports: readonly ServerPort[],
): Decision<ServerInterfaceLost | ServerPortsChanged> {
  if (!exists(server) || server.taskState === "deleting") return [];
  const now = new Map(ports.map((port) => [port.id, port]));
  const leaving = new Set(
    server.interfaceChanges.filter(({ kind }) => kind === "detach").map(portIn),
  );
  const lost = server.ports.filter(({ id }) => !now.has(id) && !leaving.has(id));
  const changed = server.ports.flatMap((port) => {
    const present = now.get(port.id);
    return present && differs(port, present) ? [keepTag(present, port)] : [];
  });
  return [
    ...lost.map(({ id }) => ({ type: "ServerInterfaceLost", data: { portId: id } } as const)),
    ...(changed.length > 0
      ? [{ type: "ServerPortsChanged", data: { ports: changed } } as const]
      : []),
  ];
}

function differs(known: ServerPort, present: ServerPort): boolean {
  return JSON.stringify(comparable(known)) !== JSON.stringify(comparable(present));
}

/** What may change of a port, in one order; a port of an older log knows less. */
function comparable(port: ServerPort): readonly unknown[] {
  return [
    port.networkName,
    port.macAddress,
    port.fixedIps.map(({ address, subnetId }) => [address, subnetId]),
    (port.floatingIps ?? []).map(({ address, fixedIp }) => [address, fixedIp]),
    port.securityGroups,
  ];
}

/** The tag is the server's own: the network service does not know it. */
function keepTag(present: ServerPort, { tag }: ServerPort): ServerPort {
  return { ...present, ...(tag !== undefined && { tag }) };
}
