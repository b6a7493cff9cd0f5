/** Networks in Neutron's lists and JSON. */
import { isLive, LIVE } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { visibleNetworks } from "../access.ts";
import { type Attribute, COMMON_ATTRIBUTES, flag, integer, readFlag, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { allowedTo } from "../rbac/projection.ts";
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
    "shared": flagOrPolicy("shared", "access_as_shared"),
    "router:external": flagOrPolicy("external", "access_as_external"),
    "port_security_enabled": flag("port_security_enabled"),
    "mtu": integer("mtu"),
    "qos_policy_id": text("qos_policy_id"),
    "is_default": flag("is_default"),
    "provider:network_type": text("provider_type"),
    "provider:physical_network": text("physical_network"),
    "provider:segmentation_id": integer("segmentation_id"),
  },
  visibleTo: (caller) => [isLive, visibleNetworks(caller)],
  async views(reader, rows, caller) {
    const ids = rows.map(({ id }) => id);
    const subnets = await subnetIdsOf(reader, ids);
    const allowed = await allowedTo(reader, caller, "network", ids);
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
      "shared": network.isShared || allowed.access_as_shared.has(id),
      "project_id": network.projectId,
      "port_security_enabled": network.portSecurityEnabled,
      "router:external": network.isExternal || allowed.access_as_external.has(id),
      ...(network.isExternal && { "is_default": network.isDefault }),
      ...(caller.isAdmin && {
        "provider:network_type": network.provider.type,
        "provider:physical_network": network.provider.physicalNetwork,
        "provider:segmentation_id": network.provider.segmentationId,
      }),
      "qos_policy_id": network.qosPolicyId,
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

/** A flag that RBAC policies for all projects set too. */
function flagOrPolicy(column: string, action: string): Attribute {
  return {
    filter(values) {
      const isSet = flag(column).filter(values);
      if ("rejected" in isSet) return isSet;
      const wanted = new Set(values.map(readFlag));
      return (eb) => {
        const allowed = eb(
          "id",
          "in",
          eb.selectFrom("rbac_policies").select("object_id").where("live", "=", LIVE)
            .where("object_type", "=", "network").where("action", "=", action)
            .where("target", "=", "*"),
        );
        if (wanted.size > 1) return eb.lit(true);
        return wanted.has(true)
          ? eb.or([isSet(eb), allowed])
          : eb.and([isSet(eb), eb.not(allowed)]);
      };
    },
    sortColumn: column,
  };
}
