/** What volumes and snapshots take of a project's quota: sums that move with their states. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Writer } from "../../store/query.ts";
import { difference, type Figures, Tally } from "../../store/tally.ts";

type Name = "count" | "gigabytes";
const NAMES = ["count", "gigabytes"] as const;

/** What is counted. */
export interface Counted {
  readonly exists: boolean;
  readonly projectId: string;
  readonly typeId: string;
  readonly sizeGib: number;
}

/** By project, and by project and volume type: how many there are of a kind, and their size. */
export class UsageTally {
  readonly tally: Tally<Name>;

  constructor(table: string) {
    this.tally = new Tally(table, NAMES);
  }

  /** Moves the sums from one state to a later one. */
  async write(
    tx: Writer,
    { state: before }: Versioned<Counted>,
    { state: after }: Versioned<Counted>,
  ): Promise<void> {
    for (const key of new Set([...keysOf(before), ...keysOf(after)])) {
      const moved = difference(NAMES, figuresAt(key, before), figuresAt(key, after));
      await this.tally.add(tx, key, moved);
    }
  }
}

/** The key of a project's volumes of one type. */
export function typeKey(projectId: string, typeId: string): string {
  return `${projectId} ${typeId}`;
}

function keysOf({ exists, projectId, typeId }: Counted): readonly string[] {
  return exists ? [projectId, typeKey(projectId, typeId)] : [];
}

function figuresAt(key: string, state: Counted): Figures<Name> | undefined {
  return keysOf(state).includes(key) ? { count: 1, gigabytes: state.sizeGib } : undefined;
}
