/** Times are text, UTC, with six fraction digits: they sort as they read, and lose nothing. */

/** The present: milliseconds since 1970, as `Date.now` gives it. Passed in, never read. */
export type Clock = () => number;

/** `2026-01-02T03:04:05.678901Z` from microseconds since 1970. */
export function timestampOf(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = String(micros % 1000).padStart(3, "0");
  return `${new Date(millis).toISOString().slice(0, -1)}${rest}Z`;
}

/** Microseconds since 1970 from `2026-01-02T03:04:05.678901Z`. */
export function microsOf(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 23)}Z`) * 1000 + Number(timestamp.slice(23, 26));
}
