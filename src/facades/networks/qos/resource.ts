/** QoS policies and their rules in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ownOrShared } from "../access.ts";
import { COMMON_ATTRIBUTES, flag, text } from "../attributes.ts";
import type { Json, Resource } from "../list.ts";
import { allowedTo } from "../rbac/projection.ts";
import { notFound } from "../refusals.ts";
import type { QosPolicy } from "./decider.ts";
import type { QosRule } from "./rules.ts";

/** `GET /v2.0/qos/policies`; neutron/objects/qos/policy.py. */
export const qosPolicyResource: Resource<QosPolicy> = {
  name: "policy",
  plural: "policies",
  table: "qos_policies",
  attributes: {
    ...COMMON_ATTRIBUTES,
    name: text("name"),
    shared: flag("shared"),
    is_default: flag("is_default"),
  },
  visibleTo: (caller) => [isLive, ownOrShared(caller, "qos_policy")],
  async views(reader, rows, caller) {
    const allowed = await allowedTo(reader, caller, "qos_policy", rows.map(({ id }) => id));
    return rows.map(({ id, version, state: policy }) => ({
      id,
      name: policy.name,
      tenant_id: policy.projectId,
      project_id: policy.projectId,
      description: policy.description,
      shared: policy.isShared || allowed.access_as_shared.has(id),
      is_default: policy.isDefault,
      rules: policy.rules.map((rule) => ({
        ...ruleView(rule),
        type: rule.kind,
        qos_policy_id: id,
      })),
      tags: policy.tags,
      created_at: toSeconds(policy.createdAt),
      updated_at: toSeconds(policy.updatedAt),
      revision_number: version,
    }));
  },
  notFound: notFound.qosPolicy,
};

/** A rule by itself. */
export function ruleView({ id, values }: QosRule): Json {
  return { id, ...values };
}
