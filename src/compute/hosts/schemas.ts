/** What requests on hosts look like; nova/api/openstack/compute/schemas/hosts.py. */
import type { JsonSchema } from "../../http/schema.ts";
import { anything, listOf, queryOf, text } from "../../http/schema_parts.ts";

const SWITCH: JsonSchema = {
  type: "string",
  enum: ["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"],
};

/** The body of `PUT /os-hosts/{host}`. */
export const updateSchema: JsonSchema = {
  type: "object",
  properties: { status: SWITCH, maintenance_mode: SWITCH },
  anyOf: [{ required: ["status"] }, { required: ["maintenance_mode"] }],
  additionalProperties: false,
};

/** The query string of `GET /os-hosts`. */
export const listQuerySchema: JsonSchema = queryOf({ zone: listOf(text) }, "allowed");

/** The query strings of the other operations. */
export const hostQuerySchema: JsonSchema = anything;
