/** Faults on demand: what can happen to one, what is true of it, and when it strikes. Pure. */
import { type Decision, reject } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type FaultEvent = FaultAdded | FaultStruck | FaultLifted;

/** An administrator has asked for trouble. */
export interface FaultAdded {
  readonly type: "FaultAdded";
  readonly data: FaultFacts;
}

/** It has come to some that it was meant for. */
export interface FaultStruck {
  readonly type: "FaultStruck";
  readonly data: {
    /** How often since the last such event. */
    readonly strikes: number;
    /** How many it could have struck so far, since it was added. */
    readonly draws: number;
    /** Whom: a driver's operation and a server, or a request's method and path; the first few. */
    readonly hits: readonly string[];
  };
}

/** It is over. */
export interface FaultLifted {
  readonly type: "FaultLifted";
  readonly data: Readonly<Record<never, never>>;
}

/** Where a fault is. Absent parts of a request: any. */
export type FaultPlace =
  | { readonly on: "driver"; readonly operations: readonly string[] }
  | {
    readonly on: "http";
    readonly method?: string;
    /** `*`: within a part of the path; `**`: any parts. */
    readonly path?: string;
    readonly service?: string;
  };

/** Whom a fault is for: whoever is all of this; nothing: everybody. */
export interface FaultTarget {
  readonly serverId?: string;
  readonly serverNamePrefix?: string;
  readonly projectId?: string;
}

/** What a fault does after its delay. */
export type FaultEffect =
  | { readonly kind: "none" }
  | { readonly kind: "fail"; readonly message: string }
  | { readonly kind: "hang" }
  | { readonly kind: "lie" }
  | { readonly kind: "die_halfway"; readonly message: string }
  /** `status`: what a request is answered with in place of its answer. */
  | { readonly kind: "lose_reply"; readonly status?: number }
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly message?: string;
    /** Seconds. */
    readonly retryAfter?: number;
  };

export interface FaultFacts {
  readonly place: FaultPlace;
  readonly target: FaultTarget;
  readonly effect: FaultEffect;
  readonly delayMs: number;
  /** Absent: as often as there is someone to strike. */
  readonly times?: number;
  /** From 0 to 1; absent: every time. */
  readonly probability?: number;
  /** Which of the draws strike, where there is a probability. */
  readonly seed?: number;
  /** UTC; absent: until it is lifted. */
  readonly until?: string;
}

export interface Fault extends FaultFacts {
  readonly exists: boolean;
  /** Position of the event that added it: the first that fits is the one that strikes. */
  readonly number: number;
  readonly addedAt: string;
  readonly addedBy: string;
  readonly struck: number;
  readonly draws: number;
}

export const NO_FAULT: Fault = {
  exists: false,
  number: 0,
  addedAt: "",
  addedBy: "",
  struck: 0,
  draws: 0,
  place: { on: "driver", operations: [] },
  target: {},
  effect: { kind: "none" },
  delayMs: 0,
};

export function evolve(fault: Fault, event: Recorded<FaultEvent>): Fault {
  switch (event.type) {
    case "FaultAdded":
      return {
        ...NO_FAULT,
        ...event.data,
        exists: true,
        number: event.position,
        addedAt: event.recordedAt,
        addedBy: event.metadata.actor.userId,
      };
    case "FaultStruck":
      return {
        ...fault,
        struck: fault.struck + event.data.strikes,
        draws: Math.max(fault.draws, event.data.draws),
      };
    case "FaultLifted":
      return { ...fault, exists: false };
  }
}

/** Adds a fault; refuses an id that is taken. */
export function addFault(facts: FaultFacts, fault: Fault): Decision<FaultAdded> {
  if (fault.number > 0) return reject("Conflict", "There is a fault with this id already.");
  return [{ type: "FaultAdded", data: facts }];
}

/** Lifts a fault; refuses one that is not there. */
export function liftFault(id: string, fault: Fault): Decision<FaultLifted> {
  return fault.exists ? [{ type: "FaultLifted", data: {} }] : noFault(id);
}

/** There is no fault of this id. */
export function noFault(id: string) {
  return reject("NotFound", `There is no fault ${id}.`);
}

/** Records strikes; of a fault that was lifted meanwhile too, for they have happened. */
export function recordStrikes(strikes: FaultStruck["data"]): Decision<FaultStruck> {
  return [{ type: "FaultStruck", data: strikes }];
}

/** Whether a fault can strike now: it has been neither lifted nor used up, and its time is not past. */
export function isActive(
  { exists, times, until }: Fault,
  { struck, nowMs }: { readonly struck: number; readonly nowMs: number },
): boolean {
  return exists && (times === undefined || struck < times) &&
    (until === undefined || Date.parse(until) > nowMs);
}

/** Whether the n-th whom a fault could strike (from 1) is struck: the same every time. */
export function isDrawn({ probability = 1, seed = 0 }: FaultFacts, n: number): boolean {
  return probability >= 1 || randomOf(seed, n) < probability;
}

/** From 0 to 1 of a seed and a number: mulberry32, as its author published it. */
function randomOf(seed: number, n: number): number {
  let x = (seed + Math.imul(n, 0x6d2b79f5)) >>> 0;
  x = Math.imul(x ^ (x >>> 15), x | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
}
