/** The image that a new cloud begins with. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import type { ImageEvent } from "./events.ts";
import { images } from "./projection.ts";
import { generatedData } from "./snapshots.ts";

const SEED = "cirros";

/** Makes the public image `cirros`, ready to boot; does nothing when the id is taken. */
export async function seedImages(
  unit: UnitOfWork,
  { imageId }: { readonly imageId: string },
): Promise<void> {
  const before = await unit.load(images, imageId);
  if (before.version > 0) return;
  const events: readonly ImageEvent[] = [
    {
      type: "ImageCreated",
      data: {
        name: "cirros",
        visibility: "public",
        owner: null,
        diskFormat: "qcow2",
        containerFormat: "bare",
        minRamMib: 0,
        minDiskGib: 0,
        isProtected: false,
        isHidden: false,
        properties: {},
        tags: [],
      },
    },
    { type: "ImageDataStored", data: generatedData(SEED) },
  ];
  await unit.append(images, before, events);
}
