import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { OperationRequested } from "../operations.ts";
import { refuseUnlessVisible } from "../preconditions.ts";
import { isVolumeBacked, type Server } from "../state.ts";
import type { QuotaState } from "./create.ts";
import { type OperateServer, operateServer } from "./operate.ts";

/**
 * Begins an image or a backup of a server.
 *
 * Refuses, besides what every operation refuses, more metadata than the project's quota lets a
 * server have (below microversion 2.39, where a quota is given), and backups of servers that boot
 * from a volume. Source: nova/compute/api.py, `snapshot` and `backup`.
 */
export function imageServer(
  command: OperateServer,
  server: Server,
  quota: QuotaState | undefined,
): Decision<OperationRequested> {
  const { id, by, operation } = command;
  const refusal = refuseUnlessVisible(id, server, by) ??
    ("metadata" in operation.input
      ? refuseImageMetadata(operation.input.metadata, quota)
      : undefined);
  if (refusal) return refusal;
  const decision = operateServer(command, server);
  return isRejection(decision) ? decision : refuseBackupOfVolume(command, server) ?? decision;
}

/** Says no to more metadata than the quota, where one is given, lets a server have. */
export function refuseImageMetadata(
  metadata: Readonly<Record<string, string>>,
  quota: QuotaState | undefined,
): Rejection | undefined {
  const limit = quota?.limits.metadata_items ?? -1;
  if (limit < 0 || Object.keys(metadata).length <= limit) return undefined;
  return reject("QuotaExceeded", "Image metadata limit exceeded");
}

function refuseBackupOfVolume(
  { operation }: OperateServer,
  server: Server,
): Rejection | undefined {
  if (operation.name !== "createBackup" || !isVolumeBacked(server)) return undefined;
  return reject("Invalid", "Backup is not supported for volume-backed instances.");
}
