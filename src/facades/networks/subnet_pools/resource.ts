/** Subnet pools in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ownOrShared } from "../access.ts";
import { COMMON_ATTRIBUTES, flag, integer, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { allowedTo } from "../rbac/projection.ts";
import { notFound } from "../refusals.ts";
import type { SubnetPool } from "./decider.ts";

/** `GET /v2.0/subnetpools`; neutron/db/db_base_plugin_common.py, `_make_subnetpool_dict`. */
export const subnetPoolResource: Resource<SubnetPool> = {
  name: "subnetpool",
  plural: "subnetpools",
  table: "subnet_pools",
  attributes: {
    ...COMMON_ATTRIBUTES,
    name: text("name"),
    ip_version: integer("ip_version"),
    min_prefixlen: integer("min_prefixlen"),
    max_prefixlen: integer("max_prefixlen"),
    default_prefixlen: integer("default_prefixlen"),
    default_quota: integer("default_quota"),
    is_default: flag("is_default"),
    shared: flag("shared"),
    address_scope_id: text("address_scope_id"),
  },
  visibleTo: (caller) => [isLive, ownOrShared(caller, "subnetpool")],
  async views(reader, rows, caller) {
    const allowed = await allowedTo(reader, caller, "subnetpool", rows.map(({ id }) => id));
    return rows.map(({ id, version, state: pool }) => ({
      id,
      name: pool.name,
      tenant_id: pool.projectId,
      project_id: pool.projectId,
      prefixes: pool.prefixes,
      // Text, as in Neutron.
      default_prefixlen: String(pool.defaultPrefixLength),
      min_prefixlen: String(pool.minPrefixLength),
      max_prefixlen: String(pool.maxPrefixLength),
      ip_version: pool.ipVersion,
      default_quota: pool.defaultQuota,
      address_scope_id: pool.addressScopeId,
      is_default: pool.isDefault,
      shared: pool.isShared || allowed.access_as_shared.has(id),
      description: pool.description,
      tags: pool.tags,
      created_at: toSeconds(pool.createdAt),
      updated_at: toSeconds(pool.updatedAt),
      revision_number: version,
    }));
  },
  notFound: notFound.subnetPool,
};
