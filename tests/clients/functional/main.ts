/**
 * The stock clients' own functional tests against running clouds.
 *
 *     deno task clients:functional [--write] [client | client/suite ...]
 *
 * Fails when a test that is expected to pass does not. With `--write`, what comes out is what is
 * expected from now on, and is published in docs/CLIENTS.md.
 */
import { GOPHERCLOUD_SUITES, runGophercloud } from "./gophercloud.ts";
import { openstacksdk } from "./openstacksdk.ts";
import {
  news,
  type Outcomes,
  outcomesOf,
  page,
  regressions,
  type TestedClient,
  type TestResult,
} from "./report.ts";
import { runTerraformProvider, TERRAFORM_SUITES } from "./terraform.ts";

const CLIENTS: Readonly<Record<string, TestedClient>> = {
  openstacksdk,
  gophercloud: {
    suites: GOPHERCLOUD_SUITES,
    async run(suites, tell) {
      await runGophercloud({ suites, tell });
    },
  },
  terraform: {
    suites: TERRAFORM_SUITES,
    async run(suites, tell) {
      await runTerraformProvider({ suites, tell });
    },
  },
};

const EXPECTED = new URL("expected.json", import.meta.url);
const PAGE = new URL("../../../docs/CLIENTS.md", import.meta.url);

const isWriting = Deno.args.includes("--write");
const wanted = choose(Deno.args.filter((argument) => argument !== "--write"));
const expected = JSON.parse(await Deno.readTextFile(EXPECTED)) as Outcomes;
const now: Record<string, Outcomes[string]> = {};
for (const [client, suites] of wanted) now[client] = await runClient(client, suites);
if (isWriting) await write(now);
const problems = isWriting ? [] : compare(now);
const passed = [...allOutcomes(now)].filter((outcome) => outcome === "passed").length;
console.log(`${passed} passed, ${problems.length} failed`);
Deno.exit(problems.length === 0 ? 0 : 1);

/** Which suites of which clients; all, when none is named. */
function choose(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const all = Object.entries(CLIENTS).flatMap(([client, { suites }]) =>
    suites.map((suite) => ({ client, suite }))
  );
  const isNamed = (one: { client: string; suite: string }) =>
    names.length === 0 || names.includes(one.client) ||
    names.includes(`${one.client}/${one.suite}`);
  const unknown = names.filter((name) =>
    !all.some(({ client, suite }) => name === client || name === `${client}/${suite}`)
  );
  if (unknown.length > 0) {
    const known = all.map(({ client, suite }) => `${client}/${suite}`).join(", ");
    console.error(`no suite ${unknown.join(", ")}; there are ${known}`);
    Deno.exit(2);
  }
  const chosen = Map.groupBy(all.filter(isNamed), ({ client }) => client);
  return new Map([...chosen].map(([client, ones]) => [client, ones.map(({ suite }) => suite)]));
}

/** Runs suites of a client, with a line a test that does not pass. */
async function runClient(client: string, suites: readonly string[]): Promise<Outcomes[string]> {
  const results: TestResult[] = [];
  await CLIENTS[client]!.run(suites, (result) => {
    results.push(result);
    if (result.result !== "failed") return;
    console.log(`${client}/${result.suite} ${result.test} failed:\n${result.why?.trim()}`);
  });
  return Object.fromEntries(
    suites.map((suite) => [suite, outcomesOf(results.filter((one) => one.suite === suite))]),
  );
}

/** Tells of what is not as expected; gives what has become worse. */
function compare(now: Outcomes): readonly string[] {
  const worse: string[] = [];
  for (const [client, suites] of Object.entries(now)) {
    for (const [suite, outcomes] of Object.entries(suites)) {
      const before = expected[client]?.[suite] ?? {};
      for (const line of news(before, outcomes)) console.log(`new    ${client}/${suite} ${line}`);
      worse.push(...regressions(before, outcomes).map((line) => `${client}/${suite} ${line}`));
    }
  }
  for (const line of worse) console.log(`FAILED ${line}`);
  return worse;
}

/** Suites that were not run stay as they were. */
async function write(now: Outcomes): Promise<void> {
  const clients = Object.keys(CLIENTS).map((client) => {
    const suites = CLIENTS[client]!.suites.toSorted()
      .map((suite) => [suite, now[client]?.[suite] ?? expected[client]?.[suite] ?? {}]);
    return [client, Object.fromEntries(suites)] as const;
  });
  const outcomes = Object.fromEntries(clients);
  await Deno.writeTextFile(EXPECTED, JSON.stringify(outcomes, null, 2) + "\n");
  await Deno.writeTextFile(PAGE, page(outcomes));
}

function* allOutcomes(outcomes: Outcomes): Generator<string> {
  for (const suites of Object.values(outcomes)) {
    for (const tests of Object.values(suites)) yield* Object.values(tests);
  }
}
