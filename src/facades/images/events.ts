/** What can happen to an image, as stored. */

export type ImageEvent =
  | ImageCreated
  | ImageUpdated
  | ImageDataStaged
  | ImageDataStored
  | ImageTagsChanged
  | ImageMemberAdded
  | ImageMemberStatusChanged
  | ImageMemberRemoved
  | ImageDeactivated
  | ImageReactivated
  | ImageDeleted;

export type Visibility = "public" | "community" | "shared" | "private";

/** What whoever makes an image says of it. */
export interface ImageFacts {
  readonly name: string | null;
  readonly visibility: Visibility;
  /** The project that owns it. */
  readonly owner: string | null;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly isProtected: boolean;
  readonly isHidden: boolean;
  /** Custom properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** An image is there to receive data. */
export interface ImageCreated {
  readonly type: "ImageCreated";
  readonly data: ImageFacts;
}

/** Facts that have another value now; `properties` are all of them. */
export interface ImageUpdated {
  readonly type: "ImageUpdated";
  readonly data: Partial<ImageFacts>;
}

/** Where an image's bytes come from. */
export type DataSource =
  /** A file of the data folder; its name begins with the image's id. */
  | { readonly kind: "file"; readonly name: string }
  /** A disk that `generated_disk.ts` writes anew each time; absent size: 1 MiB. */
  | {
    readonly kind: "generated";
    readonly seed: string;
    readonly sizeBytes?: number;
    /** The disk itself, not a qcow2 file; then its size is what of it is not empty. */
    readonly isRaw?: true;
  };

/** What is known of an image's data. */
export interface DataFacts {
  readonly sizeBytes: number;
  /** Size of the disk that the data describe, when the format says it. */
  readonly virtualSizeBytes: number | null;
  /** MD5, hexadecimal. */
  readonly checksum: string;
  readonly hashAlgorithm: "sha512";
  /** Hexadecimal. */
  readonly hashValue: string;
  readonly source: DataSource;
}

/** Data are on the disk that become the image's when it is imported. */
export interface ImageDataStaged {
  readonly type: "ImageDataStaged";
  readonly data: DataFacts;
}

/** The data are all there, on the disk: the image can be used. */
export interface ImageDataStored {
  readonly type: "ImageDataStored";
  readonly data: DataFacts;
}

/** These are the tags now. */
export interface ImageTagsChanged {
  readonly type: "ImageTagsChanged";
  readonly data: { readonly tags: readonly string[] };
}

export type MemberStatus = "pending" | "accepted" | "rejected";

/** A project is offered the image. */
export interface ImageMemberAdded {
  readonly type: "ImageMemberAdded";
  readonly data: { readonly member: string };
}

/** A project has made up its mind about an image that it was offered. */
export interface ImageMemberStatusChanged {
  readonly type: "ImageMemberStatusChanged";
  readonly data: { readonly member: string; readonly status: MemberStatus };
}

export interface ImageMemberRemoved {
  readonly type: "ImageMemberRemoved";
  readonly data: { readonly member: string };
}

/** The data may not be read for now. */
export interface ImageDeactivated {
  readonly type: "ImageDeactivated";
  readonly data: Readonly<Record<never, never>>;
}

export interface ImageReactivated {
  readonly type: "ImageReactivated";
  readonly data: Readonly<Record<never, never>>;
}

/** The image is gone, and its data may be thrown away. */
export interface ImageDeleted {
  readonly type: "ImageDeleted";
  readonly data: Readonly<Record<never, never>>;
}
