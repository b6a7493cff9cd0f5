/** The cell: all hosts and what is on them, which can be out of the API's reach as a whole. */
import type { Decision } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type CellEvent = CellReachLost | CellReachRegained;

type Nothing = Readonly<Record<never, never>>;

/** The API does not reach the cell any more; what runs there runs on. */
export interface CellReachLost {
  readonly type: "CellReachLost";
  readonly data: Nothing;
}

export interface CellReachRegained {
  readonly type: "CellReachRegained";
  readonly data: Nothing;
}

export interface Cell {
  readonly reachable: boolean;
}

export const REACHABLE_CELL: Cell = { reachable: true };

export function evolve(_: Cell, event: Recorded<CellEvent>): Cell {
  switch (event.type) {
    case "CellReachLost":
      return { reachable: false };
    case "CellReachRegained":
      return { reachable: true };
  }
}

export interface SetCellReach {
  readonly type: "SetCellReach";
  readonly reachable: boolean;
}

/** Has the cell fall out of reach, or come back; never refused, and nothing where it is so. */
export function setCellReach(
  { reachable }: SetCellReach,
  cell: Cell,
): Decision<CellReachLost | CellReachRegained> {
  if (reachable === cell.reachable) return [];
  return [{ type: reachable ? "CellReachRegained" : "CellReachLost", data: {} }];
}
