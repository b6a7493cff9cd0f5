/** The last step of a command: its decision, recorded. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../eventsourcing/event.ts";
import type { NetworkDecision, NeutronRejection } from "./refusals.ts";

/** Records a decision on a stream, or passes its refusal on. */
export async function record<State, Event extends DomainEvent>(
  unit: UnitOfWork,
  aggregate: Aggregate<State, Event>,
  before: Versioned<State>,
  decision: NetworkDecision<Event>,
): Promise<Versioned<State> | NeutronRejection> {
  return isRejection(decision) ? decision : await unit.append(aggregate, before, decision);
}
