/** What a list of images is asked for: Glance's filters, sort keys and pages. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Column } from "../../eventsourcing/state_table.ts";
import type { Caller } from "../../http/auth.ts";
import { parseTime } from "../../http/formats.ts";
import {
  type Condition,
  hasAllLabels,
  isLive,
  isOneOf,
  type Sort,
  type SortDirection,
  uniqueSort,
} from "../collections.ts";
import { DEFAULT_LIMIT, MAX_LIMIT, readLimit } from "./paging.ts";
import { IMAGE_PROPERTIES, IMAGE_TAGS, propertyLabel } from "./projection.ts";

/** A list's query, understood. */
export interface ImageListQuery {
  readonly visible: readonly Condition[];
  readonly where: readonly Condition[];
  readonly sort: Sort;
  readonly limit: number;
  readonly marker?: string;
}

// deno-fmt-ignore
const SORT_KEYS = [
  "name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at",
];

const PAGING = new Set(["limit", "marker", "sort", "sort_key", "sort_dir", "tag", "member_status"]);
const MEMBER_STATUSES = ["pending", "accepted", "rejected", "all"];
const VISIBILITIES = ["community", "public", "private", "shared", "all"];
/** Attributes that may be compared with a list: `name=in:a,b`. */
const WITH_OPERATORS = new Set(["name", "id", "status", "container_format", "disk_format"]);
const PLAIN = new Set(["owner", "checksum", "os_hash_algo", "os_hash_value"]);
const NUMBERS = new Set(["min_ram", "min_disk", "size", "virtual_size"]);
const TIMES = new Set(["created_at", "updated_at"]);
const COMPARISONS = { gt: ">", gte: ">=", lt: "<", lte: "<=", eq: "=", neq: "!=" } as const;

/**
 * Reads the query string of `GET /v2/images` for a caller.
 *
 * Refuses what Glance refuses, in its words. A range over an attribute that has no order is
 * refused, where Glance fails. Source: glance/api/v2/images.py and glance/db/sqlalchemy/api.py.
 */
export function readListQuery(query: URLSearchParams, caller: Caller): ImageListQuery | Rejection {
  const limit = readLimit(query.get("limit") ?? String(DEFAULT_LIMIT));
  if (typeof limit !== "number") return limit;
  const memberStatus = query.get("member_status") ?? "accepted";
  if (!MEMBER_STATUSES.includes(memberStatus)) return invalid(`Invalid status: ${memberStatus}`);
  const visibility = query.get("visibility") || undefined;
  if (visibility !== undefined && !VISIBILITIES.includes(visibility)) {
    return invalid(`Invalid visibility value: ${visibility}`);
  }
  const sort = readSort(query);
  if ("rejected" in sort) return sort;
  const filters = readFilters(query);
  if ("rejected" in filters) return filters;
  const marker = query.get("marker");
  return {
    visible: [isLive, ...visibleTo(caller, memberStatus)],
    where: [...inScope(caller, visibility), ...filters],
    sort,
    limit: Math.min(limit, MAX_LIMIT),
    ...(marker !== null && { marker }),
  };
}

function invalid(message: string): Rejection {
  return reject("Invalid", message);
}

/** The two syntaxes: `sort=name:asc,size` and `sort_key=name&sort_dir=asc`. */
function readSort(query: URLSearchParams): Sort | Rejection {
  const keys: string[] = [];
  const dirs: string[] = [];
  const joined = query.getAll("sort").at(-1);
  if (joined === undefined) {
    // Glance takes the last parameter first.
    keys.push(...query.getAll("sort_key").reverse().map((key) => key.trim()));
    dirs.push(...query.getAll("sort_dir").reverse().map((dir) => dir.trim()));
  } else {
    if (query.has("sort_key") || query.has("sort_dir")) {
      return invalid("Old and new sorting syntax cannot be combined");
    }
    for (const part of joined.trim().split(",")) {
      const [key = "", dir = ""] = part.split(/:(.*)/s);
      keys.push(key.trim());
      dirs.push(dir === "" ? "desc" : dir.trim());
    }
  }
  const unknown = keys.find((key) => !SORT_KEYS.includes(key));
  if (unknown !== undefined) {
    return invalid(
      `Invalid sort key: ${unknown}. It must be one of the following: ${SORT_KEYS.join(", ")}.`,
    );
  }
  const wrong = dirs.find((dir) => dir !== "asc" && dir !== "desc");
  if (wrong !== undefined) return invalid(`Invalid sort direction: ${wrong}`);
  if (dirs.length > 1 && dirs.length !== keys.length) {
    return invalid("Number of sort dirs does not match the number of sort keys");
  }
  const common = (dirs.length === 1 ? dirs[0] : "desc") as SortDirection;
  const sort = (keys.length === 0 ? ["created_at"] : keys).map((key, place) =>
    [key, (dirs.length > 1 ? dirs[place] : common) as SortDirection] as const
  );
  return uniqueSort([...sort, ["created_at", common]], ["id", common]);
}

/** Images that the caller may see at all. */
function visibleTo(caller: Caller, memberStatus: string): Condition[] {
  if (caller.isAdmin) return [];
  return [(eb) => {
    let offered = eb.selectFrom("image_members").select("image_id")
      .where("member", "=", caller.projectId);
    if (memberStatus !== "all") offered = offered.where("status", "=", memberStatus);
    return eb.or([
      eb("visibility", "in", ["public", "community"]),
      ...(caller.projectId === "" ? [] : [
        eb("owner", "=", caller.projectId),
        eb.and([eb("visibility", "=", "shared"), eb("id", "in", offered)]),
      ]),
    ]);
  }];
}

