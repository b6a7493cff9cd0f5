/** Policies of other services, which are kept and shown: facts, state and rules. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type PolicyEvent = PolicyCreated | PolicyUpdated | PolicyDeleted;

export interface PolicyFacts extends Pick<WithOptions, "extra"> {
  /** The MIME type of the text, such as `application/json`. */
  readonly type: string;
  /** The text itself, as it was sent. */
  readonly blob: string;
}

export interface PolicyCreated {
  readonly type: "PolicyCreated";
  readonly data: PolicyFacts;
}

/** Carries only what changed. */
export interface PolicyUpdated {
  readonly type: "PolicyUpdated";
  readonly data: Partial<PolicyFacts>;
}

export interface PolicyDeleted {
  readonly type: "PolicyDeleted";
  readonly data: Record<never, never>;
}

export interface Policy extends PolicyFacts {
  readonly exists: boolean;
  readonly extra: Extra;
}

export const NO_POLICY: Policy = { exists: false, type: "", blob: "", extra: {} };

export function evolve(policy: Policy, event: Recorded<PolicyEvent>): Policy {
  switch (event.type) {
    case "PolicyCreated":
      return { ...NO_POLICY, ...event.data, exists: true };
    case "PolicyUpdated":
      return { ...policy, ...event.data };
    case "PolicyDeleted":
      return NO_POLICY;
  }
}

export interface CreatePolicy {
  readonly type: "CreatePolicy";
  readonly policy: PolicyFacts;
}

export function createPolicy({ policy }: CreatePolicy): Decision<PolicyCreated> {
  return [{ type: "PolicyCreated", data: policy }];
}

export interface UpdatePolicy {
  readonly type: "UpdatePolicy";
  readonly id: string;
  readonly changes: Partial<PolicyFacts>;
}

export function updatePolicy(
  { id, changes }: UpdatePolicy,
  policy: Policy,
): Decision<PolicyUpdated> {
  if (!policy.exists) return policyNotFound(id);
  const data = newIn<PolicyFacts>(applied(changes, policy), policy);
  return Object.keys(data).length === 0 ? [] : [{ type: "PolicyUpdated", data }];
}

export interface DeletePolicy {
  readonly type: "DeletePolicy";
  readonly id: string;
}

export function deletePolicy({ id }: DeletePolicy, policy: Policy): Decision<PolicyDeleted> {
  return policy.exists ? [{ type: "PolicyDeleted", data: {} }] : policyNotFound(id);
}

/** There is no policy of this id. */
export function policyNotFound(id: string) {
  return reject("NotFound", `Could not find policy: ${id}.`);
}
