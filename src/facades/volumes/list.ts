/** Lists as Cinder answers them: pages, sort keys, filters. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import { parseTime } from "../../http/formats.ts";
import type { Reader } from "../../store/query.ts";
import {
  type Condition,
  hasAllLabels,
  hasPart,
  isLive,
  isOneOf,
  listPage,
  type Sort,
  type SortDirection,
  uniqueSort,
} from "../collections.ts";
import { ofOwnProject } from "./access.ts";
import type { VolumeRequest } from "./endpoint.ts";
import { metadataLabel } from "./metadata_projection.ts";
import { invalidInput } from "./refusals.ts";

/** cinder/common/config.py, `osapi_max_limit`. */
const MAX_LIMIT = 1000;

/** What of one kind of resource can be asked for. */
export interface Listed {
  /** `volumes`, as in paths and answers. */
  readonly plural: string;
  readonly table: string;
  /** Columns by what filters call them, but for those below. */
  readonly filters: Readonly<Record<string, string>>;
  /** What a query may say besides. */
  readonly ignored?: readonly string[];
  readonly sortKeys: Readonly<Record<string, string>>;
  /** By default `desc`. */
  readonly defaultDirection?: SortDirection;
  /** Where metadata are found; absent: it has none. */
  readonly metadata?: { readonly table: string; readonly id: string; readonly label: string };
  notFound(id: string): Rejection;
}

interface Page {
  readonly sort: Sort;
  readonly limit: number;
  readonly offset: number;
  readonly marker: string | undefined;
}

/** The rows of one page, and what else its answer tells. */
export interface Listing<State> {
  readonly rows: readonly Versioned<State>[];
  /** Links to the next page, if there may be one; none is an empty list. */
  readonly links: readonly object[];
  /** How many there are on all pages, where that is asked for. */
  readonly count: number | undefined;
}

const PAGING = new Set(["limit", "marker", "offset", "sort", "sort_key", "sort_dir", "with_count"]);

/** Reads a list's query and finds its rows. `path`: the list's own, behind the version. */
export async function listOf<State>(
  reader: Reader,
  request: VolumeRequest,
  listed: Listed,
  path: string,
): Promise<Listing<State> | Rejection> {
  const page = readPage(request.query, listed);
  if (isRejection(page)) return page;
  const where = readFilters(request, listed);
  if (isRejection(where)) return where;
  const visible = [isLive, ...inScope(request)];
  const { sort, limit, offset, marker } = page;
  const found = limit === 0 ? [] : await listPage<State>(reader, {
    table: listed.table,
    visible,
    where,
    sort,
    limit: limit + offset,
    ...(marker !== undefined && { marker }),
  });
  if (!found) return listed.notFound(marker!);
  const rows = found.slice(offset);
  const isCounted = request.minor >= 45 && isYes(request.query.get("with_count") ?? "");
  return {
    rows,
    links: rows.length > 0 && rows.length >= limit
      ? [nextLink(request, path, rows.at(-1)!.id)]
      : [],
    count: isCounted ? await countOf(reader, listed, [...visible, ...where]) : undefined,
  };
}

async function countOf(
  reader: Reader,
  { table }: Listed,
  where: readonly Condition[],
): Promise<number> {
  const all = await listPage(reader, { table, visible: [], where, sort: [["id", "asc"]] });
  return all!.length;
}

function nextLink(request: VolumeRequest, path: string, marker: string): object {
  const params = new URLSearchParams(request.query);
  params.set("marker", marker);
  return { rel: "next", href: `${request.selfBase}/${path}?${params}` };
}

/** The caller's project, or all of them for an admin who asks. */
function inScope({ caller, query }: VolumeRequest): Condition[] {
  if (!caller.isAdmin || !isYes(query.get("all_tenants") ?? "")) return [ofOwnProject(caller)];
  const project = query.get("project_id");
  return project ? [isOneOf("project_id", [project])] : [];
}

/** Words that Cinder takes for true in a query string; oslo_utils, `bool_from_string`. */
export function isYes(text: string): boolean {
  return ["1", "t", "true", "on", "y", "yes"].includes(text.trim().toLowerCase());
}

function readPage(query: URLSearchParams, listed: Listed): Page | Rejection {
  const limit = readWhole(query.get("limit"), "limit");
  if (typeof limit === "object") return limit;
  const offset = readOffset(query.get("offset"));
  if (typeof offset !== "number") return offset;
  const sort = readSort(query, listed);
  if (isRejection(sort)) return sort;
  const marker = query.get("marker") ?? undefined;
  return { sort, limit: Math.min(limit ?? MAX_LIMIT, MAX_LIMIT), offset, marker };
}

function readWhole(text: string | null, name: string): number | undefined | Rejection {
  if (text === null) return undefined;
  if (!/^\s*[+-]?[0-9]+\s*$/.test(text)) {
    return reject("Invalid", `${name} param must be an integer`);
  }
  return Number(text) < 0 ? reject("Invalid", `${name} param must be positive`) : Number(text);
}

