/** `/v2.0/qos/policies/{id}/<kind>_rules`, and the kinds of rules there are. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { type BodyOptions, type Fields, readCreate, readUpdate } from "../body.ts";
import { findVisible } from "../list.ts";
import { record } from "../record.ts";
import {
  type NetworkDecision,
  type NeutronRejection,
  notAllowed,
  notFound,
  refusal,
} from "../refusals.ts";
import { readBody, type WriteDependencies } from "../write.ts";
import { refuseOthers } from "./commands.ts";
import {
  addQosRule,
  changeQosRule,
  noRule,
  type QosPolicy,
  type QosPolicyEvent,
  removeQosRule,
} from "./decider.ts";
import { qosPolicies } from "./projection.ts";
import { qosPolicyResource, ruleView } from "./resource.ts";
import { QOS_RULE_KINDS, type QosRuleKind, type QosRuleValues, RULE_KINDS } from "./rules.ts";

type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", FacadeOperation>>>;

/** The rules of one kind that a policy has. */
export function ruleRoutes(dependencies: WriteDependencies, kind: QosRuleKind): Methods {
  const name = `${kind}_rule`;
  return {
    async GET(request) {
      const policy = await visiblePolicy(dependencies, request);
      if (isRejection(policy)) return refused(policy);
      const rules = policy.state.rules.filter((rule) => rule.kind === kind);
      return json(200, { [`${name}s`]: rules.map(ruleView) });
    },
    async POST(request) {
      const body = await readBody(request);
      if (body instanceof Response) return body;
      const asked = readCreate(body.value, bodyOptions(kind, request));
      if (isRejection(asked)) return refused(asked);
      const values = { ...RULE_KINDS[kind].defaults, ...asked.items[0]!.values as QosRuleValues };
      const rule = { id: crypto.randomUUID(), kind, values };
      const outcome = await change(
        dependencies,
        request,
        `create_policy_${name}`,
        (policy) => addQosRule(policy.id, rule, policy.state),
      );
      return isRejection(outcome) ? refused(outcome) : json(201, { [name]: ruleView(rule) });
    },
  };
}

/** One rule. */
export function oneRuleRoutes(dependencies: WriteDependencies, kind: QosRuleKind): Methods {
  const name = `${kind}_rule`;
  const find = (policy: Versioned<QosPolicy>, request: FacadeRequest) => {
    const id = request.param("rule");
    return policy.state.rules.find((rule) => rule.id === id && rule.kind === kind) ??
      noRule(policy.id, id);
  };
  return {
    async GET(request) {
      const policy = await visiblePolicy(dependencies, request);
      if (isRejection(policy)) return refused(policy);
      const rule = find(policy, request);
      return isRejection(rule) ? refused(rule) : json(200, { [name]: ruleView(rule) });
    },
    async PUT(request) {
      const body = await readBody(request);
      if (body instanceof Response) return body;
      const values = readUpdate(body.value, bodyOptions(kind, request));
      if (isRejection(values)) return refused(values as NeutronRejection);
      const outcome = await change(dependencies, request, `update_policy_${name}`, (policy) => {
        const rule = find(policy, request);
        if (isRejection(rule)) return rule;
        const changes = { id: rule.id, values: values as QosRuleValues };
        return changeQosRule(policy.id, changes, policy.state);
      });
      if (isRejection(outcome)) return refused(outcome);
      const rule = find(outcome, request);
      return isRejection(rule) ? refused(rule) : json(200, { [name]: ruleView(rule) });
    },
    async DELETE(request) {
      const outcome = await change(dependencies, request, `delete_policy_${name}`, (policy) => {
        const rule = find(policy, request);
        return isRejection(rule) ? rule : removeQosRule(policy.id, rule.id, policy.state);
      });
      return isRejection(outcome) ? refused(outcome) : new Response(null, { status: 204 });
    },
  };
}

function bodyOptions(kind: QosRuleKind, { caller }: FacadeRequest): BodyOptions<Fields> {
  const name = `${kind}_rule`;
  return { name, plural: `${name}s`, fields: RULE_KINDS[kind].fields, caller };
}

async function visiblePolicy(
  { reader }: Pick<WriteDependencies, "reader">,
  request: FacadeRequest,
): Promise<Versioned<QosPolicy> | NeutronRejection> {
  const id = request.param("id");
  return await findVisible(reader, qosPolicyResource, id, request.caller) ??
    notFound.qosPolicy(id);
}

async function change(
  { committer }: WriteDependencies,
  request: FacadeRequest,
  action: string,
  decide: (policy: Versioned<QosPolicy>) => NetworkDecision<QosPolicyEvent>,
): Promise<Versioned<QosPolicy> | NeutronRejection> {
  return await committer.submit(request.metadata("ChangeQosRules"), async (unit: UnitOfWork) => {
    const policy = await visiblePolicy({ reader: unit }, request);
    if (isRejection(policy)) return policy;
    const others = refuseOthers(action, policy.state.projectId, request.caller);
    return others ?? await record(unit, qosPolicies, policy, decide(policy));
  });
}

/** `GET /v2.0/qos/rule-types`. */
export const listRuleTypes: FacadeOperation = () =>
  json(200, { rule_types: QOS_RULE_KINDS.map((type) => ({ type })) });

/** `GET /v2.0/qos/rule-types/{type}`: what carries the rules out, for admins. */
export const showRuleType: FacadeOperation = (request) => {
  if (!request.caller.isAdmin) return refused(notAllowed("get_rule_type"));
  const wanted = request.param("type");
  const type = QOS_RULE_KINDS.find((kind) => kind === wanted);
  if (!type) {
    return refused(
      refusal("NotFound", "HTTPNotFound", `QoS rule type ${wanted} could not be found.`),
    );
  }
  const supported_parameters = Object.keys(RULE_KINDS[type].fields)
    .map((parameter_name) => ({ parameter_name }));
  const drivers = [{ name: "simulated", supported_parameters }];
  return json(200, { rule_type: { type, drivers } });
};
