/** Address groups in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ownOrAllowed } from "../access.ts";
import { STANDARD_ATTRIBUTES, text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { notFound } from "../refusals.ts";
import type { AddressGroup } from "./decider.ts";

/** `GET /v2.0/address-groups`; neutron/db/address_group_db.py, `_make_address_group_dict`. */
export const addressGroupResource: Resource<AddressGroup> = {
  name: "address_group",
  plural: "address_groups",
  table: "address_groups",
  attributes: { ...STANDARD_ATTRIBUTES, name: text("name") },
  visibleTo: (caller) => [isLive, ownOrAllowed(caller, "address_group")],
  views: (_reader, rows) =>
    rows.map(({ id, version, state: group }) => ({
      id,
      name: group.name,
      description: group.description,
      tenant_id: group.projectId,
      project_id: group.projectId,
      addresses: group.addresses,
      created_at: toSeconds(group.createdAt),
      updated_at: toSeconds(group.updatedAt),
      revision_number: version,
    })),
  notFound: notFound.addressGroup,
};
