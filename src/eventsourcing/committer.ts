/**
 * The one writer. Work queues in the process; the committer takes all that waits and runs it in one
 * transaction with one sync, each on state that includes its predecessors. That makes durable
 * writes fast, order simple, and preconditions exact.
 */
import type { EventLog, LogTransaction } from "../store/event_log.ts";
import type { PreparedQuery, Reader } from "../store/query.ts";
import { type Aggregate, type AnyAggregate, fold, unborn, type Versioned } from "./aggregate.ts";
import { isRejection, type Rejection } from "./decider.ts";
import type { DomainEvent, EventMetadata, Recorded } from "./event.ts";

/** What one command may do inside the transaction: read, decide on what it read, append. */
export interface UnitOfWork extends Reader {
  /** A stream's state as of now, its predecessors in the batch included; version 0 when unborn. */
  load<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
  ): Promise<Versioned<State>>;
  /** Appends to a stream at the version it was loaded, writes its tables, gives the new state. */
  append<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    at: Versioned<State>,
    events: readonly Event[],
  ): Promise<Versioned<State>>;
}

/** A stream that a transaction has moved. */
export interface Change {
  readonly aggregate: AnyAggregate;
  readonly before: Versioned<unknown>;
  readonly after: Versioned<unknown>;
  readonly events: readonly Recorded[];
}

/** What follows elsewhere from a change, as a part of the work that made it. */
export type Reaction = (unit: UnitOfWork, change: Change) => Promise<void>;

interface Job {
  readonly metadata: EventMetadata;
  run(unit: UnitOfWork): Promise<unknown>;
  resolve(outcome: unknown): void;
  reject(reason: unknown): void;
}

/** How many commands share one transaction at most, so that the first need not wait for a crowd. */
const BATCH_LIMIT = 256;

export class Committer {
  readonly #log: EventLog;
  readonly #queue: Job[] = [];
  readonly #listeners: ((changes: readonly Change[]) => void)[] = [];
  readonly #reactions: Reaction[] = [];
  readonly #onError: (error: unknown) => void;
  #draining: Promise<void> | undefined;
  #closed = false;

  /** `onError` hears what a listener throws: the commit stands, and its callers are answered. */
  constructor(log: EventLog, onError: (error: unknown) => void = console.error) {
    this.#log = log;
    this.#onError = onError;
  }

  /**
   * Runs `work` in the next transaction; resolves once that is synced.
   *
   * A `Rejection` as outcome, or an error thrown, undoes what this work wrote and nothing else.
   */
  submit<T>(metadata: EventMetadata, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("the event log is closed"));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        metadata,
        run: work,
        resolve: resolve as (outcome: unknown) => void,
        reject,
      });
      this.#draining ??= this.#drain();
    });
  }

  /** Calls `listener` with what each transaction changed, after the sync, before its callers. */
  onCommit(listener: (changes: readonly Change[]) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Calls `reaction` for each change within the transaction, once the work that made it is done:
   * either both are recorded or neither. A change that a reaction makes has reactions too.
   */
  onChange(reaction: Reaction): void {
    this.#reactions.push(reaction);
  }

  /** Refuses new work and waits until all that was taken is answered. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Commits block this thread: let every request that has arrived get in line first.
      await nextTurn();
      await this.#commit(this.#queue.splice(0, BATCH_LIMIT));
    }
    this.#draining = undefined;
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const changes: Change[] = [];
    const answers: (() => void)[] = [];
    try {
      await this.#log.transaction(async (tx) => {
        for (const job of jobs) answers.push(await this.#runOne(tx, job, changes));
      });
    } catch (error) {
      // Nothing of the batch is on the disk: nobody may be told that it is.
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#onError(error);
      }
    }
    for (const answer of answers) answer();
  }

  /** Runs one job in its own savepoint; what comes back tells its caller, once all is synced. */
  async #runOne(tx: LogTransaction, job: Job, changes: Change[]): Promise<() => void> {
    const unit = new Unit(tx, job.metadata);
    try {
      const outcome = await tx.savepoint(async () => {
        const outcome = await job.run(unit);
        if (isRejection(outcome)) throw new Refused(outcome);
        await this.#react(unit);
        return outcome;
      });
      changes.push(...unit.changes);
      return () => job.resolve(outcome);
    } catch (error) {
      if (error instanceof Refused) return () => job.resolve(error.rejection);
      return () => job.reject(error);
    }
  }

  async #react(unit: Unit): Promise<void> {
    // The list grows while it is walked.
    for (const change of unit.changes) {
      for (const reaction of this.#reactions) await reaction(unit, change);
    }
  }
}

class Refused extends Error {
  constructor(readonly rejection: Rejection) {
    super(rejection.message);
  }
}

class Unit implements UnitOfWork {
  readonly changes: Change[] = [];

  constructor(
    private readonly tx: LogTransaction,
    private readonly metadata: EventMetadata,
  ) {}

  async load<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
  ): Promise<Versioned<State>> {
    return await aggregate.projection.load(this.tx, id) ?? unborn(aggregate, id);
  }

  async append<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    at: Versioned<State>,
    events: readonly Event[],
  ): Promise<Versioned<State>> {
    if (events.length === 0) return at;
    const recorded = await this.tx.append([{
      stream: `${aggregate.category}-${at.id}`,
      expectedVersion: at.version,
      events,
      metadata: this.metadata,
    }]) as readonly Recorded<Event>[];
    const after = fold(aggregate, at, recorded);
    await aggregate.projection.write(this.tx, at, after);
    this.changes.push({ aggregate, before: at, after, events: recorded });
    return after;
  }

  get<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<Row | undefined> {
    return this.tx.get(query, values);
  }

  all<Values, Row>(query: PreparedQuery<Values, Row>, values: Values): Promise<readonly Row[]> {
    return this.tx.all(query, values);
  }

  select<Tables, Row>(
    build: Parameters<typeof this.tx.select<Tables, Row>>[0],
  ): Promise<readonly Row[]> {
    return this.tx.select(build);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
