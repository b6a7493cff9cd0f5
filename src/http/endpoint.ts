/**
 * What every compute endpoint shares: the checks before an operation, in Nova's order, and the
 * headers on its answer.
 */
import type { Context } from "hono";
import type { Caller, TokenChecker } from "./auth.ts";
import { UNAUTHORIZED_BODY } from "./auth.ts";
import { type BodyReading, MAX_BODY, readJson, withinLimit } from "./body.ts";
import {
  bodyTooLarge,
  type Fault,
  fault,
  FAULT_CONTENT_TYPE,
  faultBody,
  isFault,
  NO_SUCH_RESOURCE,
  routeNotFound,
  unexpected,
} from "./faults.ts";
import {
  MAX_MINOR,
  MIN_MINOR,
  type Minor,
  negotiate,
  type Negotiation,
  versionText,
} from "./microversions.ts";
import { type Place, placeOf } from "./paths.ts";
import { bodyProblem, type JsonSchema, leniently, queryProblem } from "./schema.ts";

/** A request that has passed the checks. */
export interface NovaRequest {
  readonly caller: Caller;
  readonly minor: Minor;
  /** `req-<uuid>`, new for every request. */
  readonly requestId: string;
  /** A variable of the path, as it was sent. */
  param(name: string): string;
  /** The query string; without unknown parameters only after `knownParameters`. */
  readonly query: URLSearchParams;
  /** The body, valid by the endpoint's schema; undefined where it has none. */
  readonly body: unknown;
  /** `http://host:port/v2.1`, the project behind it when the request's URL has it. */
  readonly selfBase: string;
  /** The same without the version. */
  readonly bookmarkBase: string;
  /** URL of the request without the query, for links to the next page. */
  readonly url: string;
  /** URL of the request with its query. */
  readonly wholeUrl: string;
  header(name: string): string | undefined;
}

/** What an operation answers with. */
export interface Answer {
  readonly status: number;
  /** JSON text, an object to be written as JSON, or nothing. */
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Outcome = Answer | Fault;

/** An operation's needs beyond the common ones. */
export interface EndpointOptions {
  /** Microversions that have it; others get a 404. */
  readonly since?: Minor;
  readonly until?: Minor;
  /** The body's schema; without one the body is not read. */
  readonly body?: (minor: Minor) => JsonSchema;
  /** The query string's schema; without one anything is accepted. */
  readonly query?: (minor: Minor) => JsonSchema;
  /**
   * Reads the body itself, in place of JSON against a schema: for actions.
   *
   * A `refusal` beside the value is one by the schema, and comes in the schema's turn.
   */
  readonly readBody?: (
    body: BodyReading,
    minor: Minor,
  ) => Fault | { readonly value: unknown; readonly refusal?: Fault };
}

export type Operation = (request: NovaRequest) => Promise<Outcome> | Outcome;

/** What endpoints need of the rest of the house. */
export interface EndpointDependencies {
  readonly tokens: TokenChecker;
  /** Where the identity service is, for the header of a 401. */
  identityUrl(requestUrl: string): string;
  /** Told of errors nobody foresaw, with the request's id. */
  onError(error: unknown, requestId: string): void;
}

/** Makes Hono handlers of operations, and answers for paths that are no route. */
export class Endpoints {
  constructor(private readonly dependencies: EndpointDependencies) {}

  /** A handler that checks, runs the operation, and answers with Nova's headers. */
  handler(operation: Operation, options: EndpointOptions = {}): (c: Context) => Promise<Response> {
    return async (c) => {
      // Hono takes HEAD for GET; Nova routes it nowhere.
      if (c.req.raw.method === "HEAD") return await this.notFound(c);
      const requestId = newRequestId();
      try {
        return await this.#answer(c, requestId, operation, options);
      } catch (error) {
        this.dependencies.onError(error, requestId);
        return respond(unexpected(error), requestId);
      }
    };
  }

  /** A handler that needs no token but obeys the version headers: for version documents. */
  open(document: (c: Context) => object): (c: Context) => Response {
    return (c) => {
      const requestId = newRequestId();
      const negotiation = negotiationOf(c);
      if ("malformed" in negotiation) return respond(malformedVersion(negotiation), requestId);
      if ("unsupported" in negotiation) {
        const { unsupported } = negotiation;
        return respond(unsupportedVersion(unsupported), requestId, unsupported);
      }
      const answer = { status: 200, body: document(c) };
      return respond(answer, requestId, versionText(negotiation.minor));
    };
  }

