/**
 * What requests on flavors look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas: flavors, flavor_access, flavors_extraspecs.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  bodyOf,
  boolean,
  description,
  type Fields,
  listOf,
  MAX_INTEGER,
  name,
  noParameters,
  object,
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

/** The query string of `GET /flavors/{id}`, and of what stands below it. */
export const flavorQuerySchema = noParameters;

const amount: JsonSchema = {
  type: ["integer", "string"],
  pattern: "^[0-9]+$",
  minimum: 0,
  maximum: MAX_INTEGER,
};

const positiveAmount: JsonSchema = { ...amount, minimum: 1 };

const flavorDescription: JsonSchema = { ...description, maxLength: 65535 };

const firstFlavor: Fields = {
  name,
  // Null: one is to be made.
  id: {
    type: ["string", "number", "null"],
    pattern: "^(?! )[a-zA-Z0-9. _-]+(?<! )$",
    minLength: 1,
    maxLength: 255,
  },
  ram: positiveAmount,
  vcpus: positiveAmount,
  disk: amount,
  "OS-FLV-EXT-DATA:ephemeral": amount,
  swap: amount,
  rxtx_factor: {
    type: ["number", "string"],
    pattern: "^[0-9]+(\\.[0-9]+)?$",
    exclusiveMinimum: 0,
    // The largest single-precision number of a database.
    maximum: 3.40282e+38,
  },
  "os-flavor-access:is_public": boolean,
};

/** The body of `POST /flavors`. */
export const createSchema = versioned(firstFlavor, {
  55: (fields) => ({ ...fields, description: flavorDescription }),
  102: ({ rxtx_factor: _, ...fields }) => fields,
}, (fields) => bodyOf("flavor", object(fields, ["name", "ram", "vcpus", "disk"])));

/** The body of `PUT /flavors/{id}`. */
export const updateSchema: JsonSchema = bodyOf(
  "flavor",
  object({ description: flavorDescription }, ["description"]),
);

const extraSpecValues: JsonSchema = {
  type: "object",
  patternProperties: {
    "^[a-zA-Z0-9-_:. ]{1,255}$": { type: ["string", "number"], maxLength: 255 },
  },
  additionalProperties: false,
};

/** The body of `POST /flavors/{id}/os-extra_specs`. */
export const extraSpecsSchema: JsonSchema = bodyOf("extra_specs", extraSpecValues);

/** The body of `PUT /flavors/{id}/os-extra_specs/{key}`. */
export const extraSpecSchema: JsonSchema = {
  ...extraSpecValues,
  minProperties: 1,
  maxProperties: 1,
};

const tenant: JsonSchema = object(
  { tenant: { type: "string", minLength: 1, maxLength: 255 } },
  ["tenant"],
);

/** The bodies of `POST /flavors/{id}/action`, by action. */
export const accessSchema = {
  addTenantAccess: bodyOf("addTenantAccess", tenant),
  removeTenantAccess: bodyOf("removeTenantAccess", tenant),
} as const;
