/** Files of image data that no image names: what crashes left in the middle of an upload or delete. */
import type { Reader } from "../../store/query.ts";
import type { ImageContent } from "./content.ts";
import { findImage } from "./projection.ts";

/** Removes such files, gives how many; to be called before the first request. */
export async function removeOrphans(reader: Reader, content: ImageContent): Promise<number> {
  let removed = 0;
  for (const name of await content.names()) {
    const imageId = name.split(".", 1)[0]!;
    const source = (await findImage(reader, imageId))?.state.data?.source;
    if (source?.kind === "file" && source.name === name) continue;
    await content.remove(name);
    removed++;
  }
  return removed;
}
