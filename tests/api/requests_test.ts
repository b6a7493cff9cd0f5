/**
 * Bodies and query strings against Nova's schemas, operation by operation and range by range: what
 * a schema allows is never refused for its form, what it does not is a 400.
 */
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { MAX_MINOR, type Minor, versionText } from "../../src/http/microversions.ts";
import { type Answered, TestCloud } from "../kit/cloud.ts";
import { mountedRoutes } from "../kit/samples.ts";
import {
  allowed,
  complete,
  isAllowed,
  isSchemaRefusal,
  minorOf,
  type Mutation,
  mutations,
  type OperationEntry,
  OPERATIONS,
  type Range,
  rangesOf,
  type Schema,
} from "../kit/schemas.ts";

/** Of the requests of one range: how many bodies are right, how many of these are then spoilt. */
const RUNS = 25;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const SEED = Number(Deno.env.get("CHRONOVA_FUZZ_SEED") ?? 20260802);

/** Making a key takes long. */
const FEW_RUNS: ReadonlySet<string> = new Set(["keypairs.create"]);

/** The parts of a path that Nova leaves open, by controller; schemas are looked at before them. */
const LAST_PART: Readonly<Record<string, string>> = {
  ips: "private",
  server_metadata: "key",
  server_tags: "red",
  flavors: "1",
};

/** The operations of these are there from the first release on; others come with time. */
const FIRST: readonly string[] = [
  "servers.index",
  "servers.detail",
  "servers.create",
  "servers.show",
  "servers.update",
  "lock_server.action.lock",
  "lock_server.action.unlock",
  "server_metadata.index",
  "server_metadata.create",
  "server_metadata.update_all",
  "server_metadata.show",
  "server_metadata.update",
  "server_tags.index",
  "server_tags.update_all",
  "server_tags.show",
  "server_tags.update",
  "ips.index",
  "ips.show",
  "flavors.index",
  "flavors.detail",
  "flavors.show",
];

/** The operations that the app has a route for, and an action where it is one. */
async function implemented(cloud: TestCloud): Promise<readonly OperationEntry[]> {
  const shape = (method: string, path: string) => `${method} ${path.replace(/:\w+|\{\w+\}/g, "*")}`;
  const mounted = new Set(mountedRoutes().map(({ method, path }) => shape(method, path)));
  const found: OperationEntry[] = [];
  for (const operation of OPERATIONS) {
    const { method, path, action, request_schema: body, query_schema: query } = operation;
    if (!mounted.has(shape(method, `/v2.1${path}`)) || (!body && !query)) continue;
    if (action === null || await hasAction(cloud, path, action)) found.push(operation);
  }
  return found;
}

async function hasAction(cloud: TestCloud, path: string, action: string): Promise<boolean> {
  const asked = `/v2.1${path.replace("{id}", UNKNOWN)}`;
  const answered = await cloud.ask("admin", "POST", asked, { body: { [action]: 1 } });
  return !/^There is no such action/.test(answered.json?.badRequest?.message ?? "");
}

Deno.test("requests by the schemas, and against them", async (t) => {
  const cloud = await TestCloud.open();
  try {
    const id = await cloud.create({ name: "asked", networks: "auto", tags: ["red"] });
    await cloud.limit({ metadata_items: -1 });
    const operations = await implemented(cloud);
    const missing = FIRST.filter((first) => !operations.some((one) => one.id === first));
    assertEquals(missing, [], "no route found for these");
    for (const operation of operations) {
      if (operation.request_schema) await checkBodies(t, cloud, operation, id);
      if (operation.query_schema) await checkQueries(t, cloud, operation, id);
    }
  } finally {
    await cloud.close();
  }
});

async function checkBodies(
  t: Deno.TestContext,
  cloud: TestCloud,
  operation: OperationEntry,
  id: string,
): Promise<void> {
  const ranges = rangesOf(operation.request_schema!);
  for (const { range, mv } of atTheEnds(ranges, operation)) {
    // An action whose value Nova does not look at.
    if (Object.keys(range.schema).length === 0) continue;
    const send = (body: unknown) =>
      cloud.ask("admin", operation.method, pathOf(operation, id, body), { mv, body });
    await t.step(
      `${operation.id} at ${mv}: bodies that are right`,
      () =>
        forAll(operation, allowed(range.schema), async (body) => {
          assert(isAllowed(range.schema, body), `the test is wrong: ${JSON.stringify(body)}`);
          refuseRefusal(await send(JSON.stringify(body)), body);
        }),
    );
    await t.step(`${operation.id} at ${mv}: bodies with one thing wrong`, async () => {
      const all = mutations(range.schema, complete(range.schema), ranges.at(-1)!.schema);
      for (const mutation of all) {
        expectRefusal(await send(JSON.stringify(mutation.value)), mutation);
      }
    });
    await t.step(
      `${operation.id} at ${mv}: right bodies spoilt`,
      () =>
        forAll(
          operation,
          spoilt(range.schema),
          async (mutation) => expectRefusal(await send(JSON.stringify(mutation.value)), mutation),
        ),
    );
  }
}

