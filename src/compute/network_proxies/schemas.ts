/** Bodies and query strings of the network proxies; nova/api/openstack/compute/schemas. */
import type { JsonSchema } from "../../http/schema.ts";
import { listOf, nonNegativeInteger, queryOf, text, uuid } from "../../http/schema_parts.ts";

/** The body of `POST /os-floating-ips`. */
export const createFloatingIpSchema: JsonSchema = {
  type: ["object", "null"],
  properties: { pool: { type: ["string", "null"] } },
};

const words: JsonSchema = { type: "string", minLength: 0, maxLength: 255 };

/** The body of `POST` and `PUT /os-security-groups`: other keys are left where they are. */
export const securityGroupSchema: JsonSchema = {
  type: "object",
  properties: {
    security_group: {
      type: "object",
      properties: { name: words, description: words },
      required: ["name", "description"],
      additionalProperties: true,
    },
  },
  required: ["security_group"],
  additionalProperties: true,
};

/** The body of `POST /os-security-group-rules`. */
export const ruleSchema: JsonSchema = {
  type: "object",
  properties: {
    security_group_rule: {
      type: "object",
      properties: {
        group_id: { type: ["string", "null"], format: "uuid" },
        parent_group_id: uuid,
        to_port: {},
        from_port: {},
        ip_protocol: {},
        cidr: {},
      },
      required: ["parent_group_id"],
      additionalProperties: true,
    },
  },
  required: ["security_group_rule"],
  additionalProperties: true,
};

/** The query string of `GET /os-security-groups`. */
export const securityGroupListQuerySchema = queryOf({
  limit: listOf(nonNegativeInteger),
  offset: listOf(nonNegativeInteger),
  all_tenants: listOf(text),
}, "allowed");
