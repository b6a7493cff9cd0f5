/** Metadata definitions: what properties mean that images, flavors and others may have. */
export { metadefNamespaces } from "./projection.ts";
export { metadefRoutes } from "./routes.ts";
