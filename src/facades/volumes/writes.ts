/** What every write of the volume service begins and ends with. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../eventsourcing/event.ts";
import type { Reader } from "../../store/query.ts";
import type { Caller } from "../../http/auth.ts";
import type { ImageService } from "../image_service.ts";
import { maySee, refuseUnlessAdmin, refuseUnlessMember } from "./access.ts";
import type { VolumeRequest } from "./endpoint.ts";

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

/** A kind of thing that belongs to projects. */
export interface OwnedKind<State extends Owned, Event extends DomainEvent> {
  readonly aggregate: Aggregate<State, Event>;
  /** Says that there is none of this id, or none that the caller may know of. */
  readonly notFound: (id: string) => Rejection;
}

interface Owned {
  readonly exists: boolean;
  readonly projectId: string;
}

/** Who may change something. */
export interface ChangeRight {
  /** Cinder's rule, as those are told who may not: `volume:update`. */
  readonly rule: string;
  readonly adminOnly?: boolean;
}

/** What a request wants to change, as of now; refused when the caller may not see or change it. */
export async function loadForChange<State extends Owned, Event extends DomainEvent>(
  unit: UnitOfWork,
  { aggregate, notFound }: OwnedKind<State, Event>,
  { caller, id, rule, adminOnly = false }: ChangeRight & {
    readonly caller: Caller;
    readonly id: string;
  },
): Promise<Versioned<State> | Rejection> {
  const before = await unit.load(aggregate, id);
  const { exists, projectId } = before.state;
  if (!exists || !maySee(caller, projectId)) return notFound(id);
  const refusal = adminOnly
    ? refuseUnlessAdmin(caller, rule)
    : refuseUnlessMember(caller, projectId, rule);
  return refusal ?? before;
}

/** A change of what a request's path names. */
export interface OwnedChange extends ChangeRight {
  /** For the log: `UpdateVolume`. */
  readonly command: string;
}

/** Decides a command on what a request's path names, and records what follows. */
export function changeOwned<State extends Owned, Event extends DomainEvent>(
  { committer }: VolumeDependencies,
  kind: OwnedKind<State, Event>,
  request: VolumeRequest,
  { change: { command, ...right }, decide }: {
    readonly change: OwnedChange;
    decide(
      before: Versioned<State>,
      unit: UnitOfWork,
    ): Decision<Event> | Promise<Decision<Event>>;
  },
): Promise<Versioned<State> | Rejection> {
  const { caller } = request;
  const id = request.param("id");
  return committer.submit(request.metadata(command), async (unit) => {
    const before = await loadForChange(unit, kind, { caller, id, ...right });
    if (isRejection(before)) return before;
    return await record(unit, kind.aggregate, before, await decide(before, unit));
  });
}

/** Cinder's name and description: blanks around them are dropped. */
export function trimmed(value: unknown): string | null | undefined {
  return typeof value === "string" ? value.trim() : value as null | undefined;
}
