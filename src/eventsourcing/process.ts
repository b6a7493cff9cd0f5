/**
 * Long work as a process: the state says which step comes next, the step's outcome is an event,
 * and after a crash the state is asked again.
 */

/** One kind of long work on one kind of stream. */
export interface Process<State, Step> {
  /** The step that a state calls for; undefined: it is at rest. */
  next(state: State): Step | undefined;
  /** The newest state; undefined when there is none. */
  current(id: string): Promise<State | undefined>;
  /**
   * Takes a step and records its outcome as events.
   *
   * It may be taken again after a crash. `signal` ends it: the state calls for another step, its
   * deadline has passed, or the house is closing. It throws only for what nobody foresaw.
   */
  take(step: Step, id: string, state: State, signal: AbortSignal): Promise<void>;
  /** When, by the state, the step must have ended; milliseconds since 1970. */
  deadline(state: State): number;
  /** Records that a step did not end in time, or kept failing unforeseen. */
  giveUp(step: Step, id: string, reason: unknown): Promise<void>;
}

export interface RunnerOptions {
  /** How many streams are worked on at once. */
  readonly concurrency: number;
  readonly now: () => number;
  /** Wait before a step that failed unforeseen is taken again, in milliseconds. */
  readonly retryMs: number;
  onError(error: unknown, id: string): void;
}

/** What a step is ended with when the state has moved on to another. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

/** What a step is ended with when it took too long. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

interface Running<Step> {
  readonly step: Step;
  readonly stop: AbortController;
  /** Waits for it no longer. */
  leave(): void;
}

const CLOSING_PATIENCE_MS = 3000;

/** Takes the steps that streams call for, some at a time, each stream's one after another. */
export class ProcessRunner<State, Step> {
  readonly #process: Process<State, Step>;
  readonly #options: RunnerOptions;
  /** Streams that were woken and have not been looked at since, also such as are worked on. */
  readonly #waiting = new Set<string>();
  readonly #working = new Map<string, Running<Step> | undefined>();
  /** Ends of the pauses before retries. */
  readonly #pauses = new Set<() => void>();
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(process: Process<State, Step>, options: RunnerOptions) {
    this.#process = process;
    this.#options = options;
  }

  /** Tells that a stream has moved: its step is begun, or the one under way ended if it changed. */
  wake(id: string, state: State): void {
    if (this.#closed) return;
    const step = this.#process.next(state);
    const running = this.#working.get(id);
    if (running && step !== running.step) running.stop.abort(new Superseded());
    if (step !== undefined) {
      this.#waiting.add(id);
      this.#begin();
    }
  }

  /** Resolves when nothing waits and nothing is under way. */
  settled(): Promise<void> {
    if (this.#waiting.size === 0 && this.#working.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * Begins nothing more and ends what is under way; what was cut short is resumed at the next start.
   *
   * A step that does not listen is left behind after three seconds.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const running of this.#working.values()) running?.stop.abort(new Superseded());
    for (const end of this.#pauses) end();
    const patience = setTimeout(() => {
      for (const running of this.#working.values()) running?.leave();
    }, CLOSING_PATIENCE_MS);
    await this.settled();
    clearTimeout(patience);
  }

  #begin(): void {
    for (const id of this.#waiting) {
      if (this.#working.size >= this.#options.concurrency) return;
      if (this.#working.has(id)) continue;
      this.#working.set(id, undefined);
      this.#work(id).finally(() => {
        this.#working.delete(id);
        this.#begin();
        if (this.#waiting.size === 0 && this.#working.size === 0) {
          for (const resolve of this.#idle.splice(0)) resolve();
        }
      });
    }
  }

  /** Takes one stream's steps until it is at rest. */
  async #work(id: string): Promise<void> {
    while (!this.#closed) {
      // Whoever wakes it from here on may know more than the state that is about to be read.
      this.#waiting.delete(id);
      try {
        const state = await this.#process.current(id);
        const step = state === undefined ? undefined : this.#process.next(state);
        if (state === undefined || step === undefined) return;
        await this.#takeOne(step, id, state);
      } catch (error) {
        if (this.#closed) return;
        this.#options.onError(error, id);
        await this.#pause();
      }
    }
  }

  /** Waits before a retry; closing cuts it short. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, this.#options.retryMs);
      this.#pauses.add(end);
    });
  }

  async #takeOne(step: Step, id: string, state: State): Promise<void> {
    const left = this.#process.deadline(state) - this.#options.now();
    if (left <= 0) return await this.#process.giveUp(step, id, new DeadlinePassed());
    const stop = new AbortController();
    const late = Promise.withResolvers<never>();
    const leave = () => late.reject(stop.signal.reason);
    this.#working.set(id, { step, stop, leave });
    const timer = setTimeout(() => {
      stop.abort(new DeadlinePassed());
      leave();
    }, left);
    try {
      // A superseded step is waited for, so that what it still does comes before what follows; only
      // one that is past its deadline is left behind.
      await Promise.race([this.#process.take(step, id, state, stop.signal), late.promise]);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      if (stop.signal.reason instanceof DeadlinePassed) {
        await this.#process.giveUp(step, id, stop.signal.reason);
      }
    } finally {
      clearTimeout(timer);
      this.#working.set(id, undefined);
    }
  }
}
