/** The parts that Keystone's schemas are put together from; keystone/api/validation. */
import type { JsonSchema } from "../../../http/schema.ts";

/** Properties of an object, by name. */
export type Fields = Readonly<Record<string, JsonSchema>>;

/** A body of one key that creates something: other fields are allowed, and kept as they are. */
export function createBody(
  key: string,
  properties: Fields,
  required: readonly string[] = ["name"],
): JsonSchema {
  return bodyOf(key, { type: "object", properties, required });
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

/** Text of a length, with anything in it. */
export function textUpTo(maxLength: number, minLength = 1): JsonSchema {
  return { type: "string", minLength, maxLength };
}

export const text: JsonSchema = { type: "string" };

export const boolean: JsonSchema = { type: "boolean" };

export const object: JsonSchema = { type: "object" };

export const textOrNull: JsonSchema = { type: ["string", "null"] };

export const id: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 64,
  pattern: "^[a-zA-Z0-9-]+$",
};

export const regionIdOrNull: JsonSchema = {
  type: ["string", "null"],
  minLength: 1,
  maxLength: 255,
};

export const idOrNull: JsonSchema = { ...id, type: ["string", "null"] };

/** Options of a resource: these and no others; null resets one. */
export function optionsOf(properties: Fields): JsonSchema {
  return { type: "object", properties, additionalProperties: false };
}

export const booleanOrNull: JsonSchema = { type: ["boolean", "null"] };

/** What projects, domains and roles can be. */
export const immutableOption = optionsOf({ immutable: booleanOrNull });

export const tag: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  pattern: "^[^,/]*$",
};

export const tags: JsonSchema = { type: "array", items: tag, maxItems: 80, uniqueItems: true };
