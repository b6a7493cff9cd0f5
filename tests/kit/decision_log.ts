/** Event logs for tests: a clock that is set by hand, and SQLite files that are gone afterwards. */
import Database from "better-sqlite3";
import type { Clock } from "../../src/eventsourcing/clock.ts";
import type { Upcasters } from "../../src/eventsourcing/upcasting.ts";
import { logPathIn } from "../../src/store/data_folder.ts";
import type { EventLog } from "../../src/store/event_log.ts";
import { openSqliteLog } from "../../src/store/sqlite.ts";

/** A clock that stands still until it is set. */
export interface TestClock extends Clock {
  set(millis: number): void;
}

/** Midnight, at the beginning of 2026. */
export const MIDNIGHT = Date.UTC(2026, 0, 1);

export function testClock(start = MIDNIGHT): TestClock {
  let now = start;
  return Object.assign(() => now, { set: (millis: number) => void (now = millis) });
}

/** A log in a temporary folder. */
export class TestLog {
  private constructor(
    readonly folder: string,
    readonly clock: Clock,
    public log: EventLog,
  ) {}

  static async open(clock: Clock = testClock(), upcasters?: Upcasters): Promise<TestLog> {
    const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
    return new TestLog(folder, clock, await openIn(folder, clock, upcasters));
  }

  /** Closes the log and opens its file again, as another release perhaps. */
  async reopen(upcasters?: Upcasters): Promise<EventLog> {
    await this.log.close();
    this.log = await openIn(this.folder, this.clock, upcasters);
    return this.log;
  }

  /** Runs SQL on the file, past the log; `unguarded`: with its triggers taken off. */
  tamper(sql: string, { unguarded = false } = {}): void {
    const db = new Database(logPathIn(this.folder));
    try {
      if (unguarded) { for (const trigger of triggersOf(db)) db.exec(`drop trigger "${trigger}"`); }
      db.exec(sql);
    } finally {
      db.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function openIn(folder: string, clock: Clock, upcasters?: Upcasters): Promise<EventLog> {
  return openSqliteLog({ path: logPathIn(folder), clock, ...(upcasters && { upcasters }) });
}

function triggersOf(db: Database.Database): string[] {
  const rows = db.prepare("select name from sqlite_master where type = 'trigger'").all();
  return (rows as { name: string }[]).map(({ name }) => name);
}
