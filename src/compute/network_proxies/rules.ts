/**
 * Rules of security groups as compute once took them: what a request may say, in Nova's words.
 *
 * Source: nova/network/security_group_api.py, `_new_ingress_rule`.
 */
import type { IngressRule, SecurityGroupRule } from "../../facades/network_service.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { isCidr } from "../../http/formats.ts";
import { pythonStr } from "../../http/python.ts";
import { ANYWHERE, portsOf } from "./view.ts";

/** The value of `security_group_rule`; ports and the like may be of any form. */
export interface AskedRule {
  readonly parent_group_id: string;
  readonly group_id?: string | null;
  readonly ip_protocol?: unknown;
  readonly from_port?: unknown;
  readonly to_port?: unknown;
  readonly cidr?: unknown;
}

/** Ports, or the type and the code of ICMP; -1 for all. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The rule that is asked for; refuses what says too little, and ranges that are none. */
export function readRule(asked: AskedRule): IngressRule | Fault {
  const remoteGroupId = asked.group_id ?? null;
  const cidr = remoteGroupId === null ? readCidr(asked.cidr) : null;
  if (isFault(cidr)) return cidr;
  const traffic = readTraffic(asked, remoteGroupId !== null);
  if (isFault(traffic)) return traffic;
  if (!traffic && cidr !== null) {
    return fault(400, "Not enough parameters to build a valid rule.");
  }
  if (cidr !== null && /\/0+$/.test(cidr) && !/^(0\.0\.0\.0|::)\//.test(cidr)) {
    return fault(400, `Bad prefix for network in cidr ${cidr}`);
  }
  return {
    groupId: asked.parent_group_id,
    ethertype: cidr?.includes(":") ? "IPv6" : "IPv4",
    protocol: traffic?.protocol ?? null,
    portRangeMin: numberOrAll(traffic?.range.from),
    portRangeMax: numberOrAll(traffic?.range.to),
    remoteIpPrefix: cidr,
    remoteGroupId,
  };
}

function numberOrAll(port: number | undefined): number | null {
  return port === undefined || port === -1 ? null : port;
}

function readCidr(cidr: unknown): string | Fault {
  if (!cidr) return ANYWHERE;
  const text = typeof cidr === "string" ? unquoted(cidr) : "";
  return isCidr(text) ? text : fault(400, `${pythonStr(cidr)} is not a valid IP network.`);
}

/** Percent signs that stand for nothing stay. */
function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A protocol with its range; undefined when the request does not say both. */
function readTraffic(
  asked: AskedRule,
  isFromGroup: boolean,
): { readonly protocol: string; readonly range: Range } | undefined | Fault {
  if (!asked.ip_protocol) return undefined;
  const protocol = pythonStr(asked.ip_protocol);
  const { from_port: from = null, to_port: to = null } = asked;
  const all = isFromGroup && from === null && to === null
    ? WHOLE_RANGES[protocol.toUpperCase()]
    : undefined;
  if (all) return { protocol, range: all };
  if (from === null || to === null) return undefined;
  const range = { from: wholeNumber(from), to: wholeNumber(to) };
  if (range.from === undefined || range.to === undefined) {
    const what = protocol.toUpperCase() === "ICMP"
      ? "Type and Code must be integers for ICMP protocol type"
      : "To and From ports must be integers";
    return fault(400, `Invalid input received: ${what}`);
  }
  return refuseRange(protocol, range as Range) ?? { protocol, range: range as Range };
}

/** What a rule for members of a group opens when it names no ports. */
const WHOLE_RANGES: Readonly<Record<string, Range>> = {
  ICMP: { from: -1, to: -1 },
  TCP: { from: 1, to: 65535 },
  UDP: { from: 1, to: 65535 },
};

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string" || !/^\s*[+-]?[0-9]{1,15}\s*$/.test(value)) return undefined;
  return Number(value);
}

function refuseRange(protocol: string, { from, to }: Range): Fault | undefined {
  const name = protocol.toUpperCase();
  const invalid = (why: string) => fault(400, `Invalid port range ${from}:${to}. ${why}`);
  if (name === "ICMP") {
    const isValid = [from, to].every((code) => code >= -1 && code <= 255);
    return isValid ? undefined : invalid("For ICMP, the type:code must be valid");
  }
  if (name !== "TCP" && name !== "UDP") return fault(400, `Invalid IP protocol ${protocol}.`);
  if (from > to) return invalid("Former value cannot be greater than the later");
  if (from >= 1 && to <= 65535) return undefined;
  return invalid(`Valid ${name} ports should be between 1-65535`);
}

/** Whether a rule that is there lets in just what the other would, of two that name a network. */
export function isRuleOf(there: SecurityGroupRule, rule: IngressRule): boolean {
  if (there.direction !== "ingress" || there.protocol !== rule.protocol) return false;
  if (there.remoteGroupId !== null || rule.remoteIpPrefix === null) return false;
  const present = portsOf(there);
  const wanted = portsOf({ ...there, ...rule });
  return (there.remoteIpPrefix ?? ANYWHERE) === rule.remoteIpPrefix &&
    present.from_port === wanted.from_port && present.to_port === wanted.to_port;
}
