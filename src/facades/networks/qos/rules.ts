/** Rules of QoS policies: their kinds, and what each says. */
import type { Fields } from "../body.ts";
import { integer, oneOf, type Read } from "../fields.ts";

/** Neutron's words. */
export type QosRuleKind =
  | "bandwidth_limit"
  | "dscp_marking"
  | "minimum_bandwidth"
  | "packet_rate_limit"
  | "minimum_packet_rate";

/** What a rule says, by Neutron's names: `{ max_kbps: 1000, direction: "egress" }`. */
export type QosRuleValues = Readonly<Record<string, number | string>>;

export interface QosRule {
  readonly id: string;
  readonly kind: QosRuleKind;
  readonly values: QosRuleValues;
}

/** A kind of rules: what requests may say, and what holds when they do not. */
interface RuleKind {
  readonly fields: Fields;
  readonly defaults: QosRuleValues;
}

const amount = { read: integer(0), post: "required" } as const;
const burst = { read: integer(0) } as const;
const DIRECTIONS = ["ingress", "egress"] as const;
const direction = { read: oneOf(DIRECTIONS) };
const EGRESS = { direction: "egress" };

// deno-fmt-ignore
const DSCP_MARKS = [
  0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56,
];

const dscpMark: Read<number> = (value) => {
  const number = integer(0)(value);
  return "value" in number ? oneOf(DSCP_MARKS)(number.value) : number;
};

/** neutron_lib/api/definitions/qos.py and its neighbours. */
export const RULE_KINDS: Readonly<Record<QosRuleKind, RuleKind>> = {
  bandwidth_limit: {
    fields: { max_kbps: amount, max_burst_kbps: burst, direction },
    defaults: { max_burst_kbps: 0, ...EGRESS },
  },
  dscp_marking: { fields: { dscp_mark: { read: dscpMark, post: "required" } }, defaults: {} },
  minimum_bandwidth: { fields: { min_kbps: amount, direction }, defaults: EGRESS },
  packet_rate_limit: {
    fields: { max_kpps: amount, max_burst_kpps: burst, direction },
    defaults: { max_burst_kpps: 0, ...EGRESS },
  },
  minimum_packet_rate: {
    fields: { min_kpps: amount, direction: { read: oneOf([...DIRECTIONS, "any"] as const) } },
    defaults: EGRESS,
  },
};

export const QOS_RULE_KINDS = Object.keys(RULE_KINDS) as readonly QosRuleKind[];
