/** Security groups: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { derivedId } from "../derived_id.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";

export type SecurityGroupEvent =
  | SecurityGroupCreated
  | SecurityGroupUpdated
  | SecurityGroupRuleAdded
  | SecurityGroupRuleRemoved
  | SecurityGroupDeleted;

/** Traffic that a group lets through. */
export interface SecurityGroupRule {
  readonly id: string;
  readonly description: string;
  readonly direction: "ingress" | "egress";
  readonly ethertype: "IPv4" | "IPv6";
  /** A name or a number as text; null: every protocol. */
  readonly protocol: string | null;
  /** Lowest port, or the ICMP type; null: all. */
  readonly portRangeMin: number | null;
  /** Highest port, or the ICMP code; null: all. */
  readonly portRangeMax: number | null;
  readonly remoteIpPrefix: string | null;
  readonly remoteGroupId: string | null;
  /** The address group that traffic comes from or goes to; null, or absent: any. */
  readonly remoteAddressGroupId?: string | null;
  readonly createdAt: string;
}

/** A rule before it is recorded. */
export type RuleFacts = Omit<SecurityGroupRule, "createdAt">;

/** What whoever makes a group says of it. */
export interface SecurityGroupFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly isStateful: boolean;
  readonly tags: readonly string[];
}

export interface SecurityGroupCreated {
  readonly type: "SecurityGroupCreated";
  readonly data: SecurityGroupFacts & { readonly rules: readonly RuleFacts[] };
}

export interface SecurityGroupUpdated {
  readonly type: "SecurityGroupUpdated";
  readonly data: Partial<SecurityGroupFacts>;
}

export interface SecurityGroupRuleAdded {
  readonly type: "SecurityGroupRuleAdded";
  readonly data: RuleFacts;
}

export interface SecurityGroupRuleRemoved {
  readonly type: "SecurityGroupRuleRemoved";
  readonly data: { readonly id: string };
}

export interface SecurityGroupDeleted {
  readonly type: "SecurityGroupDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface SecurityGroup extends Lifetime, SecurityGroupFacts {
  readonly rules: readonly SecurityGroupRule[];
}

export const NO_SECURITY_GROUP: SecurityGroup = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  isStateful: true,
  tags: [],
  rules: [],
};

export function evolve(
  group: SecurityGroup,
  event: Recorded<SecurityGroupEvent>,
): SecurityGroup {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "SecurityGroupCreated": {
      const rules = event.data.rules.map((rule) => ({ ...rule, createdAt: updatedAt }));
      return { ...group, ...event.data, rules, ...born(event) };
    }
    case "SecurityGroupUpdated":
      return { ...group, ...event.data, updatedAt };
    case "SecurityGroupRuleAdded":
      return {
        ...group,
        rules: [...group.rules, { ...event.data, createdAt: updatedAt }],
        updatedAt,
      };
    case "SecurityGroupRuleRemoved":
      return {
        ...group,
        rules: group.rules.filter(({ id }) => id !== event.data.id),
        updatedAt,
      };
    case "SecurityGroupDeleted":
      return { ...group, exists: false, rules: [], updatedAt };
  }
}

/** The name of the group that every project has from its first need on. */
const DEFAULT_GROUP = "default";

/** The id of a project's default group. */
export function defaultGroupId(projectId: string): string {
  return derivedId("default security group", projectId);
}

/**
 * Makes sure that a project has its default group: all may go out, and come in from each other.
 *
 * Source: neutron/db/securitygroups_db.py, `_ensure_default_security_group`.
 */
export function ensureDefaultGroup(
  projectId: string,
  group: SecurityGroup,
): NetworkDecision<SecurityGroupCreated> {
  if (group.exists) return [];
  const id = defaultGroupId(projectId);
  return [{
    type: "SecurityGroupCreated",
    data: {
      name: DEFAULT_GROUP,
      description: "Default security group",
      projectId,
      isStateful: true,
      tags: [],
      rules: [...ruleForMembers(id), ...egressRules(id)],
    },
  }];
}

