/**
 * The contract's schemas: of requests and query strings (Nova), and of replies (Tempest).
 *
 * From the former, requests are made that are right, and requests with exactly one thing wrong.
 */
import { Ajv2020 } from "ajv/2020";
import ajvDraft04 from "ajv-draft-04";
import * as fc from "fast-check";
import { FORMATS, isUri, parseTime } from "../../src/http/formats.ts";
import { MAX_MINOR, MIN_MINOR, type Minor } from "../../src/http/microversions.ts";

/** A schema as it stands in a fixture; nothing is known of it beforehand. */
// deno-lint-ignore no-explicit-any -- schemas of every shape.
export type Schema = any;

const FOLDER = new URL("../../fixtures/nova/schemas/", import.meta.url);

/** Every microversion there is. */
export const EVERY_MINOR: readonly Minor[] = Array.from(
  { length: MAX_MINOR - MIN_MINOR + 1 },
  (_, place) => MIN_MINOR + place,
);

function readFixture(path: string): Schema {
  return JSON.parse(Deno.readTextFileSync(new URL(path, FOLDER)));
}

// Requests

/** Microversions that share a schema. */
export interface Range {
  readonly from: Minor;
  readonly to: Minor;
  readonly schema: Schema;
}

/** What a Nova operation declares, by the id that `operations.json` gives it. */
export interface OperationEntry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly action: string | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly request_schema: string | null;
  readonly query_schema: string | null;
  /** Whether Nova answers 410 at every microversion. */
  readonly removed: boolean;
}

/** Every operation of Nova's. */
export const OPERATIONS: readonly OperationEntry[] = readFixture("operations.json");

/** The ranges of a schema file, in order; where Nova declares nothing, anything is allowed. */
export function rangesOf(path: string): readonly Range[] {
  const declared: Range[] = readFixture(path).versions
    .map(({ min, max, schema }: Schema) => ({
      from: Math.max(minorOf(min) ?? MIN_MINOR, MIN_MINOR),
      to: minorOf(max) ?? MAX_MINOR,
      schema,
    }))
    // Forms of 2.0 are those of the frozen /v2.
    .filter(({ to }: Range) => to >= MIN_MINOR);
  const last = declared.at(-1)!.to;
  return last === MAX_MINOR
    ? declared
    : [...declared, { from: last + 1, to: MAX_MINOR, schema: {} }];
}

/** The number behind the dot. */
export function minorOf(version: string | null): Minor | undefined {
  return version === null ? undefined : Number(version.split(".")[1]);
}

// Replies

interface ReplyFile {
  readonly since: Minor;
  readonly schemas: Readonly<Record<string, ReplySchema>>;
}

interface ReplySchema {
  readonly status_code: readonly number[];
  readonly response_body?: Schema;
  readonly response_header?: Schema;
}

const replyFiles = new Map<string, readonly ReplyFile[]>();

function replyFilesOf(resource: string): readonly ReplyFile[] {
  const known = replyFiles.get(resource);
  if (known) return known;
  const files = [...Deno.readDirSync(new URL("response/", FOLDER))]
    .filter(({ name }) => name.startsWith(`${resource}-`))
    .map(({ name }) => readFixture(`response/${name}`))
    .map(({ first_microversion, schemas }) => ({
      since: minorOf(first_microversion)!,
      schemas: mended(schemas),
    }))
    .sort((one, other) => one.since - other.since);
  replyFiles.set(resource, files);
  return files;
}

/** Tempest requires an `instance_uuid` of live migrations, where it allows `server_uuid` only. */
function mended(schemas: Schema): Schema {
  const items = schemas.list_live_migrations?.response_body.properties.migrations.items;
  if (items && !("instance_uuid" in items.properties)) {
    items.required = items.required
      .map((key: string) => key === "instance_uuid" ? "server_uuid" : key);
  }
  return schemas;
}

/** Every schema of a reply: whose it is, its name, and the microversion it begins with. */
export function replySchemas(): readonly (readonly [resource: string, name: string, Minor])[] {
  const since = new Map<string, readonly [string, string, Minor]>();
  for (const { name: file } of Deno.readDirSync(new URL("response/", FOLDER))) {
    const resource = /^(.*)-2\.\d+\.json$/.exec(file)?.[1];
    if (resource === undefined) continue;
    for (const { since: first, schemas } of replyFilesOf(resource).toReversed()) {
      for (const name of Object.keys(schemas)) {
        since.set(`${resource} ${name}`, [resource, name, first]);
      }
    }
  }
  return [...since.values()];
}

