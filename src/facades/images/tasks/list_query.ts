/** What a list of tasks is asked for. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { isUuid } from "../../../http/formats.ts";
import { type Condition, isOneOf, type Sort, uniqueSort } from "../../collections.ts";
import {
  DEFAULT_LIMIT,
  last,
  MAX_LIMIT,
  readDirection,
  readLimit,
  refuseSortKey,
} from "../paging.ts";

/** A list's query, understood. */
export interface TaskListQuery {
  readonly visible: readonly Condition[];
  readonly where: readonly Condition[];
  readonly sort: Sort;
  readonly limit: number;
  readonly marker?: string;
}

const STATUSES = ["pending", "processing", "success", "failure"];
const SORT_KEYS = [
  "id",
  "type",
  "status",
  "owner",
  "image_id",
  "user_id",
  "request_id",
  "created_at",
  "updated_at",
  "expires_at",
];
/** Tasks end when they begin, so these follow from one time. */
const COLUMN_OF: Readonly<Record<string, string>> = {
  updated_at: "created_at",
  expires_at: "created_at",
};

/**
 * Reads the query string of `GET /v2/tasks`; `since`: tasks from before are forgotten.
 *
 * Source: glance/api/v2/tasks.py, `RequestDeserializer.index`.
 */
export function readTaskQuery(query: URLSearchParams, since: string): TaskListQuery | Rejection {
  const direction = readDirection(query);
  if (typeof direction !== "string") return direction;
  const status = last(query, "status") || undefined;
  if (status !== undefined && !STATUSES.includes(status)) {
    return reject("Invalid", `Invalid status value: ${status}`);
  }
  const type = last(query, "type") || undefined;
  if (type !== undefined && type !== "import") {
    return reject("Invalid", `Invalid type value: ${type}`);
  }
  const marker = last(query, "marker") || undefined;
  if (marker !== undefined && !isUuid(marker)) {
    return reject("Invalid", "Invalid marker format");
  }
  const limit = readLimit(last(query, "limit") ?? String(DEFAULT_LIMIT));
  if (typeof limit !== "number") return limit;
  const key = last(query, "sort_key") ?? "created_at";
  const column = COLUMN_OF[key] ?? key;
  return refuseSortKey(key, SORT_KEYS) ?? {
    visible: [(eb) => eb("created_at", ">", since)],
    where: [
      ...status === undefined ? [] : [isOneOf("status", [status])],
      ...type === undefined ? [] : [isOneOf("type", [type])],
    ],
    sort: uniqueSort([[column, direction], ["created_at", direction]], ["id", direction]),
    limit: Math.min(limit, MAX_LIMIT),
    ...(marker !== undefined && { marker: marker.toLowerCase() }),
  };
}
