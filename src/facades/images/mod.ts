/** The embedded image service: enough of Glance to boot from, and to keep images in. */
import type { AnyAggregate } from "../../eventsourcing/aggregate.ts";
import { metadefNamespaces } from "./metadefs/mod.ts";
import { images } from "./projection.ts";
import { imageTasks } from "./tasks/projection.ts";

/** Everything of the image service that is folded from the log. */
export const imageAggregates: readonly AnyAggregate[] = [images, imageTasks, metadefNamespaces];

export { ImageContent } from "./content.ts";
export { removeOrphans } from "./orphans.ts";
export { imageRoutes, type ImageRoutesDependencies } from "./routes.ts";
export { type ImageSeed, seedImage, seedImages, storeSeedData } from "./seed.ts";
export {
  createSnapshotImage,
  dropSnapshotImage,
  finishSnapshotImage,
  generatedData,
} from "./snapshots.ts";
export { EmbeddedImages } from "./service.ts";
