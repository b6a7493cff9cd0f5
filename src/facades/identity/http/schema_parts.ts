/** The parts that Keystone's schemas are put together from; keystone/api/validation. */
import type { JsonSchema } from "../../../http/schema.ts";

/** Properties of an object, by name. */
export type Fields = Readonly<Record<string, JsonSchema>>;

/** A body of one key that creates something: other fields are allowed, and not kept. */
export function createBody(key: string, properties: Fields): JsonSchema {
  return bodyOf(key, { type: "object", properties, required: ["name"] });
}

/** A body of one key that changes something. */
export function updateBody(key: string, properties: Fields): JsonSchema {
  return bodyOf(key, { type: "object", properties, minProperties: 1 });
}

function bodyOf(key: string, value: JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: { [key]: value },
    required: [key],
    additionalProperties: false,
  };
}

/** A name with something to see in it. */
export function nameUpTo(maxLength: number): JsonSchema {
  return { type: "string", minLength: 1, maxLength, pattern: "[\\S]+" };
}

export const boolean: JsonSchema = { type: "boolean" };

export const textOrNull: JsonSchema = { type: ["string", "null"] };

export const id: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 64,
  pattern: "^[a-zA-Z0-9-]+$",
};

export const idOrNull: JsonSchema = { ...id, type: ["string", "null"] };
