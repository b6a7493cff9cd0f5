/** Lists of a state table's rows, narrowed as a query asks. */
import { type Expression, type Kysely, sql, type SqlBool } from "kysely";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { StateColumns } from "../../eventsourcing/state_table.ts";
import type { Reader } from "../../store/query.ts";
import type { ListQuery, Match } from "./http/list_query.ts";
import { versionedOf } from "./rows.ts";

/** Tables of states, each with a column `alive`. */
type Tables = Record<string, StateColumns & { readonly alive: number }>;

export interface ListOrder {
  /** The column lists are in order of; pages are in order of the id, as Keystone's. */
  readonly by: string;
  /** What rows must meet besides. */
  readonly where?: Expression<SqlBool>;
}

/** The living states that a query selects. */
export async function listStates<State>(
  reader: Reader,
  table: string,
  { matches, limit, marker }: ListQuery,
  { by, where }: ListOrder,
): Promise<readonly Versioned<State>[]> {
  const rows = await reader.select<Tables, StateColumns>((db: Kysely<Tables>) => {
    let select = db.selectFrom(table).select(["id", "version", "state"]).where("alive", "=", 1);
    for (const match of matches) select = select.where(conditionOf(match));
    if (where) select = select.where(where);
    if (marker !== undefined) select = select.where("id", ">", marker);
    const inPages = marker !== undefined || limit !== undefined;
    if (!inPages) select = select.orderBy(sql.ref(by));
    if (limit !== undefined) select = select.limit(limit);
    return select.orderBy("id");
  });
  return rows.map((row) => versionedOf(row));
}

function conditionOf({ name, comparator, value, exactCase }: Match): Expression<SqlBool> {
  const column = sql.ref(name);
  if (comparator === "equals") return sql<SqlBool>`${column} = ${value}`;
  const text = exactCase ? column : sql`lower(${column})`;
  const wanted = exactCase ? sql`${value}` : sql`lower(${value})`;
  switch (comparator) {
    case "contains":
      return sql<SqlBool>`instr(${text}, ${wanted}) > 0`;
    case "startswith":
      return sql<SqlBool>`instr(${text}, ${wanted}) = 1`;
    case "endswith":
      // Compared by its bytes, whatever the column's own way is.
      return sql<SqlBool>`substr(${text}, -length(${wanted})) = ${wanted} collate binary`;
  }
}
