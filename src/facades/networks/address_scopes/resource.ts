/** Address scopes in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { ownOrShared } from "../access.ts";
import { flag, integer, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
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
  visibleTo: (caller) => [isLive, ownOrShared(caller)],
  views: (_reader, rows) =>
    rows.map(({ id, state: scope }) => ({
      id,
      name: scope.name,
      tenant_id: scope.projectId,
      project_id: scope.projectId,
      shared: scope.isShared,
      ip_version: scope.ipVersion,
    })),
  notFound: notFound.addressScope,
};
