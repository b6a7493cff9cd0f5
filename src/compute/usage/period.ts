/** The period that a usage report is of; simple_tenant_usage.py, `_parse_qs_params`. Pure. */
import { type Fault, fault, isFault } from "../../http/faults.ts";

/** From and until, in microseconds since 1970; and when it is asked, which is never before. */
export interface Period {
  readonly start: number;
  readonly stop: number;
  readonly now: number;
}

/**
 * Reads `start` and `end`, each of which is now unless it is given; a period ends now at the latest.
 *
 * Refuses other forms of a time than Nova's, and a start that is not before the end.
 */
export function readPeriod(query: URLSearchParams, nowMs: number): Period | Fault {
  // Two readings of the clock are never the same: a report without times is of next to nothing.
  const readings = [0, 1, 2].map((later) => nowMs * 1000 + later);
  const start = readTime(query.getAll("start"), readings[0]!);
  if (isFault(start)) return start;
  const end = readTime(query.getAll("end"), readings[1]!);
  if (isFault(end)) return end;
  if (start >= end) {
    return fault(400, "Invalid start time. The start time cannot occur after the end time.");
  }
  const now = readings[2]!;
  return { start, stop: Math.min(end, now), now };
}

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?|\s+(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,6}))$/;

/** The first value that is not empty, as Python's `parse_qs` keeps them. */
function readTime(values: readonly string[], absent: number): number | Fault {
  const text = values.find((value) => value !== "");
  if (text === undefined) return absent;
  return parse(text) ??
    fault(400, "Invalid datetime string: Datetime is in invalid format");
}

function parse(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1).filter((part) => part !== undefined);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 6)
    .map(Number);
  if (year === 0 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ms = date.setUTCHours(hour, minute, second);
  return ms * 1000 + Number((parts[6] ?? "").padEnd(6, "0"));
}

/** Microseconds since 1970 as the tables have times: `2026-01-02T03:04:05.678901Z`. */
export function timestampOf(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  const fraction = String(microseconds - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** The reverse. */
export function microsecondsOf(timestamp: string): number {
  const seconds = Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000;
  return seconds * 1_000_000 + Number(timestamp.slice(20, 26));
}
