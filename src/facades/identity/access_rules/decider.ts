/** Access rules: what an application credential may be kept to; once made, one stays as it is. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";

export type AccessRuleEvent = AccessRuleCreated | AccessRuleDeleted;

/** What may be asked. */
export interface AccessRuleFacts {
  /** The type of the service that may be asked, such as `compute`. */
  readonly service: string;
  /** `GET`, `POST`, … */
  readonly method: string;
  /** `*` and `{anything}` stand for one step of the path, `**` for all that follows. */
  readonly path: string;
}

export interface AccessRuleCreated {
  readonly type: "AccessRuleCreated";
  readonly data: AccessRuleFacts & { readonly userId: string };
}

export interface AccessRuleDeleted {
  readonly type: "AccessRuleDeleted";
  readonly data: Record<never, never>;
}

export interface AccessRule extends AccessRuleFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly userId: string;
}

export const NO_ACCESS_RULE: AccessRule = {
  exists: false,
  deleted: false,
  userId: "",
  service: "",
  method: "",
  path: "",
};

export function evolve(rule: AccessRule, event: Recorded<AccessRuleEvent>): AccessRule {
  switch (event.type) {
    case "AccessRuleCreated":
      return { ...rule, ...event.data, exists: true };
    case "AccessRuleDeleted":
      return { ...NO_ACCESS_RULE, deleted: true };
  }
}

export interface CreateAccessRule {
  readonly type: "CreateAccessRule";
  readonly rule: AccessRuleCreated["data"];
}

export function createAccessRule({ rule }: CreateAccessRule): Decision<AccessRuleCreated> {
  return [{ type: "AccessRuleCreated", data: rule }];
}

export interface DeleteAccessRule {
  readonly type: "DeleteAccessRule";
  readonly id: string;
  /** Whether an application credential is kept to it. */
  readonly inUse: boolean;
}

/** Deletes a rule; refuses one that is in use. */
export function deleteAccessRule(
  { id, inUse }: DeleteAccessRule,
  rule: AccessRule,
): Decision<AccessRuleDeleted> {
  if (!rule.exists) return accessRuleNotFound(id);
  if (inUse) return reject("Forbidden", "May not delete access rule in use");
  return [{ type: "AccessRuleDeleted", data: {} }];
}

/** There is no access rule of this id. */
export function accessRuleNotFound(id: string) {
  return reject("NotFound", `Could not find Access Rule: ${id}.`);
}
