/** Floating IPs in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ofOwnProject } from "../access.ts";
import { COMMON_ATTRIBUTES, text } from "../attributes.ts";
import type { Json, Resource } from "../list.ts";
import type { Port } from "../ports/decider.ts";
import { findPorts, statusOf as portStatus } from "../ports/projection.ts";
import { notFound } from "../refusals.ts";
import type { FloatingIp } from "./decider.ts";
import { statusOf } from "./projection.ts";

/** `GET /v2.0/floatingips`; neutron/db/l3_db.py, `_make_floatingip_dict`. */
export const floatingIpResource: Resource<FloatingIp> = {
  name: "floatingip",
  plural: "floatingips",
  table: "floating_ips",
  attributes: {
    ...COMMON_ATTRIBUTES,
    floating_network_id: text("floating_network_id"),
    floating_ip_address: text("floating_ip_address"),
    port_id: text("port_id"),
    fixed_ip_address: text("fixed_ip_address"),
    router_id: text("router_id"),
    status: text("status"),
    qos_policy_id: text("qos_policy_id"),
  },
  visibleTo: (caller) => [isLive, ofOwnProject(caller)],
  async views(reader, rows) {
    const ids = rows.flatMap(({ state }) => state.association?.portId ?? []);
    const ports = new Map((await findPorts(reader, ids)).map(({ id, state }) => [id, state]));
    return rows.map(({ id, version, state: ip }) => {
      const port = ports.get(ip.association?.portId ?? "");
      return {
        id,
        tenant_id: ip.projectId,
        floating_ip_address: ip.address,
        floating_network_id: ip.floatingNetworkId,
        router_id: ip.association?.routerId ?? null,
        port_id: ip.association?.portId ?? null,
        fixed_ip_address: ip.association?.fixedIp ?? null,
        status: statusOf(ip),
        description: ip.description,
        port_details: port ? portDetails(port) : null,
        port_forwardings: [],
        qos_policy_id: ip.qosPolicyId,
        tags: ip.tags,
        created_at: toSeconds(ip.createdAt),
        updated_at: toSeconds(ip.updatedAt),
        revision_number: version,
        project_id: ip.projectId,
      };
    });
  },
  notFound: notFound.floatingIp,
};

/** What is told of the port that a floating IP leads to. */
function portDetails(port: Port): Json {
  return {
    name: port.name,
    network_id: port.networkId,
    mac_address: port.macAddress,
    admin_state_up: port.adminStateUp,
    status: portStatus(port),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
  };
}
