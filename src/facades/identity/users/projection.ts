/** Users and what is granted to them as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { existing, versionedOf } from "../rows.ts";
import {
  evolve,
  type Grant,
  type GrantTarget,
  NO_USER,
  type User,
  type UserEvent,
} from "./decider.ts";

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
}

interface UserTables {
  users: StateColumns & UserColumns;
  role_assignments: AssignmentsTable;
}

/** Users: stream `user-<id>`, tables `users` and `role_assignments`. */
export const users: Aggregate<User, UserEvent> = {
  category: "user",
  eventTypes: {
    UserCreated: [],
    UserUpdated: [],
    UserPasswordChanged: [],
    UserDeleted: [],
    RoleGranted: [],
    RoleRevoked: [],
    TokenRevoked: [],
  },
  initialState: NO_USER,
  evolve,
  projection: stateTable<User, UserColumns>({
    name: "users",
    version: 1,
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
      tables: ["role_assignments"],
      create: createAssignments,
      write: writeAssignments,
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
      .addPrimaryKeyConstraint("role_assignments_key", [
        "user_id",
        "target_on",
        "target_id",
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
    });
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

/** Which users to list. */
export interface UserQuery {
  readonly name?: string;
  readonly domainId?: string;
  readonly enabled?: boolean;
}

/** The users a query selects, by name. */
export async function listUsers(
  reader: Reader,
  query: UserQuery,
): Promise<readonly Versioned<User>[]> {
  const rows = await reader.select<UserTables, StateColumns>((db) => {
    let select = db.selectFrom("users").select(["id", "version", "state"])
      .where("alive", "=", 1).orderBy("name").orderBy("id");
    if (query.name !== undefined) select = select.where("name", "=", query.name);
    if (query.domainId !== undefined) select = select.where("domain_id", "=", query.domainId);
    if (query.enabled !== undefined) select = select.where("enabled", "=", query.enabled ? 1 : 0);
    return select;
  });
  return rows.map((row) => versionedOf(row));
}

/** Which grants to list. */
export interface AssignmentQuery {
  readonly userId?: string;
  readonly roleId?: string;
  readonly target?: GrantTarget;
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
  const { userId, roleId, target } = query;
  const rows = await reader.select<UserTables, AssignmentsTable>((db) => {
    let select = db.selectFrom("role_assignments").selectAll()
      .orderBy("user_id").orderBy("target_on").orderBy("target_id").orderBy("role_id");
    if (userId !== undefined) select = select.where("user_id", "=", userId);
    if (roleId !== undefined) select = select.where("role_id", "=", roleId);
    if (target) {
      select = select.where("target_on", "=", target.on).where("target_id", "=", target.id);
    }
    return select;
  });
  return rows.map((row) => ({
    userId: row.user_id,
    roleId: row.role_id,
    target: { on: row.target_on as GrantTarget["on"], id: row.target_id },
  }));
}
