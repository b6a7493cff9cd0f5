/** Paging as Nova does it; nova/api/openstack/common.py. */

/** Largest page, and the size of one when no limit is asked for; setting `max_limit`. */
export const DEFAULT_MAX_LIMIT = 1000;

/** The page size: what was asked for, but no more than the maximum. */
export function pageSize(query: URLSearchParams, maxLimit: number): number {
  const asked = query.getAll("limit").at(-1);
  return asked === undefined ? maxLimit : Math.min(Number(asked), maxLimit);
}

/**
 * The link to the next page: the request's parameters in order of name, each once with its last
 * value, and the marker. Undefined when the page is not full.
 */
export function nextLink(
  url: string,
  query: URLSearchParams,
  page: { readonly size: number; readonly ids: readonly string[] },
): { readonly rel: "next"; readonly href: string } | undefined {
  if (page.size === 0 || page.ids.length < page.size) return undefined;
  const names = [...new Set(query.keys())].filter((name) => name !== "marker").sort();
  const next = new URLSearchParams(names.map((name) => [name, query.getAll(name).at(-1)!]));
  next.append("marker", page.ids.at(-1)!);
  return { rel: "next", href: `${url}?${next}` };
}
