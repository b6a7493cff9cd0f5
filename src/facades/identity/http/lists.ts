/** Lists as answers: narrowed, a page at a time. */
import type { Answer, AuthenticatedRequest, IdentityRequest, Outcome } from "./endpoint.ts";
import { type Fault, fault, isFault } from "./faults.ts";
import { equalTo, type ListQuery, listQueryOf, type Match, meets } from "./list_query.ts";
import { listOf } from "./views.ts";

/** What a list is of. */
export interface ListOptions<Item extends { readonly id: string }> {
  /** The attributes it can be narrowed by. */
  readonly filters: readonly string[];
  /** What is fixed besides the query. */
  readonly fixed?: readonly Match[];
  /** Finds what the query selects: one more than its limit, to tell whether there are more. */
  find(query: ListQuery): Promise<readonly Item[]>;
  /** Whether there is anything of an id, that a page may begin after it. */
  has(id: string): Promise<unknown>;
  view(item: Item): object;
}

/** 200 with a page of what a table holds; 404 for a marker that is not there. */
export async function answerList<Item extends { readonly id: string }>(
  request: AuthenticatedRequest,
  key: string,
  { filters, fixed = [], find, has, view }: ListOptions<Item>,
): Promise<Outcome> {
  const query = listQueryOf(request.query, filters);
  if (isFault(query)) return query;
  const { marker, limit } = query;
  if (marker !== undefined && !await has(marker)) return markerNotFound(marker);
  const found = await find({
    matches: [...query.matches, ...fixed],
    marker,
    limit: limit === undefined ? undefined : limit + 1,
  });
  return pageOf(request, key, found, limit, view);
}

/** The same for what is few enough to be at hand whole. */
export function answerWhole<Item extends { readonly id: string }>(
  request: IdentityRequest,
  key: string,
  filters: readonly string[],
  members: readonly Item[],
): Outcome {
  const query = listQueryOf(request.query, filters);
  if (isFault(query)) return query;
  const { marker, limit, matches } = query;
  const met = members.filter((member) => meets({ ...member }, matches));
  if (marker === undefined) return pageOf(request, key, met, limit, (member) => member);
  const start = members.findIndex(({ id }) => id === marker);
  if (start < 0) return markerNotFound(marker);
  const later = new Set(members.slice(start + 1));
  return pageOf(request, key, met.filter((one) => later.has(one)), limit, (member) => member);
}

/** What lists asked for with a token of one domain show: that domain only. */
export function ownDomainFilter(
  { token }: AuthenticatedRequest,
  attribute = "domain_id",
): readonly Match[] {
  return token.scope?.on === "domain" ? equalTo({ [attribute]: token.scope.domain.id }) : [];
}

function pageOf<Item extends { readonly id: string }>(
  request: IdentityRequest,
  key: string,
  found: readonly Item[],
  limit: number | undefined,
  view: (item: Item) => object,
): Answer {
  const page = limit === undefined ? found : found.slice(0, limit);
  const last = found.length > page.length ? page.at(-1)?.id : undefined;
  return listOf(request, key, page.map(view), last);
}

function markerNotFound(marker: string): Fault {
  return fault(404, `Marker ${marker} could not be found.`);
}
