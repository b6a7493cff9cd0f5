/** Networks that lead out of the cloud. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { mayUse } from "../rbac/projection.ts";
import type { Network } from "./decider.ts";

/** Whether a network leads out: for everybody, or as far as an RBAC policy says for the caller. */
export async function leadsOut(
  reader: Reader,
  { id, state }: Versioned<Network>,
  { projectId }: Caller,
): Promise<boolean> {
  return state.isExternal ||
    await mayUse(reader, { objectId: id, action: "access_as_external", projectId });
}
