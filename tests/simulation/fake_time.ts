/**
 * Time that passes only when told to: stands in for `setTimeout`, `clearTimeout` and
 * `AbortSignal.timeout` of everything in this process.
 */
export class FakeTime implements Disposable {
  #now: number;
  #lastId = 0;
  readonly #timers = new Map<number, { readonly due: number; run(): void }>();
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    abortAfter: AbortSignal.timeout,
  };

  constructor(now: number) {
    this.#now = now;
    const setTimeout = (run: () => void, ms = 0): number => {
      this.#timers.set(++this.#lastId, { due: this.#now + ms, run });
      return this.#lastId;
    };
    Object.assign(globalThis, { setTimeout });
    globalThis.clearTimeout = (id) => void this.#timers.delete(Number(id));
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("Signal timed out.", "TimeoutError")), ms);
      return controller.signal;
    };
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
    AbortSignal.timeout = this.#real.abortAfter;
  }

  /** The clock to pass in. */
  readonly clock = (): number => this.#now;

  /** How many timers there ever were: as long as it grows, something goes on. */
  get started(): number {
    return this.#lastId;
  }

  /** Resolves when the clock shows so much more. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => globalThis.setTimeout(resolve, ms));
  }

  /** Lets time pass, and after each moment at which a timer runs everything that follows from it. */
  async pass(ms: number, quiet: () => Promise<void>): Promise<void> {
    const until = this.#now + ms;
    await quiet();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      const timer = this.#timers.get(next)!;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, timer.due);
      timer.run();
      await quiet();
    }
    this.#now = until;
  }

  /** Sets the clock, also back, without anything noticing. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** The timer that is due first, and by then. */
  #next(until: number): number | undefined {
    let first: number | undefined;
    for (const [id, { due }] of this.#timers) {
      if (due > until) continue;
      if (first === undefined || due < this.#timers.get(first)!.due) first = id;
    }
    return first;
  }
}
