/** What every endpoint under `/chronova/v1` shares: the token, who may, one form for errors. */
import type { Context } from "hono";
import { isRejection, type Rejection } from "../eventsourcing/decider.ts";
import type { EventMetadata } from "../eventsourcing/event.ts";
import { type Caller, type TokenChecker, UNAUTHORIZED_BODY } from "../http/auth.ts";
import { readJson, withinLimit } from "../http/body.ts";
import { type Fault, fault, faultOf, isFault } from "../http/faults.ts";
import { bodyProblem, type JsonSchema } from "../http/schema.ts";
import { titleOf } from "./faults/response.ts";

/** What the endpoints need of the rest of the house. */
export interface ExtensionDependencies {
  readonly tokens: TokenChecker;
  /** Where the identity service is, for the header of a 401. */
  identityUrl(requestUrl: string): string;
  /** Told of errors nobody foresaw, with the request's id. */
  onError(error: unknown, requestId: string): void;
}

/** A request that has passed the checks. */
export class ExtensionRequest {
  constructor(
    private readonly c: Context,
    readonly caller: Caller,
    /** `req-<uuid>`, new for every request. */
    readonly requestId: string,
    /** Valid by the endpoint's schema; undefined where it has none. */
    readonly body: unknown,
  ) {}

  get raw(): Request {
    return this.c.req.raw;
  }

  param(name: string): string {
    return this.c.req.param(name) ?? "";
  }

  get query(): URLSearchParams {
    return new URL(this.raw.url).searchParams;
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

/** What an operation gives: an answer, what becomes JSON, or a refusal. */
export type ExtensionOutcome =
  | Response
  | { readonly status: number; readonly body?: object }
  | Fault
  | Rejection;

export type ExtensionOperation = (
  request: ExtensionRequest,
) => Promise<ExtensionOutcome> | ExtensionOutcome;

export interface ExtensionOptions {
  /** Who may: admins (the default), or whoever has a token for a project. */
  readonly who?: "admins" | "members";
  /** The body's schema; without one the body is not read. */
  readonly body?: JsonSchema;
}

/** Makes Hono handlers of operations. */
export class ExtensionEndpoints {
  constructor(private readonly dependencies: ExtensionDependencies) {}

  /** A handler that checks token, rule and body, in this order, and then runs the operation. */
  handler(
    operation: ExtensionOperation,
    options: ExtensionOptions = {},
  ): (c: Context) => Promise<Response> {
    return async (c) => {
      const requestId = newRequestId();
      try {
        return respond(await this.#run(c, requestId, operation, options), requestId);
      } catch (error) {
        this.dependencies.onError(error, requestId);
        const message = `Unforeseen; the log's line of ${requestId} says more.`;
        return respond(fault(500, message), requestId);
      }
    };
  }

  /** A handler that needs no token. */
  open(document: (c: Context) => object): (c: Context) => Response {
    return (c) => respond({ status: 200, body: document(c) }, newRequestId());
  }

  async #run(
    c: Context,
    requestId: string,
    operation: ExtensionOperation,
    { who = "admins", body: schema }: ExtensionOptions,
  ): Promise<ExtensionOutcome> {
    const token = c.req.raw.headers.get("x-auth-token");
    const caller = token ? await this.dependencies.tokens.check(token) : undefined;
    if (!caller) return this.#unauthorized(c);
    if (who === "admins" && !caller.isAdmin) return fault(403, "Only administrators may do this.");
    if (who === "members" && !caller.isAdmin && caller.projectId === "") {
      return fault(403, "The token is not for a project.");
    }
    const read = schema && await readBody(c.req.raw, schema);
    if (isFault(read)) return read;
    return await operation(new ExtensionRequest(c, caller, requestId, read?.value));
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

async function readBody(
  request: Request,
  schema: JsonSchema,
): Promise<{ readonly value: unknown } | Fault> {
  const bytes = await withinLimit(request);
  if (bytes === "tooLarge") return fault(413, "The body is too large.");
  const reading = readJson(bytes);
  if ("malformed" in reading) return fault(400, "The body is no JSON.");
  const problem = bodyProblem(schema, reading.value);
  return problem === undefined ? reading : fault(400, problem);
}

/** An error in the one form that all have: that of the 401, which is Keystone's. */
export function errorBody(code: number, message: string): object {
  return { error: { code, title: titleOf(code), message } };
}

function newRequestId(): string {
  return `req-${crypto.randomUUID()}`;
}

function respond(outcome: ExtensionOutcome, requestId: string): Response {
  const response = outcome instanceof Response ? outcome : written(outcome);
  response.headers.set("x-openstack-request-id", requestId);
  return response;
}

function written(outcome: Exclude<ExtensionOutcome, Response>): Response {
  const refused = isRejection(outcome) ? faultOf(outcome) : outcome;
  if (isFault(refused)) {
    return Response.json(errorBody(refused.fault, refused.message), { status: refused.fault });
  }
  const { status, body } = refused;
  return body ? Response.json(body, { status }) : new Response(null, { status });
}
