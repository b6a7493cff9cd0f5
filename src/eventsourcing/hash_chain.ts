/** The seal on history: each event's hash covers the hash before it, so no edit goes unseen. */
import { createHash } from "node:crypto";

/** The hash before the first event. */
export const GENESIS_HASH = "0".repeat(64);

/** The parts of an event that its hash covers, as they stand in the log's columns. */
export interface SealedColumns {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  /** JSON text, exactly as stored. */
  readonly data: string;
  /** JSON text, exactly as stored. */
  readonly metadata: string;
  readonly recorded_at: string;
}

/** SHA-256 (hex) over the previous hash and the event's columns, each behind its length. */
export function hashOf(previous: string, event: SealedColumns): string {
  const parts = [
    previous,
    String(event.position),
    event.stream,
    String(event.version),
    event.type,
    String(event.schema_version),
    event.data,
    event.metadata,
    event.recorded_at,
  ];
  // The length in front of each part keeps "ab"+"c" apart from "a"+"bc".
  let sealed = "";
  for (const part of parts) sealed += `${part.length}:${part}`;
  return createHash("sha256").update(sealed).digest("hex");
}
