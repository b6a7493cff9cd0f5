/** The cell as a row. */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { stateTable } from "../../eventsourcing/state_table.ts";
import type { Reader } from "../../store/query.ts";
import { type Cell, type CellEvent, evolve, REACHABLE_CELL } from "./decider.ts";

/** The id of the only stream: all hosts are in one cell. */
export const CELL_ID = "cell1";

/** Cells: stream `cell-cell1`, table `cells`. */
export const cells: Aggregate<Cell, CellEvent> = {
  category: "cell",
  eventTypes: { CellReachLost: [], CellReachRegained: [] },
  initialState: REACHABLE_CELL,
  evolve,
  projection: stateTable<Cell, Record<never, never>>({
    name: "cells",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** The cell as of the last commit. */
export async function loadCell(reader: Reader): Promise<Cell> {
  return (await cells.projection.load(reader, CELL_ID))?.state ?? REACHABLE_CELL;
}
