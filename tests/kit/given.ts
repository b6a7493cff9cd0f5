/** Rules as examples read: given what happened, when this is asked, then that follows. */
import { assertEquals } from "@std/assert";
import type { Aggregate } from "../../src/eventsourcing/aggregate.ts";
import { timestampOf } from "../../src/eventsourcing/clock.ts";
import type { Decision, RejectionKind } from "../../src/eventsourcing/decider.ts";
import type { DomainEvent, EventMetadata, Recorded } from "../../src/eventsourcing/event.ts";
import { GENESIS_HASH } from "../../src/eventsourcing/hash_chain.ts";

/** What a decision may be checked against: always the whole of it. */
export interface Outcome<Event> {
  /** These events and no others, in this order. */
  then(expected: readonly Event[]): void;
  /** No event: everything is already so. */
  thenNothing(): void;
  thenRefused(kind: RejectionKind, message: string): void;
}

/** The outcome of a decision that was made elsewhere. */
export function outcome<Event>(decision: Decision<Event>): Outcome<Event> {
  return {
    then: (expected) => assertEquals<unknown>(decision, expected),
    thenNothing: () => assertEquals<unknown>(decision, []),
    thenRefused: (rejected, message) => assertEquals<unknown>(decision, { rejected, message }),
  };
}

/** A stream to which some events have happened. */
export class Given<State> {
  constructor(readonly state: State) {}

  /** The same, but for what no event leads to yet. */
  but(changes: Partial<State>): Given<State> {
    return new Given({ ...this.state, ...changes });
  }

  when<Event>(decide: (state: State) => Decision<Event>): Outcome<Event> {
    return outcome(decide(this.state));
  }
}

/** Makes the `given` of one kind of stream; it folds events, one by one or in lists. */
export function givenOf<State, Event extends DomainEvent>(
  { evolve, initialState, category }: Pick<
    Aggregate<State, Event>,
    "evolve" | "initialState" | "category"
  >,
): (...events: readonly (Event | readonly Event[])[]) => Given<State> {
  return (...events) => {
    const happened = events.flat() as Event[];
    return new Given(
      happened.reduce(
        (state, event, index) => evolve(state, recorded(event, index + 1, category)),
        initialState,
      ),
    );
  };
}

/** When the n-th example event was recorded: one a second, from the beginning of 2026. */
export function timeOf(nth: number): string {
  return timestampOf((Date.UTC(2026, 0, 1) + nth * 1000) * 1000);
}

export const EXAMPLE_METADATA: EventMetadata = {
  actor: { userId: "user-1", projectId: "project-1", roles: ["member", "reader"] },
  requestId: "req-00000000-0000-4000-8000-000000000000",
  command: "Example",
  microversion: "2.1",
};

/** An event as the log would hold it, were it the n-th of a log and of its only stream. */
export function recorded<Event extends DomainEvent>(
  event: Event,
  nth = 1,
  category = "example",
): Recorded<Event> {
  return {
    ...event,
    position: nth,
    stream: `${category}-1`,
    version: nth,
    schemaVersion: 1,
    metadata: EXAMPLE_METADATA,
    recordedAt: timeOf(nth),
    hash: GENESIS_HASH,
  };
}
