/** One decision among several of the same transaction. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../eventsourcing/event.ts";

/** Decides on a stream's newest state and appends what follows, or says why not. */
export async function decideOn<State, Event extends DomainEvent>(
  unit: UnitOfWork,
  aggregate: Aggregate<State, Event>,
  id: string,
  decide: (state: State) => Decision<Event>,
): Promise<Versioned<State> | Rejection> {
  const before = await unit.load(aggregate, id);
  const decision = decide(before.state);
  return isRejection(decision) ? decision : await unit.append(aggregate, before, decision);
}
