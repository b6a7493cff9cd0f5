/** What compute needs of images, from the embedded service. */
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import type { Image as BootImage, ImageService } from "../image_service.ts";
import { maySee } from "./access.ts";
import { findImage } from "./projection.ts";

/** Images as compute sees them. */
export class EmbeddedImages implements ImageService {
  constructor(private readonly reader: Reader) {}

  /** The image, deactivated ones included; undefined when the caller may not see it. */
  async find(id: string, caller: Caller): Promise<BootImage | undefined> {
    const found = await findImage(this.reader, id.toLowerCase());
    if (!found || !maySee(found.state, caller)) return undefined;
    const image = found.state;
    return {
      id: found.id,
      name: image.name ?? "",
      status: image.status,
      minRamMib: image.minRamMib,
      minDiskGib: image.minDiskGib,
      sizeBytes: image.data?.sizeBytes ?? 0,
      virtualSizeBytes: image.data?.virtualSizeBytes ?? null,
      diskFormat: image.diskFormat,
      containerFormat: image.containerFormat,
      checksum: image.data?.checksum ?? null,
      properties: image.properties,
    };
  }
}
