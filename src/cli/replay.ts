/** `replay`: builds every table again from the log and says whether the live ones are equal. */
import { AGGREGATES, UPCASTERS } from "../aggregates.ts";
import { replay } from "../eventsourcing/projector.ts";
import { logPathIn } from "../store/data_folder.ts";
import { type RowDifference, SqliteSnapshot } from "../store/sqlite_snapshot.ts";

/** What a replay found. */
export interface ReplayReport {
  readonly events: number;
  readonly seconds: number;
  readonly tables: number;
  readonly differences: readonly RowDifference[];
}

/** Replays the log in a data folder, also beside a running server; `onProgress` hears events so far. */
export async function replayFolder(
  dataDir: string,
  onProgress: (events: number, of: number) => void = () => {},
): Promise<ReplayReport> {
  const snapshot = new SqliteSnapshot(logPathIn(dataDir), UPCASTERS);
  try {
    const began = performance.now();
    // Made beside the live ones: dropping first what is there would reach for those.
    for (const { projection } of AGGREGATES) await projection.create(snapshot.rebuilt);
    await replay(snapshot, AGGREGATES, snapshot.rebuilt, {
      onProgress: (progress) => onProgress(progress.events, progress.of),
    });
    const seconds = (performance.now() - began) / 1000;
    const tables = AGGREGATES.flatMap(({ projection }) => projection.tables);
    const differences: RowDifference[] = [];
    for (const table of tables) differences.push(...await snapshot.differences(table));
    const { position: events } = await snapshot.head();
    return { events, seconds, tables: tables.length, differences };
  } finally {
    snapshot.close();
  }
}

/** Runs the command; the exit code is 0 when all tables are equal. */
export async function replayCommand(dataDir: string, asJson: boolean): Promise<number> {
  let shown = 0;
  const report = await replayFolder(dataDir, (events, of) => {
    if (asJson || performance.now() - shown < 200) return;
    shown = performance.now();
    console.error(`replayed ${events} of ${of} events`);
  });
  if (asJson) console.log(JSON.stringify(report));
  else console.log(describe(report));
  return report.differences.length === 0 ? 0 : 1;
}

function describe({ events, seconds, tables, differences }: ReplayReport): string {
  const rate = Math.round(events / Math.max(seconds, 1e-6));
  const done = `replayed ${events} events into ${tables} tables in ${seconds.toFixed(2)} s ` +
    `(${rate} events/s)`;
  if (differences.length === 0) return `${done}: all equal to the live ones`;
  const lines = differences.map(({ table, only, row }) =>
    `  ${table}: only ${only}: ${JSON.stringify(row)}`
  );
  return [`${done}: NOT equal to the live ones`, ...lines].join("\n");
}
