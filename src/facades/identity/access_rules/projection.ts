/** Access rules as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import { type AccessRule, type AccessRuleEvent, evolve, NO_ACCESS_RULE } from "./decider.ts";

interface AccessRuleColumns {
  alive: number;
  user_id: string;
  service: string;
  path: string;
  method: string;
}

/** Rules: stream `access_rule-<id>`, table `access_rules`. */
export const accessRules: Aggregate<AccessRule, AccessRuleEvent> = {
  category: "access_rule",
  eventTypes: { AccessRuleCreated: [], AccessRuleDeleted: [] },
  initialState: NO_ACCESS_RULE,
  evolve,
  projection: stateTable<AccessRule, AccessRuleColumns>({
    name: "access_rules",
    version: 1,
    columns: {
      alive: "integer",
      user_id: "text",
      service: "text",
      path: "text",
      method: "text",
    },
    indexes: [{ name: "access_rules_by_user", columns: ["user_id", "service"] }],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      user_id: state.userId,
      service: state.service,
      path: state.path,
      method: state.method,
    }),
  }),
};

/** A user's rule; undefined when the user has none of this id. */
export async function findAccessRule(
  reader: Reader,
  userId: string,
  id: string,
): Promise<Versioned<AccessRule> | undefined> {
  const found = existing(await accessRules.projection.load(reader, id));
  return found?.state.userId === userId ? found : undefined;
}

/** The rules a query selects, in the order they were made in. */
export async function listAccessRules(
  reader: Reader,
  query: ListQuery,
): Promise<readonly Versioned<AccessRule>[]> {
  return await listStates(reader, "access_rules", query, { by: "rowid" });
}
