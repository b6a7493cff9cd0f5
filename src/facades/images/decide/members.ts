/** Sharing images: which projects one is offered to, and what these answer. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { mayChange } from "../access.ts";
import type {
  ImageMemberAdded,
  ImageMemberRemoved,
  ImageMemberStatusChanged,
  MemberStatus,
} from "../events.ts";
import type { Image, ImageMember } from "../state.ts";
import { IMAGE_QUOTA } from "./limits.ts";

/** What commands on members have in common. */
interface OnMember {
  readonly imageId: string;
  readonly member: string;
  readonly by: Caller;
}

export interface AddMember extends OnMember {
  readonly type: "AddMember";
}

/** Offers an image to a project; its owner's right, for images whose visibility is `shared`. */
export function addMember(command: AddMember, image: Image): Decision<ImageMemberAdded> {
  const { imageId, member, by } = command;
  if (image.visibility !== "shared" || !mayChange(image, by)) {
    return notAllowed("create", imageId);
  }
  if (memberOf(image, member)) {
    return reject("Conflict", `Member ${member} is duplicated for image ${imageId}`);
  }
  const attempted = image.members.length + 1;
  if (attempted > IMAGE_QUOTA) {
    return reject(
      "QuotaExceeded",
      `Image member limit exceeded for image ${imageId}: The limit has been exceeded on the ` +
        `number of allowed image members for this image. Attempted: ${attempted}, ` +
        `Maximum: ${IMAGE_QUOTA}:`,
    );
  }
  return [{ type: "ImageMemberAdded", data: { member } }];
}

export interface AnswerOffer extends OnMember {
  readonly type: "AnswerOffer";
  readonly status: unknown;
}

const STATUSES: readonly unknown[] = ["pending", "accepted", "rejected"] satisfies MemberStatus[];

/** Says what a project thinks of an image that it was offered; its own right, or an admin's. */
export function answerOffer(
  command: AnswerOffer,
  image: Image,
): Decision<ImageMemberStatusChanged> {
  const { imageId, member, by, status } = command;
  if (image.visibility !== "shared") return notAllowed("update", imageId);
  const known = memberOf(image, member);
  if (!known) return noMember(imageId, member);
  const isTheirs = by.projectId === member && by.roles.has("member");
  if (!by.isAdmin && !isTheirs) return notAllowed("update", imageId);
  if (!STATUSES.includes(status)) {
    return reject(
      "Invalid",
      'Incorrect request: Status must be "pending", "accepted" or "rejected".',
    );
  }
  if (known.status === status) return [];
  return [{
    type: "ImageMemberStatusChanged",
    data: { member, status: status as MemberStatus },
  }];
}

export interface RemoveMember extends OnMember {
  readonly type: "RemoveMember";
}

/** Takes an offer back; its owner's right. */
export function removeMember(command: RemoveMember, image: Image): Decision<ImageMemberRemoved> {
  const { imageId, member, by } = command;
  if (image.visibility !== "shared" || !mayChange(image, by)) {
    return notAllowed("delete", imageId);
  }
  if (!memberOf(image, member)) return noMember(imageId, member);
  return [{ type: "ImageMemberRemoved", data: { member } }];
}

/** The members that a caller may see: all for the owner, a member itself; refuses unshared images. */
export function visibleMembers(
  imageId: string,
  image: Image,
  by: Caller,
): readonly ImageMember[] | Rejection {
  if (image.visibility !== "shared") {
    return reject(
      "Forbidden",
      `Not allowed to list members for image ${imageId}: Only shared images have members.`,
    );
  }
  const seesAll = by.isAdmin || image.owner === by.projectId;
  return image.members.filter(({ member }) => seesAll || member === by.projectId);
}

/** One project's part in an image; undefined when the image is not shared with it. */
function memberOf(image: Image, member: string): ImageMember | undefined {
  return image.members.find((candidate) => candidate.member === member);
}

function notAllowed(verb: "create" | "update" | "delete", imageId: string): Rejection {
  return reject("Forbidden", `Not allowed to ${verb} members for image ${imageId}.`);
}

/** Says that a project is not among an image's members. */
export function noMember(imageId: string, member: string): Rejection {
  return reject("NotFound", `${member} not found in the member list of the image ${imageId}.`);
}
