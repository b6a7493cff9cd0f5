/** What `go test -json` tells, as the outcomes of tests. */

/** How one test of gophercloud went. */
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
const FAILURE = /(Failure in \S+, line \d+|unexpected error|Unable to|panic:)/;

/** The line that says why; the last that was written, when none says so. */
function reason(written: readonly string[]): string {
  const said = written.join("").replaceAll(COLORS, "").split("\n")
    .filter((line) => line.trim() !== "" && !GOS_OWN.test(line)).map((line) => line.trim());
  return said.find((line) => FAILURE.test(line)) ?? said.at(-1) ?? "it says nothing";
}
