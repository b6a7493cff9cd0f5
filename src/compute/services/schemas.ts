/**
 * What requests on services look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas/services.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  boolean,
  domainName,
  type Fields,
  listOf,
  object,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

const shortText: JsonSchema = { type: "string", minLength: 1, maxLength: 255 };

const byHost: Fields = { host: domainName, binary: shortText, disabled_reason: shortText };

/** The body of `PUT /os-services/{action or id}`. */
export const updateSchema = versioned(
  object(byHost, ["host", "binary"]),
  {
    11: () => object({ ...byHost, forced_down: boolean }, ["host", "binary"]),
    53: () =>
      object({
        status: { type: "string", enum: ["enabled", "disabled"] },
        disabled_reason: shortText,
        forced_down: boolean,
      }),
  },
  (body) => body,
);

const listParameters: Fields = { host: listOf(text), binary: listOf(text) };

/** The query string of `GET /os-services`. */
export const listQuerySchema = versioned(
  queryOf(listParameters, "allowed"),
  { 75: () => queryOf(listParameters, "refused") },
  (query) => query,
);
