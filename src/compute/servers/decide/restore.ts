import { type Decision, isRejection } from "../../../eventsourcing/decider.ts";
import { roomFor } from "../../quotas/limits.ts";
import type { OperationDone, OperationRequested } from "../operations.ts";
import type { Server } from "../state.ts";
import type { QuotaState } from "./create.ts";
import { type OperateServer, operateServer } from "./operate.ts";

/**
 * Brings back a server that was deleted softly: it counts against the quota again.
 *
 * Refuses what every operation refuses, then a project without room for it.
 * Source: nova/compute/api.py, `restore`.
 */
export function restoreServer(
  command: OperateServer,
  server: Server,
  { limits, usage }: QuotaState,
): Decision<OperationRequested | OperationDone> {
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  const room = roomFor({ size: server.flavor, minCount: 1, maxCount: 1 }, limits, usage);
  if (isRejection(room)) return room;
  // Where there is no machine there is nothing to wait for.
  return server.placement ? decision : [...decision, { type: "ServerRestored", data: {} }];
}
