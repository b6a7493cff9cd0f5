/** Digests of image data, taken while the data pass by. */
import { createHash } from "node:crypto";
import type { DataFacts } from "./events.ts";

/** What Glance keeps of the bytes of an image. */
export type Digests = Pick<DataFacts, "sizeBytes" | "checksum" | "hashAlgorithm" | "hashValue">;

/** Counts and digests bytes as they come. */
export class Digesting {
  readonly #md5 = createHash("md5");
  readonly #sha512 = createHash("sha512");
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  take(bytes: Uint8Array): void {
    this.#md5.update(bytes);
    this.#sha512.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** The digests of all that was taken; nothing can be taken afterwards. */
  end(): Digests {
    return {
      sizeBytes: this.#sizeBytes,
      checksum: this.#md5.digest("hex"),
      hashAlgorithm: "sha512",
      hashValue: this.#sha512.digest("hex"),
    };
  }
}
