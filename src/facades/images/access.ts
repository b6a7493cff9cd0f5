/** Who may do what with an image; glance/policies/base.py, the secure defaults. */
import type { Caller } from "../../http/auth.ts";
import type { Image } from "./state.ts";

function ownsAs(role: string, image: Pick<Image, "owner">, caller: Caller): boolean {
  return caller.roles.has(role) && caller.projectId !== "" && image.owner === caller.projectId;
}

/** Whether the image was offered to the caller's project, whatever that has answered. */
function isSharedWith(image: Image, projectId: string): boolean {
  return image.visibility === "shared" &&
    image.members.some(({ member }) => member === projectId);
}

/** Whether the caller may know of the image; others are told that there is none. */
export function maySee(image: Image, caller: Caller): boolean {
  if (caller.isAdmin) return true;
  if (!caller.roles.has("reader")) return false;
  return image.visibility === "public" || image.visibility === "community" ||
    ownsAs("reader", image, caller) || isSharedWith(image, caller.projectId);
}

/** Whether the caller may change the image, or delete it. */
export function mayChange(image: Pick<Image, "owner">, caller: Caller): boolean {
  return caller.isAdmin || ownsAs("member", image, caller);
}

/** Whether the caller may have the data of an image that it may see. */
export function mayDownload(caller: Caller): boolean {
  return caller.isAdmin || caller.roles.has("member");
}
