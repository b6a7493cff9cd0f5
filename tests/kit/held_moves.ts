/** A hypervisor whose live migrations take as long as a test wants. */
import type { LiveMoveOptions, Machine } from "../../src/drivers/driver.ts";
import { SimulatedDriver } from "../../src/drivers/simulated.ts";
import { NO_DELAYS } from "./samples.ts";

/** Moves no machine that runs until it is told to go on, or to be quick. */
export class HeldMoves extends SimulatedDriver {
  #begun = Promise.withResolvers<void>();
  #held = Promise.withResolvers<void>();

  constructor() {
    super(NO_DELAYS);
  }

  /** Resolves when a move is under way. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Lets a move end; those that come later are held again. */
  goOn(): void {
    this.#held.resolve();
    this.#begun = Promise.withResolvers<void>();
    this.#held = Promise.withResolvers<void>();
  }

  override async ensureMovedLive(machine: Machine, options: LiveMoveOptions, signal: AbortSignal) {
    if (!options.inHaste) {
      const held = this.#held.promise;
      await options.onProgress({ totalBytes: 400, remainingBytes: 300 });
      this.#begun.resolve();
      const stopped = new Promise((_, stop) =>
        signal.addEventListener("abort", () => stop(signal.reason), { once: true })
      );
      await Promise.race([held, stopped]);
    }
    return await super.ensureMovedLive(machine, options, signal);
  }
}
