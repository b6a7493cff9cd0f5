/** Requests on images; nova/api/openstack/compute/schemas: images, image_metadata. */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anyParameters,
  anything,
  bodyOf,
  listOf,
  metadata,
  positiveInteger,
} from "../../http/schema_parts.ts";

/** The query string of `GET /images` and `GET /images/detail`. */
export const imageListQuerySchema: JsonSchema = {
  type: "object",
  properties: {
    name: anything,
    status: anything,
    "changes-since": anything,
    server: anything,
    type: anything,
    minRam: anything,
    minDisk: anything,
    limit: listOf(positiveInteger),
    page_size: listOf(positiveInteger),
    marker: anything,
    offset: listOf(positiveInteger),
  },
  patternProperties: { "^property-.*$": anything },
  additionalProperties: true,
};

/** The query string of `GET /images/{id}`. */
export const imageQuerySchema = anyParameters;

/** The body of `POST` and `PUT /images/{id}/metadata`. */
export const imageMetadataSchema = bodyOf("metadata", metadata);

/** The body of `PUT /images/{id}/metadata/{key}`. */
export const imageMetadataItemSchema = bodyOf("meta", {
  ...metadata,
  minProperties: 1,
  maxProperties: 1,
});
