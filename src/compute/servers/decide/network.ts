/** What Nova looks at before the network service does something for a server. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { ServerFixedIpChangeFailed } from "../events.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessPlaced,
  refuseUnlessVisible,
} from "../preconditions.ts";
import { exists, type Server } from "../state.ts";

/**
 * Refuses to change the addresses of a server that is locked or on no host, whatever its state.
 *
 * Source: nova/compute/api.py, `add_fixed_ip` and `remove_fixed_ip`.
 */
export function refuseFixedIpChange(id: string, server: Server, by: Actor): Rejection | undefined {
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessPlaced(id, server);
}

/** An address could not be given or taken: the server stays what it was, and shows why in error. */
export function recordFixedIpFailure(
  server: Server,
  message: string,
): Decision<ServerFixedIpChangeFailed> {
  if (!exists(server)) return [];
  return [{ type: "ServerFixedIpChangeFailed", data: { fault: { code: 404, message } } }];
}

/** A floating IP that is to lead to a server. */
export interface AskedFloatingIp {
  /** The server, as the request names it. */
  readonly id: string;
  readonly address: string;
  /** The server's address that it is to lead to; undefined: the first one that can be. */
  readonly fixedAddress: string | undefined;
}

/**
 * The server's address that a floating IP is to lead to.
 *
 * Refuses a server without ports or addresses, an address that it does not have, and one that has
 * none of IPv4. Source: nova/api/openstack/compute/floating_ips.py, `_add_floating_ip`.
 */
export function fixedAddressFor(
  { id, address, fixedAddress }: AskedFloatingIp,
  server: Server,
): string | Rejection {
  if (server.ports.length === 0) return reject("Invalid", "Instance network is not ready yet");
  const all = server.ports.flatMap(({ fixedIps }) => fixedIps.map((fixedIp) => fixedIp.address));
  if (all.length === 0) return reject("Invalid", "No fixed IPs associated to instance");
  if (fixedAddress !== undefined) {
    if (all.includes(fixedAddress)) return fixedAddress;
    return reject("Invalid", "Specified fixed address not assigned to instance");
  }
  return all.find((one) => !one.includes(":")) ?? reject(
    "Invalid",
    `Unable to associate floating IP ${address} to any fixed IPs for instance ${id}. ` +
      "Instance has no fixed IPv4 addresses to associate.",
  );
}

/** A server's port, as far as security groups go. */
export interface GroupedPort {
  readonly id: string;
  readonly fixedIps: readonly unknown[];
  readonly isPortSecurityEnabled: boolean;
  readonly securityGroups: readonly { readonly id: string }[];
}

/** The groups that a port is to be in, and in no others. */
export interface PortGroups {
  readonly portId: string;
  readonly groupIds: readonly string[];
}

/**
 * Puts all of a server's ports into a security group, besides those that they are in.
 *
 * Refuses a server without ports, and one with a port that groups mean nothing to.
 * Source: nova/network/security_group_api.py, `add_to_instance`.
 */
export function joinGroup(
  serverId: string,
  ports: readonly GroupedPort[],
  groupId: string,
): readonly PortGroups[] | Rejection {
  if (ports.length === 0) return noPorts(serverId);
  if (ports.some((port) => port.fixedIps.length === 0 || !port.isPortSecurityEnabled)) {
    return reject(
      "Invalid",
      "Network requires port_security_enabled and subnet associated in order to apply security " +
        "groups.",
    );
  }
  return ports.filter((port) => !isIn(port, groupId)).map((port) => ({
    portId: port.id,
    groupIds: [...groupsOf(port), groupId],
  }));
}

/**
 * Takes those of a server's ports out of a security group that are in it.
 *
 * Refuses a server without ports, and one that has none in the group.
 * Source: nova/network/security_group_api.py, `remove_from_instance`.
 */
export function leaveGroup(
  serverId: string,
  ports: readonly GroupedPort[],
  group: { readonly id: string; /** As the request names it. */ readonly asked: string },
): readonly PortGroups[] | Rejection {
  if (ports.length === 0) return noPorts(serverId);
  const members = ports.filter((port) => isIn(port, group.id));
  if (members.length === 0) {
    return reject(
      "NotFound",
      `Security group ${group.asked} not associated with the instance ${serverId}`,
    );
  }
  return members.map((port) => ({
    portId: port.id,
    groupIds: groupsOf(port).filter((id) => id !== group.id),
  }));
}

function noPorts(serverId: string): Rejection {
  return reject(
    "NotFound",
    `instance_id ${serverId} could not be found as device id on any ports`,
  );
}

function isIn(port: GroupedPort, groupId: string): boolean {
  return groupsOf(port).includes(groupId);
}

function groupsOf({ securityGroups }: GroupedPort): readonly string[] {
  return securityGroups.map(({ id }) => id);
}