/** Community images of others are listed only when asked for. */
function inScope(caller: Caller, visibility: string | undefined): Condition[] {
  if (visibility === "all") return [];
  if (visibility !== undefined) return [isOneOf("visibility", [visibility])];
  return [
    (eb) =>
      eb.or([eb("visibility", "!=", "community"), eb("owner", "=", caller.projectId || null)]),
  ];
}

function readFilters(query: URLSearchParams): Condition[] | Rejection {
  const conditions: Condition[] = [];
  const properties: string[] = [];
  const tags = query.getAll("tag").map((tag) => tag.trim());
  const hidden = (query.getAll("os_hidden").at(-1) ?? "false").toLowerCase();
  if (hidden !== "true" && hidden !== "false") return invalid(badFlag("os_hidden", hidden));
  conditions.push(isOneOf("os_hidden", [hidden === "true" ? 1 : 0]));
  for (const name of new Set(query.keys())) {
    if (PAGING.has(name) || name === "os_hidden" || name === "visibility") continue;
    const condition = readFilter(name, query.getAll(name).at(-1)!);
    if (typeof condition === "string") properties.push(condition);
    else if (typeof condition === "function") conditions.push(condition);
    else return condition;
  }
  if (tags.length > 0) conditions.push(hasAllLabels(tags, IMAGE_TAGS));
  if (properties.length > 0) conditions.push(hasAllLabels(properties, IMAGE_PROPERTIES));
  return conditions;
}

function badFlag(name: string, value: string): string {
  return `Invalid value '${value}' for '${name}' filter. Valid values are 'true' or 'false'.`;
}

/** A condition, a refusal, or the label of a custom property. */
function readFilter(name: string, value: string): Condition | Rejection | string {
  if (name === "changes-since" && value !== "") {
    return invalid('The "changes-since" filter is no longer available on v2.');
  }
  if (name === "protected") {
    if (value !== "true" && value !== "false") return invalid(badFlag(name, value));
    return isOneOf("protected", [value === "true" ? 1 : 0]);
  }
  if (/_(min|max)$/.test(name)) return readRange(name, value);
  if (TIMES.has(name)) return readTime(name, value);
  if (WITH_OPERATORS.has(name)) return readOperator(name, value);
  if (PLAIN.has(name)) return isOneOf(name, [value]);
  if (NUMBERS.has(name)) return isOneOf(name, /^[0-9]+$/.test(value) ? [Number(value)] : [-1]);
  return propertyLabel(name, value);
}

function readRange(name: string, value: string): Condition | Rejection {
  const column = name.slice(0, -4);
  if (!NUMBERS.has(column) || !/^\s*[+-]?[0-9]+\s*$/.test(value)) {
    return invalid("Unable to filter on a range with a non-numeric value.");
  }
  return (eb) => eb(column, name.endsWith("_min") ? ">=" : "<=", Number(value));
}

function readTime(name: string, value: string): Condition | Rejection {
  const [, operator, text] = /^([a-z]+):(.*)$/s.exec(value) ?? [, "eq", value];
  const time = parseTime(text!);
  if (time === undefined) {
    return invalid(`Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`);
  }
  if (!Object.hasOwn(COMPARISONS, operator!)) return unknownOperator(operator!);
  const comparison = COMPARISONS[operator as keyof typeof COMPARISONS];
  // Clients see whole seconds, so that is what they compare with.
  return (eb) => eb(eb.fn("substr", [name, eb.val(1), eb.val(19)]), comparison, time.slice(0, 19));
}

function readOperator(name: string, value: string): Condition | Rejection {
  const at = value.indexOf(":");
  const isTime = parseTime(value) !== undefined;
  const operator = at < 0 || isTime ? "eq" : value.slice(0, at);
  const operand = at < 0 || isTime ? value : value.slice(at + 1);
  if (operator === "eq") return isOneOf(name, [operand]);
  if (operator !== "in") return unknownOperator(operator);
  const values = splitQuoted(operand);
  return Array.isArray(values) ? isOneOf(name, values) : values as Rejection;
}

function unknownOperator(operator: string): Rejection {
  return invalid(`Unable to filter by unknown operator '${operator}'.`);
}

/** `a,"b,c"` → `a` and `b,c`; glance/common/utils.py, `split_filter_value_for_quotes`. */
function splitQuoted(text: string): readonly Column[] | Rejection {
  const wrong = (why: string) => invalid(`Invalid filter value ${text}. ${why}`);
  let isOpen = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '"' || text[i - 1] === "\\") continue;
    if (!isOpen && i > 0 && text[i - 1] !== ",") {
      return wrong("There is no comma before opening quotation mark.");
    }
    if (isOpen && i + 1 < text.length && text[i + 1] !== ",") {
      return wrong("There is no comma after closing quotation mark.");
    }
    isOpen = !isOpen;
  }
  if (isOpen) return wrong("The quote is not closed.");
  return [...text.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,/gs)]
    .map(([, quoted, bare]) => quoted ?? bare ?? "");
}
