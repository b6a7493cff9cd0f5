/** Lists and single resources as Neutron answers them: filters, fields, sort keys, pages. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import { pythonRepr } from "../../http/python.ts";
import type { Reader } from "../../store/query.ts";
import {
  type Condition,
  isOneOf,
  listPage,
  type PageQuery,
  type Sort,
  type SortDirection,
  uniqueSort,
} from "../collections.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../endpoint.ts";
import { refused } from "./answers.ts";
import type { Attribute } from "./attributes.ts";
import { badRequest, type NeutronRejection, refusal } from "./refusals.ts";

/** One kind of resource, as its GETs need it. */
export interface Resource<State> {
  /** `network`; with underscores. */
  readonly name: string;
  /** `networks`. */
  readonly plural: string;
  readonly table: string;
  /** By Neutron's name. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** What is in the lists at all, for this caller. */
  visibleTo(caller: Caller): readonly Condition[];
  /** The resources' JSON, in the order given. */
  views(
    reader: Reader,
    rows: readonly Versioned<State>[],
    caller: Caller,
  ): Promise<readonly Json[]> | readonly Json[];
  notFound(id: string): NeutronRejection;
}

export type Json = Readonly<Record<string, unknown>>;

const PAGING = new Set(["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"]);

/** `GET /v2.0/<plural>`. */
export function listOf<State>(reader: Reader, resource: Resource<State>): FacadeOperation {
  return async (request) => {
    const query = readQuery(request, resource);
    if (isRejection(query)) return refused(query);
    const rows = await listPage<State>(reader, query);
    if (!rows) return refused(resource.notFound(query.marker!));
    const views = await resource.views(reader, rows, request.caller);
    const links = query.limit === undefined
      ? []
      : pageLinks(request, rows.map(({ id }) => id), query.limit);
    const fields = request.query.getAll("fields").filter((field) => field !== "");
    return json(200, {
      [resource.plural]: views.map((view) => onlyFields(view, fields)),
      ...(links.length > 0 && { [`${resource.plural}_links`]: links }),
    });
  };
}

/** `GET /v2.0/<plural>/{id}`. */
export function showOf<State>(reader: Reader, resource: Resource<State>): FacadeOperation {
  return async (request) => {
    const { caller } = request;
    const found = await findVisible(reader, resource, request.param("id"), caller);
    if (!found) return refused(resource.notFound(request.param("id")));
    const [view] = await resource.views(reader, [found], caller);
    const fields = request.query.getAll("fields").filter((field) => field !== "");
    return json(200, { [resource.name]: onlyFields(view!, fields) });
  };
}

/** A resource that the caller may see; undefined when there is none of this id. */
export async function findVisible<State>(
  reader: Reader,
  resource: Resource<State>,
  id: string,
  caller: Caller,
): Promise<Versioned<State> | undefined> {
  const rows = await listPage<State>(reader, {
    table: resource.table,
    visible: resource.visibleTo(caller),
    where: [isOneOf("id", [id])],
    sort: [["id", "asc"]],
    limit: 1,
  });
  return rows?.[0];
}

function onlyFields(view: Json, fields: readonly string[]): Json {
  if (fields.length === 0) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => fields.includes(name)));
}

function readQuery<State>(
  request: FacadeRequest,
  resource: Resource<State>,
): PageQuery | NeutronRejection {
  const { query, caller } = request;
  const where: Condition[] = [];
  const unknown: string[] = [];
  for (const name of new Set(query.keys())) {
    if (PAGING.has(name)) continue;
    const filter = filterOf(name, query.getAll(name), resource);
    if (filter === undefined) unknown.push(name);
    else if (isRejection(filter)) return filter;
    else where.push(filter);
  }
  if (unknown.length > 0) {
    return badRequest(`${pythonRepr(unknown)} is invalid attribute for filtering`);
  }
  const sort = readSort(query, resource.attributes);
  if (isRejection(sort)) return sort;
  const limit = readLimit(query);
  if (isRejection(limit)) return limit;
  const marker = limit === undefined ? undefined : query.get("marker") || undefined;
  return {
    table: resource.table,
    visible: resource.visibleTo(caller),
    where,
    sort,
    ...(limit !== undefined && { limit }),
    ...(marker !== undefined && { marker }),
    reverse: limit !== undefined && isReversed(query),
  };
}

function filterOf<State>(
  name: string,
  values: readonly string[],
  resource: Resource<State>,
): Condition | NeutronRejection | undefined {
  if (!Object.hasOwn(resource.attributes, name)) return undefined;
  return resource.attributes[name]!.filter(values);
}

function readSort(
  query: URLSearchParams,
  attributes: Readonly<Record<string, Attribute>>,
): Sort | NeutronRejection {
  const keys = query.getAll("sort_key").filter((key) => key !== "");
  const dirs = query.getAll("sort_dir").filter((dir) => dir !== "");
  if (keys.length !== dirs.length) {
    return badRequest("The number of sort_keys and sort_dirs must be same");
  }
  const columns = keys.map((key) =>
    Object.hasOwn(attributes, key) ? attributes[key]!.sortColumn : undefined
  );
  const absent = keys.filter((_, place) => columns[place] === undefined);
  if (absent.length > 0) {
    return badRequest(`${pythonRepr(absent)} is invalid attribute for sort_keys`);
  }
  const wrong = dirs.filter((dir) => dir !== "asc" && dir !== "desc");
  if (wrong.length > 0) {
    return badRequest(
      `${pythonRepr(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`,
    );
  }
  const sort = columns.map((column, place) => [column!, dirs[place] as SortDirection] as const);
  return uniqueSort(sort, ["id", "asc"]);
}

/** Undefined: everything on one page. */
function readLimit(query: URLSearchParams): number | undefined | NeutronRejection {
  const text = query.getAll("limit").at(-1);
  if (text === undefined) return undefined;
  if (!/^\s*\+?[0-9]+\s*$/.test(text)) {
    return refusal(
      "Invalid",
      "BadRequest",
      `Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`,
    );
  }
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER) || undefined;
}

function isReversed(query: URLSearchParams): boolean {
  return query.get("page_reverse")?.toLowerCase() === "true";
}

/** Links to the pages around one; neutron/api/api_common.py, `get_pagination_links`. */
function pageLinks(request: FacadeRequest, ids: readonly string[], limit: number): object[] {
  const reverse = isReversed(request.query);
  const isShort = ids.length < limit;
  const link = (rel: string, marker: string | undefined, backwards: boolean) => {
    const params = new URLSearchParams(request.query);
    params.delete("marker");
    params.delete("page_reverse");
    if (marker !== undefined) params.set("marker", marker);
    if (backwards) params.set("page_reverse", "True");
    return { rel, href: `${request.url}?${params}` };
  };
  return [
    ...(isShort && !reverse ? [] : [link("next", ids.at(-1), false)]),
    ...(isShort && reverse ? [] : [link("previous", ids[0], true)]),
  ];
}
