/** Refusals as Glance's answers: WebOb's pages. */
import type { Rejection, RejectionKind } from "../../eventsourcing/decider.ts";
import { MAX_BODY } from "../../http/body.ts";
import type { FacadeRequest } from "../endpoint.ts";
import { NOT_FOUND, webobError } from "../webob_error.ts";

const STATUS_OF_REJECTION: Readonly<Record<RejectionKind, number>> = {
  Invalid: 400,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  QuotaExceeded: 413,
};

/** A refusal with a status of its own. */
export function refuse(
  request: FacadeRequest,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return webobError(request.header("accept"), status, message, headers);
}

/** A command's refusal. */
export function refused(request: FacadeRequest, { rejected, message }: Rejection): Response {
  return refuse(request, STATUS_OF_REJECTION[rejected], message);
}

/** The answer to a body that is too large to read; oslo_middleware/sizelimit.py. */
export function tooLarge(request: FacadeRequest): Response {
  return refuse(
    request,
    413,
    `Request is too large. Larger than max_request_body_size (${MAX_BODY}).`,
  );
}

/** The answer to a body that is no JSON. */
export function malformed(request: FacadeRequest): Response {
  return refuse(request, 400, "Malformed JSON in request body.");
}

/** The answer to a path that leads nowhere. */
export function noRoute(request: FacadeRequest): Response {
  return refuse(request, 404, NOT_FOUND);
}
