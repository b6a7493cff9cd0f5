/** Bodies and query strings of a server's volumes; nova/api/openstack/compute/schemas. */
import { queryOf, versioned } from "../../http/schema_parts.ts";
import {
  bodyOf,
  boolean,
  type Fields,
  listOf,
  nonNegativeInteger,
  object,
  paging,
  tag,
  uuid,
} from "../../http/schema_parts.ts";
import type { JsonSchema } from "../../http/schema.ts";

const device: JsonSchema = {
  type: ["string", "null"],
  pattern: "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$",
};

const attachment = (properties: Fields) =>
  bodyOf("volumeAttachment", object(properties, ["volumeId"]));

const first = { volumeId: uuid, device };

/** The body of `POST …/os-volume_attachments`. */
export const volumeAttachSchema = versioned<Fields, JsonSchema>(
  first,
  {
    49: (before) => ({ ...before, tag }),
    79: (before) => ({ ...before, delete_on_termination: boolean }),
  },
  attachment,
);

/** The body of `PUT …/os-volume_attachments/{volume}`. */
export const volumeUpdateSchema = versioned<Fields, JsonSchema>(
  { volumeId: uuid },
  {
    85: (before) => ({
      ...before,
      device,
      tag,
      delete_on_termination: boolean,
      serverId: uuid,
      id: uuid,
    }),
  },
  attachment,
);

const { limit } = paging;

/** The query string of `GET …/os-volume_attachments`. */
export const volumeListQuerySchema = versioned(
  queryOf({ limit: limit!, offset: listOf(nonNegativeInteger) }, "allowed"),
  { 75: () => queryOf({ limit: limit!, offset: listOf(nonNegativeInteger) }, "refused") },
  (query) => query,
);
