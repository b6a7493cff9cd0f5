/** The log's own tables, as Kysely migrations. Tables folded from the log belong to projections. */
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

export interface EventsTable {
  position: number;
  stream: string;
  version: number;
  type: string;
  schema_version: number;
  data: string;
  metadata: string;
  recorded_at: string;
  hash: string;
}

/** Which projections are built, in which version of their shape. */
export interface ProjectionsTable {
  name: string;
  version: number;
}

export interface LogTables {
  events: EventsTable;
  projections: ProjectionsTable;
}

const migrations: Record<string, Migration> = {
  "0001_event_log": {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable("events")
        .addColumn("position", "integer", (c) => c.primaryKey())
        .addColumn("stream", "text", (c) => c.notNull())
        .addColumn("version", "integer", (c) => c.notNull())
        .addColumn("type", "text", (c) => c.notNull())
        .addColumn("schema_version", "integer", (c) => c.notNull())
        .addColumn("data", "text", (c) => c.notNull())
        .addColumn("metadata", "text", (c) => c.notNull())
        .addColumn("recorded_at", "text", (c) => c.notNull())
        .addColumn("hash", "text", (c) => c.notNull())
        .addUniqueConstraint("events_stream_version", ["stream", "version"])
        .execute();
      await db.schema.createTable("projections")
        .addColumn("name", "text", (c) => c.primaryKey())
        .addColumn("version", "integer", (c) => c.notNull())
        .execute();
    },
  },
  "0002_log_is_append_only": {
    async up(db: Kysely<unknown>): Promise<void> {
      // "insert or replace" deletes without firing the trigger on deletes.
      await sql`create trigger events_no_replace before insert on events
        when exists (select 1 from events where position = new.position)
          or exists (select 1 from events where stream = new.stream and version = new.version)
        begin select raise(abort, 'the event log is append-only'); end`.execute(db);
      for (const verb of ["update", "delete"]) {
        await sql`create trigger ${sql.raw(`events_no_${verb}`)} before ${sql.raw(verb)} on events
          begin select raise(abort, 'the event log is append-only'); end`.execute(db);
      }
    },
  },
};

/** Brings the log's tables to the newest shape. Refuses (throws) a file that it cannot migrate. */
export async function migrate(db: Kysely<unknown>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    throw new Error("the event log could not be brought to this release's shape", { cause: error });
  }
}
