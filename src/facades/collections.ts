/** Lists of stored states, a page at a time: filters, sort keys and markers as one SQL query. */
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from "kysely";
import type { Versioned } from "../eventsourcing/aggregate.ts";
import type { Column, StateColumns } from "../eventsourcing/state_table.ts";
import type { Reader } from "../store/query.ts";

/** Tables whose columns are known by name only. */
export type AnyTables = Record<string, Record<string, Column>>;

/** What rows must meet. */
export type Condition = (eb: ExpressionBuilder<AnyTables, string>) => Expression<SqlBool>;

export type SortDirection = "asc" | "desc";
export type Sort = readonly (readonly [column: string, direction: SortDirection])[];

/** Which rows of a state table to list. */
export interface PageQuery {
  readonly table: string;
  /** What the caller may see: other rows are no markers either. */
  readonly visible: readonly Condition[];
  readonly where: readonly Condition[];
  /** Columns without nulls; together they must tell all rows apart. */
  readonly sort: Sort;
  readonly limit?: number;
  /** Id of the row before the page. */
  readonly marker?: string;
  /** The page is the one before the marker; its rows stay in the order of `sort`. */
  readonly reverse?: boolean;
}

/**
 * 1, as rows have it in `live` until what they stand for is deleted.
 *
 * It stands in the SQL itself: an index of live rows only is not found by way of a parameter.
 */
export const LIVE = sql.lit<1>(1);

/** Rows of what is not deleted. */
export const isLive: Condition = (eb) => eb("live", "=", LIVE);

/** Rows with one of these values in a column. */
export function isOneOf(column: string, values: readonly Column[]): Condition {
  const wanted = [...new Set(values)];
  return (eb) => wanted.length === 0 ? eb.lit(false) : eb(column, "in", wanted);
}

/** Rows whose text has this part; letters count as they are. Neither `like` nor `instr` is portable. */
export function hasPart(column: string, part: string): Condition {
  return (eb) => eb(eb.fn("replace", [column, eb.val(part), eb.val("")]), "!=", eb.ref(column));
}

/** What is loaded for many ids, a batch at a time: a query takes only so many values. */
export async function inBatches<Row>(
  ids: readonly string[],
  load: (ids: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    rows.push(...await load(ids.slice(start, start + BATCH)));
  }
  return rows;
}

const BATCH = 1000;

/**
 * Rows that another table gives all of these labels.
 *
 * One condition whatever the number of labels, for databases bound the depth of an expression.
 */
export function hasAllLabels(
  labels: readonly string[],
  { table, id, label }: { readonly table: string; readonly id: string; readonly label: string },
): Condition {
  const wanted = [...new Set(labels)];
  if (wanted.length === 0) return (eb) => eb.lit(true);
  return (eb) =>
    eb(
      "id",
      "in",
      eb.selectFrom(table).select(id).where(label, "in", wanted).groupBy(id)
        .having((having) => having.fn.count(label), "=", wanted.length),
    );
}

/** Each sort key once, and at the end the one that tells all rows apart. */
export function uniqueSort(sort: Sort, last: readonly [string, SortDirection]): Sort {
  const byColumn = new Map<string, SortDirection>();
  for (const [column, direction] of [...sort, last]) {
    if (!byColumn.has(column)) byColumn.set(column, direction);
  }
  return [...byColumn];
}

/** The states of one page, in order; undefined when there is no row with the marker's id. */
export async function listPage<State>(
  reader: Reader,
  query: PageQuery,
): Promise<readonly Versioned<State>[] | undefined> {
  const { table, limit, marker } = query;
  const sort = query.reverse ? reversed(query.sort) : query.sort;
  const after = marker === undefined ? undefined : await sortValues(reader, query, marker);
  if (marker !== undefined && !after) return undefined;
  const rows = await reader.select<AnyTables, StateColumns>((db) => {
    let select = db.selectFrom(table).select(["id", "version", "state"]);
    for (const condition of [...query.visible, ...query.where]) select = select.where(condition);
    if (after) select = select.where((eb) => isBehind(eb, sort, after));
    for (const [column, direction] of sort) select = select.orderBy(column, direction);
    return (limit === undefined ? select : select.limit(limit)) as never;
  });
  const page = rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
  return query.reverse ? page.reverse() : page;
}

function reversed(sort: Sort): Sort {
  return sort.map(([column, direction]) => [column, direction === "asc" ? "desc" : "asc"]);
}

async function sortValues(
  reader: Reader,
  { table, visible, sort }: PageQuery,
  id: string,
): Promise<Record<string, Column> | undefined> {
  const rows = await reader.select<AnyTables, Record<string, Column>>((db) => {
    let select = db.selectFrom(table).select(sort.map(([column]) => column)).where("id", "=", id);
    for (const condition of visible) select = select.where(condition);
    return select;
  });
  return rows[0];
}

/** Rows that the sort puts behind these values. */
function isBehind(
  eb: ExpressionBuilder<AnyTables, string>,
  sort: Sort,
  values: Record<string, Column>,
): Expression<SqlBool> {
  return eb.or(sort.map(([column, direction], place) =>
    eb.and([
      ...sort.slice(0, place).map(([equal]) => eb(equal, "=", values[equal]!)),
      eb(column, direction === "asc" ? ">" : "<", values[column]!),
    ])
  ));
}
