/** Work that time calls for, not an event: each task looks for what has come due. */

export interface PeriodicTask {
  readonly name: string;
  /** Seconds between two runs; 0: it never runs by itself. */
  readonly everySeconds: number;
  /** Gives the commands for all that is due at `now`, milliseconds since 1970. */
  run(now: number): Promise<void>;
}

export interface PeriodicOptions {
  readonly now: () => number;
  onError(error: unknown, task: string): void;
}

/** Runs tasks over and over, each at its own pace and never beside itself. */
export class Periodic {
  readonly #tasks: readonly PeriodicTask[];
  readonly #options: PeriodicOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(tasks: readonly PeriodicTask[], options: PeriodicOptions) {
    this.#tasks = tasks;
    this.#options = options;
    for (const task of tasks) if (task.everySeconds > 0) this.#plan(task);
  }

  /** Runs every task once, now. */
  async runAll(): Promise<void> {
    for (const task of this.#tasks) await this.#run(task);
  }

  /** Runs nothing more, and waits for what is running. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #plan(task: PeriodicTask): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const running = this.#run(task).finally(() => {
        this.#running.delete(running);
        this.#plan(task);
      });
      this.#running.add(running);
    }, task.everySeconds * 1000);
    this.#timers.add(timer);
  }

  async #run(task: PeriodicTask): Promise<void> {
    try {
      await task.run(this.#options.now());
    } catch (error) {
      this.#options.onError(error, task.name);
    }
  }
}
