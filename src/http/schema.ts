/**
 * JSON Schema as Nova's validator reads it: of everything wrong with a request, the one problem
 * that is reported, in the words of Python's jsonschema.
 *
 * Ajv (dialect 2020-12) finds every problem. The first one is chosen here, because jsonschema
 * stops at the first, taking the keywords of a schema in the order they are written in.
 * Source: nova/api/validation/validators.py, _SchemaValidator.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/2020";
import { RE2JS } from "re2js";
import { FORMATS } from "./formats.ts";
import { pythonRepr, pythonStr } from "./python.ts";

/** A schema; the order of its keys is the order in which problems are looked for. */
export interface JsonSchema {
  readonly title?: string;
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly (string | boolean)[];
  readonly format?: keyof typeof FORMATS;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Like `maximum`, also holds for text that is a number. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

type TypeName = "object" | "array" | "string" | "integer" | "number" | "boolean" | "null";

/** Deeper bodies are refused unread; Python's own parser gives up at about twice this depth. */
export const MAX_DEPTH = 500;

/**
 * What Nova's 400 says of a body that the schema refuses; undefined when it allows the body.
 *
 * Nesting of more than 500 levels is `Malformed request body`.
 */
export function bodyProblem(schema: JsonSchema, body: unknown): string | undefined {
  if (isDeeper(body, MAX_DEPTH)) return "Malformed request body";
  const problem = firstProblem(schema, body);
  return problem && wordProblem(problem, "field/attribute", problem.path.at(-1));
}

/**
 * What Nova's 400 says of a query string that the schema refuses; undefined when it allows it.
 *
 * The schema sees an object of arrays: by parameter, all its values as text.
 */
export function queryProblem(schema: JsonSchema, params: URLSearchParams): string | undefined {
  const byName = [...Map.groupBy(params, ([name]) => name)];
  const query = Object.fromEntries(
    byName.map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
  );
  const problem = firstProblem(schema, query);
  return problem && wordProblem(problem, "query parameters", problem.path[0]);
}

/**
 * A body as the older API reads it: keys that a schema does not know are dropped, and blanks around
 * names as well. Source: nova/api/validation/validators.py, `_SchemaValidator(relax_…)`.
 */
export function leniently(schema: JsonSchema, value: unknown): unknown {
  if (typeof value === "string") return schema.format === "name" ? value.trim() : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => leniently(items, item)) : value;
  }
  const { properties = {}, patternProperties = {}, additionalProperties } = schema;
  const isKnown = (key: string) =>
    additionalProperties !== false || Object.hasOwn(properties, key) ||
    Object.keys(patternProperties).some((pattern) => RE2JS.compile(pattern).matcher(key).find());
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => isKnown(key)).map(([key, item]) => [
      key,
      Object.hasOwn(properties, key) ? leniently(properties[key]!, item) : item,
    ]),
  );
}

/** Whether a value is nested deeper than so many levels. */
export function isDeeper(value: unknown, depth: number): boolean {
  let level = [value];
  for (let reached = 0; level.length > 0; reached++) {
    if (reached > depth) return true;
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item) : []
    );
  }
  return false;
}

/** A refusal by one keyword of a schema. */
interface Problem {
  /** Keys and indexes from the top of the request to the refused value. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly keyword: string;
  /** What the keyword asks for. */
  readonly wanted: unknown;
  readonly reason: string;
}

function wordProblem(problem: Problem, kind: string, name: string | undefined): string {
  const rule = problem.keyword === "format" && NAME_RULES[String(problem.wanted)];
  if (rule) return `An invalid 'name' value was provided. The name must be: ${rule}`;
  if (name === undefined) return problem.reason;
  return `Invalid input for ${kind} ${name}. Value: ${pythonStr(problem.value)}. ${problem.reason}`;
}

/** The name formats say what is wrong in words of their own. Source: parameter_types.py. */
const NAME_RULES: Readonly<Record<string, string>> = {
  name: "printable characters. Can not start or end with whitespace.",
  az_name: "printable characters except :.Can not start or end with whitespace.",
  name_with_leading_trailing_spaces: "printable characters with at least one non space character",
  az_name_with_leading_trailing_spaces:
    "printable characters except :, with at least one non space character",
};

function firstProblem(schema: JsonSchema, request: unknown): Problem | undefined {
  const validate = validatorOf(schema);
  if (validate(request)) return undefined;
  const errors = validate.errors ?? [];
  let first: { error: ErrorObject; trail: Trail } | undefined;
  for (const error of errors) {
    const trail = trailOf(error, schema);
    if (trail && (!first || comesBefore(trail, first.trail))) first = { error, trail };
  }
  if (!first) return undefined;
  const { error } = first;
  return {
    path: instanceSteps(error),
    value: error.data,
    keyword: error.keyword,
    wanted: error.schema,
    reason: reasonOf(error, errors),
  };
}

/** The way to a problem: places in the schema by position, and keys of the request by name. */
type Trail = readonly (number | string)[];

const WITH_NAMED_PARTS = ["properties", "patternProperties", "prefixItems", "allOf"];
const INTO_THE_REQUEST = ["properties", "patternProperties", "prefixItems", "items"];