  /** The answer to what no route takes: 401 without a token, then 404. */
  notFound = async (c: Context): Promise<Response> => {
    const requestId = newRequestId();
    const { raw } = c.req;
    if (raw.body && await withinLimit(raw) === "tooLarge") return tooLarge(c, requestId);
    const caller = await this.#callerOf(c);
    if (!caller) return this.#unauthorized(c, requestId);
    const isHead = raw.method === "HEAD";
    const { type, body } = routeNotFound(isHead ? "text/html" : c.req.header("accept") ?? null);
    return new Response(isHead ? null : body, {
      status: 404,
      headers: { "content-type": type, ...requestIdHeaders(requestId) },
    });
  };

  async #answer(
    c: Context,
    requestId: string,
    operation: Operation,
    options: EndpointOptions,
  ): Promise<Response> {
    const bytes = c.req.method === "GET" ? undefined : await withinLimit(c.req.raw);
    if (bytes === "tooLarge") return tooLarge(c, requestId);
    const checked = this.#callerOf(c);
    // A token that is known costs no turn of the event loop.
    const caller = checked instanceof Promise ? await checked : checked;
    if (!caller) return this.#unauthorized(c, requestId);

    const place = placeOf(c.req.url)!;
    const negotiation = isLegacy(place) ? { minor: MIN_MINOR } : negotiationOf(c);
    if ("malformed" in negotiation) return respond(malformedVersion(negotiation), requestId);
    if ("unsupported" in negotiation) {
      const { unsupported } = negotiation;
      return respond(unsupportedVersion(unsupported), requestId, unsupported);
    }
    const { minor } = negotiation;
    const request = new ComputeRequest({ c, place, caller, minor, requestId });
    const refusal = refuseContentType(c) ?? request.readBody(bytes, options) ??
      request.refuseOtherProject() ?? refuseOtherVersions(minor, options) ??
      request.refuseInvalid(options);
    const outcome = refusal ?? await operation(request);
    return respond(outcome, requestId, isLegacy(place) ? undefined : versionText(minor));
  }

  #callerOf(c: Context): Caller | undefined | Promise<Caller | undefined> {
    const token = c.req.raw.headers.get("x-auth-token");
    return token ? this.dependencies.tokens.check(token) : undefined;
  }

  #unauthorized(c: Context, requestId: string): Response {
    return new Response(UNAUTHORIZED_BODY, {
      status: 401,
      headers: {
        "content-type": "application/json",
        "www-authenticate": `Keystone uri="${this.dependencies.identityUrl(c.req.url)}"`,
        ...requestIdHeaders(requestId),
      },
    });
  }
}

class ComputeRequest implements NovaRequest {
  readonly caller: Caller;
  readonly minor: Minor;
  readonly requestId: string;
  body: unknown;
  readonly #c: Context;
  readonly #place: Place;
  #query: URLSearchParams | undefined;
  #refusal: Fault | undefined;

  constructor({ c, place, caller, minor, requestId }: {
    readonly c: Context;
    readonly place: Place;
    readonly caller: Caller;
    readonly minor: Minor;
    readonly requestId: string;
  }) {
    this.#c = c;
    this.#place = place;
    this.caller = caller;
    this.minor = minor;
    this.requestId = requestId;
  }

  param(name: string): string {
    return this.#c.req.param(name) ?? "";
  }

  header(name: string): string | undefined {
    return this.#c.req.raw.headers.get(name) ?? undefined;
  }

  get query(): URLSearchParams {
    if (!this.#query) {
      const mark = this.#c.req.url.indexOf("?");
      this.#query = new URLSearchParams(mark < 0 ? "" : this.#c.req.url.slice(mark));
    }
    return this.#query;
  }

  get url(): string {
    return this.wholeUrl.split("?", 1)[0]!;
  }

  get wholeUrl(): string {
    return this.#c.req.url;
  }

  get selfBase(): string {
    const { origin, version, project } = this.#place;
    return `${origin}${version}${project === undefined ? "" : `/${project}`}`;
  }

  get bookmarkBase(): string {
    const { origin, project } = this.#place;
    return `${origin}${project === undefined ? "" : `/${project}`}`;
  }

  /** 400 when the path names a project that the token is not for. */
  refuseOtherProject(): Fault | undefined {
    const { project } = this.#place;
    if (project === undefined || project === this.caller.projectId) return undefined;
    return fault(
      400,
      `Malformed request URL: URL's project_id '${project}' doesn't match ` +
        `Context's project_id '${this.caller.projectId}'`,
    );
  }

