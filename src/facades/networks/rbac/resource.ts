/** RBAC policies in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { ofOwnProject } from "../access.ts";
import { text } from "../attributes.ts";
import type { Resource } from "../list.ts";
import { notFound } from "../refusals.ts";
import type { RbacPolicy } from "./decider.ts";

/** `GET /v2.0/rbac-policies`; neutron/db/rbac_db_mixin.py, `_make_rbac_policy_dict`. */
export const rbacPolicyResource: Resource<RbacPolicy> = {
  name: "rbac_policy",
  plural: "rbac_policies",
  table: "rbac_policies",
  attributes: {
    id: text("id"),
    project_id: text("project_id"),
    tenant_id: text("project_id"),
    object_type: text("object_type"),
    object_id: text("object_id"),
    target_tenant: text("target"),
    action: text("action"),
  },
  visibleTo: (caller) => [isLive, ofOwnProject(caller)],
  views: (_reader, rows) =>
    rows.map(({ id, state: policy }) => ({
      id,
      tenant_id: policy.projectId,
      project_id: policy.projectId,
      object_type: policy.objectType,
      object_id: policy.objectId,
      target_tenant: policy.target,
      action: policy.action,
    })),
  notFound: notFound.rbacPolicy,
};