/** Undefined for a problem within an alternative: only that no alternative fits is reported. */
function trailOf(error: ErrorObject, schema: JsonSchema): Trail | undefined {
  const keys = instanceSteps(error);
  const steps = schemaSteps(error);
  const trail: (number | string)[] = [];
  let part: unknown = schema;
  const enter = (name: string) => {
    const entries = Object.entries(part ?? {});
    const position = entries.findIndex(([key]) => key === name);
    trail.push(position);
    part = entries[position]?.[1];
  };
  for (let keyword = steps.shift(); keyword !== undefined; keyword = steps.shift()) {
    if ((keyword === "oneOf" || keyword === "anyOf") && steps.length > 0) return undefined;
    enter(keyword);
    if (WITH_NAMED_PARTS.includes(keyword) && steps.length > 0) enter(steps.shift() ?? "");
    if (INTO_THE_REQUEST.includes(keyword)) trail.push(keys.shift() ?? "");
  }
  return trail;
}

/** Keys of the request are met in its own order, which is the order of Ajv's list already. */
function comesBefore(later: Trail, first: Trail): boolean {
  const parting = later.findIndex((step, index) => step !== first[index]);
  const [mine, other] = [later[parting], first[parting]];
  return typeof mine === "number" && typeof other === "number" && mine < other;
}

function instanceSteps(error: ErrorObject): string[] {
  return error.instancePath.split("/").slice(1).map(unescapePointer);
}

function schemaSteps(error: ErrorObject): string[] {
  return error.schemaPath.split("/").slice(1)
    .map((step) => unescapePointer(decodeURIComponent(step)));
}

function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** What is wrong, as jsonschema 4.10 words it. */
function reasonOf(error: ErrorObject, errors: readonly ErrorObject[]): string {
  const value = pythonRepr(error.data);
  const wanted = pythonRepr(error.schema);
  switch (error.keyword) {
    case "required":
      return `${pythonRepr(error.params.missingProperty)} is a required property`;
    case "additionalProperties":
      return unexpectedKeys(error, errors);
    case "type":
      return `${value} is not of type ${[error.schema].flat().map(pythonRepr).join(", ")}`;
    case "enum":
      return `${value} is not one of ${wanted}`;
    case "pattern":
      return `${value} does not match ${wanted}`;
    case "format":
      return `${value} is not a ${wanted}`;
    case "minLength":
    case "minItems":
      return `${value} is too short`;
    case "maxLength":
    case "maxItems":
      return `${value} is too long`;
    case "minimum":
      return `${pythonRepr(numberIn(error.data))} is less than the minimum of ${wanted}`;
    case "maximum":
      return `${pythonRepr(numberIn(error.data))} is greater than the maximum of ${wanted}`;
    case "exclusiveMinimum":
      return `${value} is less than or equal to the minimum of ${wanted}`;
    case "uniqueItems":
      return `${value} has non-unique elements`;
    case "minProperties":
      return `${value} does not have enough properties`;
    case "maxProperties":
      return `${value} has too many properties`;
    default:
      return `${value} is not valid under any of the given schemas`;
  }
}

function unexpectedKeys(error: ErrorObject, errors: readonly ErrorObject[]): string {
  const keys = errors
    .filter(({ schemaPath, instancePath }) =>
      schemaPath === error.schemaPath && instancePath === error.instancePath
    )
    .map(({ params }) => String(params.additionalProperty)).sort().map(pythonRepr);
  const patterns = Object.keys(error.parentSchema?.patternProperties ?? {}).sort().map(pythonRepr);
  if (patterns.length > 0) {
    const verb = keys.length === 1 ? "does" : "do";
    return `${keys.join(", ")} ${verb} not match any of the regexes: ${patterns.join(", ")}`;
  }
  const verb = keys.length === 1 ? "was" : "were";
  return `Additional properties are not allowed (${keys.join(", ")} ${verb} unexpected)`;
}

const validators = new WeakMap<JsonSchema, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const validate = ajv.compile(schema);
  validators.set(schema, validate);
  return validate;
}

const ajv = novaAjv();

function novaAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    strictNumbers: true,
    meta: false,
    validateSchema: false,
    ownProperties: true,
    code: { regExp: Object.assign(compilePattern, { code: "compilePattern" }) },
  });
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check);
  ajv.removeKeyword("minimum").removeKeyword("maximum");
  ajv.addKeyword({
    keyword: "minimum",
    validate: (limit: number, value: unknown) => (numberIn(value) ?? limit) >= limit,
    errors: false,
  });
  ajv.addKeyword({
    keyword: "maximum",
    validate: (limit: number, value: unknown) => (numberIn(value) ?? limit) <= limit,
    errors: false,
  });
  return ajv;
}

/** A number, or the number that a text of digits is; undefined for other values. */
function numberIn(value: unknown): number | bigint | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?[0-9]+$/.test(value) ? BigInt(value) : undefined;
}

/** Matching in linear time, but for look-around, which only short patterns of Nova's use. */
function compilePattern(pattern: string): { test(text: string): boolean } {
  return pattern.includes("(?") ? new RegExp(pattern) : RE2JS.compile(pattern);
}
