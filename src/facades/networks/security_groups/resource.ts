/** Security groups and their rules in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ofOwnProject, ownOrAllowed } from "../access.ts";
import { COMMON_ATTRIBUTES, flag, integer, text, time } from "../attributes.ts";
import type { Json, Resource } from "../list.ts";
import { allowedTo } from "../rbac/projection.ts";
import { notFound } from "../refusals.ts";
import type { SecurityGroup } from "./decider.ts";
import type { RuleOfGroup } from "./projection.ts";

/** `GET /v2.0/security-groups`; neutron/db/securitygroups_db.py, `_make_security_group_dict`. */
export const securityGroupResource: Resource<SecurityGroup> = {
  name: "security_group",
  plural: "security_groups",
  table: "security_groups",
  attributes: {
    ...COMMON_ATTRIBUTES,
    name: text("name"),
    stateful: flag("stateful"),
    shared: {
      filter: (values) => (eb) => eb.lit(values.some((value) => /^(false|0)$/i.test(value))),
    },
  },
  visibleTo: (caller) => [isLive, ownOrAllowed(caller, "security_group")],
  async views(reader, rows, caller) {
    const allowed = await allowedTo(reader, caller, "security_group", rows.map(({ id }) => id));
    return rows.map(({ id, version, state: group }) => ({
      id,
      name: group.name,
      stateful: group.isStateful,
      tenant_id: group.projectId,
      description: group.description,
      shared: allowed.access_as_shared.has(id),
      security_group_rules: group.rules.map((rule) =>
        ruleView({ ...rule, securityGroupId: id, projectId: group.projectId })
      ),
      tags: group.tags,
      created_at: toSeconds(group.createdAt),
      updated_at: toSeconds(group.updatedAt),
      revision_number: version,
      project_id: group.projectId,
    }));
  },
  notFound: notFound.securityGroup,
};

/** `GET /v2.0/security-group-rules`. */
export const securityGroupRuleResource: Resource<RuleOfGroup> = {
  name: "security_group_rule",
  plural: "security_group_rules",
  table: "security_group_rules",
  attributes: {
    id: text("id"),
    project_id: text("project_id"),
    tenant_id: text("project_id"),
    description: text("description"),
    security_group_id: text("security_group_id"),
    remote_group_id: text("remote_group_id"),
    remote_address_group_id: text("remote_address_group_id"),
    direction: text("direction"),
    protocol: text("protocol"),
    port_range_min: integer("port_range_min"),
    port_range_max: integer("port_range_max"),
    ethertype: text("ethertype"),
    remote_ip_prefix: text("remote_ip_prefix"),
    created_at: time("created_at"),
  },
  visibleTo: (caller) => [ofOwnProject(caller)],
  views: (_reader, rows) => rows.map(({ state }) => ruleView(state)),
  notFound: notFound.securityGroupRule,
};

/** A rule, alone or within its group. */
function ruleView(rule: RuleOfGroup): Json {
  return {
    id: rule.id,
    tenant_id: rule.projectId,
    security_group_id: rule.securityGroupId,
    ethertype: rule.ethertype,
    direction: rule.direction,
    protocol: rule.protocol,
    port_range_min: rule.portRangeMin,
    port_range_max: rule.portRangeMax,
    remote_ip_prefix: rule.remoteIpPrefix,
    remote_address_group_id: rule.remoteAddressGroupId ?? null,
    normalized_cidr: rule.remoteIpPrefix,
    remote_group_id: rule.remoteGroupId,
    description: rule.description,
    tags: [],
    created_at: toSeconds(rule.createdAt),
    updated_at: toSeconds(rule.createdAt),
    revision_number: 0,
    project_id: rule.projectId,
  };
}
