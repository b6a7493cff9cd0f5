/** The rules that a new application credential is to be kept to. Source: keystone/api/users.py. */
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { equalTo, EVERYTHING } from "../http/list_query.ts";
import { type AccessRuleFacts, accessRuleNotFound, createAccessRule } from "./decider.ts";
import { accessRules, findAccessRule, listAccessRules } from "./projection.ts";

/** A rule by its id, or as it is to be. */
export type WantedRule = Partial<AccessRuleFacts> & { readonly id?: string };

/** A rule and its id. */
export interface KnownRule extends AccessRuleFacts {
  readonly id: string;
}

/** The rules of a user that are wanted; those that the user does not have yet are made. */
export async function knownRules(
  unit: UnitOfWork,
  userId: string,
  wanted: readonly WantedRule[],
  newId: () => string,
): Promise<readonly KnownRule[] | Rejection> {
  const known: KnownRule[] = [];
  for (const rule of wanted) {
    const found = await knownRule(unit, userId, rule, newId);
    if ("rejected" in found) return found;
    if (!known.some(({ id }) => id === found.id)) known.push(found);
  }
  return known;
}

async function knownRule(
  unit: UnitOfWork,
  userId: string,
  { id, service, method, path }: WantedRule,
  newId: () => string,
): Promise<KnownRule | Rejection> {
  const named = id === undefined ? undefined : await findAccessRule(unit, userId, id);
  if (named) return factsOf(named);
  if (service === undefined || method === undefined || path === undefined) {
    return id === undefined ? incomplete({ service, method, path }) : accessRuleNotFound(id);
  }
  const matches = equalTo({ user_id: userId, service, method, path });
  const [same] = await listAccessRules(unit, { ...EVERYTHING, matches });
  if (same) return factsOf(same);
  const rule = { userId, service, method, path };
  const made = await decideIn(
    unit,
    accessRules,
    newId(),
    () => createAccessRule({ type: "CreateAccessRule", rule }),
  );
  return "rejected" in made ? made : factsOf(made);
}

function incomplete(rule: Partial<AccessRuleFacts>): Rejection {
  const absent = Object.entries(rule).find(([, value]) => value === undefined)![0];
  return reject(
    "Invalid",
    "Invalid input for field 'application_credential/access_rules': " +
      `'${absent}' is a required property`,
  );
}

function factsOf(
  { id, state }: { readonly id: string; readonly state: AccessRuleFacts },
): KnownRule {
  const { service, method, path } = state;
  return { id, service, method, path };
}
