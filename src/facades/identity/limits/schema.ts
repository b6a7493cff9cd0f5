/** Bodies about limits. Source: keystone/limit/schema.py. */
import type { JsonSchema } from "../../../http/schema.ts";
import { idOrNull, nameUpTo, regionIdOrNull, textOrNull } from "../http/schema_parts.ts";

const number: JsonSchema = { type: "integer", minimum: -1, maximum: 0x7FFFFFFF };

const RESOURCE = {
  service_id: { type: "string" },
  region_id: regionIdOrNull,
  resource_name: nameUpTo(255),
  description: textOrNull,
} as const;

const registered: JsonSchema = {
  type: "object",
  properties: { ...RESOURCE, default_limit: number },
  additionalProperties: false,
};

const limit: JsonSchema = {
  type: "object",
  properties: {
    ...RESOURCE,
    project_id: idOrNull,
    domain_id: idOrNull,
    resource_limit: number,
  },
  required: ["service_id", "resource_name", "resource_limit"],
  oneOf: [{ required: ["domain_id"] }, { required: ["project_id"] }],
  additionalProperties: false,
};

export const createRegisteredSchema = bodyOf("registered_limits", {
  type: "array",
  items: { ...registered, required: ["service_id", "resource_name", "default_limit"] },
  minItems: 1,
});

export const updateRegisteredSchema = bodyOf("registered_limit", registered);

export const createSchema = bodyOf("limits", { type: "array", items: limit, minItems: 1 });

export const updateSchema = bodyOf("limit", {
  type: "object",
  properties: { resource_limit: number, description: textOrNull },
  additionalProperties: false,
});

function bodyOf(key: string, value: JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: { [key]: value },
    required: [key],
    additionalProperties: false,
  };
}
