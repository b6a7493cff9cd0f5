/** `deno task bench`: how far the server is from what the machine could do at best. */
import { parseArgs } from "node:util";
import { Bench, type Result, type Row } from "./bench.ts";
import { killForGood } from "./children.ts";
import { active } from "./rows/active.ts";
import { changesSince } from "./rows/changes_since.ts";
import { create } from "./rows/create.ts";
import { detail } from "./rows/detail.ts";
import { memory } from "./rows/memory.ts";
import { replay } from "./rows/replay.ts";
import { show } from "./rows/show.ts";
import { start } from "./rows/start.ts";
import { isMet, tableOf } from "./table.ts";

const ROWS: readonly Row[] = [show, detail, create, changesSince, replay, start, memory, active];

const WIDTH = Math.max(...ROWS.map(({ name }) => name.length));

const HELP = `Measures the server beside ceilings that do nothing but the unavoidable.

  deno task bench [--quick] [--large] [--json] [name…]

  --quick  shorter bursts and 10,000 servers in place of 100,000: about a minute, not four
  --large  1,000,000 servers: some ten minutes, and 10 GB in the folder for temporary files
  --json   the results as JSON
  name     only these rows:

${ROWS.map(({ name, about }) => `           ${name.padEnd(WIDTH)}  ${about}`).join("\n")}

Both sides take turns in short bursts, the other one paused; ratios are medians over the pairs of
bursts, the spread is the lowest and the highest. "by cpu" is the same ratio by the processor time
that the two servers took for an answer: look there when the machine is busy. Everything runs on
the loopback, in temporary folders (below TMPDIR) that are removed at the end; on a RAM disk,
syncing costs nothing, and the rows that write say little.`;

function readArgs() {
  return parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      large: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
}

async function main(): Promise<number> {
  let args;
  try {
    args = readArgs();
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split(". ")[0]}; see --help`);
    return 2;
  }
  const { values, positionals } = args;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = positionals.filter((word) => !ROWS.some(({ name }) => name === word));
  if (unknown.length > 0) {
    console.error(`bench: no such row: ${unknown.join(", ")}; see --help`);
    return 2;
  }
  const rows = ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop.abort(new Error("stopped")));
  }
  const scratch = await Deno.makeTempDir({ prefix: "chronova-bench-" });
  const bench = new Bench({
    ...values,
    scratch,
    stop: stop.signal,
    onProgress: (text) => console.error(text),
  });
  try {
    const { results, failures } = await measureAll(bench, rows);
    console.log(values.json ? asJson(results) : tableOf(results));
    return failures === 0 ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  } finally {
    await killForGood();
    // In one go: what is still being written in this process must not come between.
    Deno.removeSync(scratch, { recursive: true });
  }
}

/** Measures row after row; one that fails is told of, and the others go on. Throws when stopped. */
async function measureAll(
  bench: Bench,
  rows: readonly Row[],
): Promise<{ readonly results: readonly Result[]; readonly failures: number }> {
  const results: Result[] = [];
  let failures = 0;
  for (const row of rows) {
    bench.progress(`measuring ${row.name}`);
    const began = performance.now();
    try {
      results.push(...await bench.inTime(row.measure(bench)));
    } catch (error) {
      bench.stop.throwIfAborted();
      failures++;
      console.error(`bench: ${row.name} failed:`, error);
    }
    await bench.endRow();
    bench.progress(`${row.name} took ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  return { results, failures };
}

function asJson(results: readonly Result[]): string {
  return JSON.stringify(results.map((result) => ({ ...result, met: isMet(result) })), null, 2);
}

Deno.exit(await main());
