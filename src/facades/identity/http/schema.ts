/**
 * What is wrong with a request's body, in Keystone's words.
 *
 * Unlike Keystone's, they never repeat a secret, nor the whole schema and body.
 * Source: keystone/common/validation/validators.py, SchemaValidator.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/2020";
import { pythonRepr } from "../../../http/python.ts";
import type { JsonSchema } from "../../../http/schema.ts";

/** What a 400 says of a value that the schema refuses; undefined when it allows the value. */
export function schemaProblem(schema: JsonSchema, value: unknown): string | undefined {
  const validate = validatorOf(schema);
  if (validate(value)) return undefined;
  const errors = validate.errors!;
  // That no alternative fits, not why the first of them does not.
  const error = errors.find(({ schemaPath }) => !schemaPath.includes("/oneOf/")) ?? errors[0]!;
  const path = error.instancePath.split("/").slice(1).map(unescaped);
  const problem = wordsFor(error, shown(error.data, path));
  return path.length === 0 ? problem : `Invalid input for field '${path.join("/")}': ${problem}`;
}

function wordsFor({ keyword, params, schema, data }: ErrorObject, value: string): string {
  switch (keyword) {
    case "type":
      return `${value} is not of type ${[schema].flat().map(pythonRepr).join(", ")}`;
    case "required":
      return `${pythonRepr(params.missingProperty)} is a required property`;
    case "additionalProperties": {
      const name = pythonRepr(params.additionalProperty);
      return `Additional properties are not allowed (${name} was unexpected)`;
    }
    case "enum":
      return `${value} is not one of ${pythonRepr(schema)}`;
    case "pattern":
      return `${value} does not match ${pythonRepr(schema)}`;
    case "minLength":
      return data === "" ? `${value} should be non-empty` : `${value} is too short`;
    case "maxLength":
      return `${value} is too long`;
    case "minimum":
      return `${value} is less than the minimum of ${schema}`;
    case "maximum":
      return `${value} is greater than the maximum of ${schema}`;
    case "oneOf":
      return `${value} is not valid under any of the given schemas`;
    case "not":
      return `${value} should not be valid under ${pythonRepr(schema)}`;
    case "minItems":
      return `${value} is too short`;
    case "maxItems":
      return `${value} is too long`;
    case "uniqueItems":
      return `${value} has non-unique elements`;
    case "minProperties":
      return `${value} does not have enough properties`;
    case "maxProperties":
      return `${value} has too many properties`;
    default:
      return `${value} is not valid`;
  }
}

const SECRETS: ReadonlySet<string> = new Set([
  "password",
  "original_password",
  "secret",
  "token",
  "blob",
]);

/** A value as a message may quote it: secrets and whatever may contain some are left out. */
function shown(value: unknown, path: readonly string[]): string {
  if (Array.isArray(value)) return "[...]";
  if (typeof value === "object" && value !== null) return "{...}";
  return path.some((key) => SECRETS.has(key)) ? "***" : pythonRepr(value);
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

const ajv = new Ajv2020({ verbose: true, strict: false, ownProperties: true });

const validators = new WeakMap<JsonSchema, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  return validate;
}
