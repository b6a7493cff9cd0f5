/** The event log on one SQLite file: WAL, synced on every commit, readers on their own connection. */
import Database from "better-sqlite3";
import { type Compilable, Kysely, SqliteDialect } from "kysely";
import { type Clock, microsOf, timestampOf } from "../eventsourcing/clock.ts";
import type { Recorded } from "../eventsourcing/event.ts";
import { hashOf } from "../eventsourcing/hash_chain.ts";
import { currentVersionOf, type Upcasters } from "../eventsourcing/upcasting.ts";
import {
  type Append,
  type EventLog,
  type EventQuery,
  type Head,
  type LogTransaction,
  VersionConflict,
} from "./event_log.ts";
import { headOf, recordedOf, selectEvents } from "./event_rows.ts";
import { type PreparedQuery, queriesOn, type Reader } from "./query.ts";
import { type EventsTable, type LogTables, migrate } from "./schema.ts";
import { SqliteConnection } from "./sqlite_connection.ts";

export interface SqliteOptions {
  /** The file; `:memory:` is refused, for readers need a second connection to the same data. */
  readonly path: string;
  readonly clock: Clock;
  readonly upcasters?: Upcasters;
}

const queries = queriesOn<LogTables>();

const insertEvent = queries.prepare<EventsTable, unknown>((db, p) =>
  db.insertInto("events").values({
    position: p("position"),
    stream: p("stream"),
    version: p("version"),
    type: p("type"),
    schema_version: p("schema_version"),
    data: p("data"),
    metadata: p("metadata"),
    recorded_at: p("recorded_at"),
    hash: p("hash"),
  })
);

const lastEvent = queries.prepare<Record<never, never>, EventsTable>((db) =>
  db.selectFrom("events").selectAll().orderBy("position", "desc").limit(1)
);

/** Opens (and makes, where there is none) the log in one SQLite file. */
export async function openSqliteLog(options: SqliteOptions): Promise<EventLog> {
  if (options.path === ":memory:") throw new Error("a SQLite log needs a file");
  const writing = new Database(options.path);
  // WAL lets readers go on during a commit; FULL makes each commit wait for the disk.
  writing.pragma("journal_mode = WAL");
  writing.pragma("synchronous = FULL");
  writing.pragma("busy_timeout = 5000");
  writing.pragma("temp_store = MEMORY");
  const migrating = new Kysely<unknown>({ dialect: new SqliteDialect({ database: writing }) });
  await migrate(migrating);
  const reading = new Database(options.path, { readonly: true });
  return new SqliteEventLog(new SqliteConnection(writing), new SqliteConnection(reading), options);
}

