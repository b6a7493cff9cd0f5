/**
 * /images, up to microversion 2.35, and their metadata, up to 2.38: what the image service has, in
 * Nova's form. Source: nova/api/openstack/compute: images.py, image_metadata.py.
 */
import type { Hono } from "hono";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { Image, ImageService } from "../../facades/image_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf } from "../../http/faults.ts";
import { nextLink } from "../../http/pages.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import type { Reader } from "../../store/query.ts";
import { imageQuery } from "./filters.ts";
import { imageMetadataRoutes } from "./metadata_routes.ts";
import { imageListQuerySchema, imageQuerySchema } from "./schemas.ts";
import { type ImageLinks, viewImage, viewShortImage } from "./view.ts";

export interface ImagesDependencies {
  readonly images: ImageService;
  readonly reader: Reader;
  readonly settings: { readonly maxLimit: number };
}

/** nova/api/openstack/api_version_request.py, `MAX_PROXY_API_SUPPORT_VERSION`. */
const until = 35;

/** Puts the images' endpoints on an app. */
export function imageRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: ImagesDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const listed = { until, query: () => imageListQuerySchema };
  app.get("/images", handler((request) => list(dependencies, request, viewShortImage), listed));
  app.get("/images/detail", handler((request) => list(dependencies, request, viewImage), listed));
  app.get(
    "/images/:id",
    handler((request) => show(dependencies, request), { until, query: () => imageQuerySchema }),
  );
  app.delete("/images/:id", handler((request) => remove(dependencies, request), { until }));
  imageMetadataRoutes(app, handler, dependencies);
}

async function list(
  { images, settings }: ImagesDependencies,
  request: NovaRequest,
  view: (image: Image, links: ImageLinks) => object,
): Promise<Outcome> {
  const { query, caller, url } = request;
  const found = await images.list(imageQuery(query), caller);
  if (isRejection(found)) return faultOf(found);
  const size = Math.min(Number(query.getAll("limit").at(-1) ?? Infinity), settings.maxLimit);
  // Only a page that is exactly full leads on: without a limit, all are here.
  const next = found.length === size
    ? nextLink(url, query, { size, ids: found.map(({ id }) => id) })
    : undefined;
  const links = linksFor(images, request);
  return {
    status: 200,
    body: {
      images: found.map((image) => view(image, links)),
      ...(next && { images_links: [next] }),
    },
  };
}

async function show({ images }: ImagesDependencies, request: NovaRequest): Promise<Outcome> {
  const image = await images.find(request.param("id"), request.caller);
  if (!image) return noImage();
  return { status: 200, body: { image: viewImage(image, linksFor(images, request)) } };
}

async function remove({ images }: ImagesDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = await images.remove(request.param("id"), {
    caller: request.caller,
    metadata: metadataOf(request, "DeleteImage"),
  });
  return refusal ? refuseDelete(refusal) : { status: 204 };
}

function refuseDelete(refusal: Rejection): Fault {
  switch (refusal.rejected) {
    case "NotFound":
      return noImage();
    case "Forbidden":
      return fault(403, "You are not allowed to delete the image.");
    default:
      return faultOf(refusal);
  }
}

function noImage(): Fault {
  return fault(404, "Image not found.");
}

function linksFor(
  images: ImageService,
  { selfBase, bookmarkBase, wholeUrl }: NovaRequest,
): ImageLinks {
  const { origin } = new URL(wholeUrl);
  return { selfBase, bookmarkBase, alternate: (id) => images.linkTo(id, origin) };
}
