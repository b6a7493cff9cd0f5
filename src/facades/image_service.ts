/** What compute needs of an image service: the embedded one, or a Glance. */
import type { Rejection } from "../eventsourcing/decider.ts";
import type { EventMetadata } from "../eventsourcing/event.ts";
import type { Caller } from "../http/auth.ts";

/** An image, as far as booting from it is concerned. */
export interface Image {
  readonly id: string;
  readonly name: string | null;
  /** Glance's word: `active`, `queued`, `deactivated`, … */
  readonly status: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly sizeBytes: number;
  /** Size of the disk that the data describe, when the format says it. */
  readonly virtualSizeBytes?: number | null;
  /** `qcow2`, `raw`, … */
  readonly diskFormat?: string | null;
  readonly containerFormat?: string | null;
  /** MD5, hexadecimal. */
  readonly checksum?: string | null;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Custom properties; all values are text. */
  readonly properties: Readonly<Record<string, string>>;
}

/** An image to be made of a server or a volume, waiting for its data. */
export interface NewSnapshot {
  readonly imageId: string;
  readonly name: string;
  readonly projectId: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly properties: Readonly<Record<string, string>>;
  /** By default `qcow2`. */
  readonly diskFormat?: string;
  /** By default `bare`. */
  readonly containerFormat?: string;
  /** By default private to its project. */
  readonly visibility?: "public" | "community" | "shared" | "private";
  /** By default not. */
  readonly isProtected?: boolean;
}

/** What is on a simulated disk. */
export interface SimulatedDisk {
  /** The same seed, the same bytes. */
  readonly seed: string;
  /** Whether the bytes are to be a qcow2 file, not the disk itself. */
  readonly isQcow2: boolean;
}

/** What the image service could not do, in words a user can act on. */
export interface ImageFailure {
  readonly failed: string;
}

/** Which images of a server are one another's backups. */
export interface BackupSeries {
  readonly projectId: string;
  readonly serverId: string;
  readonly backupType: string;
}

/** Who changes an image, and what is recorded of it. */
export interface ImageAsker {
  readonly caller: Caller;
  readonly metadata: EventMetadata;
}

/** A change of an image's custom properties. */
export interface PropertyChange {
  readonly set: Readonly<Record<string, string>>;
  /** Names of properties that are to go; `others`: all that are not set. */
  readonly removes: readonly string[] | "others";
}

export interface ImageService {
  /** The image, or undefined when there is none of this id that the caller may see. */
  find(id: string, caller: Caller): Promise<Image | undefined>;
  /** Makes sure that the image of a server is there; its data may come later. */
  ensureSnapshot(snapshot: NewSnapshot): Promise<ImageFailure | undefined>;
  /** Makes sure that an image is there that has no data, and waits for none. */
  ensureEmptyImage(image: NewSnapshot): Promise<ImageFailure | undefined>;
  /** Makes sure that it has its data; fails when it was deleted meanwhile. */
  storeSnapshot(imageId: string): Promise<ImageFailure | undefined>;
  /** The same with the data of a disk that is not the image's own. */
  storeDisk(imageId: string, disk: SimulatedDisk): Promise<ImageFailure | undefined>;
  /** Makes sure that an image that compute had made is gone. */
  removeSnapshot(imageId: string): Promise<void>;
  /** The ids of a series' images, newest first. */
  backups(series: BackupSeries): Promise<readonly string[]>;
  /**
   * Images that the caller may see, by the parameters of the Image API's own list: with a `limit`
   * so many, else all. Refuses what that API refuses: an unknown marker, a time that is none.
   */
  list(query: URLSearchParams, caller: Caller): Promise<readonly Image[] | Rejection>;
  /** Changes an image's properties; refuses callers who may not see it, or not change it. */
  changeProperties(
    id: string,
    change: PropertyChange,
    asker: ImageAsker,
  ): Promise<Image | Rejection>;
  /** Deletes an image; refuses callers who may not see it or not delete it, and protected ones. */
  remove(id: string, asker: ImageAsker): Promise<Rejection | undefined>;
  /** Where clients find an image, for those who reach compute at this origin. */
  linkTo(id: string, origin: string): string;
}
