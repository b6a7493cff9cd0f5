/** What identity endpoints share: the checks before an operation, and its answer's headers. */
import type { Context } from "hono";
import type { EventMetadata } from "../../../eventsourcing/event.ts";
import { MAX_BODY, readJson, withinLimit } from "../../../http/body.ts";
import { isDeeper, type JsonSchema, MAX_DEPTH } from "../../../http/schema.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { isBorrowed, type Token } from "../tokens/token.ts";
import {
  type Fault,
  fault,
  faultBody,
  forbidden,
  isFault,
  missing,
  unauthorized,
  UNEXPECTED,
} from "./faults.ts";
import { schemaProblem } from "./schema.ts";

/** What an operation answers with. */
export interface Answer {
  readonly status: number;
  /** An object to be written as JSON, or nothing. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Outcome = Answer | Fault;

export type Operation<Request> = (request: Request) => Promise<Outcome> | Outcome;

export interface EndpointOptions {
  /** Scheme, host and port that clients are told; default: those of their request. */
  readonly publicUrl?: string;
  /** Told of errors nobody foresaw, with the request's id; default: they are thrown on. */
  readonly onError?: (error: unknown, requestId: string) => void;
}

/** A request, its body read and checked. */
export class IdentityRequest {
  /** Valid by the endpoint's schema; empty where nothing was sent. */
  body: Readonly<Record<string, unknown>> = {};
  readonly #c: Context;
  readonly #publicUrl: string | undefined;

  /** `requestId`: `req-<uuid>`, new for every request. */
  constructor(c: Context, publicUrl: string | undefined, readonly requestId: string) {
    this.#c = c;
    this.#publicUrl = publicUrl;
  }

  /** A variable of the path. */
  param(name: string): string {
    return this.#c.req.param(name) ?? "";
  }

  header(name: string): string | undefined {
    return this.#c.req.raw.headers.get(name) ?? undefined;
  }

  get method(): string {
    return this.#c.req.raw.method;
  }

  get query(): URLSearchParams {
    const { url } = this.#c.req;
    const mark = url.indexOf("?");
    return new URLSearchParams(mark < 0 ? "" : url.slice(mark));
  }

  /** `http://host:port`. */
  get origin(): string {
    const { url } = this.#c.req;
    return this.#publicUrl ?? url.slice(0, pathStart(url));
  }

  /** `http://host:port/identity/v3`. */
  get base(): string {
    const path = this.#pathAndQuery.split("?", 1)[0]!;
    const version = path.indexOf("/v3");
    const mount = version < 0 ? path : path.slice(0, version);
    return `${this.origin}${mount.replace(/\/+$/, "")}/v3`;
  }

  /** The whole URL of the request. */
  get self(): string {
    return this.origin + this.#pathAndQuery;
  }

  get #pathAndQuery(): string {
    const { url } = this.#c.req;
    return url.slice(pathStart(url));
  }
}

/** A request with a token that holds. */
export class AuthenticatedRequest extends IdentityRequest {
  constructor(
    c: Context,
    publicUrl: string | undefined,
    requestId: string,
    readonly token: Token,
  ) {
    super(c, publicUrl, requestId);
  }

  /** What events that follow from this request are recorded under. */
  metadata(command: string): EventMetadata {
    const { userId, projectId, roles } = this.token.caller;
    return { actor: { userId, projectId, roles: [...roles] }, requestId: this.requestId, command };
  }
}

/** Makes Hono handlers of operations. */
export class IdentityEndpoints {
  constructor(
    readonly service: EmbeddedIdentity,
    private readonly options: EndpointOptions,
  ) {}

  /** For anyone. */
  open(
    operation: Operation<IdentityRequest>,
    schema?: JsonSchema,
  ): (c: Context) => Promise<Response> {
    return (c) =>
      this.#answer(
        c,
        async (request) => await readBody(c, request, schema) ?? await operation(request),
      );
  }

  /** For whoever has a token that holds; everybody else gets a 401. */
  authenticated(
    operation: Operation<AuthenticatedRequest>,
    schema?: JsonSchema,
  ): (c: Context) => Promise<Response> {
    return (c) =>
      this.#answer(c, async ({ requestId }) => {
        const sent = c.req.raw.headers.get("x-auth-token");
        const token = sent ? await this.service.validate(sent) : undefined;
        if (!token) return unauthorized();
        const request = new AuthenticatedRequest(c, this.options.publicUrl, requestId, token);
        return await readBody(c, request, schema) ?? await operation(request);
      });
  }

  /** The same, but for tokens with which somebody acts in another's place: 403. */
  undelegated(
    operation: Operation<AuthenticatedRequest>,
    schema?: JsonSchema,
  ): (c: Context) => Promise<Response> {
    return this.authenticated(
      (request) =>
        isBorrowed(request.token)
          ? forbidden("Delegated tokens cannot access credentials directly")
          : operation(request),
      schema,
    );
  }

  async #answer(c: Context, operation: Operation<IdentityRequest>): Promise<Response> {
    const { publicUrl, onError } = this.options;
    const request = new IdentityRequest(c, publicUrl, `req-${crypto.randomUUID()}`);
    try {
      return respond(request, await operation(request));
    } catch (error) {
      if (!onError) throw error;
      onError(error, request.requestId);
      return respond(request, UNEXPECTED);
    }
  }
}

/** Reads the body into the request. Source: keystone …/request_processing/json_body.py. */
async function readBody(
  c: Context,
  request: IdentityRequest,
  schema: JsonSchema | undefined,
): Promise<Fault | undefined> {
  const bytes = await withinLimit(c.req.raw);
  if (bytes === "tooLarge") {
    return fault(413, `Request is too large. Larger than max_request_body_size (${MAX_BODY}).`);
  }
  if (bytes.length > 0) {
    if (!isJson(request.header("content-type"))) {
      return missing("application/json", "Content-Type header");
    }
    const reading = readJson(bytes);
    if (
      "malformed" in reading || !isObject(reading.value) || isDeeper(reading.value, MAX_DEPTH)
    ) {
      return missing("valid JSON", "request body");
    }
    request.body = reading.value;
  }
  const problem = schema && schemaProblem(schema, request.body);
  return problem === undefined ? undefined : fault(400, problem);
}

function isJson(contentType: string | undefined): boolean {
  const [type] = (contentType ?? "").toLowerCase().split(";", 1);
  return /^\s*(application\/(.+\+)?json)?\s*$/.test(type!);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function respond(request: IdentityRequest, outcome: Outcome): Response {
  const headers = new Headers({
    "vary": "X-Auth-Token",
    "x-openstack-request-id": request.requestId,
  });
  const status = isFault(outcome) ? outcome.fault : outcome.status;
  const body = isFault(outcome) ? faultBody(outcome) : outcome.body;
  if (status === 401) headers.set("www-authenticate", `Keystone uri="${request.base}"`);
  if (body) headers.set("content-type", "application/json");
  if (!isFault(outcome)) {
    for (const [name, value] of Object.entries(outcome.headers ?? {})) headers.set(name, value);
  }
  return new Response(body ? JSON.stringify(body) : null, { status, headers });
}

function pathStart(url: string): number {
  const slash = url.indexOf("/", url.indexOf("//") + 2);
  return slash < 0 ? url.length : slash;
}
