/** What the clients' own tests came to: held against what is expected, and published. */

/** One test of a client, as it went. */
export interface TestResult {
  /** `compute`. */
  readonly suite: string;
  /** Without what all names of its suite begin with. */
  readonly test: string;
  readonly result: "passed" | "failed" | "skipped";
  /** What a failure or a skip says, in the client's words. */
  readonly why?: string;
}

/** A client whose own tests are run. */
export interface TestedClient {
  readonly suites: readonly string[];
  /** Runs these suites, each with a cloud of its own; `tell` hears of each test as it ends. */
  run(suites: readonly string[], tell: (result: TestResult) => void): Promise<void>;
}

/** `passed`, `failed: <why>` or `skipped: <why>`, by client, suite and test. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, SuiteOutcomes>>>>;

export type SuiteOutcomes = Readonly<Record<string, string>>;

/** The results of one suite in the form that is kept, in an order that does not change. */
export function outcomesOf(results: readonly TestResult[]): SuiteOutcomes {
  const outcomes = results.map(({ test, result, why }) =>
    [test, result === "passed" ? result : `${result}: ${inShort(why ?? "")}`] as const
  );
  return Object.fromEntries(outcomes.sort(([one], [other]) => one < other ? -1 : 1));
}

/** Tests that have passed and do not pass now, each with what it says instead. */
export function regressions(expected: SuiteOutcomes, now: SuiteOutcomes): readonly string[] {
  return Object.entries(expected)
    .filter(([test, outcome]) => outcome === "passed" && now[test] !== "passed")
    .map(([test]) => `${test} ${now[test] ?? "is not there any more"}`);
}

/** Tests whose outcome is another than expected, and no regression. */
export function news(expected: SuiteOutcomes, now: SuiteOutcomes): readonly string[] {
  return Object.entries(now)
    .filter(([test, outcome]) => expected[test] !== outcome && expected[test] !== "passed")
    .map(([test, outcome]) => `${test} ${outcome}`);
}

const LONGEST = 160;

/** A reason on one line, without what is different each time: ids, ports, folders. */
export function inShort(why: string): string {
  const line = why
    .replaceAll(/https?:\/\/(127\.0\.0\.1|localhost):\d+/g, "")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g, "{id}")
    .replaceAll(/\d{9,}-\{id\}/g, "{name}")
    .replaceAll(/(openstack\.exceptions\.)?(\w+Exception: )+(\d{3}): \w+ Error for url: /g, "$3 ")
    .replaceAll(/(<br \/>|\s)+/g, " ")
    .trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/** The published page. */
export function page(outcomes: Outcomes): string {
  const clients = Object.entries(outcomes);
  return [
    "# The stock clients' own tests",
    "",
    "How the functional tests of the stock clients themselves, unchanged, fare against this cloud;",
    "`deno task clients:functional --write` runs them and writes this page. Clients skip what the",
    "cloud says that it lacks.",
    "",
    "| client | suite | passed | failed | skipped |",
    "|---|---|---:|---:|---:|",
    ...clients.flatMap(([client, suites]) =>
      Object.entries(suites).map(([suite, tests]) => row(client, suite, tests))
    ),
    ...clients.flatMap(([client, suites]) =>
      Object.entries(suites).flatMap(([suite, tests]) => reasons(client, suite, tests))
    ),
    "",
  ].join("\n");
}

function row(client: string, suite: string, tests: SuiteOutcomes): string {
  const count = (result: TestResult["result"]) =>
    Object.values(tests).filter((outcome) => outcome.startsWith(result)).length;
  return `| ${client} | ${suite} | ${count("passed")} | ${count("failed")} | ${count("skipped")} |`;
}

/** Every test that did not pass, under what it says. */
function reasons(client: string, suite: string, tests: SuiteOutcomes): readonly string[] {
  const byOutcome = Map.groupBy(Object.keys(tests), (test) => tests[test]!);
  byOutcome.delete("passed");
  if (byOutcome.size === 0) return [];
  const items = [...byOutcome].sort(([one], [other]) => one < other ? -1 : 1)
    .map(([outcome, names]) =>
      `- ${escaped(outcome)}: ${names.map((name) => `\`${name}\``).join(", ")}`
    );
  return ["", `## ${client}: ${suite}`, "", ...items];
}

function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, "\\$&");
}
