/**
 * What requests on aggregates look like.
 *
 * Source: nova/api/openstack/compute/schemas/aggregates.py and aggregate_images.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import { bodyOf, domainName, name, noParameters, object, uuid } from "../../http/schema_parts.ts";

const zone: JsonSchema = {
  oneOf: [{ type: "string", format: "az_name", minLength: 1, maxLength: 255 }, { type: "null" }],
};

/** The body of `POST /os-aggregates`. */
export const createSchema: JsonSchema = bodyOf(
  "aggregate",
  object({ name, availability_zone: zone }, ["name"]),
);

/** The body of `PUT /os-aggregates/{id}`; blanks at the ends of a name are taken off. */
export const updateSchema: JsonSchema = bodyOf("aggregate", {
  ...object({
    name: { ...name, format: "name_with_leading_trailing_spaces" },
    availability_zone: zone,
  }),
  anyOf: [{ required: ["name"] }, { required: ["availability_zone"] }],
});

const byHost = object({ host: domainName }, ["host"]);

const metadata: JsonSchema = {
  type: "object",
  patternProperties: {
    "^[a-zA-Z0-9-_:. ]{1,255}$": { type: ["string", "null"], maxLength: 255 },
  },
  additionalProperties: false,
};

/** The bodies of `POST /os-aggregates/{id}/action`. */
export const actionSchema = {
  add_host: bodyOf("add_host", byHost),
  remove_host: bodyOf("remove_host", byHost),
  set_metadata: bodyOf("set_metadata", object({ metadata }, ["metadata"])),
} as const;

/** The body of `POST /os-aggregates/{id}/images`. */
export const imagesSchema: JsonSchema = bodyOf("cache", {
  type: ["array"],
  minItems: 1,
  items: object({ id: uuid }, ["id"]),
});

/** The query strings of the list and of one aggregate. */
export const aggregatesQuerySchema = noParameters;
