/** Rules of security groups: what they may say, and adding and removing them. */
import { parseCidr } from "../addresses.ts";
import {
  invalidInput,
  type NetworkDecision,
  type NeutronRejection,
  notFound,
  refusal,
} from "../refusals.ts";
import type {
  RuleFacts,
  SecurityGroup,
  SecurityGroupRuleAdded,
  SecurityGroupRuleRemoved,
} from "./decider.ts";

/** neutron_lib/constants.py, `IP_PROTOCOL_MAP`. */
export const PROTOCOLS: Readonly<Record<string, number>> = {
  "ah": 51,
  "dccp": 33,
  "egp": 8,
  "esp": 50,
  "gre": 47,
  "hopopt": 0,
  "icmp": 1,
  "igmp": 2,
  "ip": 0,
  "ipip": 4,
  "ipv6-encap": 41,
  "ipv6-frag": 44,
  "ipv6-icmp": 58,
  "icmpv6": 58,
  "ipv6-nonxt": 59,
  "ipv6-opts": 60,
  "ipv6-route": 43,
  "ospf": 89,
  "pgm": 113,
  "rsvp": 46,
  "sctp": 132,
  "tcp": 6,
  "udp": 17,
  "udplite": 136,
  "vrrp": 112,
};

const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
const WITH_PORTS_TEXT = "DCCP, SCTP, TCP, UDP, UDPLITE";
const IPV6_ONLY: ReadonlySet<number> = new Set([41, 43, 44, 58, 59, 60]);
const ICMP = 1;
const IPV6_ICMP = 58;
const MAX_PORT = 65535;

export interface AddRule {
  readonly type: "AddRule";
  readonly rule: RuleFacts;
}

/**
 * Adds a rule to a group.
 *
 * Refuses what contradicts itself, and a rule that the group has.
 * Source: neutron/db/securitygroups_db.py, `_validate_security_group_rule`.
 */
export function addRule(
  { rule: asked }: AddRule,
  group: SecurityGroup,
): NetworkDecision<SecurityGroupRuleAdded> {
  const rule = canonical(asked);
  const refusal = refuseRange(rule) ?? refusePrefix(rule) ?? refuseEthertype(rule) ??
    refuseTwoRemotes(rule);
  if (refusal) return refusal;
  const twin = group.rules.find((other) => keyOf(other) === keyOf(rule));
  if (twin) return ruleExists(twin.id);
  return [{ type: "SecurityGroupRuleAdded", data: rule }];
}

/** Old names for ICMP on IPv6 are made new, and all ports are the same as none. */
function canonical(rule: RuleFacts): RuleFacts {
  const isAllPorts = rule.portRangeMin === 1 && rule.portRangeMax === MAX_PORT &&
    WITH_PORTS.has(protocolNumber(rule) ?? -1);
  return {
    ...rule,
    protocol: canonicalProtocol(rule),
    ...(isAllPorts && { portRangeMin: null, portRangeMax: null }),
  };
}

function canonicalProtocol({ protocol, ethertype }: RuleFacts): string | null {
  if (ethertype !== "IPv6") return protocol;
  if (protocol === "icmp" || protocol === "icmpv6") return "ipv6-icmp";
  return protocol === String(ICMP) ? String(IPV6_ICMP) : protocol;
}

function protocolNumber({ protocol }: RuleFacts): number | undefined {
  if (protocol === null) return undefined;
  return PROTOCOLS[protocol] ?? Number(protocol);
}

function refuseRange(rule: RuleFacts): NeutronRejection | undefined {
  const { portRangeMin: min, portRangeMax: max } = rule;
  if (min === null && max === null) return undefined;
  const protocol = protocolNumber(rule);
  if (protocol === undefined) {
    return named(
      "SecurityGroupProtocolRequiredWithPorts",
      "Must also specify protocol if port range is given.",
    );
  }
  if (protocol === ICMP || protocol === IPV6_ICMP) return refuseIcmp(min, max);
  if (!WITH_PORTS.has(protocol)) {
    return named(
      "SecurityGroupInvalidProtocolForPort",
      `Ports cannot be specified for protocol ${protocol}. ` +
        `Ports are only supported for ${WITH_PORTS_TEXT}.`,
    );
  }
  if (min === 0 || max === 0) {
    return named("SecurityGroupInvalidPortValue", "Invalid value for port 0");
  }
  if (min !== null && max !== null && min <= max) return undefined;
  return named(
    "SecurityGroupInvalidPortRange",
    "For TCP/UDP protocols, port_range_min must be <= port_range_max",
  );
}

function refuseIcmp(type: number | null, code: number | null): NeutronRejection | undefined {
  for (
    const [value, field, attribute] of [
      [type, "type", "port_range_min"],
      [code, "code", "port_range_max"],
    ] as const
  ) {
    if (value !== null && value > 255) {
      return named(
        "SecurityGroupInvalidIcmpValue",
        `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
      );
    }
  }
  if (type !== null) return undefined;
  return named(
    "SecurityGroupMissingIcmpType",
    `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
  );
}

function refusePrefix({ ethertype, remoteIpPrefix }: RuleFacts): NeutronRejection | undefined {
  if (remoteIpPrefix === null) return undefined;
  if (`IPv${parseCidr(remoteIpPrefix)!.version}` === ethertype) return undefined;
  return named(
    "SecurityGroupRuleParameterConflict",
    `Conflicting value ethertype ${ethertype} for CIDR ${remoteIpPrefix}`,
  );
}

function refuseEthertype(rule: RuleFacts): NeutronRejection | undefined {
  if (rule.ethertype !== "IPv4" || !IPV6_ONLY.has(protocolNumber(rule) ?? -1)) return undefined;
  return named(
    "SecurityGroupEthertypeConflictWithProtocol",
    `Invalid ethertype IPv4 for protocol ${rule.protocol}.`,
  );
}

function refuseTwoRemotes(rule: RuleFacts): NeutronRejection | undefined {
  const remotes = [rule.remoteIpPrefix, rule.remoteGroupId, rule.remoteAddressGroupId ?? null];
  if (remotes.filter((remote) => remote !== null).length < 2) return undefined;
  return named(
    "SecurityGroupMultipleRemoteEntites",
    "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.",
  );
}

function named(type: string, message: string): NeutronRejection {
  return { ...invalidInput(""), type, message };
}

function ruleExists(id: string): NeutronRejection {
  return refusal(
    "Conflict",
    "SecurityGroupRuleExists",
    `Security group rule already exists. Rule id is ${id}.`,
  );
}

/** What makes two rules the same: the traffic they let through. */
function keyOf(rule: RuleFacts): string {
  const prefix = rule.remoteIpPrefix;
  const isEverywhere = prefix !== null && parseCidr(prefix)!.prefixLength === 0;
  return JSON.stringify([
    rule.direction,
    rule.ethertype,
    protocolNumber(rule) ?? null,
    rule.portRangeMin,
    rule.portRangeMax,
    isEverywhere ? null : prefix,
    rule.remoteGroupId,
    rule.remoteAddressGroupId ?? null,
  ]);
}

/** Takes a rule away from its group. */
export function removeRule(
  id: string,
  group: SecurityGroup,
): NetworkDecision<SecurityGroupRuleRemoved> {
  if (!group.rules.some((rule) => rule.id === id)) return notFound.securityGroupRule(id);
  return [{ type: "SecurityGroupRuleRemoved", data: { id } }];
}
