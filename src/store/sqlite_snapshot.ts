/** One moment of a log and its tables, beside room to build the tables again. */
import Database from "better-sqlite3";
import { sql } from "kysely";
import type { Recorded } from "../eventsourcing/event.ts";
import type { Upcasters } from "../eventsourcing/upcasting.ts";
import type { EventQuery, EventSource, Head } from "./event_log.ts";
import { headOf, recordedOf, selectEvents } from "./event_rows.ts";
import type { Reader, Writer } from "./query.ts";
import type { EventsTable, LogTables } from "./schema.ts";
import { SqliteConnection } from "./sqlite_connection.ts";

/** A difference between a live table and the one built anew. */
export interface RowDifference {
  readonly table: string;
  /** `live`: the row is only in the live table; `rebuilt`: only in the other. */
  readonly only: "live" | "rebuilt";
  readonly row: Readonly<Record<string, unknown>>;
}

/**
 * A log file as it is at the time of opening, also while a server writes to it.
 *
 * Unqualified tables are the rebuilt ones, in a temporary database of their own; the live ones
 * are only read.
 */
export class SqliteSnapshot implements EventSource {
  readonly #connection: SqliteConnection;
  readonly #upcasters: Upcasters;

  /** Throws when there is no file at `path`. */
  constructor(path: string, upcasters: Upcasters = {}) {
    Deno.statSync(path);
    // The empty name is a temporary database on the disk, gone when it is closed.
    const db = new Database("");
    db.prepare("attach ? as live").run(path);
    this.#connection = new SqliteConnection(db);
    this.#upcasters = upcasters;
    // One transaction for all reads: the log and the tables are of the same moment.
    this.#connection.command("begin");
  }

  /** The tables being rebuilt. */
  get rebuilt(): Writer {
    return this.#connection;
  }

  /** Reads any table: until they are rebuilt, the live ones. */
  get reader(): Reader {
    return this.#connection;
  }

  async head(): Promise<Head> {
    const rows = await this.#connection.select<LogTables, EventsTable>((db) =>
      db.selectFrom("events").selectAll().orderBy("position", "desc").limit(1)
    );
    return headOf(rows[0]);
  }

  async read(query: EventQuery = {}): Promise<readonly Recorded[]> {
    return (await this.rows(query)).map((row) => recordedOf(row, this.#upcasters));
  }

  /** The log's rows as they are stored, for checking their seals. */
  rows(query: EventQuery): Promise<readonly EventsTable[]> {
    return this.#connection.select<LogTables, EventsTable>((db) => selectEvents(db, query));
  }

  /** Rows that a live table and its rebuilt twin do not share, to the byte; a few of each side. */
  async differences(table: string): Promise<readonly RowDifference[]> {
    const columns = await this.#columnsOf(table);
    const found: RowDifference[] = [];
    for (const only of ["live", "rebuilt"] as const) {
      const [one, other] = only === "live" ? ["live", "main"] : ["main", "live"];
      // Quoted values compare byte by byte; the columns themselves may ignore case.
      const quoted = sql.join(
        columns.map((name) => sql`quote(${sql.ref(name)}) as ${sql.ref(name)}`),
      );
      const rows = await this.#connection.select<never, Record<string, unknown>>((db) => ({
        compile: () =>
          sql<Record<string, unknown>>`select ${quoted} from ${sql.table(`${one}.${table}`)}
              except select ${quoted} from ${sql.table(`${other}.${table}`)} limit 5`.compile(db),
      }));
      found.push(...rows.map((row) => ({ table, only, row })));
    }
    return found;
  }

  async #columnsOf(table: string): Promise<readonly string[]> {
    const rows = await this.#connection.select<never, { name: string }>((db) => ({
      compile: () =>
        sql<{ name: string }>`select name from pragma_table_info(${table})`.compile(db),
    }));
    return rows.map(({ name }) => name);
  }

  close(): void {
    this.#connection.command("rollback");
    this.#connection.close();
  }
}
