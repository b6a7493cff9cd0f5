/**
 * What requests on quotas and limits look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas: quota_sets, quota_classes, limits.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anyParameters,
  bodyOf,
  boolean,
  type Fields,
  listOf,
  MAX_INTEGER,
  noParameters,
  object,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

/** A limit, where -1 means none. */
const limit: JsonSchema = {
  type: ["integer", "string"],
  pattern: "^-?[0-9]+$",
  minimum: -1,
  maximum: MAX_INTEGER,
};

const firstQuotaSet: Fields = {
  instances: limit,
  cores: limit,
  ram: limit,
  floating_ips: limit,
  fixed_ips: limit,
  metadata_items: limit,
  key_pairs: limit,
  security_groups: limit,
  security_group_rules: limit,
  injected_files: limit,
  injected_file_content_bytes: limit,
  injected_file_path_bytes: limit,
  server_groups: limit,
  server_group_members: limit,
  force: boolean,
};

function without(...names: readonly string[]): (fields: Fields) => Fields {
  return (fields) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

const withoutNetworks = without(
  "floating_ips",
  "fixed_ips",
  "security_groups",
  "security_group_rules",
);

const withoutInjection = without(
  "injected_files",
  "injected_file_content_bytes",
  "injected_file_path_bytes",
);

/** The body of `PUT /os-quota-sets/{project}`. */
export const quotaUpdateSchema = versioned(firstQuotaSet, {
  36: withoutNetworks,
  57: withoutInjection,
}, (fields) => bodyOf("quota_set", object(fields)));

/** The body of `PUT /os-quota-class-sets/{name}`. */
export const quotaClassUpdateSchema = versioned(without("force")(firstQuotaSet), {
  50: withoutNetworks,
  57: withoutInjection,
}, (fields) => bodyOf("quota_class_set", object(fields)));

/** The query string of `GET /os-quota-class-sets/{name}`. */
export const quotaClassQuerySchema = noParameters;

/** The query string of reading, changing and deleting `/os-quota-sets/{project}`, and of `/detail`. */
export const quotaQuerySchema = refusingOthersSince75({ user_id: listOf(text) });

/** The query string of `GET /os-quota-sets/{project}/defaults`. */
export const quotaDefaultsQuerySchema: JsonSchema = anyParameters;

/** The query string of `GET /limits`. */
export const limitsQuerySchema = refusingOthersSince75({ tenant_id: listOf(text) });

function refusingOthersSince75(fields: Fields) {
  return versioned(
    queryOf(fields, "allowed"),
    { 75: () => queryOf(fields, "refused") },
    (query) => query,
  );
}
