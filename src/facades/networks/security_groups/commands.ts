/** Security groups and their rules as requests make, change and delete them. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { pythonStr } from "../../../http/python.ts";
import type { Reader } from "../../../store/query.ts";
import { mayWrite } from "../access.ts";
import { addressGroupResource } from "../address_groups/resource.ts";
import { formatCidr, parseCidr } from "../addresses.ts";
import { flag, integer, oneOf, orNull, type Reading, text, textOrNone, uuid } from "../fields.ts";
import { findVisible } from "../list.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { badRequest, type NeutronRejection, notAllowed, notFound, refusal } from "../refusals.ts";
import type { WritableResource } from "../write.ts";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  type RuleFacts,
  type SecurityGroup,
  updateSecurityGroup,
} from "./decider.ts";
import {
  findSecurityGroup,
  hasMembers,
  type RuleOfGroup,
  securityGroups,
  withDefaultGroup,
} from "./projection.ts";
import { securityGroupResource, securityGroupRuleResource } from "./resource.ts";
import { addRule, PROTOCOLS, removeRule } from "./rules.ts";

const groupFields = {
  name: { read: text() },
  description: { read: textOrNone },
  stateful: { read: flag },
} as const;

/** How many rules a new group begins with. */
const FIRST_RULES = 2;

/** Groups that requests may write. */
export const writableSecurityGroups: WritableResource<SecurityGroup, typeof groupFields> = {
  ...securityGroupResource,
  fields: groupFields,

  async create(unit, { id, projectId, values }) {
    await withDefaultGroup(unit, projectId);
    const refusal = await refuseBeyondQuota(unit, projectId, "security_group") ??
      await refuseBeyondQuota(unit, projectId, "security_group_rule", FIRST_RULES);
    if (refusal) return refusal;
    const decision = createSecurityGroup({
      type: "CreateSecurityGroup",
      id,
      group: {
        name: values.name ?? "",
        description: values.description ?? "",
        projectId,
        isStateful: values.stateful ?? true,
        tags: [],
      },
    });
    return await record(unit, securityGroups, await unit.load(securityGroups, id), decision);
  },

  async update(unit, before, { values }) {
    const decision = updateSecurityGroup({
      type: "UpdateSecurityGroup",
      id: before.id,
      changes: {
        name: values.name,
        description: values.description,
        isStateful: values.stateful,
      },
      isInUse: await hasMembers(unit, before.id),
    }, before.state);
    return await record(unit, securityGroups, before, decision);
  },

  async remove(unit, before, { by }) {
    const decision = deleteSecurityGroup({
      type: "DeleteSecurityGroup",
      id: before.id,
      isInUse: await hasMembers(unit, before.id),
      isByAdmin: by.isAdmin,
    }, before.state);
    const outcome = await record(unit, securityGroups, before, decision);
    if (isRejection(outcome)) return outcome;
    await endPoliciesOn(unit, before.id);
  },
};

const ruleFields = {
  description: { read: textOrNone },
  security_group_id: { read: uuid, post: "required" },
  direction: { read: oneOf(["ingress", "egress"] as const), post: "required" },
  ethertype: { read: ethertype },
  protocol: { read: protocol },
  port_range_min: { read: orNull(integer(0)) },
  port_range_max: { read: orNull(integer(0)) },
  remote_ip_prefix: { read: orNull(prefix) },
  remote_group_id: { read: orNull(text(36)) },
  remote_address_group_id: { read: orNull(text(36)) },
} as const;

function ethertype(value: unknown): Reading<"IPv4" | "IPv6"> {
  const found = (["IPv4", "IPv6"] as const).find((candidate) =>
    typeof value === "string" && candidate.toLowerCase() === value.toLowerCase()
  );
  if (found) return { value: found };
  return refusal(
    "Invalid",
    "SecurityGroupRuleInvalidEtherType",
    `Security group rule for ethertype '${pythonStr(value)}' not supported. ` +
      "Allowed values are ['IPv4', 'IPv6'].",
  );
}

