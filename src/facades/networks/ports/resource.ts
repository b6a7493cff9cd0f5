/** Ports in Neutron's lists and JSON. */
import { type Condition, hasPart, isLive, isOneOf } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { onOwnNetworks } from "../access.ts";
import { canonicalAddress } from "../addresses.ts";
import { COMMON_ATTRIBUTES, flag, text } from "../attributes.ts";
import type { Json, Resource } from "../list.ts";
import { qosPoliciesOf } from "../networks/projection.ts";
import { notFound } from "../refusals.ts";
import type { Port } from "./decider.ts";
import { viewDhcpOption } from "./dhcp_options.ts";
import { statusOf } from "./projection.ts";

/** `GET /v2.0/ports`; neutron/db/db_base_plugin_common.py, `_make_port_dict`. */
export const portResource: Resource<Port> = {
  name: "port",
  plural: "ports",
  table: "ports",
  attributes: {
    ...COMMON_ATTRIBUTES,
    "name": text("name"),
    "network_id": text("network_id"),
    "mac_address": {
      filter: (values) => isOneOf("mac_address", values.map((mac) => mac.toLowerCase())),
      sortColumn: "mac_address",
    },
    "admin_state_up": flag("admin_state_up"),
    "status": text("status"),
    "device_id": text("device_id"),
    "device_owner": text("device_owner"),
    "port_security_enabled": flag("port_security_enabled"),
    "qos_policy_id": text("qos_policy_id"),
    "binding:host_id": text("host"),
    "binding:vnic_type": text("vnic_type"),
    "fixed_ips": { filter: withFixedIps },
    "ip_address": { filter: (values) => withFixedIps(values.map((ip) => `ip_address=${ip}`)) },
    "security_groups": {
      filter: (values) => (eb) =>
        eb(
          "id",
          "in",
          eb.selectFrom("port_security_groups").select("port_id")
            .where("security_group_id", "in", [...new Set(values)]),
        ),
    },
  },
  visibleTo: (caller) => [isLive, onOwnNetworks(caller)],
  async views(reader, rows, caller) {
    const policies = await qosPoliciesOf(reader, rows.map(({ state }) => state.networkId));
    return rows.map(({ id, version, state: port }) => ({
      "id": id,
      "name": port.name,
      "network_id": port.networkId,
      "tenant_id": port.projectId,
      "mac_address": port.macAddress,
      "admin_state_up": port.adminStateUp,
      "status": statusOf(port),
      "device_id": port.deviceId,
      "device_owner": port.deviceOwner,
      "fixed_ips": port.fixedIps.map(({ subnetId, address }) => ({
        subnet_id: subnetId,
        ip_address: address,
      })),
      "project_id": port.projectId,
      "allowed_address_pairs": port.allowedAddressPairs.map((pair) => ({
        ip_address: pair.ipAddress,
        mac_address: pair.macAddress,
      })),
      "extra_dhcp_opts": port.extraDhcpOpts.map(viewDhcpOption),
      "security_groups": port.securityGroups,
      "port_security_enabled": port.portSecurityEnabled,
      "description": port.description,
      "qos_policy_id": port.qosPolicyId,
      "qos_network_policy_id": policies.get(port.networkId) ?? null,
      "binding:vnic_type": port.vnicType,
      ...(caller.isAdmin && bindingOf(port)),
      "tags": port.tags,
      "created_at": toSeconds(port.createdAt),
      "updated_at": toSeconds(port.updatedAt),
      "revision_number": version,
    }));
  },
  notFound: notFound.port,
};

/** Where the port is plugged in, which only admins see. */
function bindingOf(port: Port): Json {
  const isBound = port.host !== "";
  return {
    "trusted": port.isTrusted,
    "binding:profile": {
      ...port.bindingProfile,
      ...(port.isTrusted !== null && { trusted: port.isTrusted }),
    },
    "binding:host_id": port.host,
    "binding:vif_type": isBound ? "other" : "unbound",
    "binding:vif_details": {},
  };
}

/** `fixed_ips=ip_address=10.0.0.2`, `fixed_ips=subnet_id=…`, `fixed_ips=ip_address_substr=10.0`. */
function withFixedIps(values: readonly string[]): Condition {
  const named = (name: string) => [
    ...new Set(
      values.filter((value) => value.startsWith(`${name}=`))
        .map((value) => value.slice(name.length + 1)),
    ),
  ];
  const addresses = named("ip_address").map((ip) => canonicalAddress(ip) ?? ip);
  const subnetIds = named("subnet_id");
  const [part] = named("ip_address_substr");
  return (eb) => {
    let matching = eb.selectFrom("fixed_addresses").select("port_id");
    if (addresses.length > 0) matching = matching.where("ip_address", "in", addresses);
    if (subnetIds.length > 0) matching = matching.where("subnet_id", "in", subnetIds);
    if (part !== undefined) matching = matching.where(hasPart("ip_address", part));
    return eb("id", "in", matching);
  };
}
