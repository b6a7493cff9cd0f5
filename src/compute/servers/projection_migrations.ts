/** The records of servers' moves as rows, and the queries on them. */
import { sql } from "kysely";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { queriesOn, type Reader, type Writer } from "../../store/query.ts";
import type { KnownMigration, Migration, MigrationType } from "./moves.ts";
import { exists, type Server } from "./state.ts";

interface MigrationsTable {
  number: number;
  id: string;
  server_id: string;
  /** Of who asked for it. */
  user_id: string;
  project_id: string;
  type: string;
  status: string;
  source: string | null;
  destination: string | null;
  created_at: string;
  updated_at: string;
  /** The record as JSON. */
  record: string;
}

interface MigrationTables {
  migrations: MigrationsTable;
  /** As far as it is looked at here. */
  servers: { id: string; project_id: string };
}

/** Makes the table of migrations, empty. */
export async function createMigrations(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("migrations")
      .addColumn("number", "integer", (column) => column.primaryKey())
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("server_id", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("source", "text")
      .addColumn("destination", "text")
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("updated_at", "text", (column) => column.notNull())
      .addColumn("record", "text", (column) => column.notNull())
  );
  for (const column of ["id", "server_id", "project_id", "updated_at", "source", "destination"]) {
    await tx.execute((db) =>
      db.schema.createIndex(`migrations_by_${column}`).on("migrations").column(column)
    );
  }
}

/**
 * Writes the records that differ from those of an earlier state; none outlives its server.
 *
 * Source: nova/db/main/api.py, `instance_destroy`.
 */
export async function writeMigrations(
  tx: Writer,
  before: Server,
  { id, state }: Versioned<Server>,
): Promise<void> {
  if (!exists(state)) {
    if (before.migrations.length > 0) await tx.run(deleteAll, { server_id: id });
    return;
  }
  const { migrations } = state;
  if (before.migrations === migrations) return;
  for (const [place, migration] of migrations.entries()) {
    if (before.migrations[place] !== migration) await tx.run(upsert, rowOf(id, migration));
  }
}

function rowOf(serverId: string, migration: Migration): MigrationsTable {
  return {
    number: migration.number,
    id: migration.id,
    server_id: serverId,
    user_id: migration.userId,
    project_id: migration.projectId,
    type: migration.type,
    status: migration.status,
    source: migration.source?.host ?? null,
    destination: migration.destination?.host ?? null,
    created_at: migration.createdAt,
    updated_at: migration.updatedAt,
    record: JSON.stringify(migration),
  };
}

const queries = queriesOn<MigrationTables>();

const CHANGING = ["status", "destination", "updated_at", "record"] as const;

const upsert = queries.prepare<MigrationsTable, unknown>((db, p) =>
  db.insertInto("migrations")
    .values({
      number: p("number"),
      id: p("id"),
      server_id: p("server_id"),
      user_id: p("user_id"),
      project_id: p("project_id"),
      type: p("type"),
      status: p("status"),
      source: p("source"),
      destination: p("destination"),
      created_at: p("created_at"),
      updated_at: p("updated_at"),
      record: p("record"),
    })
    .onConflict((conflict) =>
      conflict.column("number").doUpdateSet((eb) =>
        Object.fromEntries(CHANGING.map((column) => [column, eb.ref(`excluded.${column}`)]))
      )
    )
);

const deleteAll = queries.prepare<{ server_id: string }, unknown>((db, p) =>
  db.deleteFrom("migrations").where("server_id", "=", p("server_id"))
);

/** Which migrations are wanted; all when nothing is said. */
export interface MigrationQuery {
  readonly serverId?: string;
  readonly status?: string;
  readonly type?: MigrationType | string;
  readonly source?: string;
  /** Where it began or where it went. */
  readonly host?: string;
  readonly userId?: string;
  readonly projectId?: string;
  /** UTC, as `updatedAt`; both inclusive. */
  readonly changedSince?: string;
  readonly changedBefore?: string;
  /** Only those that came before this one. */
  readonly below?: number;
  readonly order: "newest first" | "oldest first";
  readonly limit: number;
}

