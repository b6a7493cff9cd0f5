/** What a crash leaves behind: a data folder as it is on the disk in the middle of everything. */
import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

/** What of a data folder is on the disk for good; the rest is made anew. */
const FILES = ["chronova.db", "chronova.db-wal", "seal.key", "token.key", "clouds.yaml"];

/**
 * Copies a data folder as a crash at this very moment would leave it; gives the copy's path.
 *
 * All in one tick, so that nothing the process does comes in between.
 */
export function crashImage(folder: string, parent: string): string {
  const image = mkdtempSync(join(parent, "image-"));
  for (const file of FILES) {
    const from = join(folder, file);
    if (existsSync(from)) copyFileSync(from, join(image, file));
  }
  return image;
}