/** A protocol's name in lower case or its number as text; null and `any` for every protocol. */
function protocol(value: unknown): Reading<string | null> {
  if (value === null || value === "any") return { value: null };
  const word = typeof value === "number" ? String(value) : value;
  if (typeof word === "string") {
    const name = word.toLowerCase();
    if (Object.hasOwn(PROTOCOLS, name)) return { value: name };
    if (/^[0-9]{1,3}$/.test(name) && Number(name) <= 255) return { value: String(Number(name)) };
  }
  return refusal(
    "Invalid",
    "SecurityGroupRuleInvalidProtocol",
    `Security group rule protocol ${pythonStr(value)} not supported. Only protocol values ` +
      `[None, 'any', ${Object.keys(PROTOCOLS).map((name) => `'${name}'`).join(", ")}] and ` +
      "integer representations [0 to 255] are supported.",
  );
}

function prefix(value: unknown): Reading<string> {
  const cidr = typeof value === "string" ? parseCidr(value) : undefined;
  if (cidr) return { value: formatCidr(cidr) };
  return refusal(
    "Invalid",
    "InvalidCIDR",
    `Invalid CIDR ${pythonStr(value)} given as IP prefix.`,
  );
}

/** Rules that requests may add to groups and take away; a rule never changes. */
export const writableRules: WritableResource<RuleOfGroup, typeof ruleFields> = {
  ...securityGroupRuleResource,
  fields: ruleFields,

  async create(unit, { id, values, by }) {
    const groupId = values.security_group_id!;
    const group = await findSecurityGroup(unit, groupId);
    const unknown = group ? await refuseGroups(unit, values, group.state, by) : undefined;
    if (!group || unknown) return unknown ?? notFound.securityGroup(groupId);
    const { projectId } = group.state;
    const beyond = await refuseBeyondQuota(unit, projectId, "security_group_rule");
    if (beyond) return beyond;
    const rule: RuleFacts = {
      id,
      description: values.description ?? "",
      direction: values.direction!,
      ethertype: values.ethertype ?? "IPv4",
      protocol: values.protocol ?? null,
      portRangeMin: values.port_range_min ?? null,
      portRangeMax: values.port_range_max ?? null,
      remoteIpPrefix: values.remote_ip_prefix ?? null,
      remoteGroupId: values.remote_group_id || null,
      remoteAddressGroupId: values.remote_address_group_id || null,
    };
    const decision = addRule({ type: "AddRule", rule }, group.state);
    const outcome = await record(unit, securityGroups, group, decision);
    if (isRejection(outcome)) return outcome;
    const added = outcome.state.rules.find((candidate) => candidate.id === id)!;
    return { id, version: 1, state: { ...added, securityGroupId: groupId, projectId } };
  },

  update() {
    return Promise.resolve(badRequest("Security group rules cannot be updated."));
  },

  async remove(unit, before) {
    const group = await unit.load(securityGroups, before.state.securityGroupId);
    const outcome = await record(unit, securityGroups, group, removeRule(before.id, group.state));
    return isRejection(outcome) ? outcome : undefined;
  },
};

async function refuseGroups(
  reader: Reader,
  { remote_group_id: remote, security_group_id: id, remote_address_group_id: addresses }: {
    readonly remote_group_id?: string | null;
    readonly security_group_id?: string;
    readonly remote_address_group_id?: string | null;
  },
  { projectId }: SecurityGroup,
  by: Caller,
): Promise<NeutronRejection | undefined> {
  if (projectId !== by.projectId && !by.isAdmin) return notFound.securityGroup(id!);
  if (!mayWrite(by, projectId)) return notAllowed("create_security_group_rule");
  if (addresses && !await findVisible(reader, addressGroupResource, addresses, by)) {
    return notFound.addressGroup(addresses);
  }
  if (!remote) return undefined;
  const other = await findSecurityGroup(reader, remote);
  return other?.state.projectId === projectId ? undefined : notFound.securityGroup(remote);
}