  readBody(bytes: Uint8Array | undefined, options: EndpointOptions): Fault | undefined {
    if (bytes === undefined || (!options.body && !options.readBody)) return undefined;
    const reading = readJson(bytes);
    if (options.readBody) {
      const read = options.readBody(reading, this.minor);
      if (isFault(read)) return read;
      this.body = read.value;
      this.#refusal = read.refusal;
      return undefined;
    }
    if ("malformed" in reading) return fault(400, "Malformed request body");
    this.body = isLegacy(this.#place)
      ? leniently(options.body!(this.minor), reading.value)
      : reading.value;
  }

  refuseInvalid(options: EndpointOptions): Fault | undefined {
    if (this.#refusal) return this.#refusal;
    if (options.body && !options.readBody) {
      const problem = bodyProblem(options.body(this.minor), this.body);
      if (problem !== undefined) return fault(400, problem);
    }
    if (options.query && this.#c.req.url.includes("?")) {
      if (!isUtf8(this.#c.req.url)) return fault(400, "Query string is not UTF-8 encoded");
      const problem = queryProblem(options.query(this.minor), this.query);
      if (problem !== undefined) return fault(400, problem);
    }
  }
}

/** `/v2` is the API as it was before microversions: frozen at 2.1, lenient, without its headers. */
function isLegacy(place: Place): boolean {
  return place.version === "/v2";
}

function negotiationOf(c: Context): Negotiation {
  const { headers } = c.req.raw;
  return negotiate(
    headers.get("openstack-api-version"),
    headers.get("x-openstack-nova-api-version"),
  );
}

function newRequestId(): string {
  return `req-${crypto.randomUUID()}`;
}

function requestIdHeaders(requestId: string): Record<string, string> {
  return { "x-openstack-request-id": requestId, "x-compute-request-id": requestId };
}

/** An outcome with Nova's headers; `version` is left out where Nova names none. */
function respond(outcome: Outcome, requestId: string, version?: string): Response {
  const failed = isFault(outcome);
  const type = failed ? FAULT_CONTENT_TYPE : "application/json";
  // One object of headers is by far the fastest way to make a response.
  const headers: Record<string, string> = version === undefined
    ? { "content-type": type, ...requestIdHeaders(requestId) }
    : {
      "content-type": type,
      "x-openstack-request-id": requestId,
      "x-compute-request-id": requestId,
      "openstack-api-version": `compute ${version}`,
      "x-openstack-nova-api-version": version,
      vary: "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
    };
  if (failed) return new Response(faultBody(outcome), { status: outcome.fault, headers });
  const { status, body } = outcome;
  if (outcome.headers) Object.assign(headers, outcome.headers);
  if (body === undefined) {
    // An empty 202 says its length; HTTP itself says it for a 204.
    return new Response(status === 204 ? null : "", { status, headers });
  }
  return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

function tooLarge(c: Context, requestId: string): Response {
  const { type, body } = bodyTooLarge(c.req.header("accept") ?? null, MAX_BODY);
  return new Response(body, {
    status: 413,
    headers: { "content-type": type, ...requestIdHeaders(requestId) },
  });
}

function malformedVersion({ malformed }: { malformed: string }): Fault {
  return fault(
    400,
    `API Version String ${malformed} is of invalid format. Must be of format MajorNum.MinorNum.`,
  );
}

function unsupportedVersion(version: string): Fault {
  return fault(
    406,
    `Version ${version} is not supported by the API. Minimum is ${versionText(MIN_MINOR)} and ` +
      `maximum is ${versionText(MAX_MINOR)}.`,
  );
}

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  "",
  "text/plain",
  "application/json",
  "application/vnd.openstack.compute+json",
]);

function refuseContentType(c: Context): Fault | undefined {
  const header = c.req.raw.headers.get("content-type");
  if (header === null) return undefined;
  if (CONTENT_TYPES.has(header.split(";", 1)[0]!.trim().toLowerCase())) return undefined;
  return fault(415, "Unsupported Content-Type");
}

function refuseOtherVersions(minor: Minor, { since, until }: EndpointOptions): Fault | undefined {
  if (minor < (since ?? MIN_MINOR) || minor > (until ?? MAX_MINOR)) return NO_SUCH_RESOURCE;
}

/** Whether what is percent-encoded in a URL is UTF-8; a lone `%` is text. */
function isUtf8(url: string): boolean {
  try {
    decodeURIComponent(url.replace(/%(?![0-9a-fA-F]{2})/g, "%25"));
    return true;
  } catch {
    return false;
  }
}
