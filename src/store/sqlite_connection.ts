/** One SQLite connection that runs what Kysely compiles. */
import type Database from "better-sqlite3";
import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { Parameter, type PreparedQuery, type Writer } from "./query.ts";
import { databaseRegexp } from "./regexp.ts";

/** One better-sqlite3 connection that runs what Kysely compiles, each statement prepared once. */
export class SqliteConnection implements Writer {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #prepared = new WeakMap<PreparedQuery<never, unknown>, PreparedStatement>();

  constructor(db: Database.Database) {
    this.#db = db;
    db.function("regexp", { deterministic: true }, databaseRegexp);
  }

  // Reads answer in the calling tick: SQLite works in this thread, and a promise is all it costs.
  get<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<Row | undefined> {
    const { statement, bind } = this.#statementOf(query);
    return Promise.resolve(statement.get(...bind(values)) as Row | undefined);
  }

  all<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<readonly Row[]> {
    const { statement, bind } = this.#statementOf(query);
    return Promise.resolve(statement.all(...bind(values)) as Row[]);
  }

  run<Values>(query: PreparedQuery<Values, unknown>, values: Values): Promise<void> {
    const { statement, bind } = this.#statementOf(query);
    statement.run(...bind(values));
    return Promise.resolve();
  }

  select<Tables, Row>(build: (db: Kysely<Tables>) => Compilable<Row>): Promise<readonly Row[]> {
    const { sql, parameters } = build(compiler as unknown as Kysely<Tables>).compile();
    return Promise.resolve(this.#prepare(sql).all(...parameters) as Row[]);
  }

  execute<Tables>(build: (db: Kysely<Tables>) => Compilable<unknown>): Promise<void> {
    const { sql, parameters } = build(compiler as unknown as Kysely<Tables>).compile();
    this.#db.prepare(sql).run(...parameters);
    return Promise.resolve();
  }

  /** Runs a statement that has no values and no rows, such as `commit`. */
  command(sql: string): void {
    this.#prepare(sql).run();
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      // Queries of many shapes (filters, sorts) must not pile up as prepared statements.
      if (this.#statements.size >= 500) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #statementOf<Values, Row>(query: PreparedQuery<Values, Row>): PreparedStatement {
    const key = query as unknown as PreparedQuery<never, unknown>;
    let prepared = this.#prepared.get(key);
    if (!prepared) {
      const compiled: CompiledQuery = query.build(compiler);
      prepared = {
        statement: this.#db.prepare(compiled.sql),
        bind: binderOf(compiled.parameters),
      };
      this.#prepared.set(key, prepared);
    }
    return prepared;
  }
}

interface PreparedStatement {
  readonly statement: Database.Statement;
  bind(values: unknown): unknown[];
}

/** Puts values in the places of a compiled query's parameters. */
function binderOf(parameters: readonly unknown[]): (values: unknown) => unknown[] {
  return (values) =>
    parameters.map((parameter) =>
      parameter instanceof Parameter
        ? (values as Record<string, unknown>)[parameter.name]
        : parameter
    );
}

/** Compiles only: connections run what it makes. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});
