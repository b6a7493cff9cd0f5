/** What every resource of the network service has: a beginning, changes, an end. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { Writer } from "../../store/query.ts";
import { Tally } from "../../store/tally.ts";

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

/** The changes that are changes: values other than those that hold. */
export function whatDiffers<Facts extends object>(
  facts: Facts,
  changes: Partial<Facts>,
): Partial<Facts> {
  const differing = Object.entries(changes).filter(([name, value]) =>
    value !== undefined && JSON.stringify(value) !== JSON.stringify(facts[name as keyof Facts])
  );
  return Object.fromEntries(differing) as Partial<Facts>;
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

/** By project: how many of one kind of resource it has. */
export class ProjectCounts {
  readonly tally: Tally<"count">;

  constructor(table: string) {
    this.tally = new Tally(table, ["count"]);
  }

  /** Moves the count from one state of a resource to a later one. */
  async write<State extends Lifetime & { readonly projectId: string }>(
    tx: Writer,
    { state: before }: Versioned<State>,
    { state: after }: Versioned<State>,
  ): Promise<void> {
    if (before.exists === after.exists) return;
    // Ports of the cloud itself, such as those behind floating IPs, are nobody's.
    if (after.projectId === "") return;
    await this.tally.add(tx, after.projectId, { count: after.exists ? 1 : -1 });
  }
}
