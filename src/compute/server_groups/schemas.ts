/**
 * What requests on server groups look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas/server_groups.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  bodyOf,
  type Fields,
  listOf,
  name,
  nonNegativeInteger,
  noParameters,
  object,
  positiveInteger,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

const HARD = ["anti-affinity", "affinity"] as const;
const ALL = [...HARD, "soft-anti-affinity", "soft-affinity"] as const;

/** Nova still says this keyword of older dialects, which means nothing in the present one. */
const closed = { additionalItems: false } as const;

/** A list of exactly one policy. */
function policies(words: readonly string[]): JsonSchema {
  return {
    type: "array",
    prefixItems: [{ type: "string", enum: words }],
    minItems: 1,
    maxItems: 1,
    uniqueItems: true,
    ...closed,
  };
}

/** The body of `POST /os-server-groups`. */
export const createSchema = versioned(
  object({ name, policies: policies(HARD) }, ["name", "policies"]),
  {
    15: () => object({ name, policies: policies(ALL) }, ["name", "policies"]),
    64: () =>
      object({
        name,
        policy: { type: "string", enum: ALL },
        rules: object({ max_server_per_host: positiveInteger }),
      }, ["name", "policy"]),
  },
  (group) => bodyOf("server_group", group),
);

const listParameters: Fields = {
  all_projects: listOf(text),
  limit: listOf(nonNegativeInteger),
  offset: listOf(nonNegativeInteger),
};

/** The query string of `GET /os-server-groups`. */
export const listQuerySchema = versioned(
  queryOf(listParameters, "allowed"),
  { 75: () => queryOf(listParameters, "refused") },
  (query) => query,
);

/** The query string of `GET /os-server-groups/{id}`. */
export const serverGroupQuerySchema = noParameters;
