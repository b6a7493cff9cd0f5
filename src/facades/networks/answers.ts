/** Refusals as Neutron's answers: the only place that knows which status each has. */
import type { RejectionKind } from "../../eventsourcing/decider.ts";
import { json } from "../endpoint.ts";
import type { NeutronRejection } from "./refusals.ts";

const STATUS_OF_REJECTION: Readonly<Record<RejectionKind, number>> = {
  Invalid: 400,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  QuotaExceeded: 409,
};

/** Refusals of which Neutron makes more than of others of their kind. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = { RevisionNumberConstraintFailed: 412 };

/** A refusal as an answer. */
export function refused({ rejected, type, message }: NeutronRejection): Response {
  return neutronError(STATUS_OF_TYPE[type] ?? STATUS_OF_REJECTION[rejected], type, message);
}

/** Neutron's form of every error; neutron/api/api_common.py, `convert_exception_to_http_exc`. */
export function neutronError(status: number, type: string, message: string): Response {
  return json(status, { NeutronError: { type, message, detail: "" } });
}
