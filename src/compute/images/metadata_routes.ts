/** /images/{id}/metadata, up to microversion 2.38; nova/api/openstack/compute/image_metadata.py. */
import type { Hono } from "hono";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { Image, ImageService, PropertyChange } from "../../facades/image_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault, NO_SUCH_RESOURCE } from "../../http/faults.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { anything } from "../../http/schema_parts.ts";
import type { Reader } from "../../store/query.ts";
import { limitsOf } from "../quotas/projection.ts";
import { imageMetadataItemSchema, imageMetadataSchema } from "./schemas.ts";

/** What the endpoints of the metadata need. */
export interface ImageMetadataDependencies {
  readonly images: ImageService;
  readonly reader: Reader;
}

const until = 38;

/** Puts the endpoints of images' metadata on an app. */
export function imageMetadataRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: ImageMetadataDependencies,
): void {
  const whole = { until, body: () => imageMetadataSchema };
  const read = { until, query: () => anything };
  app.get("/images/:id/metadata", handler((request) => list(dependencies, request), read));
  app.post("/images/:id/metadata", handler((request) => add(dependencies, request), whole));
  app.put("/images/:id/metadata", handler((request) => replace(dependencies, request), whole));
  app.get("/images/:id/metadata/:key", handler((request) => show(dependencies, request), read));
  app.put(
    "/images/:id/metadata/:key",
    handler((request) => set(dependencies, request), {
      until,
      body: () => imageMetadataItemSchema,
    }),
  );
  app.delete(
    "/images/:id/metadata/:key",
    handler((request) => remove(dependencies, request), { until }),
  );
}

type Properties = Image["properties"];

async function propertiesOf(
  { images }: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Properties | Fault> {
  const image = await images.find(request.param("id"), request.caller);
  return image ? image.properties : fault(404, "Image not found.");
}

async function list(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const metadata = await propertiesOf(dependencies, request);
  return isFault(metadata) ? metadata : { status: 200, body: { metadata } };
}

async function show(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const found = await propertiesOf(dependencies, request);
  if (isFault(found)) return found;
  const key = request.param("key");
  if (!Object.hasOwn(found, key)) return NO_SUCH_RESOURCE;
  return { status: 200, body: { meta: { [key]: found[key] } } };
}

async function add(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { metadata: added } = request.body as { metadata: Properties };
  const changed = await change(dependencies, request, { set: added, removes: [] });
  return isFault(changed) ? changed : { status: 200, body: { metadata: changed } };
}

async function replace(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { metadata } = request.body as { metadata: Properties };
  const changed = await change(dependencies, request, { set: metadata, removes: "others" });
  return isFault(changed) ? changed : { status: 200, body: { metadata } };
}

async function set(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { meta } = request.body as { meta: Properties };
  if (!Object.hasOwn(meta, request.param("key"))) {
    return fault(400, "Request body and URI mismatch");
  }
  const changed = await change(dependencies, request, { set: meta, removes: [] });
  return isFault(changed) ? changed : { status: 200, body: { meta } };
}

async function remove(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const found = await propertiesOf(dependencies, request);
  if (isFault(found)) return found;
  const key = request.param("key");
  if (!Object.hasOwn(found, key)) return fault(404, "Invalid metadata key");
  const changed = await change(dependencies, request, { set: {}, removes: [key] });
  return isFault(changed) ? changed : { status: 204 };
}

/** Changes properties: the project's limit on metadata is on those that there will be. */
async function change(
  dependencies: ImageMetadataDependencies,
  request: NovaRequest,
  wanted: PropertyChange,
): Promise<Properties | Fault> {
  const { caller } = request;
  const before = await propertiesOf(dependencies, request);
  if (isFault(before)) return before;
  const kept = wanted.removes === "others" ? {} : before;
  const isOver = await isOverLimit(dependencies, caller.projectId, { ...kept, ...wanted.set });
  if (isOver && Object.keys(wanted.set).length > 0) {
    return fault(403, "Image metadata limit exceeded");
  }
  const id = request.param("id");
  const metadata = metadataOf(request, "UpdateImage");
  const changed = await dependencies.images.changeProperties(id, wanted, { caller, metadata });
  return isRejection(changed) ? refuse(changed, id) : changed.properties;
}

async function isOverLimit(
  { reader }: ImageMetadataDependencies,
  projectId: string,
  properties: Properties,
): Promise<boolean> {
  const limit = (await limitsOf(reader, projectId)).metadata_items;
  return limit >= 0 && Object.keys(properties).length > limit;
}

function refuse(refusal: Rejection, id: string): Fault {
  switch (refusal.rejected) {
    case "NotFound":
      return fault(404, "Image not found.");
    case "Forbidden":
      return fault(403, `Not authorized for image ${id}.`);
    default:
      return faultOf(refusal);
  }
}
