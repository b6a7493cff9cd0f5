/** Rows of the table `events`, and what they stand for. */
import type { Recorded } from "../eventsourcing/event.ts";
import { GENESIS_HASH } from "../eventsourcing/hash_chain.ts";
import { upcast, type Upcasters } from "../eventsourcing/upcasting.ts";
import type { Kysely } from "kysely";
import type { EventQuery, Head } from "./event_log.ts";
import type { EventsTable, LogTables } from "./schema.ts";

/** The end of the log, from its last row. */
export function headOf(last: EventsTable | undefined): Head {
  if (!last) return { position: 0, hash: GENESIS_HASH, recordedAt: "" };
  return { position: last.position, hash: last.hash, recordedAt: last.recorded_at };
}

/** The event in a row, lifted to the current version of its type. */
export function recordedOf(row: EventsTable, upcasters: Upcasters): Recorded {
  const stored = {
    type: row.type,
    schemaVersion: row.schema_version,
    data: JSON.parse(row.data) as Record<string, unknown>,
  };
  return {
    ...stored,
    data: upcast(upcasters, stored),
    position: row.position,
    stream: row.stream,
    version: row.version,
    metadata: JSON.parse(row.metadata),
    recordedAt: row.recorded_at,
    hash: row.hash,
  };
}

/** The rows that a query asks for, in order of position. */
export function selectEvents(db: Kysely<LogTables>, query: EventQuery) {
  let select = db.selectFrom("events").selectAll()
    .where("position", ">", query.after ?? 0)
    .limit(query.limit ?? 1000);
  if (query.upTo !== undefined) select = select.where("position", "<=", query.upTo);
  // The unique index on (stream, version) serves one stream in order; the key serves the log.
  if (query.stream === undefined) return select.orderBy("position");
  return select.where("stream", "=", query.stream).orderBy("version");
}
