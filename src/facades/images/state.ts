/** What is true of an image. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { DataFacts, ImageEvent, ImageFacts, MemberStatus } from "./events.ts";

/** Glance's words, those that an image here can have. */
export type ImageStatus = "queued" | "uploading" | "active" | "deactivated" | "deleted";

/** A project that the image is shared with. */
export interface ImageMember {
  readonly member: string;
  readonly status: MemberStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Image extends ImageFacts {
  readonly exists: boolean;
  readonly status: ImageStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Null until data are stored. */
  readonly data: DataFacts | null;
  /** Data that wait for the image to be imported. */
  readonly staged: DataFacts | null;
  /** In the order in which they were added. */
  readonly members: readonly ImageMember[];
}

export const NO_IMAGE: Image = {
  exists: false,
  status: "deleted",
  createdAt: "",
  updatedAt: "",
  name: null,
  visibility: "private",
  owner: null,
  diskFormat: null,
  containerFormat: null,
  minRamMib: 0,
  minDiskGib: 0,
  isProtected: false,
  isHidden: false,
  properties: {},
  tags: [],
  data: null,
  staged: null,
  members: [],
};

/** Size of an image's data, in use or staged, in bytes; null when there are none. */
export function sizeOf({ data, staged }: Image): number | null {
  return (data ?? staged)?.sizeBytes ?? null;
}

/** The file that holds an image's data, in use or staged; undefined when there is none. */
export function fileOf({ data, staged }: Image): string | undefined {
  const source = (data ?? staged)?.source;
  return source?.kind === "file" ? source.name : undefined;
}

export function evolve(image: Image, event: Recorded<ImageEvent>): Image {
  const at = event.recordedAt;
  switch (event.type) {
    case "ImageCreated":
      return {
        ...image,
        ...event.data,
        exists: true,
        status: "queued",
        createdAt: at,
        updatedAt: at,
      };
    case "ImageUpdated":
      return { ...image, ...event.data, updatedAt: at };
    case "ImageDataStaged":
      return { ...image, status: "uploading", staged: event.data, updatedAt: at };
    case "ImageDataStored":
      return { ...image, status: "active", data: event.data, staged: null, updatedAt: at };
    case "ImageTagsChanged":
      return { ...image, tags: event.data.tags, updatedAt: at };
    case "ImageMemberAdded":
      return {
        ...image,
        members: [
          ...image.members,
          { member: event.data.member, status: "pending", createdAt: at, updatedAt: at },
        ],
      };
    case "ImageMemberStatusChanged":
      return {
        ...image,
        members: image.members.map((member) =>
          member.member === event.data.member
            ? { ...member, status: event.data.status, updatedAt: at }
            : member
        ),
      };
    case "ImageMemberRemoved":
      return {
        ...image,
        members: image.members.filter(({ member }) => member !== event.data.member),
      };
    case "ImageDeactivated":
      return { ...image, status: "deactivated", updatedAt: at };
    case "ImageReactivated":
      return { ...image, status: "active", updatedAt: at };
    case "ImageDeleted":
      return { ...image, exists: false, status: "deleted", updatedAt: at };
  }
}
