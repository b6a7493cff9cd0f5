/**
 * What requests on hypervisors look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas/hypervisors.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anything,
  boolean,
  domainName,
  type Fields,
  nonNegativeInteger,
  paging,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

function one(items: JsonSchema): JsonSchema {
  return { type: "array", items, maxItems: 1 };
}

const withServers: Fields = { with_servers: one(boolean) };

/** The query strings of `GET /os-hypervisors` and `GET /os-hypervisors/detail`. */
export const listQuerySchema = versioned(
  queryOf({}, "allowed"),
  {
    33: () => queryOf(paging, "allowed"),
    53: () =>
      queryOf({
        limit: one(nonNegativeInteger),
        marker: one(text),
        hypervisor_hostname_pattern: one(domainName),
        ...withServers,
      }, "refused"),
  },
  (query) => query,
);

/** The query string of `GET /os-hypervisors/{id}`. */
export const showQuerySchema = versioned(
  queryOf({}, "allowed"),
  { 53: () => queryOf(withServers, "refused") },
  (query) => query,
);

/** The query strings of the operations that ended with 2.52 or 2.87. */
export const hypervisorQuerySchema: JsonSchema = anything;
