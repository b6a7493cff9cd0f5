/** Interfaces as Nova's JSON; attach_interfaces.py, `_translate_interface_attachment_view`. */
import type { Port } from "../../facades/network_service.ts";
import type { Minor } from "../../http/microversions.ts";
import type { Server } from "./state.ts";

/** A port as the interface of a server, which knows its tag. */
export function viewInterface(port: Port, server: Server, minor: Minor): object {
  return {
    net_id: port.networkId,
    port_id: port.id,
    mac_addr: port.macAddress,
    port_state: port.status,
    fixed_ips: port.fixedIps.map(({ address, subnetId }) => ({
      subnet_id: subnetId,
      ip_address: address,
    })),
    ...(minor >= 70 && { tag: server.ports.find(({ id }) => id === port.id)?.tag ?? null }),
  };
}
