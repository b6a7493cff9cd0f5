/** Something that happened, before the log has given it a place: a type in the past tense, and facts. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/** Who asked: the identity an event is recorded under. */
export interface RecordedActor {
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
}

/** What an event says of how it came to be; never part of what it says happened. */
export interface EventMetadata {
  readonly actor: RecordedActor;
  /** `req-<uuid>` of the API request, or of the process step, that led here. */
  readonly requestId: string;
  /** The command that was decided, such as `CreateServer`. */
  readonly command: string;
  /** Position of the event this one follows from, for the steps of a process. */
  readonly cause?: number;
  /** `2.1` to `2.104`: the microversion the request was made at. */
  readonly microversion?: string;
}

/** What the log adds to an event: its place, its time and its seal. */
export interface Envelope {
  /** Place in the whole log: 1, 2, 3 … without gaps, in commit order. */
  readonly position: number;
  /** `<category>-<id>`. */
  readonly stream: string;
  /** Place in its stream, from 1. */
  readonly version: number;
  readonly schemaVersion: number;
  readonly metadata: EventMetadata;
  /** UTC, `2026-01-02T03:04:05.678901Z`; later than that of every event before it. */
  readonly recordedAt: string;
  /** SHA-256 (hex) over the previous event's hash and this event. */
  readonly hash: string;
}

/** An event as the log holds it. */
export type Recorded<Event extends DomainEvent = DomainEvent> = Event & Envelope;

/** The id within a stream's name: `server-<id>` → `<id>`. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf("-") + 1);
}

/** The category within a stream's name: `server-<id>` → `server`. */
export function categoryOf(stream: string): string {
  return stream.slice(0, stream.indexOf("-"));
}
