/** What schemas refuse, and in which words; against what a real Nova was seen to answer. */
import { assert, assertEquals } from "@std/assert";
import { flavorListQuerySchema, flavorQuerySchema } from "../../src/compute/flavors/schemas.ts";
import { quotaQuerySchema, quotaUpdateSchema } from "../../src/compute/quotas/schemas.ts";
import {
  addressesQuerySchema,
  detailQuerySchema,
  listQuerySchema,
  metadataQuerySchema,
  showQuerySchema,
  tagsQuerySchema,
} from "../../src/compute/servers/query_schemas.ts";
import {
  createSchema,
  lockSchema,
  metadataItemSchema,
  metadataSchema,
  tagSchema,
  tagsSchema,
  unlockSchema,
  updateSchema,
} from "../../src/compute/servers/schemas.ts";
import type { Minor } from "../../src/http/microversions.ts";
import { bodyProblem, type JsonSchema, queryProblem } from "../../src/http/schema.ts";

const always = (schema: JsonSchema) => () => schema;

/** Which schema a body or a query string meets, by method and path. */
const BODY_SCHEMAS: readonly [RegExp, (minor: Minor) => JsonSchema][] = [
  [/^POST \/v2.1\/servers$/, createSchema],
  [/^PUT \/v2.1\/servers\/[^/]+$/, updateSchema],
  [/^(POST|PUT) \/v2.1\/servers\/[^/]+\/metadata$/, always(metadataSchema)],
  [/^PUT \/v2.1\/servers\/[^/]+\/metadata\/[^/]+$/, always(metadataItemSchema)],
  [/^PUT \/v2.1\/servers\/[^/]+\/tags$/, always(tagsSchema)],
  [/^POST \/v2.1\/servers\/[^/]+\/action lock$/, lockSchema],
  [/^POST \/v2.1\/servers\/[^/]+\/action unlock$/, unlockSchema],
];
const QUERY_SCHEMAS: readonly [RegExp, (minor: Minor) => JsonSchema][] = [
  [/^GET \/v2.1\/servers$/, listQuerySchema],
  [/^GET \/v2.1\/servers\/detail$/, detailQuerySchema],
  [/^GET \/v2.1\/servers\/[^/]+$/, showQuerySchema],
  [/^GET \/v2.1\/servers\/[^/]+\/metadata(\/[^/]+)?$/, metadataQuerySchema],
  [/^GET \/v2.1\/servers\/[^/]+\/ips$/, addressesQuerySchema],
  [/^GET \/v2.1\/servers\/[^/]+\/tags(\/[^/]+)?$/, always(tagsQuerySchema)],
  [/^GET \/v2.1\/flavors\/detail$/, flavorListQuerySchema],
  [/^GET \/v2.1\/flavors\/[^/]+$/, flavorQuerySchema],
  [/^GET \/v2.1\/os-quota-sets\/[^/]+$/, quotaQuerySchema],
];

interface Probe {
  readonly title: string;
  readonly mv: string | null;
  readonly method: string;
  readonly path: string;
  readonly request: string | null;
  readonly status: number;
  readonly body: string;
}

/** A refusal by a schema; other refusals of a real Nova come after it. */
const SCHEMA_MESSAGE = new RegExp(
  "^(Invalid input for (field/attribute|query parameters) |Additional properties |'.*' is a required" +
    "|.* is not of type |An invalid 'name' |'.*' does not match any of the regexes)",
);

/** Answers of the Nova 26 that was probed which the contract, a later Nova's, has changed. */
const CHANGED_SINCE: Readonly<Record<string, string>> = {
  // `group` was one id; it may be a list now, so no longer its format but no alternative fits.
  "scheduler hints beside server":
    "Invalid input for field/attribute group. Value: abc. 'abc' is not valid under any of the " +
    "given schemas",
};

function expectedProblem({ title, status, body }: Probe): string | undefined {
  if (status !== 400) return undefined;
  if (CHANGED_SINCE[title]) return CHANGED_SINCE[title];
  const { message } = JSON.parse(body).badRequest;
  return SCHEMA_MESSAGE.test(message) ? message : undefined;
}

