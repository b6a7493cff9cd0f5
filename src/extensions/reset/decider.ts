/** Resets of a test cloud: what a log says of the one before it. Pure. */
import type { Decision } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type ResetEvent = CloudReset;

/** The log begins anew behind its seed; the one before it ended here. */
export interface CloudReset {
  readonly type: "CloudReset";
  readonly data: {
    /** How many resets the cloud has seen. */
    readonly number: number;
    readonly before: EndedLog;
  };
}

/** The end of a log that another has taken the place of. */
export interface EndedLog {
  readonly position: number;
  /** Of its last event: who keeps the file can prove that it is whole. */
  readonly hash: string;
  /** Its file in the data folder; null: it was removed. */
  readonly file: string | null;
}

export interface Resets {
  readonly number: number;
  readonly before: EndedLog | null;
}

export const NO_RESETS: Resets = { number: 0, before: null };

export function evolve(_: Resets, event: Recorded<ResetEvent>): Resets {
  switch (event.type) {
    case "CloudReset":
      return event.data;
  }
}

/** Records a reset; never refused, for it has happened. */
export function recordReset(number: number, before: EndedLog): Decision<CloudReset> {
  return [{ type: "CloudReset", data: { number, before } }];
}
