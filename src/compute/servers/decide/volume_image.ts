/** Images of servers that boot from volumes: of snapshots of the volumes, and no data of their own. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type {
  ServerVolumeImageCreated,
  ServerVolumeImageFailed,
  ServerVolumeImageRequested,
} from "../events.ts";
import { OPERATIONS } from "../operations.ts";
import {
  type Actor,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";
import type { QuotaState } from "./create.ts";
import { refuseImageMetadata } from "./image.ts";

/** Has an image made of a server's volumes. */
export interface ImageVolumes {
  readonly type: "ImageVolumes";
  readonly id: string;
  readonly by: Actor;
  readonly imageId: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** An id for the snapshot of each volume, by the volume's. */
  readonly snapshotIds: ReadonlyMap<string, string>;
  /** How many snapshots the project may have, and has; -1: as many as it likes. */
  readonly snapshots: { readonly limit: number; readonly inUse: number };
}

/**
 * Begins an image of a server that boots from a volume; no task shows.
 *
 * Refuses more metadata than the project's quota lets a server have (below microversion 2.39, where
 * a quota is given), a wrong state, and more snapshots than the volume service would make.
 * Source: nova/compute/api.py, `snapshot_volume_backed`.
 */
export function imageVolumes(
  command: ImageVolumes,
  server: Server,
  quota: QuotaState | undefined,
): Decision<ServerVolumeImageRequested> {
  const { id, by, imageId, name, metadata, snapshotIds } = command;
  const { word, vmStates } = OPERATIONS.createImage;
  const snapshots = server.volumes.filter(({ volumeId }) => snapshotIds.has(volumeId))
    .map(({ volumeId }) => ({ volumeId, snapshotId: snapshotIds.get(volumeId)! }));
  return refuseUnlessVisible(id, server, by) ??
    refuseImageMetadata(metadata, quota) ??
    refuseUnlessIn(vmStates, id, server, word) ??
    refuseUnlessDoing([null], id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    refuseOverSnapshots(snapshots.length, command.snapshots) ??
    [{ type: "ServerVolumeImageRequested", data: { imageId, name, snapshots } }];
}

function refuseOverSnapshots(
  more: number,
  { limit, inUse }: ImageVolumes["snapshots"],
): Rejection | undefined {
  if (more === 0 || limit < 0 || inUse + more <= limit) return undefined;
  return reject("QuotaExceeded", "Quota exceeded for resources: snapshots");
}

export function recordVolumeImage(imageId: string): Decision<ServerVolumeImageCreated> {
  return [{ type: "ServerVolumeImageCreated", data: { imageId } }];
}

export function recordVolumeImageFailure(
  imageId: string,
  message: string,
): Decision<ServerVolumeImageFailed> {
  return [{ type: "ServerVolumeImageFailed", data: { imageId, message } }];
}
