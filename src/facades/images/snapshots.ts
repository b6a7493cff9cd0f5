/** Images of servers, as compute makes them: first the image, later its data. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { NewSnapshot } from "../image_service.ts";
import { Digesting } from "./checksums.ts";
import { createImage, noImage, storeData } from "./decide/mod.ts";
import type { DataFacts } from "./events.ts";
import {
  GENERATED_SIZE_BYTES,
  GENERATED_VIRTUAL_SIZE_BYTES,
  generatedBytes,
} from "./generated_disk.ts";
import { images } from "./projection.ts";
import type { Image } from "./state.ts";

/**
 * Makes the image of a server, private and waiting for its data, as part of a larger transaction.
 *
 * Asked twice, it makes one. Refuses more properties than Glance keeps.
 */
export async function createSnapshotImage(
  unit: UnitOfWork,
  snapshot: NewSnapshot,
): Promise<Versioned<Image> | Rejection> {
  const { imageId, projectId, name, minRamMib, minDiskGib, properties } = snapshot;
  const before = await unit.load(images, imageId);
  if (before.state.exists) return before;
  const decision = createImage({
    type: "CreateImage",
    id: imageId,
    by: { projectId, isAdmin: false, roles: new Set(["member"]) },
    image: {
      name,
      visibility: "private",
      owner: projectId,
      diskFormat: "qcow2",
      containerFormat: "bare",
      minRamMib,
      minDiskGib,
      isProtected: false,
      isHidden: false,
      properties,
      tags: [],
    },
  }, before.state);
  return isRejection(decision) ? decision : await unit.append(images, before, decision);
}

/**
 * Gives a snapshot's image its data; an image that has some keeps them.
 *
 * Refuses an image that was deleted meanwhile.
 */
export async function finishSnapshotImage(
  unit: UnitOfWork,
  imageId: string,
  data: DataFacts,
): Promise<Versioned<Image> | Rejection> {
  const before = await unit.load(images, imageId);
  if (!before.state.exists) return noImage(imageId);
  if (before.state.data) return before;
  const decision = storeData({ type: "StoreData", data }, before.state);
  return isRejection(decision) ? decision : await unit.append(images, before, decision);
}

/** Makes sure that the image of a snapshot that failed is gone. */
export async function dropSnapshotImage(unit: UnitOfWork, imageId: string): Promise<void> {
  const before = await unit.load(images, imageId);
  if (!before.state.exists) return;
  await unit.append(images, before, [{ type: "ImageDeleted", data: {} }]);
}

/**
 * The data of a machine that has no disk: computed from a seed, such as the image's id.
 *
 * `sizeBytes`: at least the 1 MiB that is the default; what is beyond is empty.
 */
export function generatedData(seed: string, sizeBytes?: number): DataFacts {
  const digesting = new Digesting();
  for (const bytes of generatedBytes(seed, { start: 0, end: sizeBytes ?? GENERATED_SIZE_BYTES })) {
    digesting.take(bytes);
  }
  return {
    ...digesting.end(),
    virtualSizeBytes: GENERATED_VIRTUAL_SIZE_BYTES,
    source: { kind: "generated", seed, ...(sizeBytes !== undefined && { sizeBytes }) },
  };
}
