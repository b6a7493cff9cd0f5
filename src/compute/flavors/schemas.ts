/**
 * What the query strings of requests on flavors look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas/flavors.py.
 */
import {
  type Fields,
  listOf,
  noParameters,
  paging,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

// deno-fmt-ignore
const SORT_KEYS = [
  "created_at", "description", "disabled", "ephemeral_gb", "flavorid", "id", "is_public",
  "memory_mb", "name", "root_gb", "rxtx_factor", "swap", "updated_at", "vcpu_weight", "vcpus",
];

const firstList: Fields = {
  ...paging,
  is_public: listOf(text),
  minRam: listOf(text),
  minDisk: listOf(text),
  sort_key: listOf({ type: "string", enum: SORT_KEYS }),
  sort_dir: listOf({ type: "string", enum: ["asc", "desc"] }),
};

const keysSince102 = SORT_KEYS.filter((key) => key !== "rxtx_factor");

/** The query string of `GET /flavors` and `GET /flavors/detail`. */
export const flavorListQuerySchema = versioned(queryOf(firstList, "allowed"), {
  75: () => queryOf(firstList, "refused"),
  102: () =>
    queryOf({
      ...firstList,
      name: listOf(text),
      sort_key: listOf({ type: "string", enum: keysSince102 }),
    }, "refused"),
}, (query) => query);

/** The query string of `GET /flavors/{id}`. */
export const flavorQuerySchema = noParameters;
