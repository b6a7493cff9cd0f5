/** The cell: it falls out of reach and comes back, or is so already. */
import { type CellEvent, setCellReach } from "../../src/compute/cell/decider.ts";
import { cells } from "../../src/compute/cell/projection.ts";
import { givenOf } from "../kit/given.ts";

const given = givenOf(cells);
const lost: CellEvent = { type: "CellReachLost", data: {} };
const regained: CellEvent = { type: "CellReachRegained", data: {} };

const ROWS: readonly (readonly [
  before: readonly CellEvent[],
  reachable: boolean,
  events: readonly CellEvent[],
])[] = [
  [[], false, [lost]],
  [[], true, []],
  [[lost], true, [regained]],
  [[lost], false, []],
  [[lost, regained], false, [lost]],
];

for (const [before, reachable, events] of ROWS) {
  const when = before.map(({ type }) => type).join(", ") || "nothing";
  Deno.test(`SetCellReach ${reachable} after ${when}`, () => {
    given(...before).when((cell) => setCellReach({ type: "SetCellReach", reachable }, cell))
      .then(events);
  });
}