/** The newest schema of a reply at or below a microversion. */
export function replySchema(resource: string, name: string, minor: Minor): ReplySchema {
  const file = replyFilesOf(resource)
    .findLast(({ since, schemas }) => since <= minor && name in schemas);
  if (!file) throw new Error(`no schema of ${resource} ${name} at 2.${minor}`);
  return file.schemas[name]!;
}

/** An answer, as far as a reply's schema looks at it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** What Tempest finds wrong with an answer; empty when it is content. */
export function replyProblems(
  resource: string,
  name: string,
  minor: Minor,
  reply: Reply,
): readonly string[] {
  const schema = replySchema(resource, name, minor);
  const problems: string[] = [];
  if (!schema.status_code.includes(reply.status)) {
    problems.push(`status ${reply.status} is not one of ${schema.status_code}: ${reply.text}`);
  }
  if (schema.response_body) problems.push(...problemsOf(schema.response_body, reply.json));
  return problems;
}

const draft04 = novaDraft04();
const compiled = new WeakMap<Schema, ReturnType<typeof draft04.compile>>();

function problemsOf(schema: Schema, value: unknown): readonly string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = draft04.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`
  );
}

/** Draft 4 with the formats of Tempest's checker. */
function novaDraft04(): Ajv2020 {
  // The package's types say "module", its code says "function".
  const Draft04 = ajvDraft04 as unknown as new (options: object) => Ajv2020;
  const ajv = new Draft04({ strict: false, allErrors: true });
  const formats = {
    "uri": isUri,
    "ipv4": FORMATS.ipv4,
    "ipv6": FORMATS.ipv6,
    "uuid": FORMATS.uuid,
    "name": FORMATS.name,
    "base64": FORMATS.base64,
    "iso8601-date-time": (text: string) => parseTime(text) !== undefined,
    "date-time": (text: string) => parseTime(text) !== undefined,
    // No checker of Tempest's knows these two.
    "mac-address": () => true,
    "url": () => true,
  };
  for (const [name, check] of Object.entries(formats)) ajv.addFormat(name, check);
  return ajv;
}

// Requests that are right

const draft2020 = new Ajv2020({ strict: false, unicodeRegExp: false });
for (const [name, check] of Object.entries(FORMATS)) draft2020.addFormat(name, check);
const compiled2020 = new WeakMap<Schema, ReturnType<typeof draft2020.compile>>();

/** Whether a request's schema allows a value. */
export function isAllowed(schema: Schema, value: unknown): boolean {
  let validate = compiled2020.get(schema);
  if (!validate) {
    validate = draft2020.compile(schema);
    compiled2020.set(schema, validate);
  }
  return validate(value) === true;
}

/** Values that a request's schema allows. */
export function allowed(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.oneOf) {
    const { oneOf, ...common } = schema;
    return fc.oneof(...oneOf.map((one: Schema) => allowed({ ...common, ...one })));
  }
  // What the last part allows mostly suits the others too.
  if (schema.allOf) {
    return allowed(schema.allOf.at(-1)).filter((value) => isAllowed(schema, value));
  }
  const types: string[] = [schema.type ?? []].flat();
  if (types.length === 0) return fc.jsonValue({ maxDepth: 1 });
  return fc.oneof(...types.map((type) => allowedOf(type, schema)));
}

function allowedOf(type: string, schema: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: schema.minimum ?? -2, max: schema.maximum ?? 5 });
    case "number":
      return fc.integer({ min: 1, max: 5 }).map((number) => number / 2);
    case "string":
      return allowedText(schema);
    case "array":
      return allowedList(schema);
    default:
      return allowedObject(schema);
  }
}

function allowedList({ prefixItems, items, minItems = 0, maxItems = 4, uniqueItems }: Schema) {
  if (prefixItems) return fc.tuple(...prefixItems.map(allowed));
  const size = { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) };
  return uniqueItems
    ? fc.uniqueArray(allowed(items ?? {}), size)
    : fc.array(allowed(items ?? {}), size);
}

function allowedObject(schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, patternProperties = {}, required = [] } = schema;
  const named = fc.record(
    Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, allowed(value)])),
    { requiredKeys: required },
  );
  // One of several keys, whichever.
  if (schema.anyOf) return named.filter((value) => isAllowed(schema, value));
  const [pattern] = Object.entries(patternProperties);
  if (!pattern) return named;
  const [keys, values] = pattern;
  const others = fc.dictionary(
    allowedText({ pattern: keys, minLength: 1 }),
    allowed(values),
    { minKeys: schema.minProperties ?? 0, maxKeys: Math.min(schema.maxProperties ?? 3, 3) },
  );
  return fc.tuple(named, others).map(([one, other]) => ({ ...other, ...one as object }));
}

const WORDS = fc.stringMatching(/^[a-zA-Zäöé☃語][a-zA-Z0-9 äöé☃語_.:-]{0,30}[a-zA-Z0-9äöé☃語]$/);

/** Examples of every format that a request may ask for. */
const BY_FORMAT: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid().chain((id) =>
    fc.constantFrom(id, id.toUpperCase(), id.replaceAll("-", ""), `{${id}}`, `urn:uuid:${id}`)
  ),
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6(),
  base64: fc.base64String({ maxLength: 40 }),
  name: WORDS,
  name_with_leading_trailing_spaces: WORDS.map((word) => ` ${word} `),
  az_name: WORDS.map((word) => word.replaceAll(":", "-")),
  az_name_with_leading_trailing_spaces: WORDS.map((word) => ` ${word.replaceAll(":", "-")} `),
  cidr: fc.constantFrom("10.0.0.0/24", "10.0.0.1/255.0.0.0", "fd00::/64"),
  uri: fc.constantFrom("http://images.test/1", "https://[::1]:9292/a?b=c"),
  regex: fc.constantFrom("a", "^web-[0-9]+$", "x|y", "[^a]", "(a)(b)?", "a{1,3}", "é", "."),
  "date-time": fc.date({
    noInvalidDate: true,
    min: new Date("1990-01-01T00:00:00Z"),
    max: new Date("2090-01-01T00:00:00Z"),
  }).chain((date) => fc.constantFrom(date.toISOString(), date.toISOString().slice(0, 10))),
};

function allowedText(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 300 } = schema;
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (format !== undefined) return BY_FORMAT[format]!.filter(fits);
  // The pattern of descriptions names every printable character; others look ahead.
  if (pattern?.length > 200 || pattern?.includes("(?")) {
    return fc.oneof(WORDS, WORDS.map((word) => ` ${word}`))
      .filter((text) => fits(text) && isAllowed(schema, text));
  }
  if (pattern === "^[0-9]*$" || pattern === "^[0-9]+$" || pattern === "^-?[0-9]+$") {
    return fc.integer({ min: schema.minimum ?? 0, max: 9 }).map(String);
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  return fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
}

/** One value with every property that the schema names; the same at every call. */
export function complete(schema: Schema): unknown {
  return fc.sample(allowed(fullest(schema)), { numRuns: 1, seed: 1 })[0];
}

/** The same schema, but all that may be there must be; of alternatives, the first. */
function fullest({ oneOf, ...schema }: Schema): Schema {
  if (oneOf) return fullest({ ...schema, ...oneOf[0] });
  if (schema.allOf || schema.prefixItems) return schema;
  const { type, items, minItems = 0, properties } = schema;
  return {
    ...schema,
    ...(Array.isArray(type) && { type: type[0] }),
    ...(items && { items: fullest(items), minItems: Math.max(minItems, 1) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, fullest(value)]),
      ),
      required: Object.keys(properties),
    }),
  };
}

// Requests with one thing wrong

/** A value that the schema refuses, and what is wrong with it. */
export interface Mutation {
  readonly what: string;
  readonly value: unknown;
}

/**
 * Every way, of those known here, in which an allowed value can be made one that is refused.
 *
 * `later`: the schema of the newest microversion, whose keys are unknown to an older one.
 */
export function mutations(schema: Schema, value: unknown, later: Schema = schema): Mutation[] {
  return [...mutationsAt(schema, value, later)];
}

function* mutationsAt(schema: Schema, value: unknown, later: Schema): Generator<Mutation> {
  if (schema.oneOf || schema.allOf) return yield* compositeMutations(schema, value);
  const types: string[] = [schema.type ?? []].flat();
  if (types.length > 0) yield* examplesBut((type) => types.includes(type));
  if (types.includes("string")) yield* textMutations(schema);
  if (types.includes("integer") && schema.minimum !== undefined) {
    yield { what: "too little", value: schema.minimum - 1 };
  }
  if (Array.isArray(value)) yield* listMutations(schema, value, later);
  else if (isObject(value)) yield* objectMutations(schema, value, later);
}

/** What is wrong by one part, and not right by the whole. */
function* compositeMutations(schema: Schema, value: unknown): Generator<Mutation> {
  const { oneOf = [], allOf = [], ...common } = schema;
  const all: Mutation[] = [
    ...examplesBut(() => false),
    ...[...oneOf, ...allOf].flatMap((one: Schema) => mutations({ ...common, ...one }, value)),
  ];
  const wrong = all.filter((mutation) => !isAllowed(schema, mutation.value));
  yield* new Map(wrong.map((mutation) => [mutation.what, mutation])).values();
}

/** One value of each JSON type, but of the types that are right. */
function* examplesBut(isRight: (type: string) => boolean): Generator<Mutation> {
  const examples: Readonly<Record<string, unknown>> = {
    null: null,
    boolean: true,
    number: 1.5,
    string: "no such word",
    array: [1, 2],
    object: { no: "such key" },
  };
  for (const [type, value] of Object.entries(examples)) {
    if (!isRight(type)) yield { what: `is ${JSON.stringify(value)}`, value };
  }
}

function* textMutations(schema: Schema): Generator<Mutation> {
  const { enum: words, format, pattern, minLength, maxLength } = schema;
  if (words) yield { what: "no such word", value: "no such word" };
  if (minLength > 0) yield { what: "empty", value: "" };
  // Some limits are beyond that of whole bodies.
  if (maxLength < 100_000) yield { what: "too long", value: "1".repeat(maxLength + 1) };
  if (format !== undefined) {
    for (const text of AGAINST_FORMAT[format] ?? []) {
      yield { what: `no ${format}: ${text}`, value: text };
    }
  }
  if (pattern !== undefined) yield { what: "against the pattern", value: "\u0007,/!" };
  if (schema.minimum !== undefined && [schema.type].flat().includes("string")) {
    yield { what: "too little", value: String(schema.minimum - 1) };
  }
}

const AGAINST_FORMAT: Readonly<Record<string, readonly string[]>> = {
  uuid: ["abc", "6f70656e-7374-6163-6b20-34206576657", "none"],
  ipv4: ["", "1.2.3", "1.2.3.256", "01.2.3.4", "::1"],
  ipv6: ["", "1.2.3.4", ":::", "fe80::1%eth0", "12345::"],
  base64: ["abc", "YQ", "ä"],
  name: [" x", "x ", "a\nb", "\u0000", "😀", "\u2028"],
  name_with_leading_trailing_spaces: ["   ", "a\nb"],
  regex: ["", "[", "(", "*", "a{2,1}"],
  "date-time": ["", "yesterday", "0", "2020-13-01", "2020-01-01T25:00:00Z"],
};

function* listMutations(schema: Schema, value: unknown[], later: Schema): Generator<Mutation> {
  const { prefixItems, minItems, maxItems, uniqueItems } = schema;
  const items = schema.items ?? prefixItems?.[0];
  if (minItems > 0) yield { what: "too few", value: [] };
  if (maxItems !== undefined && value.length > 0) {
    const many = Array.from({ length: maxItems + 1 }, (_, place) => `item ${place}`);
    yield { what: "too many", value: many };
  }
  if (uniqueItems && value.length > 0) {
    yield { what: "twice the same", value: [value[0], value[0]] };
  }
  if (!items || value.length === 0) return;
  for (const { what, value: wrong } of mutationsAt(items, value[0], later.items ?? items)) {
    yield { what: `item: ${what}`, value: [wrong, ...value.slice(1)] };
  }
}

function* objectMutations(
  schema: Schema,
  value: Record<string, unknown>,
  later: Schema,
): Generator<Mutation> {
  const { properties = {}, patternProperties = {}, additionalProperties } = schema;
  for (const key of schema.required ?? []) {
    yield { what: `without ${key}`, value: without(value, key) };
  }
  if (additionalProperties === false) {
    yield { what: "with a key nobody knows", value: { ...value, "no!such/key": "x" } };
    for (const [key, of] of Object.entries(later.properties ?? {})) {
      if (!(key in properties)) {
        yield {
          what: `with ${key} of a later microversion`,
          value: { ...value, [key]: complete(of) },
        };
      }
    }
  }
  if (schema.minProperties > 0) yield { what: "without any key", value: {} };
  if (schema.maxProperties !== undefined) {
    yield { what: "with one key too many", value: { ...value, one: "x", more: "y" } };
  }
  for (const [key, of] of Object.entries(value)) {
    const [pattern] = Object.entries(patternProperties).find(([text]) =>
      new RegExp(text).test(key)
    ) ??
      [];
    const part = properties[key] ??
      (pattern === undefined ? undefined : patternProperties[pattern]);
    if (part === undefined) continue;
    for (const { what, value: wrong } of mutationsAt(part, of, later.properties?.[key] ?? part)) {
      yield { what: `${key}: ${what}`, value: { ...value, [key]: wrong } };
    }
  }
}

function without(value: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * What a 400 says when a schema was the reason, and not what the request asked for.
 *
 * Source: src/http/schema.ts has all the words.
 */
export function isSchemaRefusal(status: number, message: string): boolean {
  return status === 400 && (
    /^(Invalid input for (field\/attribute|query parameters) |An invalid 'name' value|Malformed request body$)/
      .test(message) ||
    /(is a required property|is not of type .*|(was|were) unexpected\)|enough properties|too many properties|of the regexes: .*|any of the given schemas)$/s
      .test(message)
  );
}
