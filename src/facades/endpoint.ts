/** What the endpoints of every embedded service share: the token, the request's id, the 500. */
import type { Context } from "hono";
import { baseRoutePath } from "hono/route";
import type { EventMetadata } from "../eventsourcing/event.ts";
import { type Caller, type TokenChecker, UNAUTHORIZED_BODY } from "../http/auth.ts";
import { type BodyReading, readJson, withinLimit } from "../http/body.ts";

/** What the endpoints need of the rest of the house. */
export interface FacadeDependencies {
  readonly tokens: TokenChecker;
  /** Where the identity service is, for the header of a 401. */
  identityUrl(requestUrl: string): string;
  /** Told of errors nobody foresaw, with the request's id. */
  onError(error: unknown, requestId: string): void;
}

/** A request whose token was good. */
export class FacadeRequest {
  readonly #c: Context;

  constructor(
    c: Context,
    readonly caller: Caller,
    /** `req-<uuid>`, new for every request. */
    readonly requestId: string,
  ) {
    this.#c = c;
  }

  get raw(): Request {
    return this.#c.req.raw;
  }

  /** A variable of the path. */
  param(name: string): string {
    return this.#c.req.param(name) ?? "";
  }

  header(name: string): string | undefined {
    return this.raw.headers.get(name) ?? undefined;
  }

  /** The body's media type, without parameters; empty when none is named. */
  get mediaType(): string {
    return (this.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  }

  get query(): URLSearchParams {
    return new URL(this.raw.url).searchParams;
  }

  /** URL of the request without its query, for links to other pages. */
  get url(): string {
    return this.raw.url.split("?", 1)[0]!;
  }

  /** Where the service is, as the client reaches it: `http://host:port/image`. */
  get serviceUrl(): string {
    return serviceUrl(this.#c);
  }

  /** The body as JSON; undefined when it is over the limit of oslo.middleware. */
  async json(): Promise<BodyReading | undefined> {
    const bytes = await withinLimit(this.raw);
    return bytes === "tooLarge" ? undefined : readJson(bytes);
  }

  /** How events that follow from this request say where they come from. */
  metadata(command: string): EventMetadata {
    const { userId, projectId, roles } = this.caller;
    return {
      actor: { userId, projectId, roles: [...roles].sort() },
      requestId: this.requestId,
      command,
    };
  }
}

export type FacadeOperation = (request: FacadeRequest) => Promise<Response> | Response;

type Handler = (c: Context) => Promise<Response>;

/** Makes Hono handlers of a service's operations. */
export class FacadeEndpoints {
  constructor(
    private readonly dependencies: FacadeDependencies,
    /** The service's answer to an error that nobody foresaw. */
    private readonly serverError: (c: Context) => Response,
  ) {}

  /** A handler that lets in callers with a good token; others get a 401. */
  handler(operation: FacadeOperation): Handler {
    return async (c) => {
      const requestId = `req-${crypto.randomUUID()}`;
      let response: Response;
      try {
        const caller = await this.#callerOf(c);
        response = caller
          ? await operation(new FacadeRequest(c, caller, requestId))
          : this.#unauthorized(c);
      } catch (error) {
        this.dependencies.onError(error, requestId);
        response = this.serverError(c);
      }
      response.headers.set("x-openstack-request-id", requestId);
      return response;
    };
  }

  async #callerOf(c: Context): Promise<Caller | undefined> {
    const token = c.req.raw.headers.get("x-auth-token");
    return token ? await this.dependencies.tokens.check(token) : undefined;
  }

  #unauthorized(c: Context): Response {
    return new Response(UNAUTHORIZED_BODY, {
      status: 401,
      headers: {
        "content-type": "application/json",
        "www-authenticate": `Keystone uri="${this.dependencies.identityUrl(c.req.url)}"`,
      },
    });
  }
}

/** Where the service is mounted, as the client reaches it: `http://host:port/image`. */
export function serviceUrl(c: Context): string {
  const base = baseRoutePath(c);
  return new URL(c.req.url).origin + (base === "/" ? "" : base);
}

/** Path of a request within the service: `/v2/images`. */
export function servicePath(c: Context): string {
  const base = baseRoutePath(c);
  return base === "/" ? c.req.path : c.req.path.slice(base.length);
}

/** A JSON answer. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}
