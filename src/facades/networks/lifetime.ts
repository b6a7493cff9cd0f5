/** What every resource of the network service has: a beginning, changes, an end. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { Writer } from "../../store/query.ts";
import { Tally } from "../../store/tally.ts";
import type { LifetimeColumns } from "../lifetime.ts";

export { LIFETIME_COLUMNS, type LifetimeColumns, whatDiffers } from "../lifetime.ts";

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
