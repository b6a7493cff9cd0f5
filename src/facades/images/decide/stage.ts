/** Images whose data come first, and are theirs later: staging and import. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { mayChange } from "../access.ts";
import type { DataFacts, ImageDataStaged, ImageDataStored } from "../events.ts";
import type { Image } from "../state.ts";

/** Keeps data for an import to come; refuses an image that has some, staged or its own. */
export function stageData(data: DataFacts, image: Image): Decision<ImageDataStaged> {
  return refuseUnlessQueued(image) ?? [{ type: "ImageDataStaged", data }];
}

/** Says no unless data may be staged. */
export function refuseUnlessQueued({ status }: Image): Rejection | undefined {
  if (status === "queued") return undefined;
  return reject("Conflict", `Image status transition from ${status} to uploading is not allowed`);
}

/**
 * Makes staged data the image's own.
 *
 * Refuses an image that has data, or none staged, or no formats; then callers who may not change
 * it. Source: glance/api/v2/images.py, `ImagesController.import_image`.
 */
export function importStaged(by: Caller, image: Image): Decision<ImageDataStored> {
  const { status, staged, containerFormat, diskFormat } = image;
  if (status === "active") {
    return reject("Conflict", "Image with status active cannot be target for import");
  }
  if (status !== "uploading" || !staged) {
    return reject(
      "Conflict",
      "Image needs to be staged before 'glance-direct' method can be used",
    );
  }
  if (!containerFormat) return unset("container_format");
  if (!diskFormat) return unset("disk_format");
  if (!mayChange(image, by)) {
    return reject("Forbidden", "You are not authorized to complete modify_image action.");
  }
  return [{ type: "ImageDataStored", data: staged }];
}

function unset(name: string): Rejection {
  return reject("Conflict", `'${name}' needs to be set before import`);
}
