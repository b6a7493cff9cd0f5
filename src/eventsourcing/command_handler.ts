/** A command on one stream: load it, decide, append; one transaction, shared with others. */
import type { Aggregate, Versioned } from "./aggregate.ts";
import type { Committer, UnitOfWork } from "./committer.ts";
import { type Decision, isRejection, type Rejection } from "./decider.ts";
import type { DomainEvent, EventMetadata } from "./event.ts";

/**
 * Decides a command on one stream's newest state and records what follows.
 *
 * Gives the stream as it is afterwards (unchanged when there was nothing left to do), or why not.
 */
export function handle<State, Event extends DomainEvent>(
  committer: Committer,
  aggregate: Aggregate<State, Event>,
  id: string,
  metadata: EventMetadata,
  decide: (state: State) => Decision<Event>,
): Promise<Versioned<State> | Rejection> {
  return committer.submit(metadata, (unit) => decideIn(unit, aggregate, id, decide));
}

/** The same as a part of a larger unit of work. */
export async function decideIn<State, Event extends DomainEvent>(
  unit: UnitOfWork,
  aggregate: Aggregate<State, Event>,
  id: string,
  decide: (state: State) => Decision<Event>,
): Promise<Versioned<State> | Rejection> {
  const before = await unit.load(aggregate, id);
  const decision = decide(before.state);
  return isRejection(decision) ? decision : await unit.append(aggregate, before, decision);
}
