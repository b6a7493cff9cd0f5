/** A log that begins as another does. */
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { migrate } from "./schema.ts";

/** The hash of one event in a log's file; undefined when there is no such file or event. */
export function hashAt(path: string, position: number): string | undefined {
  let db: Database.Database;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
  } catch {
    return undefined;
  }
  try {
    const row = db.prepare("select hash from events where position = ?").get(position);
    return (row as { hash: string } | undefined)?.hash;
  } finally {
    db.close();
  }
}

/** Makes a log's file, which must not be there, of another's events up to a position: seals and all. */
export async function copyBeginning(from: string, to: string, upTo: number): Promise<void> {
  const db = new Database(to);
  try {
    await migrate(new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) }));
    db.prepare("attach ? as source").run(from);
    const columns = "position, stream, version, type, schema_version, data, metadata, " +
      "recorded_at, hash";
    db.prepare(
      `insert into events (${columns}) select ${columns} from source.events
         where position <= ? order by position`,
    ).run(upTo);
    db.prepare("detach source").run();
  } finally {
    db.close();
  }
}
