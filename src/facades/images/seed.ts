/** The images that a new cloud begins with. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import { type ImageContent, SEED_SUFFIX, type StoredFile } from "./content.ts";
import { addMember, answerOffer, createImage, storeData } from "./decide/mod.ts";
import type { DataFacts, ImageEvent, ImageFacts } from "./events.ts";
import { images } from "./projection.ts";
import { generatedData } from "./snapshots.ts";
import type { Image } from "./state.ts";
import { virtualSize } from "./virtual_size.ts";

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

/** An image that a seed file asks for. */
export interface ImageSeed {
  readonly imageId: string;
  readonly image: ImageFacts;
  /** Its data, which are on the disk already. */
  readonly data: DataFacts;
  /** Projects that have accepted the image; only for visibility `shared`. */
  readonly members: readonly string[];
  /** An admin. */
  readonly by: Caller;
}

/** Makes an image with its data and members; refuses what a request would be refused. */
export async function seedImage(
  unit: UnitOfWork,
  { imageId, image, data, members, by }: ImageSeed,
): Promise<Versioned<Image> | Rejection> {
  const decisions = [
    (before: Image) => createImage({ type: "CreateImage", id: imageId, by, image }, before),
    (before: Image) => storeData({ type: "StoreData", data }, before),
    ...members.flatMap((member) => [
      (before: Image) => addMember({ type: "AddMember", imageId, member, by }, before),
      (before: Image) =>
        answerOffer({ type: "AnswerOffer", imageId, member, by, status: "accepted" }, before),
    ]),
  ];
  let at = await unit.load(images, imageId);
  for (const decide of decisions) {
    const decision: Decision<ImageEvent> = decide(at.state);
    if (isRejection(decision)) return decision;
    at = await unit.append(images, at, decision);
  }
  return at;
}

/** Stores the bytes of a seed's image, for good; gives what an event says of them. */
export async function storeSeedData(
  content: ImageContent,
  { imageId, diskFormat }: { readonly imageId: string; readonly diskFormat: string },
  data: AsyncIterable<Uint8Array>,
): Promise<DataFacts> {
  const stored = await content.store(`${imageId}${SEED_SUFFIX}`, data, Number.MAX_SAFE_INTEGER);
  const { name, head, ...digests } = stored as StoredFile;
  return {
    ...digests,
    virtualSizeBytes: virtualSize(diskFormat, head, digests.sizeBytes),
    source: { kind: "file", name },
  };
}
