/** Tests in Go of another project: its module in a folder, and what `go test -json` tells of them. */
import { findGo, runGo } from "../go.ts";
import { lines } from "../lines.ts";

/** How one test went. */
export interface GoTestResult {
  readonly suite: string;
  /** Begins with its package's name, where a suite has several. */
  readonly test: string;
  /** Its name in Go: `TestServersUpdate`. */
  readonly goName: string;
  readonly result: "passed" | "failed" | "skipped";
  /** What it says of its failure, or why it was skipped. */
  readonly why?: string;
}

/** A line of `go test -json`; `go doc test2json` tells of all fields. */
interface Event {
  readonly Action: string;
  readonly Test?: string;
  readonly Output?: string;
}

const RESULTS: Readonly<Record<string, GoTestResult["result"]>> = {
  pass: "passed",
  fail: "failed",
  skip: "skipped",
};

/** Reads the lines of one package's run. */
export class GoTestReader {
  /** What tests that are under way have written. */
  readonly #outputs = new Map<string, string[]>();

  constructor(private readonly suite: string, private readonly prefix: string) {}

  /** A test that has ended with this line. Tests within tests are told of by what is around them. */
  read(line: string): GoTestResult | undefined {
    // What fails to build is told in other forms.
    if (!line.startsWith("{")) return undefined;
    const { Action, Test, Output } = JSON.parse(line) as Event;
    if (Test === undefined) return undefined;
    const name = Test.split("/")[0]!;
    const written = this.#outputs.get(name) ?? [];
    this.#outputs.set(name, written);
    if (Output !== undefined) written.push(Output);
    const result = RESULTS[Action];
    if (result === undefined || Test !== name) return undefined;
    this.#outputs.delete(name);
    return {
      ...this.named(name),
      result,
      ...(result !== "passed" && { why: reason(written) }),
    };
  }

  /** Tests that have begun and were cut off, as by a panic or when time was up. */
  unfinished(): readonly GoTestResult[] {
    return [...this.#outputs].map(([name, written]) => ({
      ...this.named(name),
      result: "failed",
      why: reason(written),
    }));
  }

  named(goName: string): Pick<GoTestResult, "suite" | "test" | "goName"> {
    return { suite: this.suite, test: this.prefix + goName, goName };
  }
}

/** Lines of Go's own, around what a test says. */
const GOS_OWN = /^(=== |\s*--- )/;
const COLORS = new RegExp(String.raw`\u001b\[[0-9;]*m`, "g");
const FAILURE = /(Failure in \S+, line \d+|unexpected error|Unable to|panic:|Error: )/;

/** The line that says why; the last that was written, when none says so. */
function reason(written: readonly string[]): string {
  const said = written.join("").replaceAll(COLORS, "").split("\n")
    .filter((line) => line.trim() !== "" && !GOS_OWN.test(line)).map((line) => line.trim());
  return said.find((line) => FAILURE.test(line)) ?? said.at(-1) ?? "it says nothing";
}

/** A module as Go's cache has it, in a new folder that can be written to: the cache cannot. */
export async function copyModule(cached: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-go-module-" });
  const { success, stderr } = await new Deno.Command("cp", {
    args: ["--recursive", "--no-preserve=mode", `${cached}/.`, folder],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return folder;
}

/** Where Go's cache has a module of this version, which is downloaded when it is not there. */
export async function downloadModule(name: string, version: string): Promise<string> {
  return JSON.parse(await runGo(["mod", "download", "-json", `${name}@${version}`])).Dir;
}

/** Runs `go` with arguments that have it write test events; `tell` hears of each test as it ends. */
export async function runGoTests(
  args: readonly string[],
  { cwd, env, reader, tell }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly reader: GoTestReader;
    readonly tell: (result: GoTestResult) => void;
  },
): Promise<void> {
  const child = new Deno.Command(await findGo(), {
    args: [...args],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const problems = new Response(child.stderr).text();
  let isSilent = true;
  for await (const line of lines(child.stdout)) {
    const result = reader.read(line);
    if (!result) continue;
    isSilent = false;
    tell(result);
  }
  await child.status;
  for (const result of reader.unfinished()) tell(result);
  if (isSilent) tell({ ...reader.named("(any)"), result: "failed", why: await problems });
}

/** Suites as the command line names them, with a line a test and a count; exits. */
export async function runByHand(
  all: readonly string[],
  run: (options: RunOptions) => Promise<readonly GoTestResult[]>,
): Promise<never> {
  const unknown = Deno.args.filter((suite) => !all.includes(suite));
  if (unknown.length > 0) {
    console.error(`no suite ${unknown.join(", ")}; there are ${all.join(", ")}`);
    Deno.exit(2);
  }
  const results = await run({
    suites: Deno.args.length > 0 ? Deno.args : undefined,
    tell: ({ suite, test, result, why }) =>
      console.log(`${result.padEnd(7)} ${suite} ${test}${why === undefined ? "" : `: ${why}`}`),
  });
  const count = (wanted: string) => results.filter(({ result }) => result === wanted).length;
  console.log(
    `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
  );
  Deno.exit(count("failed") === 0 ? 0 : 1);
}

export interface RunOptions {
  /** By default all. */
  readonly suites?: readonly string[];
  /** Hears of each test as it ends. */
  tell?(result: GoTestResult): void;
}

/**
 * Runs tests as one user, and those again as another that say that they are not for the first.
 *
 * `run` gets the names of tests, or none for all.
 */
export async function runAsTwo(
  turns: readonly [User, User],
  isForOthers: (result: GoTestResult) => boolean,
  { run, tell }: {
    run(
      turn: { readonly user: User; readonly only?: readonly string[] },
      tell: (result: GoTestResult) => void,
    ): Promise<void>;
    readonly tell: (result: GoTestResult) => void;
  },
): Promise<void> {
  const [first, second] = turns;
  const left: string[] = [];
  await run({ user: first }, (result) => {
    if (isForOthers(result)) left.push(result.goName);
    else tell(result);
  });
  if (left.length > 0) await run({ user: second, only: left }, tell);
}

type User = "admin" | "demo";
