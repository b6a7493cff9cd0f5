import type { Decision } from "../../../eventsourcing/decider.ts";
import type { ServerDeleted, ServerDeleteRequested } from "../events.ts";
import type { OperationRequested } from "../operations.ts";
import { type Actor, refuseIfLocked, refuseUnlessVisible } from "../preconditions.ts";
import type { Server } from "../state.ts";

export interface DeleteServer {
  readonly type: "DeleteServer";
  readonly id: string;
  readonly by: Actor;
  /** Whether it can be restored for a while, if it ever ran; by default it cannot. */
  readonly isSoft?: boolean;
}

/**
 * Deletes a server, in any state; one that holds nothing is gone at once.
 *
 * Deleting a server that is being deleted changes nothing; deleting one that was deleted softly
 * changes nothing either while it can be restored. Refuses a locked server to non-admins.
 * Source: nova/compute/api.py, `API.delete`, `API.soft_delete` and `API.force_delete`.
 */
export function deleteServer(
  command: DeleteServer,
  server: Server,
): Decision<ServerDeleteRequested | ServerDeleted | OperationRequested> {
  const { id, by, isSoft } = command;
  const refusal = refuseUnlessVisible(id, server, by) ?? refuseIfLocked(id, server, by);
  if (refusal) return refusal;
  if (server.taskState === "deleting") return [];
  if (isSoft && server.launchedAt !== null && server.placement !== null) {
    const isUnderWay = server.operation?.name === "softDelete" || server.vmState === "soft-delete";
    return isUnderWay ? [] : [{ type: "ServerSoftDeleteRequested", data: {} }];
  }
  if (holdsNothing(server)) return [{ type: "ServerDeleted", data: {} }];
  return [{ type: "ServerDeleteRequested", data: {} }];
}

/** Whether there is nothing to give back: no host, no ports, no volumes, no image on the shelf. */
function holdsNothing({ placement, ports, volumes, shelvedImageId }: Server): boolean {
  return placement === null && ports.length === 0 && volumes.length === 0 &&
    shelvedImageId === null;
}
