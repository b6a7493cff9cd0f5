/** RBAC policies: what one project lets another use; what can happen to one, and what is true. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import { type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";

export type RbacPolicyEvent = RbacPolicyCreated | RbacPolicyUpdated | RbacPolicyDeleted;

/** The kinds of things that can be shared; Neutron's words. */
export const RBAC_OBJECT_TYPES = [
  "address_group",
  "address_scope",
  "network",
  "qos_policy",
  "security_group",
  "subnetpool",
] as const;

export type RbacObjectType = typeof RBAC_OBJECT_TYPES[number];

/** What a project may do with what is shared: use it, or have its routers lead out through it. */
export type RbacAction = "access_as_shared" | "access_as_external";

/** What whoever makes a policy says. */
export interface RbacPolicyFacts {
  readonly projectId: string;
  readonly objectType: RbacObjectType;
  readonly objectId: string;
  readonly action: RbacAction;
  /** The project that may; `*`: all of them. */
  readonly target: string;
}

export interface RbacPolicyCreated {
  readonly type: "RbacPolicyCreated";
  readonly data: RbacPolicyFacts;
}

export interface RbacPolicyUpdated {
  readonly type: "RbacPolicyUpdated";
  readonly data: Pick<RbacPolicyFacts, "target">;
}

export interface RbacPolicyDeleted {
  readonly type: "RbacPolicyDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface RbacPolicy extends Lifetime, RbacPolicyFacts {}

export const NO_RBAC_POLICY: RbacPolicy = {
  ...UNBORN,
  projectId: "",
  objectType: "network",
  objectId: "",
  action: "access_as_shared",
  target: "",
};

export function evolve(policy: RbacPolicy, event: Recorded<RbacPolicyEvent>): RbacPolicy {
  switch (event.type) {
    case "RbacPolicyCreated":
      return { ...policy, ...event.data, ...born(event) };
    case "RbacPolicyUpdated":
      return { ...policy, ...event.data, updatedAt: event.recordedAt };
    case "RbacPolicyDeleted":
      return { ...policy, exists: false, updatedAt: event.recordedAt };
  }
}

/** Lets a project use something; refuses a policy that is there. */
export function createRbacPolicy(
  policy: RbacPolicyFacts,
  isThere: boolean,
): NetworkDecision<RbacPolicyCreated> {
  return isThere ? duplicate() : [{ type: "RbacPolicyCreated", data: policy }];
}

export interface RetargetRbacPolicy {
  readonly target: string;
  /** Whether there is a policy for that target already. */
  readonly isThere: boolean;
  /** Whether the present target has something that depends on this policy. */
  readonly isNeeded: boolean;
}

/** Lets another project use it instead; refuses while the present one does. */
export function retargetRbacPolicy(
  { target, isThere, isNeeded }: RetargetRbacPolicy,
  policy: RbacPolicy,
): NetworkDecision<RbacPolicyUpdated> {
  if (target === policy.target) return [];
  if (isThere) return duplicate();
  return isNeeded ? inUse(policy) : [{ type: "RbacPolicyUpdated", data: { target } }];
}

/** Ends a policy; refuses while something depends on it. */
export function deleteRbacPolicy(
  policy: RbacPolicy,
  isNeeded: boolean,
): NetworkDecision<RbacPolicyDeleted> {
  return isNeeded ? inUse(policy) : [{ type: "RbacPolicyDeleted", data: {} }];
}

function duplicate(): NeutronRejection {
  return refusal(
    "Conflict",
    "DuplicateRbacPolicy",
    "An RBAC policy already exists with those values.",
  );
}

function inUse({ objectId, target }: RbacPolicy): NeutronRejection {
  return refusal(
    "Conflict",
    "RbacPolicyInUse",
    `RBAC policy on object ${objectId} cannot be removed because other objects depend on it.\n` +
      `Details: project_id=${target}`,
  );
}
