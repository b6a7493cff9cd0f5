/**
 * Bodies of the network actions.
 *
 * Source: nova/api/openstack/compute/schemas: multinic.py, floating_ips.py, security_groups.py.
 */
import type { JsonSchema } from "../../http/schema.ts";
import { bodyOf, type Fields, ipAddress, object } from "../../http/schema_parts.ts";

const networkId: JsonSchema = { type: ["string", "number"], minLength: 1, maxLength: 36 };

/** The body of the action `addFixedIp`. */
export const addFixedIpSchema = action("addFixedIp", { networkId }, ["networkId"]);

/** The body of the action `removeFixedIp`. */
export const removeFixedIpSchema = action("removeFixedIp", { address: ipAddress }, ["address"]);

/** The body of the action `addFloatingIp`. */
export const addFloatingIpSchema = action(
  "addFloatingIp",
  { address: ipAddress, fixed_address: ipAddress },
  ["address"],
);

/** The body of the action `removeFloatingIp`. */
export const removeFloatingIpSchema = action(
  "removeFloatingIp",
  { address: ipAddress },
  ["address"],
);

const group: Fields = { name: { type: "string", minLength: 1 } };

/** The body of the action `addSecurityGroup`. */
export const addSecurityGroupSchema = lenient(action("addSecurityGroup", group, ["name"]));

/** The body of the action `removeSecurityGroup`. */
export const removeSecurityGroupSchema = lenient(action("removeSecurityGroup", group, ["name"]));

function action(key: string, fields: Fields, required: readonly string[]): JsonSchema {
  return bodyOf(key, object(fields, required));
}

function lenient(schema: JsonSchema): JsonSchema {
  return { ...schema, additionalProperties: true };
}
