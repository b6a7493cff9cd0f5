/** QoS policies as rows, and the queries behind what they are for. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { type AnyTables, LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import {
  evolve,
  NO_QOS_POLICY,
  type QosPolicy,
  type QosPolicyEvent,
  type QosUser,
} from "./decider.ts";

interface QosPolicyColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  shared: 0 | 1;
  is_default: 0 | 1;
  tags: string;
}

interface QosPolicyTables {
  qos_policies: StateColumns & QosPolicyColumns;
}

/** QoS policies: stream `qos_policy-<id>`, table `qos_policies`. */
export const qosPolicies: Aggregate<QosPolicy, QosPolicyEvent> = {
  category: "qos_policy",
  eventTypes: {
    QosPolicyCreated: [],
    QosPolicyUpdated: [],
    QosRuleAdded: [],
    QosRuleChanged: [],
    QosRuleRemoved: [],
    QosPolicyDeleted: [],
  },
  initialState: NO_QOS_POLICY,
  evolve,
  projection: stateTable<QosPolicy, QosPolicyColumns>({
    name: "qos_policies",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      shared: "integer",
      is_default: "integer",
      tags: "text",
    },
    indexes: [
      {
        name: "qos_policies_live_by_project",
        columns: ["project_id", "is_default"],
        where: "live = 1",
      },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      shared: state.isShared ? 1 : 0,
      is_default: state.isDefault ? 1 : 0,
      tags: joinTags(state.tags),
    }),
  }),
};

const defaultOf = queriesOn<QosPolicyTables>()
  .prepare<{ projectId: string }, { id: string }>((db, p) =>
    db.selectFrom("qos_policies").select("id")
      .where("live", "=", LIVE).where("is_default", "=", 1)
      .where("project_id", "=", p("projectId"))
  );

/** The policy that new networks of a project have, if any. */
export async function defaultQosPolicyId(
  reader: Reader,
  projectId: string,
): Promise<string | undefined> {
  return (await reader.get(defaultOf, { projectId }))?.id;
}

/** Where things that have policies stand. */
const USERS = [
  ["network", "networks"],
  ["port", "ports"],
  ["floatingip", "floating_ips"],
] as const;

/** Something that has a policy, if anything does. */
export async function userOf(reader: Reader, policyId: string): Promise<QosUser | undefined> {
  for (const [type, table] of USERS) {
    const [found] = await reader.select<AnyTables, { id: string }>((db) =>
      db.selectFrom(table).select("id").where("live", "=", LIVE)
        .where("qos_policy_id", "=", policyId).limit(1) as never
    );
    if (found) return { type, id: found.id };
  }
}
