/** A table with one row a stream: its folded state, and columns to find it by. */
import { sql } from "kysely";
import { type PreparedQuery, queriesOn, type Reader, type Writer } from "../store/query.ts";
import type { Projection, Versioned } from "./aggregate.ts";

/** `nocase`: text that compares without regard to (ASCII) case, as in the usual Nova database. */
export type ColumnType = "integer" | "text" | "nocase";

/** What every state table has. */
export interface StateColumns {
  /** The id within the stream's name. */
  id: string;
  version: number;
  /** The folded state as JSON; the last column, so that reading the others never touches it. */
  state: string;
}

/** A column besides `id`, `version` and `state`. */
export type Column = string | number | null;

export interface StateTableOptions<State, Columns extends object> {
  /** Name of the table, and of the projection. */
  readonly name: string;
  /** Raised with every change of the columns or of the state's shape. */
  readonly version: number;
  readonly columns: Readonly<Record<keyof Columns & string, ColumnType>>;
  readonly indexes?: readonly Index[];
  /** The columns' values for a state. */
  row(versioned: Versioned<State>): Columns;
  /** What of a state its row keeps; by default all. See `Projection` for what may be left out. */
  kept?(state: State): State;
  /** Further tables that follow from the same states. */
  readonly also?: {
    readonly tables: readonly string[];
    create(tx: Writer): Promise<void>;
    write(tx: Writer, before: Versioned<State>, after: Versioned<State>): Promise<void>;
  };
}

export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique?: boolean;
  /** SQL that rows must meet to be in the index. */
  readonly where?: string;
}

/** Makes a projection that keeps each stream's state in one row. */
export function stateTable<State, Columns extends object>(
  options: StateTableOptions<State, Columns>,
): Projection<State> {
  const { name, columns, also, kept = (state) => state } = options;
  const names = ["id", "version", ...Object.keys(columns), "state"];
  const queries = queriesOn<Record<string, Record<string, Column>>>();

  const byId: PreparedQuery<{ id: string }, StateColumns> = queries.prepare((db, p) =>
    db.selectFrom(name).select(["version", "state"]).where("id", "=", p("id")) as never
  );

  const upsert: PreparedQuery<Record<string, Column>, unknown> = queries.prepare((db, p) =>
    db.insertInto(name)
      .values(Object.fromEntries(names.map((column) => [column, p(column)])))
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((eb) =>
          Object.fromEntries(
            names.filter((column) => column !== "id")
              .map((column) => [column, eb.ref(`excluded.${column}`)]),
          )
        )
      )
  );

  return {
    name,
    version: options.version,
    tables: [name, ...also?.tables ?? []],
    async create(tx) {
      await createTable(tx, options);
      await also?.create(tx);
    },
    async load(reader: Reader, id: string) {
      const row = await reader.get(byId, { id });
      return row && { id, version: row.version, state: JSON.parse(row.state) as State };
    },
    async write(tx, before, after) {
      await tx.run(upsert, {
        id: after.id,
        version: after.version,
        state: JSON.stringify(kept(after.state)),
        ...options.row(after),
      });
      await also?.write(tx, before, after);
    },
  };
}

async function createTable<State, Columns extends object>(
  tx: Writer,
  { name, columns, indexes }: StateTableOptions<State, Columns>,
): Promise<void> {
  await tx.execute((db) => {
    let table = db.schema.createTable(name)
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("version", "integer", (column) => column.notNull());
    for (const [column, type] of Object.entries<ColumnType>(columns)) {
      table = table.addColumn(column, type === "nocase" ? sql`text collate nocase` : type);
    }
    return table.addColumn("state", "text", (column) => column.notNull());
  });
  for (const { name: index, columns, unique, where } of indexes ?? []) {
    await tx.execute((db) => {
      let made = db.schema.createIndex(index).on(name).columns([...columns]);
      if (unique) made = made.unique();
      return where === undefined ? made : made.where(sql.raw<boolean>(where));
    });
  }
}
