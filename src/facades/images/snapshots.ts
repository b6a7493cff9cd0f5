/** Images of servers, as compute makes them: first the image, later its data. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { NewSnapshot } from "../image_service.ts";
import { Digesting, type Digests } from "./checksums.ts";
import { createImage, noImage, storeData } from "./decide/mod.ts";
import type { DataFacts } from "./events.ts";
import {
  GENERATED_SIZE_BYTES,
  GENERATED_VIRTUAL_SIZE_BYTES,
  generatedBytes,
  generatedRawDisk,
} from "./generated_disk.ts";
import { images } from "./projection.ts";
import type { Image } from "./state.ts";

/**
 * Makes the image of a server or a volume, waiting for its data, as part of a larger transaction.
 *
 * Asked twice, it makes one. Refuses more properties than Glance keeps.
 */
export async function createSnapshotImage(
  unit: UnitOfWork,
  snapshot: NewSnapshot,
): Promise<Versioned<Image> | Rejection> {
  const { imageId, projectId, name, minRamMib, minDiskGib, properties } = snapshot;
  const { visibility = "private" } = snapshot;
  const before = await unit.load(images, imageId);
  if (before.state.exists) return before;
  const decision = createImage({
    type: "CreateImage",
    id: imageId,
    // Whether the asker may make an image public was looked at by who asks here.
    by: { projectId, isAdmin: visibility === "public", roles: new Set(["member"]) },
    image: {
      name,
      visibility,
      owner: projectId,
      diskFormat: snapshot.diskFormat ?? "qcow2",
      containerFormat: snapshot.containerFormat ?? "bare",
      minRamMib,
      minDiskGib,
      isProtected: snapshot.isProtected ?? false,
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
  const made = await createSnapshotImage(unit, { ...image, diskFormat: "raw" });
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
  const end = sizeBytes ?? GENERATED_SIZE_BYTES;
  return {
    ...digestsOf(generatedBytes(seed, { start: 0, end })),
    virtualSizeBytes: GENERATED_VIRTUAL_SIZE_BYTES,
    source: { kind: "generated", seed, ...(sizeBytes !== undefined && { sizeBytes }) },
  };
}

/** The disk that `generatedData` of the seed describes, byte by byte, as far as it is not empty. */
export function generatedRawData(seed: string): DataFacts {
  const digests = digestsOf([generatedRawDisk(seed)]);
  return {
    ...digests,
    virtualSizeBytes: digests.sizeBytes,
    source: { kind: "generated", seed, isRaw: true },
  };
}

function digestsOf(bytes: Iterable<Uint8Array>): Digests {
  const digesting = new Digesting();
  for (const some of bytes) digesting.take(some);
  return digesting.end();
}
