/** Months that a usage audit would have been of; nova/utils.py, `last_completed_audit_period`. Pure. */

/** The month that was over last, in Nova's printed form: `2026-01-01 00:00:00`. */
export interface AuditPeriod {
  readonly begin: string;
  readonly end: string;
}

/** The last whole month before a time (ms since 1970); undefined before the calendar begins. */
export function lastWholeMonth(beforeMs: number): AuditPeriod | undefined {
  const before = new Date(beforeMs);
  const month = (back: number) => {
    const first = new Date(0);
    first.setUTCFullYear(before.getUTCFullYear(), before.getUTCMonth() - back, 1);
    return first;
  };
  // The first moment of a month is not yet behind that month's beginning.
  const end = month(0).getTime() >= beforeMs ? 1 : 0;
  const begin = month(end + 1);
  if (begin.getUTCFullYear() < 1) return undefined;
  return { begin: print(begin), end: print(month(end)) };
}

function print(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}

const TIME = /^(\d{4})-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d{1,6})?$/;

/** Reads `2026-01-02 03:04:05`, with or without a fraction, as ms since 1970. */
export function readMoment(text: string): number | undefined {
  const parts = TIME.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (year === 0 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  // A fraction moves the month only at its very beginning.
  const fraction = text.includes(".") && /[1-9]/.test(text.split(".")[1]!) ? 1 : 0;
  return date.setUTCHours(hour, minute, second, fraction);
}
