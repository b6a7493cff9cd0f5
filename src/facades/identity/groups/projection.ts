/** Groups and what is granted to them as rows, and the queries behind their GETs. */
import { sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import type { AssignmentTarget, Grant, GrantTarget } from "../grants/grant.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing, versionedOf } from "../rows.ts";
import { evolve, type Group, type GroupEvent, NO_GROUP } from "./decider.ts";

interface GroupColumns {
  alive: number;
  domain_id: string;
  name: string;
}

interface AssignmentsTable {
  group_id: string;
  role_id: string;
  target_on: string;
  target_id: string;
  /** 1: granted on the projects below the target. */
  inherited: number;
}

interface GroupTables {
  groups: StateColumns & GroupColumns;
  group_role_assignments: AssignmentsTable;
}

/** Groups: stream `group-<id>`, tables `groups` and `group_role_assignments`. */
export const groups: Aggregate<Group, GroupEvent> = {
  category: "group",
  eventTypes: {
    GroupCreated: [],
    GroupUpdated: [],
    GroupDeleted: [],
    GroupRoleGranted: [],
    GroupRoleRevoked: [],
  },
  initialState: NO_GROUP,
  evolve,
  projection: stateTable<Group, GroupColumns>({
    name: "groups",
    version: 2,
    columns: { alive: "integer", domain_id: "text", name: "nocase" },
    indexes: [
      { name: "groups_by_name", columns: ["name", "domain_id"] },
      { name: "groups_by_domain", columns: ["domain_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      domain_id: state.domainId,
      name: state.name,
    }),
    also: {
      tables: ["group_role_assignments"],
      create: createAssignments,
      write: writeAssignments,
    },
  }),
};

async function createAssignments(tx: Writer): Promise<void> {
  const key = ["group_id", "target_on", "target_id", "inherited", "role_id"] as const;
  await tx.execute((db) =>
    db.schema.createTable("group_role_assignments")
      .addColumn("group_id", "text", (column) => column.notNull())
      .addColumn("role_id", "text", (column) => column.notNull())
      .addColumn("target_on", "text", (column) => column.notNull())
      .addColumn("target_id", "text", (column) => column.notNull())
      .addColumn("inherited", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("group_role_assignments_key", [...key])
  );
  await tx.execute((db) =>
    db.schema.createIndex("group_role_assignments_by_target").on("group_role_assignments")
      .columns(["target_on", "target_id"])
  );
}

const queries = queriesOn<GroupTables>();

const insertAssignment = queries.prepare<AssignmentsTable, unknown>((db, p) =>
  db.insertInto("group_role_assignments").values({
    group_id: p("group_id"),
    role_id: p("role_id"),
    target_on: p("target_on"),
    target_id: p("target_id"),
    inherited: p("inherited"),
  })
);

const deleteAssignments = queries.prepare<{ group_id: string }, unknown>((db, p) =>
  db.deleteFrom("group_role_assignments").where("group_id", "=", p("group_id"))
);

async function writeAssignments(
  tx: Writer,
  before: Versioned<Group>,
  after: Versioned<Group>,
): Promise<void> {
  if (before.state.grants === after.state.grants) return;
  await tx.run(deleteAssignments, { group_id: after.id });
  for (const { roleId, target } of after.state.grants) {
    await tx.run(insertAssignment, {
      group_id: after.id,
      role_id: roleId,
      target_on: target.on,
      target_id: target.id,
      inherited: target.inherited ? 1 : 0,
    });
  }
}

const byName = queries.prepare<{ name: string; domainId: string }, StateColumns>((db, p) =>
  db.selectFrom("groups").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("domain_id", "=", p("domainId")).where("alive", "=", 1)
);

/** One group; undefined when there is none of this id. */
export async function findGroup(reader: Reader, id: string): Promise<Versioned<Group> | undefined> {
  return existing(await groups.projection.load(reader, id));
}

/** The group of this name in a domain, in capitals or not. */
export async function findGroupByName(
  reader: Reader,
  name: string,
  domainId: string,
): Promise<Versioned<Group> | undefined> {
  const row = await reader.get(byName, { name, domainId });
  return row && versionedOf(row);
}

/** The groups a query selects, by name; `ids`: among these only. */
export async function listGroups(
  reader: Reader,
  query: ListQuery,
  ids?: readonly string[],
): Promise<readonly Versioned<Group>[]> {
  if (ids?.length === 0) return [];
  const where = ids && sql<SqlBool>`id in (${sql.join(ids)})`;
  return await listStates(reader, "groups", query, { by: "name", where });
}

/** Which grants of groups to list. */
export interface GroupAssignmentQuery {
  readonly groupIds?: readonly string[];
  readonly roleId?: string;
  readonly target?: AssignmentTarget;
  readonly inherited?: boolean;
}

/** A grant and which group's it is. */
export interface GroupAssignment extends Grant {
  readonly groupId: string;
}

/** The grants of groups that a query selects, by group, target and role. */
export async function listGroupAssignments(
  reader: Reader,
  { groupIds, roleId, target, inherited }: GroupAssignmentQuery,
): Promise<readonly GroupAssignment[]> {
  if (groupIds?.length === 0) return [];
  const rows = await reader.select<GroupTables, AssignmentsTable>((db) => {
    let select = db.selectFrom("group_role_assignments").selectAll()
      .orderBy("group_id").orderBy("target_on").orderBy("target_id").orderBy("role_id");
    if (groupIds) select = select.where("group_id", "in", groupIds);
    if (roleId !== undefined) select = select.where("role_id", "=", roleId);
    if (target) {
      select = select.where("target_on", "=", target.on).where("target_id", "in", target.ids);
    }
    if (inherited !== undefined) select = select.where("inherited", "=", inherited ? 1 : 0);
    return select;
  });
  return rows.map((row) => ({
    groupId: row.group_id,
    roleId: row.role_id,
    target: {
      on: row.target_on as GrantTarget["on"],
      id: row.target_id,
      ...(row.inherited && { inherited: true }),
    },
  }));
}
