/** The faults that can strike, in memory: read once, then kept current by commits. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Clock } from "../../eventsourcing/clock.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import type { Change, Committer } from "../../eventsourcing/committer.ts";
import type { Reader } from "../../store/query.ts";
import {
  type Fault,
  type FaultPlace,
  type FaultTarget,
  isActive,
  isDrawn,
  recordStrikes,
} from "./decider.ts";
import { faults, listFaults } from "./projection.ts";

export interface ActiveFaultsOptions {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly clock: Clock;
}

/** A server as far as faults look at it. */
export interface TargetServer {
  readonly name: string;
  readonly projectId: string;
}

/** Who may be struck; what takes looking up is looked up only where a fault asks for it. */
export interface Candidate {
  /** For the log: `ensureRunning 3f0c…`, `POST /v2.1/servers`. */
  readonly hit: string;
  readonly serverId: string | undefined;
  fits(place: FaultPlace): boolean;
  server(): Promise<TargetServer | undefined>;
  projectId(): Promise<string | undefined>;
}

/** A fault that has struck. */
export interface Strike {
  readonly id: string;
  readonly fault: Fault;
  /** Resolves when it is lifted. */
  readonly over: Promise<void>;
}

/** How many of those struck one event names. */
const NAMED_HITS = 20;

/** A fault, and what of it is not on the log yet. */
class Active {
  struck: number;
  draws: number;
  unrecorded = 0;
  hits: string[] = [];
  /** The event being written, and the one after it. */
  writing: Promise<void> = Promise.resolve();
  next: Promise<void> | undefined;
  readonly over = Promise.withResolvers<void>();

  constructor(readonly id: string, public fault: Fault) {
    this.struck = fault.struck;
    this.draws = fault.draws;
  }
}

/** Decides whom the faults strike, and records it before it shows. */
export class ActiveFaults {
  readonly #byId = new Map<string, Active>();
  #onDriver = false;
  #onHttp = false;

  private constructor(private readonly options: ActiveFaultsOptions) {}

  /** Reads the faults there are, and follows the log from there. */
  static async open(options: ActiveFaultsOptions): Promise<ActiveFaults> {
    const active = new ActiveFaults(options);
    options.committer.onCommit((changes) => active.#follow(changes));
    for (const fault of await listFaults(options.reader)) active.#put(fault);
    active.#count();
    return active;
  }

  /** Whether a driver's operation could be struck. */
  get anyOnDriver(): boolean {
    return this.#onDriver;
  }

  /** Whether a request could be struck. */
  get anyOnHttp(): boolean {
    return this.#onHttp;
  }

  /** The first fault that fits and strikes, on the log by then; undefined: none. */
  async strike(candidate: Candidate): Promise<Strike | undefined> {
    for (const active of this.#byId.values()) {
      if (!this.#canStrike(active) || !candidate.fits(active.fault.place)) continue;
      if (!await isFor(active.fault.target, candidate)) continue;
      // Others may have used it up while this one was looked up; from here on nothing waits.
      if (!this.#canStrike(active)) continue;
      active.draws++;
      if (!isDrawn(active.fault, active.draws)) continue;
      active.struck++;
      await this.#record(active, candidate.hit);
      return { id: active.id, fault: active.fault, over: active.over.promise };
    }
  }

  #canStrike({ fault, struck }: Active): boolean {
    return isActive(fault, { struck, nowMs: this.options.clock() });
  }

  /** Strikes that come while an event is written share the next one. */
  #record(active: Active, hit: string): Promise<void> {
    active.unrecorded++;
    if (active.hits.length < NAMED_HITS) active.hits.push(hit);
    active.next ??= active.writing.then(() => {
      active.next = undefined;
      const written = this.#write(active);
      active.writing = written.catch(() => {});
      return written;
    });
    return active.next;
  }

  async #write(active: Active): Promise<void> {
    const strikes = { strikes: active.unrecorded, draws: active.draws, hits: active.hits };
    active.unrecorded = 0;
    active.hits = [];
    await this.options.committer.submit({
      actor: { userId: "chronova", projectId: "", roles: ["service"] },
      requestId: `req-${crypto.randomUUID()}`,
      command: "RecordFaultStrikes",
    }, (unit) => decideIn(unit, faults, active.id, () => recordStrikes(strikes)));
  }

  #follow(changes: readonly Change[]): void {
    const mine = changes.filter(({ aggregate }) => aggregate === faults);
    if (mine.length === 0) return;
    for (const { after } of mine) this.#put(after as Versioned<Fault>);
    this.#count();
  }

  #put({ id, state }: Versioned<Fault>): void {
    const known = this.#byId.get(id);
    if (!state.exists) {
      known?.over.resolve();
      this.#byId.delete(id);
    } else if (known) {
      known.fault = state;
    } else {
      this.#byId.set(id, new Active(id, state));
    }
  }

  #count(): void {
    // What is used up stays listed, but must cost nothing.
    const left = [...this.#byId.values()]
      .filter(({ fault: { times, struck } }) => times === undefined || struck < times);
    this.#onDriver = left.some(({ fault }) => fault.place.on === "driver");
    this.#onHttp = left.some(({ fault }) => fault.place.on === "http");
  }
}

async function isFor(target: FaultTarget, candidate: Candidate): Promise<boolean> {
  const { serverId, serverNamePrefix, projectId } = target;
  if (serverId !== undefined && serverId !== candidate.serverId) return false;
  if (serverNamePrefix !== undefined) {
    if (!(await candidate.server())?.name.startsWith(serverNamePrefix)) return false;
  }
  return projectId === undefined || await candidate.projectId() === projectId;
}
