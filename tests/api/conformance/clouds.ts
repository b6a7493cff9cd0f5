/** The clouds that samples are of, each opened when the first sample asks for it. */
import { TestCloud, type TestCloudOptions } from "../../kit/cloud.ts";
import { HeldMoves } from "../../kit/held_moves.ts";
import { furnish } from "./furnish.ts";

/** `deferring`: deletes and offloads nothing at once; `moving`: live migrations last. */
export type CloudName = "plain" | "deferring" | "moving";

const OPTIONS: Readonly<Record<CloudName, () => TestCloudOptions>> = {
  plain: () => ({ settings: { consoles: ["vnc", "spice", "serial", "mks"] } }),
  deferring: () => ({ settings: { reclaimInstanceSeconds: 3600, shelvedOffloadSeconds: -1 } }),
  moving: () => ({ driver: new HeldMoves() }),
};

export class Clouds {
  readonly #opened = new Map<CloudName, TestCloud>();

  async get(name: CloudName): Promise<TestCloud> {
    const known = this.#opened.get(name);
    if (known) return known;
    const options = OPTIONS[name]();
    const cloud = await TestCloud.open(options);
    this.#opened.set(name, cloud);
    if (options.driver instanceof HeldMoves) heldMoves.set(cloud, options.driver);
    await furnish(cloud);
    return cloud;
  }

  async close(): Promise<void> {
    for (const cloud of this.#opened.values()) await cloud.close();
  }
}

const heldMoves = new WeakMap<TestCloud, HeldMoves>();

/** What holds the moves of cloud `moving`. */
export function heldMovesOf(cloud: TestCloud): HeldMoves {
  return heldMoves.get(cloud)!;
}
