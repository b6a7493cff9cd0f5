import type { Reader, Writer } from "../store/query.ts";
import type { DomainEvent, Recorded } from "./event.ts";
import type { Upcaster } from "./upcasting.ts";

/** The folded state of one stream, and the version of the stream it was folded up to. */
export interface Versioned<State> {
  /** The id within the stream's name. */
  readonly id: string;
  /** 0: nothing has happened yet. */
  readonly version: number;
  readonly state: State;
}

/** One kind of stream: how its events fold into a state, and where that state is kept. */
export interface Aggregate<State, Event extends DomainEvent> {
  /** What streams are called: `server` for `server-<id>`. */
  readonly category: string;
  /**
   * Every type of event that may happen, each with what lifts older versions of it, in order:
   * the first lifts version 1 to 2. None: it is still at version 1.
   */
  readonly eventTypes: Readonly<Record<Event["type"], readonly Upcaster[]>>;
  readonly initialState: State;
  /** Folds one event in; pure, and never refuses: it has already happened. */
  evolve(state: State, event: Recorded<Event>): State;
  readonly projection: Projection<State>;
}

/**
 * The tables folded from one kind of stream, and the state that decisions start from.
 *
 * All a projection writes follows from states alone: what a table holds of a stream is a function
 * of that stream's state, or a sum of such functions. So a table can be rebuilt by folding every
 * stream and writing each state once.
 *
 * The state that is loaded may lack what grows with the stream, such as records of what is over, if
 * no later event changes that: a table to which it was written has it for good.
 */
export interface Projection<State> {
  /** Unique; names the projection in the table `projections`. */
  readonly name: string;
  /** Raised with every change of shape or meaning: the tables are then rebuilt from the log. */
  readonly version: number;
  /** Every table it owns. */
  readonly tables: readonly string[];
  /** Makes the tables and their indexes, empty. */
  create(tx: Writer): Promise<void>;
  /** The state kept for one id, or undefined when nothing has happened. */
  load(reader: Reader, id: string): Promise<Versioned<State> | undefined>;
  /** Brings the tables from one state of a stream to a later one. `before.version` 0: it is new. */
  write(tx: Writer, before: Versioned<State>, after: Versioned<State>): Promise<void>;
}

/** An aggregate of any state and events, for code that treats all alike. */
// deno-lint-ignore no-explicit-any -- State is in and out: no other type accepts every aggregate.
export type AnyAggregate = Aggregate<any, any>;

/** The state that the events of one stream fold into. */
export function fold<State, Event extends DomainEvent>(
  aggregate: Aggregate<State, Event>,
  from: Versioned<State>,
  events: readonly Recorded<Event>[],
): Versioned<State> {
  let state = from.state;
  for (const event of events) state = aggregate.evolve(state, event);
  return { id: from.id, version: from.version + events.length, state };
}

/** A stream to which nothing has happened. */
export function unborn<State>(aggregate: Aggregate<State, never>, id: string): Versioned<State> {
  return { id, version: 0, state: aggregate.initialState };
}
