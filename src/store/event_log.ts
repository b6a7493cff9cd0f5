/** The event log: the only source of truth, and the tables derived from it, in one store. */
import type { DomainEvent, EventMetadata, Recorded } from "../eventsourcing/event.ts";
import type { Reader, Writer } from "./query.ts";

/** Events for one stream, and the version they were decided on. */
export interface Append {
  readonly stream: string;
  /** Version of the stream's last event when this was decided; 0 for a new stream. */
  readonly expectedVersion: number;
  readonly events: readonly DomainEvent[];
  readonly metadata: EventMetadata;
}

/** Which events to read, in order of position. */
export interface EventQuery {
  /** Only events behind this position. Default 0: from the beginning. */
  readonly after?: number;
  /** Only events at or before this position. */
  readonly upTo?: number;
  /** Only this stream's events. */
  readonly stream?: string;
  /** At most this many. Default 1,000. */
  readonly limit?: number;
}

/** The end of the log. */
export interface Head {
  /** Position of the last event; 0 when the log is empty. */
  readonly position: number;
  readonly hash: string;
  /** `recordedAt` of the last event; empty when there is none. */
  readonly recordedAt: string;
}

/**
 * An append-only log with the tables that are folded from it.
 *
 * What every implementation keeps, and `tests/contracts/event_log_suite.ts` checks: positions are
 * gapless and in commit order; `(stream, version)` is unique; an append is all or nothing; a
 * transaction that ended without an error is on the disk.
 */
export interface EventLog extends EventSource {
  /** Reads what has been committed, on a connection of its own. */
  readonly reader: Reader;
  /**
   * Runs `work` in one transaction, synced to the disk before the promise resolves.
   *
   * Transactions run one after the other; one begun within another would wait for ever.
   */
  transaction<T>(work: (tx: LogTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What is needed of a log to read it through. */
export interface EventSource {
  /** Events in order of position. */
  read(query?: EventQuery): Promise<readonly Recorded[]>;
  /** The end of the log, as committed. */
  head(): Promise<Head>;
}

/** One transaction on the log and its tables. */
export interface LogTransaction extends Writer {
  /**
   * Appends to several streams, all or nothing, and gives back the events as recorded.
   *
   * Throws `VersionConflict` when a stream is no longer at the version it was decided on.
   */
  append(appends: readonly Append[]): Promise<readonly Recorded[]>;
  /** Undoes what `work` wrote, and rethrows, when it throws; the transaction goes on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** A stream has moved on since the decision was made. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  constructor(readonly stream: string, readonly expectedVersion: number, cause?: unknown) {
    super(`stream ${stream} is no longer at version ${expectedVersion}`, { cause });
  }
}
