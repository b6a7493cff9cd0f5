/** Requests on servers' shares; nova/api/openstack/compute/schemas/server_shares.py. */
import type { JsonSchema } from "../../http/schema.ts";
import { bodyOf, object, queryOf, uuid } from "../../http/schema_parts.ts";

const share = object({
  share_id: uuid,
  tag: { type: "string", minLength: 1, maxLength: 255, pattern: "^[a-zA-Z0-9-]*$" },
}, ["share_id"]);

/** The body of `POST /servers/{id}/shares`. */
export const shareCreateSchema: JsonSchema = {
  title: "Server shares",
  ...bodyOf("share", share),
};

/** The query string of the reading operations. */
export const shareQuerySchema = queryOf({}, "refused");
