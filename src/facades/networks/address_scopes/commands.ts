/** Address scopes as requests make, change and delete them. */
import { flag, ipVersion, text } from "../fields.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { poolsInScope } from "../subnet_pools/projection.ts";
import type { WritableResource } from "../write.ts";
import { type AddressScope, deleteAddressScope, updateAddressScope } from "./decider.ts";
import { addressScopes } from "./projection.ts";
import { addressScopeResource } from "./resource.ts";

const fields = {
  name: { read: text() },
  ip_version: { read: ipVersion, post: "required", put: "refused" },
  shared: { read: flag, adminOnly: true, unless: false },
} as const;

/** Address scopes that requests may write. */
export const writableAddressScopes: WritableResource<AddressScope, typeof fields> = {
  ...addressScopeResource,
  fields,

  async create(unit, { id, projectId, values }) {
    return await unit.append(addressScopes, await unit.load(addressScopes, id), [{
      type: "AddressScopeCreated",
      data: {
        name: values.name ?? "",
        projectId,
        ipVersion: values.ip_version!,
        isShared: values.shared ?? false,
      },
    }]);
  },

  async update(unit, before, { values }) {
    const decision = updateAddressScope({
      type: "UpdateAddressScope",
      id: before.id,
      changes: { name: values.name, isShared: values.shared },
    }, before.state);
    return await record(unit, addressScopes, before, decision);
  },

  async remove(unit, before) {
    const hasPools = (await poolsInScope(unit, before.id)).length > 0;
    const decision = deleteAddressScope(before.id, hasPools);
    const outcome = await record(unit, addressScopes, before, decision);
    if ("rejected" in outcome) return outcome;
    await endPoliciesOn(unit, before.id);
  },
};