async function checkQueries(
  t: Deno.TestContext,
  cloud: TestCloud,
  operation: OperationEntry,
  id: string,
): Promise<void> {
  for (const { range, mv } of atTheEnds(rangesOf(operation.query_schema!), operation)) {
    // A query string that Nova does not look at.
    if (Object.keys(range.schema).length === 0) continue;
    const { request_schema: file, method } = operation;
    // Where there is a body, it is looked at first.
    const body = file && complete(schemaAt(rangesOf(file), minorOf(mv)!));
    const send = (query: unknown) =>
      cloud.ask("member", method, `${pathOf(operation, id)}?${queryText(query)}`, { mv, body });
    await t.step(
      `${operation.id} at ${mv}: query strings that are right`,
      () =>
        forAll(
          operation,
          allowed(range.schema),
          async (query) => refuseRefusal(await send(query), query),
        ),
    );
    await t.step(`${operation.id} at ${mv}: query strings with one thing wrong`, async () => {
      for (const mutation of queryMutations(range.schema)) {
        expectRefusal(await send(mutation.value), mutation);
      }
    });
    await t.step(`${operation.id} at ${mv}: unknown parameters`, async () => {
      const answered = await send({ colour: ["red"] });
      const isStrict = range.schema.additionalProperties === false;
      if (isStrict) expectRefusal(answered, { what: "colour", value: "red" });
      else refuseRefusal(answered, "colour=red");
    });
  }
}

function schemaAt(ranges: readonly Range[], minor: Minor): Schema {
  return ranges.findLast(({ from }) => from <= minor)!.schema;
}

/** How Nova's table calls the last microversion of proxies. */
const LAST_PROXY = "MAX_PROXY_API_SUPPORT_VERSION";
const LAST_PROXY_MINOR = 35;

/** The first and the last microversion of each range that has the operation. */
function atTheEnds(
  ranges: readonly Range[],
  { min, max }: OperationEntry,
): { range: Range; mv: string }[] {
  const since = minorOf(min) ?? 1;
  const until = max === LAST_PROXY ? LAST_PROXY_MINOR : minorOf(max) ?? MAX_MINOR;
  return ranges.flatMap((range) =>
    [...new Set([Math.max(range.from, since), Math.min(range.to, until)])]
      .filter((minor) => minor >= since && minor >= range.from && minor <= range.to)
      .map((minor) => ({ range, mv: versionText(minor) }))
  );
}

function pathOf(
  { id: operation, path, action }: OperationEntry,
  id: string,
  body?: unknown,
): string {
  const [controller] = operation.split(".") as [string];
  // Most actions would leave little of the server for the next.
  const server = action === null || controller === "lock_server" ? id : UNKNOWN;
  const part = path.startsWith("/servers/{id}")
    ? server
    : keyOf(body) ?? LAST_PART[controller] ?? UNKNOWN;
  return `/v2.1${
    path.replace("{server_id}", id).replace("{flavor_id}", "1").replace("{id}", part)
  }`;
}

/** The one key of `{"meta": {"<key>": …}}`, which the path has to repeat. */
function keyOf(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined;
  const keys = Object.keys(JSON.parse(body)?.meta ?? {});
  return keys.length === 0 ? undefined : encodeURIComponent(keys[0]!.replace(/^\.+$/, "dots"));
}

function queryText(query: unknown): URLSearchParams {
  const pairs = Object.entries(query as Record<string, unknown[]>)
    // A parameter of any form may be made as something else than a list.
    .flatMap(([name, values]) => [values].flat().map((value) => [name, String(value)]));
  return new URLSearchParams(pairs);
}

/** Each parameter with one value that is wrong. A query string has nothing but text. */
function queryMutations(schema: Schema): Mutation[] {
  return Object.entries<Schema>(schema.properties).flatMap(([name, { items }]) =>
    // Of a parameter of any form nothing is wrong.
    (items ? mutations(items, "") : [])
      .filter(({ value }) => typeof value === "string")
      .map(({ what, value }) => ({ what: `${name}: ${what}`, value: { [name]: [value] } }))
  );
}

function spoilt(schema: Schema): fc.Arbitrary<Mutation> {
  return allowed(schema).chain((body) => fc.constantFrom(...mutations(schema, body)));
}

async function forAll<T>(
  { id }: OperationEntry,
  values: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  const numRuns = FEW_RUNS.has(id) ? 2 : RUNS;
  await fc.assert(fc.asyncProperty(values, check), { seed: SEED, numRuns });
}

function refuseRefusal(answered: Answered, sent: unknown): void {
  const message = answered.json?.badRequest?.message ?? "";
  const about = `${JSON.stringify(sent)} was refused: ${answered.text}`;
  assert(!isSchemaRefusal(answered.status, message), about);
  assert(answered.status < 500, about);
}

function expectRefusal(answered: Answered, { what, value }: Mutation): void {
  const about = `${what}: ${JSON.stringify(value)} was answered with ${answered.status}: `;
  assertEquals(answered.status, 400, about + answered.text);
  assert(isSchemaRefusal(400, answered.json.badRequest.message), about + answered.text);
}
