/** QoS policies as requests make, change and delete them. */
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { flag, text, textOrNone } from "../fields.ts";
import { findVisible } from "../list.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notAllowed, notFound } from "../refusals.ts";
import type { WritableResource } from "../write.ts";
import { createQosPolicy, deleteQosPolicy, type QosPolicy, updateQosPolicy } from "./decider.ts";
import { defaultQosPolicyId, qosPolicies, userOf } from "./projection.ts";
import { qosPolicyResource } from "./resource.ts";

const fields = {
  name: { read: text() },
  description: { read: textOrNone },
  shared: { read: flag },
  is_default: { read: flag },
} as const;

/** QoS policies that requests may write. */
export const writableQosPolicies: WritableResource<QosPolicy, typeof fields> = {
  ...qosPolicyResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const refused = refuseOthers("create_policy", projectId, by);
    if (refused) return refused;
    const decision = createQosPolicy({
      name: values.name ?? "",
      description: values.description ?? "",
      projectId,
      isShared: values.shared ?? false,
      isDefault: values.is_default ?? false,
      tags: [],
    }, await defaultQosPolicyId(unit, projectId) !== undefined);
    return await record(unit, qosPolicies, await unit.load(qosPolicies, id), decision);
  },

  async update(unit, before, { values, by }) {
    const { projectId } = before.state;
    const refused = refuseOthers("update_policy", projectId, by);
    if (refused) return refused;
    const defaultId = await defaultQosPolicyId(unit, projectId);
    const decision = updateQosPolicy(
      {
        name: values.name,
        description: values.description,
        isShared: values.shared,
        isDefault: values.is_default,
      },
      defaultId !== undefined && defaultId !== before.id,
      before.state,
    );
    return await record(unit, qosPolicies, before, decision);
  },

  async remove(unit, before, { by }) {
    const refused = refuseOthers("delete_policy", before.state.projectId, by);
    if (refused) return refused;
    const decision = deleteQosPolicy(before.id, await userOf(unit, before.id));
    const outcome = await record(unit, qosPolicies, before, decision);
    if ("rejected" in outcome) return outcome;
    await endPoliciesOn(unit, before.id);
  },
};

/** Only managers of a project, and admins, make policies; neutron/conf/policies/qos.py. */
export function refuseOthers(
  action: string,
  projectId: string,
  by: Caller,
): NeutronRejection | undefined {
  const isManager = by.projectId === projectId && by.roles.has("manager");
  return by.isAdmin || isManager ? undefined : notAllowed(action);
}

/** Says no to a policy that the caller does not see. */
export async function refusePolicy(
  reader: Reader,
  id: string | null | undefined,
  by: Caller,
): Promise<NeutronRejection | undefined> {
  if (!id || await findVisible(reader, qosPolicyResource, id, by)) return undefined;
  return notFound.qosPolicy(id);
}
