/** Queries are built with Kysely and run as prepared statements; this is the seam between the two. */
import type { Compilable, CompiledQuery, Kysely } from "kysely";

/** A place in a prepared query where a value comes when it runs. */
export class Parameter {
  constructor(readonly name: string) {}
}

/** A query compiled once per engine and run many times with other values. */
export interface PreparedQuery<Values, Row> {
  /** Builds the query on an engine's Kysely; called once per engine. */
  build(db: Kysely<unknown>): CompiledQuery<Row>;
  /** Never read: carries the type of the values that `run` must be given. */
  readonly values?: Values;
}

/** Builds prepared queries on the tables `Tables`. */
export interface QueryBuilder<Tables> {
  /**
   * A query whose values come later: `p("id")` stands for the value `id`.
   *
   * The number of values is fixed; for lists of unknown length use `Reader.select`.
   */
  prepare<Values, Row>(
    build: (
      db: Kysely<Tables>,
      p: <Name extends keyof Values & string>(name: Name) => Values[Name],
    ) => Compilable<Row>,
  ): PreparedQuery<Values, Row>;
}

/** A query builder for one slice's tables. */
export function queriesOn<Tables>(): QueryBuilder<Tables> {
  return {
    prepare: <Values, Row>(
      build: (
        db: Kysely<Tables>,
        p: <Name extends keyof Values & string>(name: Name) => Values[Name],
      ) => Compilable<Row>,
    ): PreparedQuery<Values, Row> => ({
      build: (db) =>
        build(
          db as unknown as Kysely<Tables>,
          <Name extends keyof Values & string>(name: Name) =>
            new Parameter(name) as unknown as Values[Name],
        ).compile(),
    }),
  };
}

/** Reads tables: the committed ones, or inside a transaction the ones as written so far. */
export interface Reader {
  /** The first row, if any. */
  get<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<Row | undefined>;
  /** All rows. */
  all<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<readonly Row[]>;
  /** All rows of a query that has another shape each time. */
  select<Tables, Row>(build: (db: Kysely<Tables>) => Compilable<Row>): Promise<readonly Row[]>;
}

/** Reads and writes tables inside a transaction. */
export interface Writer extends Reader {
  run<Values>(query: PreparedQuery<Values, unknown>, values: Values): Promise<void>;
  /** Runs a statement that has another shape each time, or is run once: DDL, bulk deletes. */
  execute<Tables>(build: (db: Kysely<Tables>) => Compilable<unknown>): Promise<void>;
}