const ETHERTYPES = ["IPv4", "IPv6"] as const;

/** What every new group has: rules that let all traffic out. */
function egressRules(groupId: string): readonly RuleFacts[] {
  return ETHERTYPES.map((ethertype) => ({
    ...anyTraffic(derivedId("egress", ethertype, groupId), ethertype),
    direction: "egress",
  }));
}

function ruleForMembers(groupId: string): readonly RuleFacts[] {
  return ETHERTYPES.map((ethertype) => ({
    ...anyTraffic(derivedId("ingress", ethertype, groupId), ethertype),
    direction: "ingress",
    remoteGroupId: groupId,
  }));
}

function anyTraffic(id: string, ethertype: "IPv4" | "IPv6"): Omit<RuleFacts, "direction"> {
  return {
    id,
    description: "",
    ethertype,
    protocol: null,
    portRangeMin: null,
    portRangeMax: null,
    remoteIpPrefix: null,
    remoteGroupId: null,
  };
}

export interface CreateSecurityGroup {
  readonly type: "CreateSecurityGroup";
  readonly id: string;
  readonly group: SecurityGroupFacts;
}

/** Makes a group that lets all out and nothing in; refuses the default group's name. */
export function createSecurityGroup(
  { id, group: facts }: CreateSecurityGroup,
): NetworkDecision<SecurityGroupCreated> {
  if (facts.name.toLowerCase() === DEFAULT_GROUP) return defaultExists();
  return [{ type: "SecurityGroupCreated", data: { ...facts, rules: egressRules(id) } }];
}

function defaultExists(): NeutronRejection {
  return refusal(
    "Conflict",
    "SecurityGroupDefaultAlreadyExists",
    "Default security group already exists.",
  );
}

export interface UpdateSecurityGroup {
  readonly type: "UpdateSecurityGroup";
  readonly id: string;
  readonly changes: Partial<SecurityGroupFacts>;
  /** Whether ports are in the group. */
  readonly isInUse: boolean;
}

/** Changes a group; refuses to rename the default one, and another state keeping while in use. */
export function updateSecurityGroup(
  { id, changes, isInUse }: UpdateSecurityGroup,
  group: SecurityGroup,
): NetworkDecision<SecurityGroupUpdated> {
  if (changes.name !== undefined) {
    if (group.name === DEFAULT_GROUP) {
      return refusal(
        "Conflict",
        "SecurityGroupCannotUpdateDefault",
        "Updating default security group not allowed.",
      );
    }
    if (changes.name.toLowerCase() === DEFAULT_GROUP) return defaultExists();
  }
  const data = whatDiffers<SecurityGroupFacts>(group, changes);
  if (data.isStateful !== undefined && isInUse) return groupInUse(id);
  return Object.keys(data).length === 0 ? [] : [{ type: "SecurityGroupUpdated", data }];
}

function groupInUse(id: string): NeutronRejection {
  return refusal("Conflict", "SecurityGroupInUse", `Security Group ${id} in use.`);
}

export interface DeleteSecurityGroup {
  readonly type: "DeleteSecurityGroup";
  readonly id: string;
  readonly isInUse: boolean;
  readonly isByAdmin: boolean;
}

/** Deletes a group; refuses one that ports are in, and the default one unless an admin asks. */
export function deleteSecurityGroup(
  { id, isInUse, isByAdmin }: DeleteSecurityGroup,
  group: SecurityGroup,
): NetworkDecision<SecurityGroupDeleted> {
  if (isInUse) return groupInUse(id);
  if (group.name === DEFAULT_GROUP && !isByAdmin) {
    return refusal(
      "Conflict",
      "SecurityGroupCannotRemoveDefault",
      "Insufficient rights for removing default security group.",
    );
  }
  return [{ type: "SecurityGroupDeleted", data: {} }];
}
