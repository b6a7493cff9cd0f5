/** Subnets in Neutron's lists and JSON. */
import { isLive, isOneOf } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { onVisibleNetworks } from "../access.ts";
import { canonicalAddress, formatCidr, parseCidr } from "../addresses.ts";
import { COMMON_ATTRIBUTES, flag, integer, readFlag, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { notFound } from "../refusals.ts";
import type { Subnet } from "./decider.ts";

/** `GET /v2.0/subnets`; neutron/db/db_base_plugin_common.py, `_make_subnet_dict`. */
export const subnetResource: Resource<Subnet> = {
  name: "subnet",
  plural: "subnets",
  table: "subnets",
  attributes: {
    ...COMMON_ATTRIBUTES,
    name: text("name"),
    network_id: text("network_id"),
    ip_version: integer("ip_version"),
    cidr: {
      filter: (values) =>
        isOneOf(
          "cidr",
          values.map((value) => {
            const cidr = parseCidr(value);
            return cidr ? formatCidr(cidr) : value;
          }),
        ),
      sortColumn: "cidr",
    },
    gateway_ip: {
      filter: (values) =>
        isOneOf("gateway_ip", values.map((value) => canonicalAddress(value) ?? value)),
      sortColumn: "gateway_ip",
    },
    enable_dhcp: flag("enable_dhcp"),
    ipv6_ra_mode: text("ipv6_ra_mode"),
    ipv6_address_mode: text("ipv6_address_mode"),
    subnetpool_id: text("subnetpool_id"),
    // No subnet lies in a segment.
    segment_id: { filter: () => (eb) => eb.lit(false) },
    shared: ofNetworks("shared"),
    "router:external": ofNetworks("external"),
  },
  visibleTo: (caller) => [isLive, onVisibleNetworks(caller)],
  views: (_reader, rows) =>
    rows.map(({ id, version, state: subnet }) => ({
      id,
      name: subnet.name,
      tenant_id: subnet.projectId,
      network_id: subnet.networkId,
      ip_version: subnet.ipVersion,
      subnetpool_id: subnet.subnetPoolId,
      enable_dhcp: subnet.enableDhcp,
      ipv6_ra_mode: subnet.ipv6RaMode,
      ipv6_address_mode: subnet.ipv6AddressMode,
      gateway_ip: subnet.gatewayIp,
      cidr: subnet.cidr,
      allocation_pools: subnet.allocationPools,
      host_routes: subnet.hostRoutes,
      dns_nameservers: subnet.dnsNameservers,
      description: subnet.description,
      service_types: subnet.serviceTypes,
      tags: subnet.tags,
      created_at: toSeconds(subnet.createdAt),
      updated_at: toSeconds(subnet.updatedAt),
      revision_number: version,
      project_id: subnet.projectId,
    })),
  notFound: notFound.subnet,
};

/** A filter on what the subnet's network is. */
function ofNetworks(column: string): Resource<Subnet>["attributes"][string] {
  return {
    filter(values) {
      const flags = values.map((value) => readFlag(value) ? 1 : 0);
      return (eb) =>
        eb("network_id", "in", eb.selectFrom("networks").select("id").where(column, "in", flags));
    },
  };
}
