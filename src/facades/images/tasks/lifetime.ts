/** How long tasks are kept once they have ended; glance/common/config.py, `task_time_to_live`. */
import { microsOf, timestampOf } from "../../../eventsourcing/clock.ts";

const LIFETIME_MS = 48 * 3_600_000;

/** When a task that ended then is forgotten. */
export function expiryOf(endedAt: string): string {
  return timestampOf(microsOf(endedAt) + LIFETIME_MS * 1000);
}

/** Tasks that ended before are forgotten now; `nowMs` since 1970. */
export function oldestKept(nowMs: number): string {
  return timestampOf((nowMs - LIFETIME_MS) * 1000);
}
