/** Taking images out of use, for a while or for good. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { ImageDeactivated, ImageDeleted, ImageReactivated } from "../events.ts";
import type { Image } from "../state.ts";

/** Deletes an image; refuses one that is protected. */
export function deleteImage(id: string, image: Image): Decision<ImageDeleted> {
  if (image.isProtected) {
    return reject("Forbidden", `Image ${id} is protected and cannot be deleted.`);
  }
  return [{ type: "ImageDeleted", data: {} }];
}

/** Keeps an image's data from being read; refuses an image without data. */
export function deactivateImage(image: Image): Decision<ImageDeactivated> {
  if (image.status === "deactivated") return [];
  if (image.status === "active") return [{ type: "ImageDeactivated", data: {} }];
  return reject("Forbidden", `Not allowed to deactivate image in status '${image.status}'`);
}

/** Lets an image's data be read again; refuses an image without data. */
export function reactivateImage(image: Image): Decision<ImageReactivated> {
  if (image.status === "active") return [];
  if (image.status === "deactivated") return [{ type: "ImageReactivated", data: {} }];
  return reject("Forbidden", `Not allowed to reactivate image in status '${image.status}'`);
}

/** Says that an image is not there, or that the caller may not see it. */
export function noImage(id: string): Rejection {
  return reject("NotFound", `No image found with ID ${id}`);
}
