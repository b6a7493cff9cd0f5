/** Refusals as Cinder's answers: the only place that knows which status each has. */
import type { Rejection, RejectionKind } from "../../eventsourcing/decider.ts";
import { json } from "../endpoint.ts";

const STATUS_OF_REJECTION: Readonly<Record<RejectionKind, number>> = {
  Invalid: 400,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  QuotaExceeded: 413,
};

/** cinder/api/openstack/wsgi.py, `Fault._fault_names`; everything else is a computeFault. */
const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "itemNotFound",
  405: "badMethod",
  409: "conflictingRequest",
  413: "overLimit",
  415: "badMediaType",
  501: "notImplemented",
  503: "serviceUnavailable",
};

/** A command's refusal as an answer. */
export function refused({ rejected, message }: Rejection): Response {
  return fault(STATUS_OF_REJECTION[rejected], message);
}

/** Cinder's form of every error; cinder/api/openstack/wsgi.py, `Fault.__call__`. */
export function fault(code: number, message: string): Response {
  const isQuota = code === 413;
  return json(
    code,
    {
      [FAULT_NAMES[code] ?? "computeFault"]: { code, message, ...(isQuota && { retryAfter: "0" }) },
    },
    isQuota ? { "retry-after": "0" } : {},
  );
}

/** The answer to a path that leads nowhere, or nowhere at this microversion. */
export function noRoute(): Response {
  return fault(404, "The resource could not be found.");
}

/** An answer without a body. */
export function nothing(status: number): Response {
  return new Response(null, { status });
}
