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
  diskFormat: "qcow2" | "raw" = "qcow2",
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
      diskFormat,
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
 * Makes an image whose properties are all there is of it, ready to be booted; asked twice, makes one.
 *
 * Source: nova/image/glance.py, `_create_v2`.
 */
export async function createEmptyImage(
  unit: UnitOfWork,
  image: NewSnapshot,
): Promise<Versioned<Image> | Rejection> {
  const made = await createSnapshotImage(unit, image, "raw");
  if (isRejection(made)) return made;
  const data = { ...generatedData(image.imageId, 0), virtualSizeBytes: 0 };
  return await finishSnapshotImage(unit, image.imageId, data);
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
 * `sizeBytes`: by default 1 MiB; what is beyond is empty.
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
