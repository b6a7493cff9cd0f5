/** Address groups as requests make, change and delete them. */
import { subnetList, text, textOrNone } from "../fields.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { isNamedInRules } from "../security_groups/projection.ts";
import type { WritableResource } from "../write.ts";
import { type AddressGroup, deleteAddressGroup, updateAddressGroup } from "./decider.ts";
import { addressGroups } from "./projection.ts";
import { addressGroupResource } from "./resource.ts";

const fields = {
  name: { read: text() },
  description: { read: textOrNone },
  addresses: { read: subnetList, put: "refused" },
} as const;

/** Address groups that requests may write. */
export const writableAddressGroups: WritableResource<AddressGroup, typeof fields> = {
  ...addressGroupResource,
  fields,

  async create(unit, { id, projectId, values }) {
    return await unit.append(addressGroups, await unit.load(addressGroups, id), [{
      type: "AddressGroupCreated",
      data: {
        name: values.name ?? "",
        description: values.description ?? "",
        projectId,
        addresses: values.addresses ?? [],
      },
    }]);
  },

  async update(unit, before, { values: { name, description } }) {
    const decision = updateAddressGroup({ name, description }, before.state);
    return await record(unit, addressGroups, before, decision);
  },

  async remove(unit, before) {
    const decision = deleteAddressGroup(before.id, await isNamedInRules(unit, before.id));
    const outcome = await record(unit, addressGroups, before, decision);
    if ("rejected" in outcome) return outcome;
    await endPoliciesOn(unit, before.id);
  },
};
