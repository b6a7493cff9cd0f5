/** What a list of namespaces is asked for: Glance's filters, sort keys and pages. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { type Condition, isLive, isOneOf, type Sort, uniqueSort } from "../../collections.ts";
import {
  DEFAULT_LIMIT,
  last,
  MAX_LIMIT,
  readDirection,
  readLimit,
  refuseSortKey,
} from "../paging.ts";
import { NAMESPACE_TYPES } from "./projection.ts";

/** A list's query, understood. */
export interface NamespaceListQuery {
  readonly visible: readonly Condition[];
  readonly where: readonly Condition[];
  readonly sort: Sort;
  readonly limit: number;
  /** Name of the namespace before the page. */
  readonly marker?: string;
}

// deno-fmt-ignore
const SORT_KEYS = [
  "id", "namespace", "display_name", "description", "visibility", "protected", "owner",
  "created_at", "updated_at",
];

/**
 * Reads the query string of `GET /v2/metadefs/namespaces` for a caller.
 *
 * Refuses what Glance refuses, and limits and sort keys on which it fails.
 * Source: glance/api/v2/metadef_namespaces.py, `RequestDeserializer.index`.
 */
export function readNamespaceQuery(
  query: URLSearchParams,
  caller: Caller,
): NamespaceListQuery | Rejection {
  const limit = readLimit(last(query, "limit") ?? String(DEFAULT_LIMIT));
  if (typeof limit !== "number") return limit;
  const sort = readSort(query);
  if ("rejected" in sort) return sort;
  const visibility = last(query, "visibility") || undefined;
  if (visibility !== undefined && visibility !== "public" && visibility !== "private") {
    return reject("Invalid", `Invalid visibility value: ${visibility}`);
  }
  const types = last(query, "resource_types");
  const marker = last(query, "marker");
  return {
    visible: [isLive, ...visibleTo(caller)],
    where: [
      ...visibility === undefined ? [] : [isOneOf("visibility", [visibility])],
      ...types === undefined ? [] : [isMeantFor(types.split(","))],
    ],
    sort,
    limit: Math.min(limit, MAX_LIMIT),
    ...(marker !== undefined && { marker }),
  };
}

function readSort(query: URLSearchParams): Sort | Rejection {
  const direction = readDirection(query);
  if (typeof direction !== "string") return direction;
  const key = last(query, "sort_key") ?? "created_at";
  return refuseSortKey(key, SORT_KEYS) ??
    uniqueSort([[key, direction], ["created_at", direction]], ["id", direction]);
}

function visibleTo(caller: Caller): Condition[] {
  if (caller.isAdmin) return [];
  return [(eb) =>
    eb.or([
      eb("visibility", "=", "public"),
      ...(caller.projectId === "" ? [] : [eb("owner", "=", caller.projectId)]),
    ])];
}

function isMeantFor(types: readonly string[]): Condition {
  return (eb) =>
    eb(
      "id",
      "in",
      eb.selectFrom(NAMESPACE_TYPES).select("namespace_id").where("resource_type", "in", types),
    );
}
