/** The forms a compute URL may have: with or without the project, `/v2.1` or the older `/v2`. */

/** Where a request was sent to, as links in its answer repeat it. */
export interface Place {
  /** `http://host:port`. */
  readonly origin: string;
  /** `/v2.1` or `/v2`. */
  readonly version: string;
  /** The project in the path, if it has one. */
  readonly project: string | undefined;
}

const PLACE = /^([a-z]+:\/\/[^/]*)\/+(v2(?:\.1)?)(?:\/+([0-9a-f-]+)(?=\/))?(?=\/|\?|#|$)/;

/** The place that a URL names; undefined when it is not of the compute API. */
export function placeOf(url: string): Place | undefined {
  // Asked twice for each request: for its route, and for the links in its answer.
  if (url !== last.url) last = { url, place: read(url) };
  return last.place;
}

let last: { readonly url: string; readonly place: Place | undefined } = {
  url: "",
  place: undefined,
};

function read(url: string): Place | undefined {
  const match = PLACE.exec(url);
  if (!match) return undefined;
  return { origin: match[1]!, version: `/${match[2]}`, project: match[3] };
}

/**
 * The path by which requests are routed: `/v2` as `/v2.1`, without the project, doubled slashes
 * made one; of the network service, without the `.json` that Neutron's may end in.
 *
 * So each resource is routed once, whatever form of its path a client uses.
 */
export function routedPath(url: string): string {
  const place = placeOf(url);
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.slice(start).search(/[?#]/);
  let path = end < 0 ? url.slice(start) : url.slice(start, start + end);
  if (path.includes("//")) path = path.replace(/\/{2,}/g, "/");
  if (path.endsWith(".json") && path.startsWith("/network/")) path = path.slice(0, -".json".length);
  if (place?.version === "/v2") path = path.replace(/^\/v2(?=\/.)/, "/v2.1");
  return place?.project === undefined ? path : path.replace(`/${place.project}`, "");
}

/** A URL, or a path, that may be written down: without the token for a console that it may name. */
export function withoutToken(url: string): string {
  return url.replace(/(\/os-console-auth-tokens\/+)[^/?#]+/, "$1***");
}
