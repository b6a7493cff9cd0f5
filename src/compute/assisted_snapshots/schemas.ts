/** Requests for assisted snapshots; nova/api/openstack/compute/schemas/assisted_volume_snapshots.py. */
import { bodyOf, listOf, object, queryOf, text, versioned } from "../../http/schema_parts.ts";

const someText = { type: "string", minLength: 1 } as const;

const createInfo = object({
  snapshot_id: someText,
  type: { type: "string", enum: ["qcow2"] },
  new_file: someText,
  id: someText,
}, ["snapshot_id", "type", "new_file"]);

/** The body of `POST /os-assisted-volume-snapshots`. */
export const createSchema = bodyOf(
  "snapshot",
  object({ volume_id: someText, create_info: createInfo }, ["volume_id", "create_info"]),
);

/** The query string of `DELETE /os-assisted-volume-snapshots/{id}`. */
export const deleteQuerySchema = versioned(
  queryOf({ delete_info: listOf(text) }, "allowed"),
  { 75: () => queryOf({ delete_info: listOf(text) }, "refused") },
  (query) => query,
);