function schemaFor(schemas: typeof BODY_SCHEMAS, key: string, minor: Minor) {
  return schemas.find(([route]) => route.test(key))?.[1](minor);
}

/** The key of an action's body, which is its name. */
function actionOf(body: unknown): string {
  const keys = typeof body === "object" && body !== null ? Object.keys(body) : [];
  return keys.length === 1 ? ` ${keys[0]}` : "";
}

/** Our answer to a probe, or "unread" where no schema of ours is asked. */
function ourProblem({ mv, method, path, request }: Probe): string | undefined | "unread" {
  const minor = Number(mv?.split(".")[1] ?? 1);
  const [route = "", query = ""] = path.split("?");
  if (method === "GET") {
    const schema = schemaFor(QUERY_SCHEMAS, `${method} ${route}`, minor);
    return schema ? queryProblem(schema, new URLSearchParams(query)) : "unread";
  }
  const body = readBody(request);
  const action = route.endsWith("/action") ? actionOf(body) : "";
  const schema = schemaFor(BODY_SCHEMAS, `${method} ${route}${action}`, minor);
  return schema && body !== undefined ? bodyProblem(schema, body) : "unread";
}

/** Undefined for what is no JSON, which no schema gets to see. */
function readBody(request: string | null): unknown {
  if (!request) return null;
  try {
    return JSON.parse(request);
  } catch {
    return undefined;
  }
}

