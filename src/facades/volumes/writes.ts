/** What every write of the volume service begins and ends with. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../eventsourcing/event.ts";
import type { Reader } from "../../store/query.ts";
import type { ImageService } from "../image_service.ts";

/** What the operations need. */
export interface VolumeDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly images: ImageService;
  /** How long the backend takes to make or delete a volume, in milliseconds; 0: no time at all. */
  readonly volumeMs: number;
}

/** Records a decision on a stream, or passes its refusal on. */
export async function record<State, Event extends DomainEvent>(
  unit: UnitOfWork,
  aggregate: Aggregate<State, Event>,
  before: Versioned<State>,
  decision: Decision<Event>,
): Promise<Versioned<State> | Rejection> {
  return isRejection(decision) ? decision : await unit.append(aggregate, before, decision);
}

/** Cinder's name and description: blanks around them are dropped. */
export function trimmed(value: unknown): string | null | undefined {
  return typeof value === "string" ? value.trim() : value as null | undefined;
}
