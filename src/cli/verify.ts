/** `verify`: checks every event's seal, and that positions have no gap. */
import { GENESIS_HASH, hashOf } from "../eventsourcing/hash_chain.ts";
import { logPathIn } from "../store/data_folder.ts";
import { SqliteSnapshot } from "../store/sqlite_snapshot.ts";

/** Where history and its seals part, if they do. */
export interface VerifyReport {
  readonly events: number;
  /** Position of the first event that is not as it was sealed; null: all are. */
  readonly firstBad: number | null;
  /** Hash of the last event: kept elsewhere, it proves that nothing behind it was cut off. */
  readonly head: string;
}

const PAGE = 5000;

/** Checks the log in a data folder, also beside a running server. */
export async function verifyFolder(dataDir: string): Promise<VerifyReport> {
  const snapshot = new SqliteSnapshot(logPathIn(dataDir));
  try {
    const { position: upTo } = await snapshot.head();
    let hash = GENESIS_HASH;
    let after = 0;
    while (after < upTo) {
      const rows = await snapshot.rows({ after, upTo, limit: PAGE });
      for (const row of rows) {
        hash = hashOf(hash, row);
        if (row.position !== after + 1 || row.hash !== hash) {
          return { events: upTo, firstBad: row.position, head: row.hash };
        }
        after = row.position;
      }
    }
    return { events: upTo, firstBad: null, head: hash };
  } finally {
    snapshot.close();
  }
}

/** Runs the command; the exit code is 0 when history is as it was sealed. */
export async function verifyCommand(dataDir: string, asJson: boolean): Promise<number> {
  const report = await verifyFolder(dataDir);
  if (asJson) console.log(JSON.stringify(report));
  else if (report.firstBad === null) {
    console.log(`${report.events} events, every seal is whole; head ${report.head}`);
  } else {
    console.log(`event ${report.firstBad} of ${report.events} is not as it was recorded`);
  }
  return report.firstBad === null ? 0 : 1;
}
