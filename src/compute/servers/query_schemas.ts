/**
 * What the query strings of requests on servers look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas: servers, server_metadata, ips, server_tags.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anyParameters,
  type Fields,
  listOf,
  noParameters,
  paging,
  queryOf,
  text,
  versioned,
} from "../../http/schema_parts.ts";

const texts = listOf(text);
const patterns = listOf({ type: "string", format: "regex" });
const times = listOf({ type: "string", format: "date-time" });

/** Columns that servers can be sorted by. */
// deno-fmt-ignore
const SORT_KEYS = [
  "access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive",
  "created_at", "display_description", "display_name", "host", "hostname", "image_ref",
  "instance_type_id", "kernel_id", "key_name", "launch_index", "launched_at", "locked_by", "node",
  "power_state", "progress", "project_id", "ramdisk_id", "root_device_name", "task_state",
  "terminated_at", "updated_at", "user_id", "uuid", "vm_state",
];

/** The same columns as messages list them from 2.73 on, where Nova takes them out of a set. */
// deno-fmt-ignore
const UNORDERED_SORT_KEYS = [
  "root_device_name", "project_id", "key_name", "user_id", "power_state", "config_drive",
  "progress", "image_ref", "access_ip_v4", "locked_by", "display_name", "auto_disk_config",
  "updated_at", "node", "host", "launched_at", "terminated_at", "vm_state", "uuid", "kernel_id",
  "hostname", "instance_type_id", "created_at", "availability_zone", "launch_index", "ramdisk_id",
  "access_ip_v6", "task_state", "display_description",
];

/** Keys without effect that old clients may send; refused from 2.75. */
// deno-fmt-ignore
const IGNORED_SORT_KEYS = [
  "architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device",
  "deleted", "deleted_at", "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id",
  "key_data", "launched_on", "locked", "memory_mb", "os_type", "reservation_id", "root_gb",
  "shutdown_terminate", "user_data", "vcpus", "vm_mode",
];

function sortKeys(keys: readonly string[]): JsonSchema {
  return listOf({ type: "string", enum: keys });
}

const firstList: Fields = {
  user_id: texts,
  project_id: texts,
  tenant_id: texts,
  launch_index: texts,
  image_ref: texts,
  image: texts,
  kernel_id: patterns,
  ramdisk_id: patterns,
  hostname: patterns,
  key_name: patterns,
  power_state: patterns,
  vm_state: texts,
  task_state: texts,
  host: texts,
  node: patterns,
  flavor: patterns,
  reservation_id: patterns,
  launched_at: patterns,
  terminated_at: patterns,
  availability_zone: patterns,
  name: patterns,
  display_name: patterns,
  description: patterns,
  display_description: patterns,
  locked_by: patterns,
  uuid: texts,
  root_device_name: patterns,
  config_drive: patterns,
  access_ip_v4: patterns,
  access_ip_v6: patterns,
  auto_disk_config: patterns,
  progress: patterns,
  sort_key: sortKeys([...SORT_KEYS, ...IGNORED_SORT_KEYS]),
  sort_dir: texts,
  all_tenants: texts,
  soft_deleted: texts,
  deleted: texts,
  status: texts,
  "changes-since": times,
  ip: patterns,
  ip6: patterns,
  created_at: patterns,
  // Names of joined tables: let through here, refused as filters later on.
  block_device_mapping: texts,
  services: texts,
  metadata: texts,
  system_metadata: texts,
  info_cache: texts,
  security_groups: texts,
  pci_devices: texts,
  ...paging,
};

interface ListQuery {
  readonly fields: Fields;
  readonly others: "allowed" | "refused";
}

const firstQuery: ListQuery = { fields: firstList, others: "allowed" };

function adding(more: Fields): (query: ListQuery) => ListQuery {
  return ({ fields, others }) => ({ fields: { ...fields, ...more }, others });
}

/** The query string of `GET /servers`; names that begin with `_` pass at every microversion. */
export const listQuerySchema = versioned<ListQuery, JsonSchema>(firstQuery, {
  26: adding({
    tags: patterns,
    "tags-any": patterns,
    "not-tags": patterns,
    "not-tags-any": patterns,
  }),
  66: adding({ "changes-before": times }),
  73: adding({
    sort_key: sortKeys([
      "locked",
      ...UNORDERED_SORT_KEYS,
      ...IGNORED_SORT_KEYS.filter((key) => key !== "locked"),
    ]),
    locked: texts,
  }),
  75: ({ fields }) => ({
    fields: {
      ...fields,
      sort_key: sortKeys(
        UNORDERED_SORT_KEYS.flatMap((key) => key === "launch_index" ? ["locked", key] : [key]),
      ),
    },
    others: "refused",
  }),
}, ({ fields, others }) => ({
  ...queryOf(fields, others),
  patternProperties: { "^_": texts },
}));

/** The query string of `GET /servers/detail`. */
export const detailQuerySchema = listQuerySchema;

/** The query string of `GET /servers/{id}`. */
export const showQuerySchema = noParameters;

/** The query string of `GET /servers/{id}/metadata`, and of one item. */
export const metadataQuerySchema = noParameters;

/** The query string of `GET /servers/{id}/ips`, and of one network. */
export const addressesQuerySchema = noParameters;

/** The query string of `GET /servers/{id}/tags`, and of one tag. */
export const tagsQuerySchema: JsonSchema = anyParameters;
