/** Images of servers that boot from volumes: of snapshots of the volumes, and no data of their own. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type {
  ServerVolumeImageCreated,
  ServerVolumeImageFailed,
  ServerVolumeImageRequested,
} from "../events.ts";
import { type NewImage, OPERATIONS } from "../operations.ts";
import {
  type Actor,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessVisible,
} from "../preconditions.ts";
import { type ImagedVolume, volumeImageOf } from "../snapshot.ts";
import type { Server } from "../state.ts";
import { volumeOf } from "../volumes.ts";
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
  /** The volumes as they are, with an id for the snapshot of each. */
  readonly imaged: readonly ImagedVolume[];
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
  const { id, by, imageId, name, metadata } = command;
  const { word, vmStates } = OPERATIONS.createImage;
  const imaged = command.imaged.filter(({ volumeId }) => volumeOf(server.volumes, volumeId));
  const snapshots = imaged.map(({ volumeId, snapshotId }) => ({ volumeId, snapshotId }));
  return refuseUnlessVisible(id, server, by) ??
    refuseImageMetadata(metadata, quota) ??
    refuseUnlessIn(vmStates, id, server, word) ??
    refuseUnlessDoing([null], id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    refuseOverSnapshots(snapshots.length, command.snapshots) ??
    [{
      type: "ServerVolumeImageRequested",
      data: {
        imageId,
        name,
        snapshots,
        image: factsOf(server, { imageId, name, metadata }, imaged),
      },
    }];
}

function factsOf(
  server: Server,
  image: NewImage,
  imaged: readonly ImagedVolume[],
): ServerVolumeImageRequested["data"]["image"] {
  const { minRamMib, minDiskGib, properties } = volumeImageOf(server, image, imaged);
  return { minRamMib, minDiskGib, properties };
}

function refuseOverSnapshots(
  more: number,
  { limit, inUse }: ImageVolumes["snapshots"],
): Rejection | undefined {
  if (more === 0 || limit < 0 || inUse + more <= limit) return undefined;
  return reject("QuotaExceeded", "Quota exceeded for resources: snapshots");
}

/** The image is there; one that is not under way has come to its end before. */
export function recordVolumeImage(
  server: Server,
  imageId: string,
): Decision<ServerVolumeImageCreated> {
  return isUnderWay(server, imageId)
    ? [{ type: "ServerVolumeImageCreated", data: { imageId } }]
    : [];
}

/** The image is not to be had; likewise. */
export function recordVolumeImageFailure(
  server: Server,
  failure: ServerVolumeImageFailed["data"],
): Decision<ServerVolumeImageFailed> {
  return isUnderWay(server, failure.imageId)
    ? [{ type: "ServerVolumeImageFailed", data: failure }]
    : [];
}

function isUnderWay({ volumeImages }: Server, imageId: string): boolean {
  return volumeImages.some((image) => image.imageId === imageId);
}