async function readProbes(): Promise<Probe[]> {
  const file = new URL("../../fixtures/nova/observed.jsonl", import.meta.url);
  return (await Deno.readTextFile(file)).trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("schemas refuse what a real Nova was seen to refuse, in its words, and no more", async () => {
  const counts = { refused: 0, allowed: 0 };
  for (const [index, probe] of (await readProbes()).entries()) {
    const problem = ourProblem(probe);
    // Nova looks at the token, the body's size and its type first.
    if (problem === "unread" || [401, 406, 413, 415].includes(probe.status)) continue;
    assertEquals(problem, expectedProblem(probe), `probe ${index + 1}: ${probe.title}`);
    counts[problem === undefined ? "allowed" : "refused"]++;
  }
  assertEquals(counts, { refused: 112, allowed: 244 });
});

/** A create request of 2.90 that is fine but for what is given. */
function creating(fields: object): unknown {
  return { server: { name: "x", flavorRef: "1", networks: "none", ...fields } };
}

const create = createSchema(90);
const about = (field: string, value: string, reason: string) =>
  `Invalid input for field/attribute ${field}. Value: ${value}. ${reason}`;

Deno.test("of several problems the first in the schema's order is reported", () => {
  const problems: readonly [object, string][] = [
    // A property before an unknown key, and before a missing one.
    [{ colour: "red", name: "" }, about("name", "", "'' is too short")],
    [{ flavorRef: undefined, name: 1 }, about("name", "1", "1 is not of type 'string'")],
    // The schema's order of properties, not the request's.
    [
      { accessIPv4: "", adminPass: 5 },
      about("adminPass", "5", "5 is not of type 'string'"),
    ],
    // Items by index, and then by keyword.
    [{ tags: ["", "a/b"] }, about("0", "", "'' is too short")],
    [{ tags: ["a", "a/b", ""] }, about("1", "a/b", "'a/b' does not match '^[^,/]*$'")],
    // Keys that a pattern allows, in the request's order.
    [
      { metadata: { b: "v".repeat(256), a: 1 } },
      about("b", "v".repeat(256), `'${"v".repeat(256)}' is too long`),
    ],
    // Type before enum, and pattern before length.
    [{ config_drive: 1 }, about("config_drive", "1", "1 is not of type 'boolean', 'string'")],
    [
      { hostname: "-" },
      about("hostname", "-", "'-' does not match '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$'"),
    ],
  ];
  for (const [fields, message] of problems) {
    // As JSON, so that what is undefined is absent.
    const body = JSON.parse(JSON.stringify(creating(fields)));
    assertEquals(bodyProblem(create, body), message);
  }
});

Deno.test("several unknown keys are named in one message", () => {
  assertEquals(
    bodyProblem(lockSchema(73), { lock: null, b: 1, a: 1 }),
    "Additional properties are not allowed ('a', 'b' were unexpected)",
  );
  assertEquals(
    bodyProblem(metadataSchema, { metadata: { "b!": "v", ok: "v", "a!": "v" } }),
    about(
      "metadata",
      "{'b!': 'v', 'ok': 'v', 'a!': 'v'}",
      "'a!', 'b!' do not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'",
    ),
  );
  assertEquals(
    queryProblem(listQuerySchema(75), new URLSearchParams("foo=1&_x=1&bar=1")),
    "'bar', 'foo' do not match any of the regexes: '^_'",
  );
  assertEquals(
    queryProblem(showQuerySchema(102), new URLSearchParams("foo=1")),
    "Additional properties are not allowed ('foo' was unexpected)",
  );
});

Deno.test("limits of numbers hold for text of digits", () => {
  const setting = (cores: unknown) => bodyProblem(quotaUpdateSchema(1), { quota_set: { cores } });
  assertEquals(setting("-1"), undefined);
  assertEquals(setting("2147483647"), undefined);
  assertEquals(setting("-2"), about("cores", "-2", "-2 is less than the minimum of -1"));
  assertEquals(
    setting("2147483648"),
    about("cores", "2147483648", "2147483648 is greater than the maximum of 2147483647"),
  );
  assertEquals(
    bodyProblem(create, creating({ min_count: "00" })),
    about("min_count", "00", "0 is less than the minimum of 1"),
  );
});

Deno.test("every value of a parameter is looked at", () => {
  const problem = queryProblem(listQuerySchema(1), new URLSearchParams("limit=1&limit=x&limit=2"));
  assertEquals(
    problem,
    "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'",
  );
});

Deno.test("a tag in a path is refused in jsonschema's words alone", () => {
  assertEquals(bodyProblem(tagSchema, "green"), undefined);
  assertEquals(bodyProblem(tagSchema, "t".repeat(61)), `'${"t".repeat(61)}' is too long`);
});

Deno.test("name formats have messages of their own", () => {
  const problem = (format: JsonSchema["format"]) => bodyProblem({ format }, "\n");
  assertEquals(
    problem("az_name"),
    "An invalid 'name' value was provided. The name must be: " +
      "printable characters except :.Can not start or end with whitespace.",
  );
  assertEquals(
    problem("name_with_leading_trailing_spaces"),
    "An invalid 'name' value was provided. The name must be: " +
      "printable characters with at least one non space character",
  );
});

Deno.test("bodies that no client would send are refused like others", () => {
  const problemOf = (json: string) => bodyProblem(create, JSON.parse(json));
  const nested = "[".repeat(50_000) + "]".repeat(50_000);
  assertEquals(problemOf(nested), "Malformed request body");
  assertEquals(
    problemOf(`{"server": {}, "os:scheduler_hints": {"x": ${nested}}}`),
    "Malformed request body",
  );
  assertEquals(problemOf('{"__proto__": {"server": {}}}'), "'server' is a required property");
  assertEquals(
    problemOf('{"server": {"__proto__": {"name": "x"}}}'),
    about("server", "{'__proto__': {'name': 'x'}}", "'name' is a required property"),
  );
  assertEquals(
    problemOf('{"server": {"name": "x", "flavorRef": 1e999}}'),
    about("flavorRef", "inf", "inf is not of type 'string', 'integer'"),
  );
  assertEquals(
    problemOf('{"server": {"name": "x", "adminPass": ["\\ud800"]}}'),
    about("adminPass", String.raw`['\ud800']`, String.raw`['\ud800'] is not of type 'string'`),
  );
  assertEquals(
    problemOf('{"server": {"name": 1, "name": ""}}'),
    about("name", "", "'' is too short"),
  );
});

Deno.test("the largest bodies are refused in good time", () => {
  const many = Array.from({ length: 50_000 }, () => 0);
  assertEquals(
    bodyProblem(tagsSchema, { tags: many }),
    about("0", "0", "0 is not of type 'string'"),
  );
  const hostname = "a".repeat(110_000) + "!";
  assert(bodyProblem(create, creating({ hostname }))?.endsWith("[a-zA-Z0-9]+$'"));
  const min_count = "9".repeat(110_000);
  assertEquals(bodyProblem(create, creating({ min_count })), undefined);
});
