/** Refusals as Nova's JSON: the only place that knows which status a refusal has. */
import type { Rejection, RejectionKind } from "../eventsourcing/decider.ts";

/** A refusal on its way out: a status and the words. */
export interface Fault {
  readonly fault: number;
  readonly message: string;
}

export function fault(status: number, message: string): Fault {
  return { fault: status, message };
}

export function isFault(outcome: unknown): outcome is Fault {
  return typeof outcome === "object" && outcome !== null && "fault" in outcome;
}

const STATUS_OF_REJECTION: Readonly<Record<RejectionKind, number>> = {
  Invalid: 400,
  Forbidden: 403,
  QuotaExceeded: 403,
  NotFound: 404,
  Conflict: 409,
};

/** A command's refusal as a fault. */
export function faultOf(rejection: Rejection): Fault {
  return fault(STATUS_OF_REJECTION[rejection.rejected], rejection.message);
}

/** nova/api/openstack/wsgi.py, `Fault._fault_names`; everything else is a computeFault. */
const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "itemNotFound",
  405: "badMethod",
  409: "conflictingRequest",
  413: "overLimit",
  415: "badMediaType",
  429: "overLimit",
  501: "notImplemented",
  503: "serviceUnavailable",
};

/** The body of a fault: `{"<name>": {"code", "message"}}`. */
export function faultBody({ fault: code, message }: Fault): string {
  return JSON.stringify({ [FAULT_NAMES[code] ?? "computeFault"]: { code, message } });
}

/** Content type of every fault; successes carry it without the charset. */
export const FAULT_CONTENT_TYPE = "application/json; charset=UTF-8";

/** What a path that does not exist at a microversion, though at another, is answered with. */
export const NO_SUCH_RESOURCE: Fault = fault(404, "The resource could not be found.");

/** What Nova refuses without saying why; webob/exc.py, `HTTPBadRequest`. */
export const BAD_REQUEST: Fault = fault(
  400,
  "The server could not comply with the request since it is either malformed or otherwise " +
    "incorrect.",
);

/** What an operation that Nova has removed is answered with, at every microversion. */
export const GONE: Fault = fault(
  410,
  "This resource is no longer available. No forwarding address is given.",
);

/** What an unforeseen error is answered with; its cause is in the log, under the request's id. */
export function unexpected(error: unknown): Fault {
  return unexpectedOf(error instanceof Error ? error.constructor.name : typeof error);
}

function unexpectedOf(name: string): Fault {
  return fault(
    500,
    "Unexpected API Error. Please report this with the request id in the header " +
      `x-openstack-request-id, and the log's line of that id.\n<class '${name}'>`,
  );
}

/** What is in a cell that cannot be reached; nova/compute/api.py, `_get_instance_from_cell`. */
export const CELL_OUT_OF_REACH: Fault = unexpectedOf("nova.exception.NovaException");

/**
 * The answer to a path that is no route, or to a method that a route does not have.
 *
 * Its form follows `Accept`; a request without one gets plain text.
 * Source: webob/exc.py, `WSGIHTTPException.generate_response`.
 */
export function routeNotFound(accept: string | null): { type: string; body: string } {
  return httpError(accept, "404 Not Found", "The resource could not be found.");
}

/** The answer to a body over the limit; oslo_middleware/sizelimit.py. */
export function bodyTooLarge(accept: string | null, limit: number): { type: string; body: string } {
  return httpError(
    accept,
    "413 Request Entity Too Large",
    `Request is too large. Larger than max_request_body_size (${limit}).`,
  );
}

function httpError(
  accept: string | null,
  code: string,
  text: string,
): { type: string; body: string } {
  const title = code.slice(4);
  const ranges = (accept ?? "").split(",").map((range) => range.split(";")[0]!.trim());
  if (ranges.some((range) => range === "text/html" || range === "*/*" || range === "text/*")) {
    return {
      type: "text/html; charset=UTF-8",
      body: `<html>\n <head>\n  <title>${code}</title>\n </head>\n <body>\n  <h1>${code}</h1>\n` +
        `  ${text}<br /><br />\n\n\n\n </body>\n</html>`,
    };
  }
  if (ranges.includes("application/json")) {
    return {
      type: "application/json",
      body: JSON.stringify({ message: `${text}<br /><br />\n\n\n`, code, title }),
    };
  }
  return { type: "text/plain; charset=UTF-8", body: `${code}\n\n${text}\n\n   ` };
}
