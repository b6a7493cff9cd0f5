/** What every resource of the network service has: a beginning, changes, an end. */
import type { Recorded } from "../../eventsourcing/event.ts";

export interface Lifetime {
  readonly exists: boolean;
  /** Position of the event that made it: things are told in the order in which they were made. */
  readonly number: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const UNBORN: Lifetime = { exists: false, number: 0, createdAt: "", updatedAt: "" };

/** A beginning. */
export function born(event: Recorded): Lifetime {
  return {
    exists: true,
    number: event.position,
    createdAt: event.recordedAt,
    updatedAt: event.recordedAt,
  };
}

/** Columns of what every resource has, and that lists are filtered and sorted by. */
export interface LifetimeColumns {
  /** 1 until it is deleted. */
  live: 0 | 1;
  number: number;
  created_at: string;
  updated_at: string;
}

export const LIFETIME_COLUMNS = {
  live: "integer",
  number: "integer",
  created_at: "text",
  updated_at: "text",
} as const;

export function lifetimeRow({ exists, number, createdAt, updatedAt }: Lifetime): LifetimeColumns {
  return { live: exists ? 1 : 0, number, created_at: createdAt, updated_at: updatedAt };
}
