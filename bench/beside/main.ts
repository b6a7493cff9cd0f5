/** `deno task beside`: two clouds at the same work, in turns, through their Compute APIs alone. */
import { parseArgs } from "node:util";
import { median } from "../bench.ts";
import { Cloud } from "./cloud.ts";
import { empty, fill, type Filled, type Work, worksOn } from "./works.ts";

const HELP = `Measures two clouds beside each other, by what a client of the Compute API waits for.

  deno task beside [--servers N] [--rounds N] [--json] <cloud> <cloud>

  cloud      a name in clouds.yaml: of OS_CLIENT_CONFIG_FILE, else ./clouds.yaml
  --servers  servers that both have while they are asked (default 100)
  --rounds   how often each work is measured; the median counts (default 5)
  --json     the results as JSON

The project needs a quota for them. Both get their servers first (no network, the smallest flavor); those are deleted at the end. The
clouds take turns at each work, the other one left alone. Start Chronova without delays of its
simulated machines (--simulated-spawn-ms 0, …) to compare it with a Nova on its fake driver.`;

interface Result {
  readonly work: string;
  /** Milliseconds; medians over the rounds. */
  readonly firstMs: number;
  readonly secondMs: number;
  /** How many times the second one's time is the first one's: median, lowest and highest. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** A cloud, and what it was filled with. */
interface Side {
  readonly cloud: Cloud;
  readonly filled: Filled;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      servers: { type: "string", default: "100" },
      rounds: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [servers, rounds] = [Number(values.servers), Number(values.rounds)];
  const isCount = (count: number) => Number.isInteger(count) && count > 0;
  if (values.help || positionals.length !== 2 || !isCount(servers) || !isCount(rounds)) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const file = Deno.env.get("OS_CLIENT_CONFIG_FILE") ?? "clouds.yaml";
  const sides: Side[] = [];
  try {
    for (const name of positionals) {
      const cloud = await Cloud.named(name, file);
      console.error(`making ${servers} servers in ${name}`);
      sides.push({ cloud, filled: await fill(cloud, servers) });
    }
    const results: Result[] = [];
    for (const work of worksOn(servers)) {
      console.error(`measuring: ${work.work}`);
      results.push(await compare(work, sides[0]!, sides[1]!, rounds));
    }
    console.log(values.json ? JSON.stringify(results, null, 2) : table(results, positionals));
    return 0;
  } finally {
    for (const { cloud, filled } of sides) await empty(cloud, filled);
  }
}

async function compare(work: Work, one: Side, other: Side, rounds: number): Promise<Result> {
  const pairs: { readonly first: number; readonly second: number }[] = [];
  const measure = ({ cloud, filled }: Side) => work.measure(cloud, filled);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const pair = { first: await measure(one), second: await measure(other) };
    if (round > 0) pairs.push(pair);
  }
  const ratios = pairs.map(({ first, second }) => second / first);
  return {
    work: work.work,
    firstMs: median(pairs.map(({ first }) => first)),
    secondMs: median(pairs.map(({ second }) => second)),
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
  };
}

function table(results: readonly Result[], [first, second]: readonly string[]): string {
  const number = (value: number) =>
    value.toLocaleString("en", { maximumSignificantDigits: 3, useGrouping: true });
  const lines = results.map(({ work, firstMs, secondMs, ratio, low, high }) =>
    `| ${work} | ${number(firstMs)} ms | ${number(secondMs)} ms | ${number(ratio)} (${
      number(low)
    } … ${number(high)}) |`
  );
  return [`| work | ${first} | ${second} | ratio |`, "|---|---|---|---|", ...lines].join("\n");
}

Deno.exit(await main());
