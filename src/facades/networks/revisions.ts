/** Changes that are only made to the revision that a client has seen. */
import { type NeutronRejection, refusal } from "./refusals.ts";

const PREFIX = "revision_number=";

/**
 * Says no to a change of another revision than the header `If-Match` names, if it names one.
 *
 * Source: neutron/api/api_common.py, `check_request_for_revision_constraint`.
 */
export function refuseOtherRevision(
  ifMatch: string | undefined,
  revision: number,
): NeutronRejection | undefined {
  const named = (ifMatch ?? "").split(",")
    .map((tag) => tag.trim().replace(/^(?:W\/)?"(.*)"$/, "$1"))
    .filter((tag) => tag.startsWith(PREFIX))
    .map((tag) => tag.slice(PREFIX.length));
  if (named.length === 0) return undefined;
  if (named.length > 1) return badMatch("Multiple revision_number etags are not supported.");
  if (!/^[+-]?[0-9]+$/.test(named[0]!)) {
    return badMatch("Revision number etag must be in the format of revision_number=<int>");
  }
  if (Number(named[0]) === revision) return undefined;
  return refusal(
    "Conflict",
    "RevisionNumberConstraintFailed",
    `Constrained to ${Number(named[0])}, but current revision is ${revision}`,
  );
}

function badMatch(reason: string): NeutronRejection {
  return refusal("Invalid", "BadRequest", `Bad if-match request: ${reason}.`);
}
