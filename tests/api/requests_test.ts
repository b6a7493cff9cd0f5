/**
 * Bodies and query strings against Nova's schemas, operation by operation and range by range: what
 * a schema allows is never refused for its form, what it does not is a 400.
 */
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { versionText } from "../../src/http/microversions.ts";
import { type Answered, TestCloud } from "../kit/cloud.ts";
import {
  allowed,
  complete,
  isAllowed,
  isSchemaRefusal,
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
const SEED = Number(Deno.env.get("CHRONOVA_FUZZ_SEED") ?? 20260802);

/** The controllers and actions of the operations that are there. */
const IMPLEMENTED =
  /^(servers\.(index|detail|create|show|update|delete)|lock_server\.action\..*|server_metadata\..*|server_tags\..*|ips\..*|flavors\.(index|detail|show))$/;

const operations = OPERATIONS.filter(({ id }) => IMPLEMENTED.test(id));

/** The parts of a path that Nova leaves open, by operation. */
const LAST_PART: Readonly<Record<string, string>> = {
  ips: "private",
  server_metadata: "key",
  server_tags: "red",
  flavors: "1",
};

Deno.test("every operation with a schema is found in the contract", () => {
  assertEquals(operations.filter(({ request_schema: body }) => body).length, 9);
  assertEquals(operations.filter(({ query_schema: query }) => query).length, 12);
});

Deno.test("requests by the schemas, and against them", async (t) => {
  const cloud = await TestCloud.open();
  try {
    const id = await cloud.create({ name: "asked", networks: "auto", tags: ["red"] });
    await cloud.limit({ metadata_items: -1 });
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
        forAll(allowed(range.schema), async (body) => {
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
    const send = (query: unknown) =>
      cloud.ask("member", "GET", `${pathOf(operation, id)}?${queryText(query)}`, { mv });
    await t.step(
      `${operation.id} at ${mv}: query strings that are right`,
      () => forAll(allowed(range.schema), async (query) => refuseRefusal(await send(query), query)),
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

/** The first and the last microversion of each range that has the operation. */
function atTheEnds(
  ranges: readonly Range[],
  { min }: OperationEntry,
): { range: Range; mv: string }[] {
  const since = min === null ? 1 : Number(min.split(".")[1]);
  return ranges.flatMap((range) =>
    [...new Set([Math.max(range.from, since), range.to])]
      .filter((minor) => minor >= since)
      .map((minor) => ({ range, mv: versionText(minor) }))
  );
}

function pathOf({ id: operation, path }: OperationEntry, id: string, body?: unknown): string {
  const [controller] = operation.split(".") as [string];
  const part = keyOf(body) ?? LAST_PART[controller] ?? "";
  const isServer = controller === "servers" || controller === "lock_server";
  return `/v2.1${path.replace("{server_id}", id).replace("{id}", isServer ? id : part)}`;
}

/** The one key of `{"meta": {"<key>": …}}`, which the path has to repeat. */
function keyOf(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined;
  const keys = Object.keys(JSON.parse(body)?.meta ?? {});
  return keys.length === 0 ? undefined : encodeURIComponent(keys[0]!.replace(/^\.+$/, "dots"));
}

function queryText(query: unknown): URLSearchParams {
  const pairs = Object.entries(query as Record<string, unknown[]>)
    .flatMap(([name, values]) => values.map((value) => [name, String(value)]));
  return new URLSearchParams(pairs);
}

/** Each parameter with one value that is wrong. A query string has nothing but text. */
function queryMutations(schema: Schema): Mutation[] {
  return Object.entries<Schema>(schema.properties).flatMap(([name, { items }]) =>
    mutations(items, "")
      .filter(({ value }) => typeof value === "string")
      .map(({ what, value }) => ({ what: `${name}: ${what}`, value: { [name]: [value] } }))
  );
}

function spoilt(schema: Schema): fc.Arbitrary<Mutation> {
  return allowed(schema).chain((body) => fc.constantFrom(...mutations(schema, body)));
}

async function forAll<T>(values: fc.Arbitrary<T>, check: (value: T) => Promise<void>) {
  await fc.assert(fc.asyncProperty(values, check), { seed: SEED, numRuns: RUNS });
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
