/** Making images, and giving them their data. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { DataFacts, ImageCreated, ImageDataStored, ImageFacts } from "../events.ts";
import type { Image } from "../state.ts";
import { refuseBeyondQuota, refuseOutOfRange, refuseVisibility } from "./limits.ts";

export interface CreateImage {
  readonly type: "CreateImage";
  readonly id: string;
  readonly by: Pick<Caller, "projectId" | "isAdmin" | "roles">;
  readonly image: ImageFacts;
}

/**
 * Makes an image that waits for its data.
 *
 * Refuses an id that was ever used, an owner other than the caller's project and public images of
 * callers who are no admins, and more properties or tags than Glance keeps.
 * Source: glance/api/v2/images.py, `ImagesController.create`.
 */
export function createImage(command: CreateImage, image: Image): Decision<ImageCreated> {
  const { by, id, image: facts } = command;
  return refuseForeignOwner(command) ??
    refuseVisibility(facts.visibility, by) ??
    refuseOutOfRange(facts) ??
    refuseBeyondQuota(facts) ??
    (image.createdAt !== "" ? reject("Conflict", `Image ID ${id} already exists!`) : undefined) ??
    [{ type: "ImageCreated", data: facts }];
}

function refuseForeignOwner({ by, image: { owner } }: CreateImage): Rejection | undefined {
  if (by.isAdmin) return undefined;
  if (owner !== by.projectId) {
    return reject("Forbidden", `You are not permitted to create images owned by '${owner}'`);
  }
  if (by.roles.has("member")) return undefined;
  return reject("Forbidden", "You are not authorized to complete add_image action.");
}

export interface StoreData {
  readonly type: "StoreData";
  readonly data: DataFacts;
}

/** Gives an image its data, which are on the disk; refuses an image that is not waiting for any. */
export function storeData({ data }: StoreData, image: Image): Decision<ImageDataStored> {
  return refuseUnlessWaiting(image) ?? [{ type: "ImageDataStored", data }];
}

/** Says no unless data may be sent: first the status, then the formats. */
export function refuseUnlessWaiting(image: Image): Rejection | undefined {
  if (image.status !== "queued") {
    return reject(
      "Conflict",
      `Image status transition from ${image.status} to saving is not allowed`,
    );
  }
  const missing = [
    ...(image.diskFormat === null ? ["disk_format"] : []),
    ...(image.containerFormat === null ? ["container_format"] : []),
  ];
  if (missing.length === 0) return undefined;
  const names = missing.length === 1
    ? `Property ${missing[0]}`
    : `Properties ${missing.join(", ")}`;
  return reject("Invalid", `${names} must be set prior to saving data.`);
}
