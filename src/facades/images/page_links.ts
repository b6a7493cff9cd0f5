/** The links of Glance's lists: to the first page, and to the next when there may be one. */

/** `marker`: what stands last on a page that is full; undefined when it is the last page. */
export function pageLinks(
  path: string,
  query: URLSearchParams,
  marker: string | undefined,
): { readonly first: string; readonly next?: string } {
  const params = lastValues(query);
  params.delete("marker");
  const first = withQuery(path, params);
  if (marker === undefined) return { first };
  params.set("marker", marker);
  return { first, next: withQuery(path, params) };
}

/** Each parameter once, with its last value, as in Python's `dict(params)`. */
function lastValues(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams(
    [...new Set(query.keys())].map((name) => [name, query.getAll(name).at(-1)!]),
  );
}

function withQuery(path: string, params: URLSearchParams): string {
  return params.size === 0 ? path : `${path}?${params}`;
}
