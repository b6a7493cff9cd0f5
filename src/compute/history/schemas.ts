/** Query strings of instance actions; nova/api/openstack/compute/schemas/instance_actions.py. */
import type { JsonSchema } from "../../http/schema.ts";
import { noParameters, queryOf, versioned } from "../../http/schema_parts.ts";

const one = (items: JsonSchema): JsonSchema => ({ type: "array", items, maxItems: 1 });
const time = one({ type: "string", format: "date-time" });

const firstPaging = {
  limit: one({
    type: ["integer", "string"],
    pattern: "^[0-9]*$",
    minimum: 0,
    minLength: 1,
  }),
  marker: one({ type: "string" }),
  "changes-since": time,
};

/** The query string of `GET /servers/{id}/os-instance-actions`. */
export const actionListQuerySchema = versioned(queryOf({}, "allowed"), {
  58: () => queryOf(firstPaging, "refused"),
  66: () => queryOf({ ...firstPaging, "changes-before": time }, "refused"),
}, (query) => query);

/** The query string of `GET /servers/{id}/os-instance-actions/{request_id}`. */
export const actionQuerySchema = noParameters;
