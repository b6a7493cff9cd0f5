/** Whether the cell can be reached: kept in memory, as every request on a server asks for it. */
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { Reader } from "../../store/query.ts";
import { type Cell, setCellReach } from "./decider.ts";
import { CELL_ID, cells, loadCell } from "./projection.ts";

/** The cell's reach as of the last commit. */
export class CellReach {
  #isDown = false;
  readonly #listeners: (() => void)[] = [];

  private constructor(private readonly committer: Committer) {}

  /** Reads how it is, and follows what happens. */
  static async open(reader: Reader, committer: Committer): Promise<CellReach> {
    const reach = new CellReach(committer);
    committer.onCommit((changes) => {
      for (const { aggregate, after } of changes) {
        if (aggregate === cells) reach.#follow(after.state as Cell);
      }
    });
    reach.#follow(await loadCell(reader));
    return reach;
  }

  /** Whether nothing of the cell can be reached. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Whether a server is out of reach: one that never got a host is not in the cell. */
  hides(inCell: boolean | 0 | 1): boolean {
    return this.#isDown && Boolean(inCell);
  }

  /** Has the cell fall out of reach, or come back. */
  async set(reachable: boolean, metadata: EventMetadata): Promise<void> {
    const command = { type: "SetCellReach", reachable } as const;
    await handle(this.committer, cells, CELL_ID, metadata, (cell) => setCellReach(command, cell));
  }

  /** Calls `listener` whenever the cell falls out of reach, or comes back. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #follow({ reachable }: Cell): void {
    if (this.#isDown === !reachable) return;
    this.#isDown = !reachable;
    for (const listener of this.#listeners) listener();
  }
}
