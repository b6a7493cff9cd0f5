import type { Decision } from "../../../eventsourcing/decider.ts";
import type { ServerDeleted, ServerDeleteRequested } from "../events.ts";
import { type Actor, refuseIfLocked, refuseUnlessVisible } from "../preconditions.ts";
import type { Server } from "../state.ts";

export interface DeleteServer {
  readonly type: "DeleteServer";
  readonly id: string;
  readonly by: Actor;
}

/**
 * Deletes a server, in any state; one that is on no host is gone at once.
 *
 * Deleting a server that is being deleted changes nothing. Refuses a locked server to non-admins.
 * Source: nova/compute/api.py, `API.delete`.
 */
export function deleteServer(
  command: DeleteServer,
  server: Server,
): Decision<ServerDeleteRequested | ServerDeleted> {
  const { id, by } = command;
  const refusal = refuseUnlessVisible(id, server, by) ?? refuseIfLocked(id, server, by);
  if (refusal) return refusal;
  if (server.taskState === "deleting") return [];
  if (server.placement === null) return [{ type: "ServerDeleted", data: {} }];
  return [{ type: "ServerDeleteRequested", data: {} }];
}
