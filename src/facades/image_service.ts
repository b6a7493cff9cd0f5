/** What compute needs of an image service: the embedded one, or a Glance. */
import type { Caller } from "../http/auth.ts";

/** An image, as far as booting from it is concerned. */
export interface Image {
  readonly id: string;
  readonly name: string;
  /** Glance's word: `active`, `queued`, `deactivated`, … */
  readonly status: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly sizeBytes: number;
  /** Custom properties; all values are text. */
  readonly properties: Readonly<Record<string, string>>;
}

/** An image to be made of a server: private to its project, and waiting for its data. */
export interface NewSnapshot {
  readonly imageId: string;
  readonly name: string;
  readonly projectId: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly properties: Readonly<Record<string, string>>;
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

export interface ImageService {
  /** The image, or undefined when there is none of this id that the caller may see. */
  find(id: string, caller: Caller): Promise<Image | undefined>;
  /** Makes sure that the image of a server is there; its data may come later. */
  ensureSnapshot(snapshot: NewSnapshot): Promise<ImageFailure | undefined>;
  /** Makes sure that it has its data; fails when it was deleted meanwhile. */
  storeSnapshot(imageId: string): Promise<ImageFailure | undefined>;
  /** Makes sure that an image that compute had made is gone. */
  removeSnapshot(imageId: string): Promise<void>;
  /** The ids of a series' images, newest first. */
  backups(series: BackupSeries): Promise<readonly string[]>;
}
