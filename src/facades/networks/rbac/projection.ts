/** RBAC policies as rows, and the queries behind what they allow. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import type { Caller } from "../../../http/auth.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { inBatches, LIVE } from "../../collections.ts";
import { rbacTargets } from "../access.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import {
  evolve,
  NO_RBAC_POLICY,
  type RbacAction,
  type RbacObjectType,
  type RbacPolicy,
  type RbacPolicyEvent,
} from "./decider.ts";

interface RbacPolicyColumns extends LifetimeColumns {
  project_id: string;
  object_type: string;
  object_id: string;
  action: string;
  target: string;
}

interface RbacPolicyTables {
  rbac_policies: StateColumns & RbacPolicyColumns;
}

/** How many policies a project has. */
export const rbacPolicyCounts = new ProjectCounts("rbac_policy_counts");

/** RBAC policies: stream `rbac_policy-<id>`, tables `rbac_policies` and `rbac_policy_counts`. */
export const rbacPolicies: Aggregate<RbacPolicy, RbacPolicyEvent> = {
  category: "rbac_policy",
  eventTypes: { RbacPolicyCreated: [], RbacPolicyUpdated: [], RbacPolicyDeleted: [] },
  initialState: NO_RBAC_POLICY,
  evolve,
  projection: stateTable<RbacPolicy, RbacPolicyColumns>({
    name: "rbac_policies",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      object_type: "text",
      object_id: "text",
      action: "text",
      target: "text",
    },
    indexes: [
      { name: "rbac_policies_live_by_object", columns: ["object_id"], where: "live = 1" },
      {
        name: "rbac_policies_live_by_target",
        columns: ["object_type", "target", "action", "object_id"],
        where: "live = 1",
      },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      object_type: state.objectType,
      object_id: state.objectId,
      action: state.action,
      target: state.target,
    }),
    also: {
      tables: [rbacPolicyCounts.tally.table],
      create: (tx) => rbacPolicyCounts.tally.create(tx),
      write: (tx, before, after) => rbacPolicyCounts.write(tx, before, after),
    },
  }),
};

const queries = queriesOn<RbacPolicyTables>();

const onObject = queries.prepare<{ objectId: string }, StateColumns>((db, p) =>
  db.selectFrom("rbac_policies").select(["id", "version", "state"])
    .where("live", "=", LIVE).where("object_id", "=", p("objectId")).orderBy("number")
);

/** The policies on one thing. */
export async function policiesOn(
  reader: Reader,
  objectId: string,
): Promise<readonly Versioned<RbacPolicy>[]> {
  const rows = await reader.all(onObject, { objectId });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** Ends all policies on a thing that goes away. */
export async function endPoliciesOn(unit: UnitOfWork, objectId: string): Promise<void> {
  for (const policy of await policiesOn(unit, objectId)) {
    await unit.append(rbacPolicies, policy, [{ type: "RbacPolicyDeleted", data: {} }]);
  }
}

/** Whether policies let a project do something with a thing. */
export async function mayUse(
  reader: Reader,
  { objectId, action = "access_as_shared", projectId }: {
    readonly objectId: string;
    readonly action?: RbacAction;
    readonly projectId: string;
  },
): Promise<boolean> {
  return (await policiesOn(reader, objectId)).some(({ state }) =>
    state.action === action && (state.target === "*" || state.target === projectId)
  );
}

/** What policies let a caller do with things of a kind: their ids, by action. */
export async function allowedTo(
  reader: Reader,
  caller: Caller,
  objectType: RbacObjectType,
  objectIds: readonly string[],
): Promise<Readonly<Record<RbacAction, ReadonlySet<string>>>> {
  type Row = { readonly object_id: string; readonly action: string };
  const rows = await inBatches(
    objectIds,
    (batch) =>
      reader.select<RbacPolicyTables, Row>((db) =>
        db.selectFrom("rbac_policies").select(["object_id", "action"])
          .where("live", "=", LIVE).where("object_type", "=", objectType)
          .where("target", "in", rbacTargets(caller)).where("object_id", "in", batch)
      ),
  );
  const idsOf = (action: RbacAction) =>
    new Set(rows.filter((row) => row.action === action).map((row) => row.object_id));
  return {
    access_as_shared: idsOf("access_as_shared"),
    access_as_external: idsOf("access_as_external"),
  };
}
