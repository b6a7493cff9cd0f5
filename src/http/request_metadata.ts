/** What is recorded of a compute request beside the events it leads to. */
import type { EventMetadata } from "../eventsourcing/event.ts";
import type { NovaRequest } from "./endpoint.ts";
import { versionText } from "./microversions.ts";

/** Who asked, in which request, for which command. */
export function metadataOf(request: NovaRequest, command: string): EventMetadata {
  const { caller, requestId, minor } = request;
  return {
    actor: { userId: caller.userId, projectId: caller.projectId, roles: [...caller.roles] },
    requestId,
    command,
    microversion: versionText(minor),
  };
}
