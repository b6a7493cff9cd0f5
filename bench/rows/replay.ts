import type { Row, Side } from "../bench.ts";
import { Child, taskArgs } from "../children.ts";

/** Runs of each in the comparison; one is seconds long. */
const ROUNDS = 3;

/** The log through the reducers, without tables and with. */
export const replay: Row = {
  name: "replay",
  about: "the whole log through the reducers, against reading and parsing every row",
  async measure(bench) {
    const folder = await bench.folder(Math.min(bench.many, 100_000));
    const compared = await bench.compare(
      script("bench/fold.ts", folder),
      script("bench/ceilings/read_rows.ts", folder),
      { rounds: ROUNDS, warmUps: 0 },
    );
    return [
      {
        work: "replay, events folded",
        unit: "events/s",
        ...compared,
        goal: { atLeast: 0.5 },
      },
      {
        work: "replay, tables written",
        unit: "events/s",
        ours: await replayCommand(await bench.folder(Math.min(bench.many, 10_000))),
      },
    ];
  },
};

/** A script that prints how many events in a second it got through. */
function script(path: string, folder: string): Side {
  return {
    async burst() {
      const child = new Child(["run", "--allow-all", path, folder]);
      try {
        return Number(await child.line());
      } finally {
        await child.kill();
      }
    },
  };
}

async function replayCommand(folder: string): Promise<number> {
  const child = new Child(taskArgs("replay", "--data-dir", folder, "--json"));
  const { events, seconds } = JSON.parse(await child.line());
  return events / seconds;
}
