/** What every resource of the volume service has: a beginning, changes, an end. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { LifetimeColumns } from "../lifetime.ts";

export { LIFETIME_COLUMNS, type LifetimeColumns, whatDiffers } from "../lifetime.ts";

export interface Lifetime {
  readonly exists: boolean;
  /** Position of the event that made it: things are told in the order in which they were made. */
  readonly number: number;
  readonly createdAt: string;
  /** Null until something has changed. */
  readonly updatedAt: string | null;
}

export const UNBORN: Lifetime = { exists: false, number: 0, createdAt: "", updatedAt: null };

/** A beginning. */
export function born(event: Recorded): Lifetime {
  return {
    exists: true,
    number: event.position,
    createdAt: event.recordedAt,
    updatedAt: null,
  };
}

export function lifetimeRow({ exists, number, createdAt, updatedAt }: Lifetime): LifetimeColumns {
  return { live: exists ? 1 : 0, number, created_at: createdAt, updated_at: updatedAt ?? "" };
}

/** `2026-01-02T03:04:05.678901`, as Cinder writes times: UTC, without saying so. */
export function toMicroseconds(recordedAt: string | null): string | null {
  return recordedAt === null ? null : recordedAt.slice(0, 26);
}
