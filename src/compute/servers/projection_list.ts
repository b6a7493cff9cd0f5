/** The SQL behind GET /servers: one query for a page, one for the states it needs. */
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from "kysely";
import { queriesOn, type Reader } from "../../store/query.ts";
import { MAX_TAGS } from "./decide/mod.ts";
import { SERVER_COLUMNS, type ServersTable, type ServerTables } from "./projection.ts";
import type { ServerColumn, ServerQuery, SortDirection } from "./query.ts";
import type { Server } from "./state.ts";

/** A server on a page: enough for the short list, and to find the long form in a cache. */
export interface ListedServer {
  readonly id: string;
  readonly version: number;
  readonly display_name: string;
}

type Builder = ExpressionBuilder<ServerTables, "servers">;
type Condition = Expression<SqlBool>;

/**
 * The page of servers that a query selects; `unknownMarker` when its marker never existed.
 *
 * `withoutCell`: none that is in the cell, and `unreachableMarker` when the marker is.
 */
export async function listServers(
  reader: Reader,
  query: ServerQuery,
  { withoutCell = false }: { readonly withoutCell?: boolean } = {},
): Promise<readonly ListedServer[] | "unknownMarker" | "unreachableMarker"> {
  let marker: Partial<ServersTable> | undefined;
  if (query.marker !== null) {
    marker = await reader.get(markerById, { id: query.marker.toLowerCase() });
    if (!marker) return "unknownMarker";
    if (withoutCell && marker.in_cell === 1) return "unreachableMarker";
  }
  if (query.limit === 0) return [];
  return await reader.select<ServerTables, ListedServer>((db) => {
    let select = db.selectFrom("servers").select(["id", "version", "display_name"])
      .where((eb) => eb.and(conditionsOf(eb, query)))
      .limit(query.limit);
    if (withoutCell) select = select.where("in_cell", "=", 0);
    if (marker) select = select.where((eb) => behind(eb, query.sort, marker));
    for (const [column, direction] of query.sort) select = select.orderBy(column, direction);
    return select;
  });
}

const queries = queriesOn<ServerTables>();

const markerById = queries.prepare<{ id: string }, Omit<ServersTable, "state">>((db, p) =>
  db.selectFrom("servers").select(["id", "version", ...SERVER_COLUMNS]).where("id", "=", p("id"))
);

function conditionsOf(eb: Builder, query: ServerQuery): Condition[] {
  const conditions: Condition[] = [lifeCondition(eb, query.lives)];
  const add = (condition: Condition | undefined) => condition && conditions.push(condition);
  if (query.projectId !== null) add(eb("project_id", "=", query.projectId));
  for (const [column, value] of query.equal) add(eb(column, "=", value));
  for (const [column, pattern] of query.matching) {
    add(sql<SqlBool>`${sql.ref(column)} regexp ${pattern}`);
  }
  if (query.status) {
    add(eb("vm_state", "in", [...query.status.vmStates]));
    if (query.status.taskStates) add(eb("task_state", "in", [...query.status.taskStates]));
  }
  if (query.changedSince !== null) add(eb("updated_at", ">=", query.changedSince));
  if (query.changedBefore !== null) add(eb("updated_at", "<=", query.changedBefore));
  if (query.ip !== null) add(contains("addresses_v4", query.ip));
  if (query.ip6 !== null) add(contains("addresses_v6", query.ip6));
  const { all, any, notAll, notAny } = query.tags;
  // No server has more than so many, and the database has a limit on conditions, too.
  if (all.length > MAX_TAGS) add(eb.lit(false));
  else for (const tag of all) add(eb("id", "in", withTag(eb, [tag])));
  if (any.length > 0) add(eb("id", "in", withTag(eb, any)));
  if (notAny.length > 0) add(eb("id", "not in", withTag(eb, notAny)));
  if (notAll.length > 0 && notAll.length <= MAX_TAGS) {
    add(eb.or(notAll.map((tag) => eb("id", "not in", withTag(eb, [tag])))));
  }
  return conditions;
}

/** Written out, not bound: only then can the indexes on the living be used. */
function lifeCondition(eb: Builder, lives: ServerQuery["lives"]): Condition {
  if (lives.length === 3) return eb.lit(true);
  return eb.or(lives.map((life) => eb("life", "=", eb.lit(life))));
}

function contains(column: "addresses_v4" | "addresses_v6", part: string): Condition {
  return sql<SqlBool>`instr(${sql.ref(column)}, ${part}) > 0`;
}

function withTag(eb: Builder, tags: readonly string[]) {
  return eb.selectFrom("server_tags").select("server_id").where("tag", "in", [...tags]);
}

/** Rows behind the marker's in the sort order: later in the first key, or equal there and so on. */
function behind(
  eb: Builder,
  sort: ServerQuery["sort"],
  marker: Partial<ServersTable>,
): Condition {
  const value = (column: ServerColumn) => marker[column] ?? null;
  return eb.or(sort.map(([column, direction], place) =>
    eb.and([
      ...sort.slice(0, place).map(([earlier]) => same(eb, earlier, value(earlier))),
      later(eb, column, direction, value(column)),
    ])
  ));
}

function same(eb: Builder, column: ServerColumn, value: string | number | null): Condition {
  return value === null ? eb(column, "is", null) : eb(column, "=", value);
}

/** Nulls stand first upwards and last downwards, as in the usual Nova database. */
function later(
  eb: Builder,
  column: ServerColumn,
  direction: SortDirection,
  value: string | number | null,
): Condition {
  if (direction === "asc") {
    return value === null ? eb(column, "is not", null) : eb(column, ">", value);
  }
  if (value === null) return eb.lit(false);
  const lower = eb(column, "<", value);
  // "or is null" would keep the database from seeking: only where there can be nulls.
  return NULLABLE.has(column) ? eb.or([lower, eb(column, "is", null)]) : lower;
}

const NULLABLE: ReadonlySet<ServerColumn> = new Set<ServerColumn>([
  "display_description",
  "task_state",
  "host",
  "node",
  "availability_zone",
  "key_name",
  "root_device_name",
  "access_ip_v4",
  "access_ip_v6",
  "locked_by",
  "launched_at",
  "terminated_at",
]);

/** Ids of servers in the cell that are not to be deleted, oldest first; `projectId` null: of all. */
export async function listUnreachable(
  reader: Reader,
  { projectId, limit }: Pick<ServerQuery, "projectId" | "limit">,
): Promise<readonly string[]> {
  const rows = await reader.select<ServerTables, { id: string }>((db) => {
    const select = db.selectFrom("servers").select("id")
      .where("in_cell", "=", 1).where("queued_for_delete", "=", 0)
      .orderBy("number").limit(limit);
    return projectId === null ? select : select.where("project_id", "=", projectId);
  });
  return rows.map(({ id }) => id);
}

/** The states of these servers, by id. */
export async function statesOf(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Server>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.select<ServerTables, { id: string; state: string }>((db) =>
    db.selectFrom("servers").select(["id", "state"]).where("id", "in", [...ids])
  );
  return new Map(rows.map(({ id, state }) => [id, JSON.parse(state) as Server]));
}
