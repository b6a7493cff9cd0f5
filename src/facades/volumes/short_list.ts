/** Lists of what there are few of (types, QoS specs): pages are cut from all of them. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { VolumeRequest } from "./endpoint.ts";

/** The page that `limit` and `marker` of a query ask for; cinder/api/common.py. */
export function pageOf<State>(
  all: readonly Versioned<State>[],
  query: URLSearchParams,
  notFound: (id: string) => Rejection,
): readonly Versioned<State>[] | Rejection {
  const marker = query.get("marker");
  const at = marker === null ? -1 : all.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) return notFound(marker);
  const limit = query.get("limit");
  if (limit === null) return all.slice(at + 1);
  if (!/^[+-]?[0-9]+$/.test(limit)) return reject("Invalid", "limit param must be an integer");
  if (Number(limit) < 0) return reject("Invalid", "limit param must be positive");
  return all.slice(at + 1, at + 1 + Number(limit));
}

/** Links to the page behind a full one, under the answer's key for them; nothing otherwise. */
export function linksBehind<State>(
  page: readonly Versioned<State>[],
  { query, selfBase }: VolumeRequest,
  { key, path }: { readonly key: string; readonly path: string },
): object {
  const last = page.at(-1);
  if (!last || !query.has("limit") || page.length < Number(query.get("limit"))) return {};
  const next = new URLSearchParams(query);
  next.set("marker", last.id);
  return { [key]: [{ rel: "next", href: `${selfBase}/${path}?${next}` }] };
}
