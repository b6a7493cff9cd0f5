/** What application credentials may not do with other credentials. */
import { type Fault, forbidden } from "../http/faults.ts";
import type { Token } from "../tokens/token.ts";

/** Only an application credential that was made to may make credentials for EC2. */
export function refuseRestricted({ credential }: Token): Fault | undefined {
  if (!credential || credential.state.unrestricted) return undefined;
  return forbidden(
    "Using method 'application_credential' is not allowed for managing additional credentials.",
  );
}

/** What an application credential is for ends at its project. */
export function refuseOtherProject(
  { credential, caller }: Token,
  projectId: string | null,
): Fault | undefined {
  if (!credential || projectId === caller.projectId) return undefined;
  return forbidden("Credential project does not match the project scope of the delegated token");
}