/** The migrations that are wanted. */
export async function listMigrations(
  reader: Reader,
  wanted: MigrationQuery,
): Promise<readonly KnownMigration[]> {
  const { serverId, status, type, source, host, userId, projectId } = wanted;
  const { changedSince, changedBefore, below, order, limit } = wanted;
  const rows = await reader.select<MigrationTables, { server_id: string; record: string }>((db) => {
    let select = db.selectFrom("migrations").select(["server_id", "record"])
      .orderBy("number", order === "newest first" ? "desc" : "asc").limit(limit);
    if (serverId !== undefined) select = select.where("server_id", "=", serverId);
    if (status !== undefined) select = select.where("status", "=", status);
    if (type !== undefined) select = select.where("type", "=", type);
    if (source !== undefined) select = select.where("source", "=", source);
    if (host !== undefined) {
      select = select.where((eb) => eb.or([eb("source", "=", host), eb("destination", "=", host)]));
    }
    if (userId !== undefined) select = select.where("user_id", "=", userId);
    if (projectId !== undefined) select = select.where("project_id", "=", projectId);
    if (changedSince !== undefined) select = select.where("updated_at", ">=", changedSince);
    if (changedBefore !== undefined) select = select.where("updated_at", "<=", changedBefore);
    if (below !== undefined) select = select.where("number", "<", below);
    return select;
  });
  return rows.map(({ server_id, record }) => ({
    serverId: server_id,
    migration: JSON.parse(record) as Migration,
  }));
}

/** nova/db/main/api.py, `migration_get_in_progress_by_host_and_node`. */
const ENDED = ["confirmed", "reverted", "error", "completed", "cancelled", "done"] as const;

/** How many migrations are under way, or wait to be confirmed, from a host or to it. */
export async function countMigrationsOn(reader: Reader, host: string): Promise<number> {
  const [row] = await reader.select<MigrationTables, { count: number }>((db) =>
    db.selectFrom("migrations")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where((eb) => eb.or([eb("source", "=", host), eb("destination", "=", host)]))
      .where("status", "not in", ENDED)
  );
  return Number(row!.count);
}

/** A server that was evacuated from a host which has not been back since. */
export interface EvacuatedServer {
  readonly id: string;
  readonly projectId: string;
  readonly host: string;
}

/** Whether servers were evacuated from a host that has not been back since. */
export async function wasEvacuated(reader: Reader, host: string): Promise<boolean> {
  const rows = await reader.select<MigrationTables, { number: number }>((db) =>
    db.selectFrom("migrations").select("number")
      .where("source", "=", host)
      .where("type", "=", "evacuation").where("status", "=", "done")
      .limit(1)
  );
  return rows.length > 0;
}

const evacuated = queries.prepare<
  Record<never, never>,
  { id: string; project_id: string; source: string }
>((db) =>
  db.selectFrom("migrations").innerJoin("servers", "servers.id", "migrations.server_id")
    .select(["servers.id", "servers.project_id", "source"]).distinct()
    .where("type", "=", "evacuation").where("status", "=", "done")
    .where("source", "is not", null)
    .$narrowType<{ source: string }>()
);

/** Servers that were evacuated, each with the host where something of it may be left. */
export async function evacuatedServers(reader: Reader): Promise<readonly EvacuatedServer[]> {
  return (await reader.all(evacuated, {})).map(({ id, project_id: projectId, source: host }) => ({
    id,
    projectId,
    host,
  }));
}

const byId = queries.prepare<{ id: string }, { number: number }>((db, p) =>
  db.selectFrom("migrations").select("number").where("id", "=", p("id"))
);

const ofServer = queries.prepare<{ number: string; server_id: string }, { record: string }>(
  (db, p) =>
    db.selectFrom("migrations").select("record")
      .where(sql<boolean>`cast(number as text) = ${p("number")}`)
      .where("server_id", "=", p("server_id")),
);

/** A server's migration by its number, as it stands in a path; undefined when there is none. */
export async function findMigration(
  reader: Reader,
  serverId: string,
  number: string,
): Promise<Migration | undefined> {
  const found = await reader.get(ofServer, { server_id: serverId, number });
  return found && JSON.parse(found.record) as Migration;
}

/** The number of a migration by its UUID; undefined when there is none. */
export async function migrationNumber(reader: Reader, id: string): Promise<number | undefined> {
  return (await reader.get(byId, { id }))?.number;
}
