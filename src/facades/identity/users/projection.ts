/** Users, their groups and what is granted to them as rows, and the queries behind their GETs. */
import { sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import type { AssignmentTarget, Grant, GrantTarget } from "../grants/grant.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing, versionedOf } from "../rows.ts";
import { evolve, NO_USER, type User, type UserEvent } from "./decider.ts";

interface UserColumns {
  alive: number;
  domain_id: string;
  name: string;
  enabled: number;
}

interface AssignmentsTable {
  user_id: string;
  role_id: string;
  target_on: string;
  target_id: string;
  /** 1: granted on the projects below the target. */
  inherited: number;
}

interface MembersTable {
  group_id: string;
  user_id: string;
}

interface UserTables {
  users: StateColumns & UserColumns;
  role_assignments: AssignmentsTable;
  group_members: MembersTable;
}

/** Users: stream `user-<id>`, tables `users`, `role_assignments` and `group_members`. */
export const users: Aggregate<User, UserEvent> = {
  category: "user",
  eventTypes: {
    UserCreated: [],
    UserUpdated: [],
    UserPasswordChanged: [],
    UserDeleted: [],
    RoleGranted: [],
    RoleRevoked: [],
    UserAddedToGroup: [],
    UserRemovedFromGroup: [],
    TokenRevoked: [],
  },
  initialState: NO_USER,
  evolve,
  projection: stateTable<User, UserColumns>({
    name: "users",
    version: 3,
    columns: { alive: "integer", domain_id: "text", name: "nocase", enabled: "integer" },
    indexes: [
      { name: "users_by_name", columns: ["name", "domain_id"] },
      { name: "users_by_domain", columns: ["domain_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      domain_id: state.domainId,
      name: state.name,
      enabled: state.enabled ? 1 : 0,
    }),
    also: {
      tables: ["role_assignments", "group_members"],
      create: async (tx) => {
        await createAssignments(tx);
        await createMembers(tx);
      },
      write: async (tx, before, after) => {
        await writeAssignments(tx, before, after);
        await writeMembers(tx, before, after);
      },
    },
  }),
};

async function createAssignments(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("role_assignments")
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("role_id", "text", (column) => column.notNull())
      .addColumn("target_on", "text", (column) => column.notNull())
      .addColumn("target_id", "text", (column) => column.notNull())
      .addColumn("inherited", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("role_assignments_key", [
        "user_id",
        "target_on",
        "target_id",
        "inherited",
        "role_id",
      ])
  );
  await tx.execute((db) =>
    db.schema.createIndex("role_assignments_by_target").on("role_assignments")
      .columns(["target_on", "target_id"])
  );
  await tx.execute((db) =>
    db.schema.createIndex("role_assignments_by_role").on("role_assignments").column("role_id")
  );
}

const queries = queriesOn<UserTables>();

const insertAssignment = queries.prepare<AssignmentsTable, unknown>((db, p) =>
  db.insertInto("role_assignments").values({
    user_id: p("user_id"),
    role_id: p("role_id"),
    target_on: p("target_on"),
    target_id: p("target_id"),
    inherited: p("inherited"),
  })
);

const deleteAssignments = queries.prepare<{ user_id: string }, unknown>((db, p) =>
  db.deleteFrom("role_assignments").where("user_id", "=", p("user_id"))
);

async function writeAssignments(
  tx: Writer,
  before: Versioned<User>,
  after: Versioned<User>,
): Promise<void> {
  if (before.state.grants === after.state.grants) return;
  await tx.run(deleteAssignments, { user_id: after.id });
  for (const { roleId, target } of after.state.grants) {
    await tx.run(insertAssignment, {
      user_id: after.id,
      role_id: roleId,
      target_on: target.on,
      target_id: target.id,
      inherited: target.inherited ? 1 : 0,
    });
  }
}

async function createMembers(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("group_members")
      .addColumn("group_id", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("group_members_key", ["group_id", "user_id"])
  );
}

const insertMember = queries.prepare<MembersTable, unknown>((db, p) =>
  db.insertInto("group_members").values({ group_id: p("group_id"), user_id: p("user_id") })
);

const deleteMember = queries.prepare<MembersTable, unknown>((db, p) =>
  db.deleteFrom("group_members")
    .where("group_id", "=", p("group_id")).where("user_id", "=", p("user_id"))
);

async function writeMembers(
  tx: Writer,
  { state: { groupIds: before } }: Versioned<User>,
  { id, state: { groupIds: after } }: Versioned<User>,
): Promise<void> {
  if (before === after) return;
  for (const groupId of before) {
    if (!after.includes(groupId)) await tx.run(deleteMember, { group_id: groupId, user_id: id });
  }
  for (const groupId of after) {
    if (!before.includes(groupId)) await tx.run(insertMember, { group_id: groupId, user_id: id });
  }
}

const byName = queries.prepare<{ name: string; domainId: string }, StateColumns>((db, p) =>
  db.selectFrom("users").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("domain_id", "=", p("domainId")).where("alive", "=", 1)
);

/** One user; undefined when there is none of this id. */
export async function findUser(reader: Reader, id: string): Promise<Versioned<User> | undefined> {
  return existing(await users.projection.load(reader, id));
}

/** The user of this name in a domain, in capitals or not. */
export async function findUserByName(
  reader: Reader,
  name: string,
  domainId: string,
): Promise<Versioned<User> | undefined> {
  const row = await reader.get(byName, { name, domainId });
  return row && versionedOf(row);
}

/** The users a query selects, by name. */
export async function listUsers(
  reader: Reader,
  query: ListQuery,
): Promise<readonly Versioned<User>[]> {
  return await listStates(reader, "users", query, { by: "name" });
}

/** The members of a group that a query selects, by name. */
export async function listMembers(
  reader: Reader,
  groupId: string,
  query: ListQuery,
): Promise<readonly Versioned<User>[]> {
  const where = sql<SqlBool>`id in (select user_id from group_members where group_id = ${groupId})`;
  return await listStates(reader, "users", query, { by: "name", where });
}

const membersOf = queries.prepare<{ groupId: string }, { user_id: string }>((db, p) =>
  db.selectFrom("group_members").select("user_id").where("group_id", "=", p("groupId"))
    .orderBy("user_id")
);

/** Ids of the members of a group. */
export async function memberIds(reader: Reader, groupId: string): Promise<readonly string[]> {
  return (await reader.all(membersOf, { groupId })).map(({ user_id }) => user_id);
}

/** Which grants to list. */
export interface AssignmentQuery {
  readonly userId?: string;
  readonly roleId?: string;
  readonly target?: AssignmentTarget;
  readonly inherited?: boolean;
}

/** A grant and whose it is. */
export interface Assignment extends Grant {
  readonly userId: string;
}

/** The grants a query selects, by user, target and role. */
export async function listAssignments(
  reader: Reader,
  query: AssignmentQuery,
): Promise<readonly Assignment[]> {
  const { userId, roleId, target, inherited } = query;
  const rows = await reader.select<UserTables, AssignmentsTable>((db) => {
    let select = db.selectFrom("role_assignments").selectAll()
      .orderBy("user_id").orderBy("target_on").orderBy("target_id").orderBy("role_id");
    if (userId !== undefined) select = select.where("user_id", "=", userId);
    if (roleId !== undefined) select = select.where("role_id", "=", roleId);
    if (target) {
      select = select.where("target_on", "=", target.on).where("target_id", "in", target.ids);
    }
    if (inherited !== undefined) select = select.where("inherited", "=", inherited ? 1 : 0);
    return select;
  });
  return rows.map((row) => ({
    userId: row.user_id,
    roleId: row.role_id,
    target: {
      on: row.target_on as GrantTarget["on"],
      id: row.target_id,
      ...(row.inherited && { inherited: true }),
    },
  }));
}