class SqliteEventLog implements EventLog {
  readonly reader: Reader;
  readonly #upcasters: Upcasters;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly writing: SqliteConnection,
    private readonly reading: SqliteConnection,
    private readonly options: SqliteOptions,
  ) {
    this.reader = reading;
    this.#upcasters = options.upcasters ?? {};
  }

  transaction<T>(work: (tx: LogTransaction) => Promise<T>): Promise<T> {
    // There is one connection to write on: whoever comes while it is in use waits for its turn.
    const turn = this.#turn.then(() => this.#transact(work));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #transact<T>(work: (tx: LogTransaction) => Promise<T>): Promise<T> {
    // IMMEDIATE takes the write lock first: a second process waits its turn instead of failing late.
    this.writing.command("begin immediate");
    try {
      const head = headOf(await this.writing.get(lastEvent, {}));
      const tx = new SqliteTransaction(this.writing, head, this.options.clock, this.#upcasters);
      const result = await work(tx);
      this.writing.command("commit");
      return result;
    } catch (error) {
      // Some errors, such as a full disk, have rolled back already.
      if (this.writing.inTransaction) this.writing.command("rollback");
      throw error;
    }
  }

  async read(query: EventQuery = {}): Promise<readonly Recorded[]> {
    const rows = await this.reading.select<LogTables, EventsTable>((db) => selectEvents(db, query));
    return rows.map((row) => recordedOf(row, this.#upcasters));
  }

  async head(): Promise<Head> {
    return headOf(await this.reading.get(lastEvent, {}));
  }

  close(): Promise<void> {
    this.reading.close();
    this.writing.close();
    return Promise.resolve();
  }
}

class SqliteTransaction implements LogTransaction {
  #head: Head;
  #depth = 0;

  constructor(
    private readonly connection: SqliteConnection,
    head: Head,
    private readonly clock: Clock,
    private readonly upcasters: Upcasters,
  ) {
    this.#head = head;
  }

  get<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<Row | undefined> {
    return this.connection.get(query, values);
  }

  all<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<readonly Row[]> {
    return this.connection.all(query, values);
  }

  run<Values>(query: PreparedQuery<Values, unknown>, values: Values): Promise<void> {
    return this.connection.run(query, values);
  }

  select<Tables, Row>(build: (db: Kysely<Tables>) => Compilable<Row>): Promise<readonly Row[]> {
    return this.connection.select(build);
  }

  execute<Tables>(build: (db: Kysely<Tables>) => Compilable<unknown>): Promise<void> {
    return this.connection.execute(build);
  }

  append(appends: readonly Append[]): Promise<readonly Recorded[]> {
    // One savepoint around all of it: a conflict in the second stream undoes the first.
    return this.savepoint(async () => {
      const recorded: Recorded[] = [];
      for (const append of appends) {
        let version = append.expectedVersion;
        for (const event of append.events) {
          version += 1;
          recorded.push(await this.#insert(append, event, version));
        }
      }
      return recorded;
    });
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const name = `s${this.#depth++}`;
    const headBefore = this.#head;
    this.connection.command(`savepoint ${name}`);
    try {
      const result = await work();
      this.connection.command(`release ${name}`);
      return result;
    } catch (error) {
      this.connection.command(`rollback to ${name}`);
      this.connection.command(`release ${name}`);
      this.#head = headBefore;
      throw error;
    } finally {
      this.#depth--;
    }
  }

  async #insert(
    append: Append,
    event: { type: string; data: object },
    version: number,
  ): Promise<Recorded> {
    const columns = {
      position: this.#head.position + 1,
      stream: append.stream,
      version,
      type: event.type,
      schema_version: currentVersionOf(this.upcasters, event.type),
      data: JSON.stringify(event.data),
      metadata: JSON.stringify(append.metadata),
      recorded_at: this.#nextTime(),
    };
    const row = { ...columns, hash: hashOf(this.#head.hash, columns) };
    try {
      // The first event also proves that the stream is where the decision left it: a version too
      // low collides with the unique key, one too high would leave a gap.
      if (version === append.expectedVersion + 1) await this.#expectVersion(append);
      await this.connection.run(insertEvent, row);
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith("SQLITE_CONSTRAINT")) {
        throw new VersionConflict(append.stream, append.expectedVersion, error);
      }
      throw error;
    }
    this.#head = { position: row.position, hash: row.hash, recordedAt: row.recorded_at };
    return recordedOf(row, this.upcasters);
  }

  async #expectVersion(append: Append): Promise<void> {
    if (append.expectedVersion === 0) return;
    const last = await this.connection.get(versionOfStream, { stream: append.stream });
    if ((last?.version ?? 0) !== append.expectedVersion) {
      throw new VersionConflict(append.stream, append.expectedVersion);
    }
  }

  /** Later than the event before, also when the clock stands still or goes back. */
  #nextTime(): string {
    const now = this.clock() * 1000;
    const last = this.#head.recordedAt === "" ? 0 : microsOf(this.#head.recordedAt);
    return timestampOf(Math.max(now, last + 1));
  }
}

const versionOfStream = queries.prepare<{ stream: string }, { version: number }>((db, p) =>
  db.selectFrom("events").select("version").where("stream", "=", p("stream"))
    .orderBy("version", "desc").limit(1)
);
