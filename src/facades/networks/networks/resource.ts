/** Networks in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { visibleNetworks } from "../access.ts";
import { COMMON_ATTRIBUTES, flag, integer, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { notFound } from "../refusals.ts";
import { scopesOfNetworks } from "../subnet_pools/projection.ts";
import { subnetIdsOf } from "../subnets/projection.ts";
import type { Network } from "./decider.ts";

/** `GET /v2.0/networks`; neutron/db/db_base_plugin_common.py, `_make_network_dict`. */
export const networkResource: Resource<Network> = {
  name: "network",
  plural: "networks",
  table: "networks",
  attributes: {
    ...COMMON_ATTRIBUTES,
    "name": text("name"),
    "admin_state_up": flag("admin_state_up"),
    // Every network that is there works.
    "status": { filter: (values) => (eb) => eb.lit(values.includes("ACTIVE")) },
    "shared": flag("shared"),
    "router:external": flag("external"),
    "port_security_enabled": flag("port_security_enabled"),
    "mtu": integer("mtu"),
    "is_default": flag("is_default"),
    "provider:network_type": text("provider_type"),
    "provider:physical_network": text("physical_network"),
    "provider:segmentation_id": integer("segmentation_id"),
  },
  visibleTo: (caller) => [isLive, visibleNetworks(caller)],
  async views(reader, rows, caller) {
    const ids = rows.map(({ id }) => id);
    const subnets = await subnetIdsOf(reader, ids);
    const scopes = new Map(
      (await scopesOfNetworks(reader, ids)).map((one) => [
        `${one.network_id} ${one.ip_version}`,
        one.address_scope_id,
      ]),
    );
    return rows.map(({ id, version, state: network }) => ({
      "id": id,
      "name": network.name,
      "tenant_id": network.projectId,
      "admin_state_up": network.adminStateUp,
      "mtu": network.mtu,
      "status": "ACTIVE",
      "subnets": subnets.get(id) ?? [],
      "shared": network.isShared,
      "project_id": network.projectId,
      "port_security_enabled": network.portSecurityEnabled,
      "router:external": network.isExternal,
      ...(network.isExternal && { "is_default": network.isDefault }),
      ...(caller.isAdmin && {
        "provider:network_type": network.provider.type,
        "provider:physical_network": network.provider.physicalNetwork,
        "provider:segmentation_id": network.provider.segmentationId,
      }),
      "availability_zone_hints": [],
      "availability_zones": ["nova"],
      "ipv4_address_scope": scopes.get(`${id} 4`) ?? null,
      "ipv6_address_scope": scopes.get(`${id} 6`) ?? null,
      "description": network.description,
      "tags": network.tags,
      "created_at": toSeconds(network.createdAt),
      "updated_at": toSeconds(network.updatedAt),
      "revision_number": version,
    }));
  },
  notFound: notFound.network,
};
