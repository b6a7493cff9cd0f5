/** What the queries of Glance's lists have in common. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";

/** glance/common/config.py, `limit_param_default` and `api_limit_max`. */
export const DEFAULT_LIMIT = 25;
export const MAX_LIMIT = 1000;

/** A parameter's last value. */
export function last(query: URLSearchParams, name: string): string | undefined {
  return query.getAll(name).at(-1);
}

/** A number of things that is not negative. */
export function readLimit(text: string): number | Rejection {
  if (!/^\s*[+-]?[0-9]+\s*$/.test(text)) {
    return reject("Invalid", "limit param must be an integer");
  }
  return Number(text) < 0 ? reject("Invalid", "limit param must be positive") : Number(text);
}

/** The direction of a sort; down unless it is said. */
export function readDirection(query: URLSearchParams): "asc" | "desc" | Rejection {
  const direction = last(query, "sort_dir") ?? "desc";
  if (direction === "asc" || direction === "desc") return direction;
  return reject("Invalid", `Invalid sort direction: ${direction}`);
}

/** Says no to a sort key that is none. */
export function refuseSortKey(key: string, known: readonly string[]): Rejection | undefined {
  return known.includes(key) ? undefined : reject("Invalid", "Sort key supplied was not valid.");
}
