/** What a server keeps of a port of the network service. */
import type { Port } from "../../facades/network_service.ts";
import type { ServerPort } from "./events.ts";

/** A port as the server's events hold it. */
export function serverPortOf(port: Port, tag?: string | null): ServerPort {
  const { id, networkId, networkName, macAddress, fixedIps, floatingIps, securityGroups } = port;
  return {
    id,
    networkId,
    networkName,
    macAddress,
    fixedIps,
    floatingIps,
    // Groups need no name in Neutron: then they are known by their ids.
    securityGroups: securityGroups.map((group) => group.name || group.id),
    ...(tag && { tag }),
  };
}
