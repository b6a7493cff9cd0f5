/** Files of image data that no image names: what crashes left in the middle of an upload or delete. */
import type { Reader } from "../../store/query.ts";
import { type ImageContent, SEED_SUFFIX } from "./content.ts";
import { images } from "./projection.ts";
import { fileOf } from "./state.ts";

/** Removes such files, gives how many; to be called before the first request. */
export async function removeOrphans(reader: Reader, content: ImageContent): Promise<number> {
  let removed = 0;
  for (const name of await content.names()) {
    const imageId = name.split(".", 1)[0]!;
    const found = await images.projection.load(reader, imageId);
    const isNamed = found !== undefined && fileOf(found.state) === name;
    // A deleted image of the seed may come back by a reset.
    if (isNamed && (found.state.exists || name.endsWith(SEED_SUFFIX))) continue;
    await content.removeAny(name);
    removed++;
  }
  return removed;
}
