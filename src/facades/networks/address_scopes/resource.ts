/** Address scopes in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { ownOrShared } from "../access.ts";
import { flag, integer, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { allowedTo } from "../rbac/projection.ts";
import { notFound } from "../refusals.ts";
import type { AddressScope } from "./decider.ts";

/** `GET /v2.0/address-scopes`; neutron/db/address_scope_db.py, `_make_address_scope_dict`. */
export const addressScopeResource: Resource<AddressScope> = {
  name: "address_scope",
  plural: "address_scopes",
  table: "address_scopes",
  attributes: {
    id: text("id"),
    name: text("name"),
    project_id: text("project_id"),
    tenant_id: text("project_id"),
    ip_version: integer("ip_version"),
    shared: flag("shared"),
  },
  visibleTo: (caller) => [isLive, ownOrShared(caller, "address_scope")],
  async views(reader, rows, caller) {
    const allowed = await allowedTo(reader, caller, "address_scope", rows.map(({ id }) => id));
    return rows.map(({ id, state: scope }) => ({
      id,
      name: scope.name,
      tenant_id: scope.projectId,
      project_id: scope.projectId,
      shared: scope.isShared || allowed.access_as_shared.has(id),
      ip_version: scope.ipVersion,
    }));
  },
  notFound: notFound.addressScope,
};
