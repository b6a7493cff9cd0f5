/**
 * The parts that Nova's schemas are put together from.
 *
 * Keys stand in Nova's order, as it decides which of several problems is reported.
 * Source: nova/api/validation/parameter_types.py.
 */
import type { Minor } from "./microversions.ts";
import { PRINTABLE_PATTERN } from "./printable.ts";
import type { JsonSchema } from "./schema.ts";

/**
 * What changes with microversions: the first form, and from which minor on which change was made
 * to the form before it.
 *
 * A form is made once, so that the same schema comes back for the same range of microversions.
 * `finish` turns a form into what is asked for.
 */
export function versioned<Form, Result>(
  first: Form,
  changes: Readonly<Record<Minor, (before: Form) => Form>>,
  finish: (form: Form) => Result,
): (minor: Minor) => Result {
  let form = first;
  const results = [{ since: 1, result: finish(form) }];
  for (const [since, change] of Object.entries(changes)) {
    form = change(form);
    results.push({ since: Number(since), result: finish(form) });
  }
  return (minor) => (results.findLast(({ since }) => since <= minor) ?? results[0]!).result;
}

/** Properties of an object, by name. */
export type Fields = Readonly<Record<string, JsonSchema>>;

/** An object of these fields and no others. */
export function object(properties: Fields, required?: readonly string[]): JsonSchema {
  return { type: "object", properties, ...(required && { required }), additionalProperties: false };
}

/** A body of one required key: `{"server": {…}}`. */
export function bodyOf(key: string, value: JsonSchema): JsonSchema {
  return object({ [key]: value }, [key]);
}

/** A list whose items have one form. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** The query string of an operation; other parameters are allowed or refused. */
export function queryOf(properties: Fields, others: "allowed" | "refused"): JsonSchema {
  return { type: "object", properties, additionalProperties: others === "allowed" };
}

/** The query string of an operation without parameters: others are refused from 2.102. */
export const noParameters = versioned(
  queryOf({}, "allowed"),
  { 102: () => queryOf({}, "refused") },
  (query) => query,
);

/** The query string of an operation that has never refused any. */
export const anyParameters: JsonSchema = queryOf({}, "allowed");

/** Takes everything. */
export const anything: JsonSchema = {};

export const text: JsonSchema = { type: "string" };

export const uuid: JsonSchema = { type: "string", format: "uuid" };

export const ipv4: JsonSchema = { type: "string", format: "ipv4" };

export const ipv6: JsonSchema = { type: "string", format: "ipv6" };

export const ipAddress: JsonSchema = {
  type: "string",
  oneOf: [{ format: "ipv4" }, { format: "ipv6" }],
};

/** A boolean, or one of the words for it. */
export const boolean: JsonSchema = {
  type: ["boolean", "string"],
  // deno-fmt-ignore
  enum: [
    true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes",
    false, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no",
  ],
};

export const positiveInteger: JsonSchema = {
  type: ["integer", "string"],
  pattern: "^[0-9]*$",
  minimum: 1,
  minLength: 1,
};

export const nonNegativeInteger: JsonSchema = { ...positiveInteger, minimum: 0 };

/** The largest integer of a database column. */
export const MAX_INTEGER = 0x7fffffff;

/** At most 255 printable characters without blanks at the ends. */
export const name: JsonSchema = { type: "string", format: "name", minLength: 1, maxLength: 255 };

/** Any text of 1 to 255 characters, or null. */
export const nameOrNull: JsonSchema = {
  oneOf: [{ type: "string", minLength: 1, maxLength: 255 }, { type: "null" }],
};

/** One label of a domain name. */
export const hostname: JsonSchema = {
  type: "string",
  pattern: "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$",
  minLength: 2,
  maxLength: 63,
};

/** A host name with dots; underscores too, as they occur. */
export const domainName: JsonSchema = {
  type: "string",
  pattern: "^[a-zA-Z0-9-._]*$",
  minLength: 1,
  maxLength: 255,
};

export const description: JsonSchema = {
  type: ["string", "null"],
  pattern: PRINTABLE_PATTERN,
  minLength: 0,
  maxLength: 255,
};

export const metadata: JsonSchema = {
  type: "object",
  patternProperties: { "^[a-zA-Z0-9-_:. ]{1,255}$": { type: "string", maxLength: 255 } },
  additionalProperties: false,
};

/** A flavor's id, also as a number, or a URL that ends in it. */
export const flavorRef: JsonSchema = { type: ["string", "integer"], minLength: 1 };

/** The empty text counts as absent. */
export const imageIdOrEmpty: JsonSchema = { oneOf: [uuid, { type: "string", maxLength: 0 }] };

export const diskConfig: JsonSchema = { type: "string", enum: ["AUTO", "MANUAL"] };

/** Files to be put into a new server. */
export const personality: JsonSchema = listOf(
  object({ path: text, contents: { type: "string", format: "base64" } }),
);

/** The tag of a server, or of one of its devices. */
export const tag: JsonSchema = {
  type: "string",
  pattern: "^[^,/]*$",
  minLength: 1,
  maxLength: 60,
};

/** Ids of certificates; null resets them. */
export const trustedCertificates: JsonSchema = {
  type: ["array", "null"],
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: "string", minLength: 1 },
};

/** Parameters of every list in pages. */
export const paging: Fields = { limit: listOf(nonNegativeInteger), marker: listOf(text) };
