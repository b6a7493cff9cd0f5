/** QoS policies: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";
import type { QosRule, QosRuleValues } from "./rules.ts";

export type QosPolicyEvent =
  | QosPolicyCreated
  | QosPolicyUpdated
  | QosRuleAdded
  | QosRuleChanged
  | QosRuleRemoved
  | QosPolicyDeleted;

/** What whoever makes a policy says of it. */
export interface QosPolicyFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  /** Whether every project may use it. */
  readonly isShared: boolean;
  /** Whether new networks of its project have it. */
  readonly isDefault: boolean;
  readonly tags: readonly string[];
}

export interface QosPolicyCreated {
  readonly type: "QosPolicyCreated";
  readonly data: QosPolicyFacts;
}

export interface QosPolicyUpdated {
  readonly type: "QosPolicyUpdated";
  readonly data: Partial<QosPolicyFacts>;
}

export interface QosRuleAdded {
  readonly type: "QosRuleAdded";
  readonly data: QosRule;
}

export interface QosRuleChanged {
  readonly type: "QosRuleChanged";
  readonly data: { readonly id: string; readonly values: QosRuleValues };
}

export interface QosRuleRemoved {
  readonly type: "QosRuleRemoved";
  readonly data: { readonly id: string };
}

export interface QosPolicyDeleted {
  readonly type: "QosPolicyDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface QosPolicy extends Lifetime, QosPolicyFacts {
  readonly rules: readonly QosRule[];
}

export const NO_QOS_POLICY: QosPolicy = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  isShared: false,
  isDefault: false,
  tags: [],
  rules: [],
};

export function evolve(policy: QosPolicy, event: Recorded<QosPolicyEvent>): QosPolicy {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "QosPolicyCreated":
      return { ...policy, ...event.data, ...born(event) };
    case "QosPolicyUpdated":
      return { ...policy, ...event.data, updatedAt };
    case "QosRuleAdded":
      return { ...policy, rules: [...policy.rules, event.data], updatedAt };
    case "QosRuleChanged": {
      const { id, values } = event.data;
      const rules = policy.rules.map((rule) =>
        rule.id === id ? { ...rule, values: { ...rule.values, ...values } } : rule
      );
      return { ...policy, rules, updatedAt };
    }
    case "QosRuleRemoved":
      return {
        ...policy,
        rules: policy.rules.filter(({ id }) => id !== event.data.id),
        updatedAt,
      };
    case "QosPolicyDeleted":
      return { ...policy, exists: false, isDefault: false, updatedAt };
  }
}

/** Makes a policy; refuses a second default in a project. */
export function createQosPolicy(
  policy: QosPolicyFacts,
  hasOtherDefault: boolean,
): NetworkDecision<QosPolicyCreated> {
  return refuseDefault(policy, hasOtherDefault) ?? [{ type: "QosPolicyCreated", data: policy }];
}

/** Changes a policy; refuses a second default in a project. */
export function updateQosPolicy(
  changes: Partial<QosPolicyFacts>,
  hasOtherDefault: boolean,
  policy: QosPolicy,
): NetworkDecision<QosPolicyUpdated> {
  const data = whatDiffers<QosPolicyFacts>(policy, changes);
  return refuseDefault({ ...policy, ...data }, hasOtherDefault) ??
    (Object.keys(data).length === 0 ? [] : [{ type: "QosPolicyUpdated", data }]);
}

function refuseDefault(
  { isDefault, projectId }: QosPolicyFacts,
  hasOtherDefault: boolean,
): NeutronRejection | undefined {
  if (!isDefault || !hasOtherDefault) return undefined;
  return refusal(
    "Conflict",
    "QoSPolicyDefaultAlreadyExists",
    `A default QoS policy exists for project ${projectId}.`,
  );
}

/** What has a policy. */
export interface QosUser {
  readonly type: "network" | "port" | "floatingip";
  readonly id: string;
}

/** Deletes a policy; refuses one that something has. */
export function deleteQosPolicy(
  id: string,
  user: QosUser | undefined,
): NetworkDecision<QosPolicyDeleted> {
  if (!user) return [{ type: "QosPolicyDeleted", data: {} }];
  return refusal(
    "Conflict",
    "QosPolicyInUse",
    `QoS Policy ${id} is used by ${user.type} ${user.id}.`,
  );
}

/** Adds a rule; refuses a second of its kind and direction. */
export function addQosRule(
  id: string,
  rule: QosRule,
  policy: QosPolicy,
): NetworkDecision<QosRuleAdded> {
  return refuseConflict(id, rule, policy) ?? [{ type: "QosRuleAdded", data: rule }];
}

/** Changes a rule; refuses the direction of another of its kind, and a rule that is not there. */
export function changeQosRule(
  id: string,
  { id: ruleId, values }: Pick<QosRule, "id" | "values">,
  policy: QosPolicy,
): NetworkDecision<QosRuleChanged> {
  const rule = policy.rules.find((one) => one.id === ruleId);
  if (!rule) return noRule(id, ruleId);
  const data = whatDiffers<QosRuleValues>(rule.values, values) as QosRuleValues;
  const after = { ...rule, values: { ...rule.values, ...data } };
  return refuseConflict(id, after, policy) ??
    (Object.keys(data).length === 0
      ? []
      : [{ type: "QosRuleChanged", data: { id: ruleId, values: data } }]);
}

/** Takes a rule away; refuses one that is not there. */
export function removeQosRule(
  id: string,
  ruleId: string,
  policy: QosPolicy,
): NetworkDecision<QosRuleRemoved> {
  if (!policy.rules.some((rule) => rule.id === ruleId)) return noRule(id, ruleId);
  return [{ type: "QosRuleRemoved", data: { id: ruleId } }];
}

/** Says that a policy has no such rule. */
export function noRule(id: string, ruleId: string): NeutronRejection {
  return refusal(
    "NotFound",
    "QosRuleNotFound",
    `QoS rule ${ruleId} for policy ${id} could not be found.`,
  );
}

/** Source: neutron/services/qos/qos_plugin.py, `validate_rule_conflict`. */
function refuseConflict(
  id: string,
  rule: QosRule,
  { rules }: QosPolicy,
): NeutronRejection | undefined {
  const other = rules.find((one) =>
    one.id !== rule.id && one.kind === rule.kind && haveOneDirection(one.values, rule.values)
  );
  if (!other) return undefined;
  return refusal(
    "Conflict",
    "QoSRulesConflict",
    `Rule ${rule.kind} conflicts with rule ${other.id} which already exists in QoS Policy ${id}.`,
  );
}

function haveOneDirection(one: QosRuleValues, other: QosRuleValues): boolean {
  const [a, b] = [one["direction"], other["direction"]];
  return a === b || a === "any" || b === "any";
}
