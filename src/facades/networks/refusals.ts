/** Refusals as Neutron words them, each with the name that Neutron's errors carry. */
import { reject, type Rejection, type RejectionKind } from "../../eventsourcing/decider.ts";

/** Why not, and what Neutron calls that. */
export interface NeutronRejection extends Rejection {
  /** Name of Neutron's exception, which clients match on: `NetworkNotFound`. */
  readonly type: string;
}

/** What a command on the network service leads to: the facts to record, or why not. */
export type NetworkDecision<Event> = readonly Event[] | NeutronRejection;

/** Says no, with the name and the words that the caller will read. */
export function refusal(kind: RejectionKind, type: string, message: string): NeutronRejection {
  return { ...reject(kind, message), type };
}

export const notFound = {
  network: (id: string) =>
    refusal("NotFound", "NetworkNotFound", `Network ${id} could not be found.`),
  subnet: (id: string) => refusal("NotFound", "SubnetNotFound", `Subnet ${id} could not be found.`),
  port: (id: string) => refusal("NotFound", "PortNotFound", `Port ${id} could not be found.`),
  router: (id: string) => refusal("NotFound", "RouterNotFound", `Router ${id} could not be found`),
  floatingIp: (id: string) =>
    refusal("NotFound", "FloatingIPNotFound", `Floating IP ${id} could not be found`),
  addressGroup: (id: string) =>
    refusal("NotFound", "AddressGroupNotFound", `Address group ${id} could not be found.`),
  addressScope: (id: string) =>
    refusal("NotFound", "AddressScopeNotFound", `Address scope ${id} could not be found.`),
  subnetPool: (id: string) =>
    refusal("NotFound", "SubnetPoolNotFound", `Subnet pool ${id} could not be found.`),
  qosPolicy: (id: string) =>
    refusal("NotFound", "QosPolicyNotFound", `QoS policy ${id} could not be found.`),
  rbacPolicy: (id: string) =>
    refusal("NotFound", "RbacPolicyNotFound", `RBAC policy of type None with ID ${id} not found`),
  securityGroup: (id: string) =>
    refusal("NotFound", "SecurityGroupNotFound", `Security group ${id} does not exist`),
  securityGroupRule: (id: string) =>
    refusal("NotFound", "SecurityGroupRuleNotFound", `Security group rule ${id} does not exist`),
} as const;

/** A value that no rule of Neutron's allows. */
export function invalidInput(message: string): NeutronRejection {
  return refusal("Invalid", "InvalidInput", `Invalid input for operation: ${message}.`);
}

/** A request that Neutron refuses before it knows what it is about. */
export function badRequest(message: string): NeutronRejection {
  return refusal("Invalid", "HTTPBadRequest", message);
}

/** A rule of policy that the caller does not meet: for an action, or for one attribute of it. */
export function notAllowed(action: string, attribute?: string): NeutronRejection {
  const rule = attribute === undefined
    ? `rule:${action}`
    : `(rule:${action} and rule:${action}:${attribute})`;
  return refusal("Forbidden", "PolicyNotAuthorized", `${rule} is disallowed by policy`);
}

/** More of a resource than a project may have. */
export function overQuota(resource: string): NeutronRejection {
  return refusal(
    "QuotaExceeded",
    "OverQuota",
    `Quota exceeded for resources: ['${resource}'].`,
  );
}
