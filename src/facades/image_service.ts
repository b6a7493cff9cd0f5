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
  /** Size of the disk that the data describe, when the format says it. */
  readonly virtualSizeBytes?: number | null;
  /** `qcow2`, `raw`, … */
  readonly diskFormat?: string | null;
  readonly containerFormat?: string | null;
  /** MD5, hexadecimal. */
  readonly checksum?: string | null;
  /** Custom properties; all values are text. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface ImageService {
  /** The image, or undefined when there is none of this id that the caller may see. */
  find(id: string, caller: Caller): Promise<Image | undefined>;
}