function readOffset(text: string | null): number | Rejection {
  if (text === null) return 0;
  if (!/^\s*[+-]?[0-9]+\s*$/.test(text)) return reject("Invalid", "offset must be an integer");
  const offset = Number(text);
  if (offset < 0) return reject("Invalid", "offset must be >= 0");
  return offset > 0x7fffffff ? reject("Invalid", "offset must be <= 2147483647") : offset;
}

/** The two syntaxes: `sort=name:asc,size` and `sort_key=name&sort_dir=asc`. */
function readSort(
  query: URLSearchParams,
  { sortKeys, defaultDirection = "desc" }: Listed,
): Sort | Rejection {
  const joined = query.get("sort");
  if (joined !== null && (query.has("sort_key") || query.has("sort_dir"))) {
    return reject(
      "Invalid",
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the " +
        "'sort' parameter.",
    );
  }
  const pairs = joined === null
    ? [[query.get("sort_key") ?? "created_at", query.get("sort_dir") ?? defaultDirection]]
    : joined.trim().split(",").map((part) => {
      const [key = "", dir = ""] = part.split(/:(.*)/s);
      return [key, dir || "desc"];
    });
  const sort: (readonly [string, SortDirection])[] = [];
  for (const [key, dir] of pairs) {
    const name = key!.trim();
    const direction = dir!.trim();
    if (!Object.hasOwn(sortKeys, name)) return invalidInput(`Invalid sort key`);
    if (direction !== "asc" && direction !== "desc") {
      return invalidInput("Unknown sort direction, must be 'desc' or 'asc'");
    }
    sort.push([sortKeys[name]!, direction]);
  }
  return uniqueSort([...sort, ["number", sort.at(-1)![1]]], ["id", sort.at(-1)![1]]);
}

/** Filters that only say whose things are listed. */
const SCOPE = new Set(["all_tenants", "project_id"]);
const TIMES = new Set(["created_at", "updated_at"]);
const COMPARISONS = { gt: ">", gte: ">=", lt: "<", lte: "<=", eq: "=", neq: "!=" } as const;

function readFilters(
  { query, minor, caller }: VolumeRequest,
  listed: Listed,
): readonly Condition[] | Rejection {
  const conditions: Condition[] = [];
  const unknown: string[] = [];
  for (const [name, value] of query) {
    if (PAGING.has(name) || SCOPE.has(name) || listed.ignored?.includes(name)) continue;
    const condition = readFilter(name, value, minor, listed);
    if (condition === undefined) unknown.push(name);
    else if (isRejection(condition)) return condition;
    else conditions.push(condition);
  }
  if (unknown.length > 0 && minor >= 31 && !caller.isAdmin) {
    return reject("Invalid", `Invalid filters ${unknown.join(",")} are found in query options.`);
  }
  return conditions;
}

/** A condition; undefined for filters that there are not, which older versions leave aside. */
function readFilter(
  name: string,
  value: string,
  minor: number,
  { filters, metadata }: Listed,
): Condition | Rejection | undefined {
  if (name === "metadata" && metadata) {
    const items = readDict(value);
    if (!items) return (eb) => eb.lit(false);
    return hasAllLabels(items.map(([key, item]) => metadataLabel(key, item)), metadata);
  }
  if (TIMES.has(name) && minor >= 60) return readTimes(name, value);
  if (name === "bootable" && Object.hasOwn(filters, name)) return readFlag(name, value, minor);
  const isPart = name.endsWith("~") && minor >= 34;
  const key = isPart ? name.slice(0, -1) : name;
  if (!Object.hasOwn(filters, key)) return undefined;
  const column = filters[key]!;
  if (isPart) return hasPart(column, value);
  return isOneOf(column, [column === "size" ? Number(value) : value]);
}

function readFlag(name: string, value: string, minor: number): Condition | Rejection {
  if (minor < 2) return isOneOf(name, [value.toLowerCase() === "false" || value === "" ? 0 : 1]);
  if (isYes(value)) return isOneOf(name, [1]);
  if (["0", "f", "false", "off", "n", "no"].includes(value.trim().toLowerCase())) {
    return isOneOf(name, [0]);
  }
  return invalidInput(`'${name} = ${value}'`);
}

/** `gt:2026-01-02T03:04:05,lt:…`. */
function readTimes(name: string, value: string): Condition | Rejection {
  const conditions: Condition[] = [];
  for (const part of value.split(",")) {
    const [operator = "", text = ""] = part.split(/:(.*)/s);
    if (!Object.hasOwn(COMPARISONS, operator)) {
      return reject("Invalid", `Invalid ${operator} operator`);
    }
    const time = parseTime(text);
    if (time === undefined) return reject("Invalid", `Invalid ${text} value`);
    const comparison = COMPARISONS[operator as keyof typeof COMPARISONS];
    conditions.push((eb) => eb(name, comparison, time));
  }
  return (eb) => eb.and(conditions.map((condition) => condition(eb)));
}

/** `{'a': 'b'}` as Python writes it, or as JSON; undefined for other texts. */
function readDict(text: string): readonly (readonly [string, string])[] | undefined {
  for (const candidate of [text, text.replaceAll("'", '"')]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      return Object.entries(value).map(([key, item]) => [key, String(item)] as const);
    } catch {
      continue;
    }
  }
  return undefined;
}
