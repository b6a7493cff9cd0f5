/** Tables of sums: figures per key that rise and fall as states change. */
import { sql } from "kysely";
import { type PreparedQuery, queriesOn, type Reader, type Writer } from "./query.ts";

/** Figures by name; every figure is a whole number. */
export type Figures<Name extends string> = Readonly<Record<Name, number>>;

/** A table with one row for each key whose figures are not all zero. */
export class Tally<Name extends string> {
  readonly table: string;
  readonly #names: readonly Name[];
  readonly #add: PreparedQuery<Record<string, unknown>, unknown>;
  readonly #dropZero: PreparedQuery<{ key: string }, unknown>;
  readonly #get: PreparedQuery<{ key: string }, Record<Name, number>>;
  readonly #all: PreparedQuery<Record<never, never>, Record<Name, number> & { key: string }>;

  constructor(table: string, names: readonly Name[]) {
    this.table = table;
    this.#names = names;
    const queries = queriesOn<Record<string, Record<string, unknown>>>();
    this.#add = queries.prepare((db, p) =>
      db.insertInto(table)
        .values({ key: p("key"), ...Object.fromEntries(names.map((name) => [name, p(name)])) })
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet(Object.fromEntries(
            names.map((
              name,
            ) => [name, sql`${sql.ref(`${table}.${name}`)} + ${sql.ref(`excluded.${name}`)}`]),
          ))
        )
    );
    this.#dropZero = queries.prepare((db, p) =>
      names.reduce(
        (query, name) => query.where(sql<boolean>`${sql.ref(name)} = 0`),
        db.deleteFrom(table).where("key", "=", p("key")),
      )
    );
    this.#get = queries.prepare((db, p) =>
      db.selectFrom(table).select([...names]).where("key", "=", p("key")) as never
    );
    this.#all = queries.prepare((db) =>
      db.selectFrom(table).select(["key", ...names]).orderBy("key") as never
    );
  }

  /** Makes the table, empty. */
  async create(tx: Writer): Promise<void> {
    await tx.execute((db) =>
      this.#names.reduce(
        (table, name) => table.addColumn(name, "integer", (column) => column.notNull()),
        db.schema.createTable(this.table).addColumn("key", "text", (column) => column.primaryKey()),
      )
    );
  }

  /** Adds figures (or takes, where they are negative); zeros cost nothing. */
  async add(tx: Writer, key: string, figures: Figures<Name>): Promise<void> {
    if (this.#names.every((name) => figures[name] === 0)) return;
    await tx.run(this.#add, { key, ...figures });
    // Without a row of zeros the table is the same whether it was lived through or rebuilt.
    if (this.#names.some((name) => figures[name] < 0)) await tx.run(this.#dropZero, { key });
  }

  /** The figures of a key; undefined when all are zero. */
  get(reader: Reader, key: string): Promise<Figures<Name> | undefined> {
    return reader.get(this.#get, { key });
  }

  /** Every key that has figures. */
  all(reader: Reader): Promise<readonly (Figures<Name> & { readonly key: string })[]> {
    return reader.all(this.#all, {});
  }
}

/** `after − before`, figure by figure; an absent side counts as zeros. */
export function difference<Name extends string>(
  names: readonly Name[],
  before: Figures<Name> | undefined,
  after: Figures<Name> | undefined,
): Figures<Name> {
  return Object.fromEntries(
    names.map((name) => [name, (after?.[name] ?? 0) - (before?.[name] ?? 0)]),
  ) as Record<Name, number>;
}
