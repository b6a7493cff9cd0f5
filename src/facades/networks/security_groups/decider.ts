/** Security groups: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { derivedId } from "../derived_id.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import type { NetworkDecision } from "../refusals.ts";

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
export const DEFAULT_GROUP = "default";

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
export function egressRules(groupId: string): readonly RuleFacts[] {
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
