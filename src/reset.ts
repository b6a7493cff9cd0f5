/**
 * A cloud that can be brought back to its seed: one cloud after another on the same data folder,
 * each on a log of its own. The log is never cut short: a new one begins as a copy of the old one's
 * seed, and takes its place.
 */
import { basename } from "node:path";
import { AGGREGATES, UPCASTERS } from "./aggregates.ts";
import type { Chronova } from "./app.ts";
import { livingServers } from "./compute/servers/projection.ts";
import type { Driver } from "./drivers/driver.ts";
import type { Clock } from "./eventsourcing/clock.ts";
import { decideIn } from "./eventsourcing/command_handler.ts";
import { reject, type Rejection } from "./eventsourcing/decider.ts";
import type { EventMetadata } from "./eventsourcing/event.ts";
import { buildProjections } from "./eventsourcing/projector.ts";
import { errorBody } from "./extensions/endpoint.ts";
import { type EndedLog, recordReset } from "./extensions/reset/decider.ts";
import { lastReset, resets, RESETS_ID } from "./extensions/reset/projection.ts";
import type { ResetCloud, ResetReport } from "./extensions/reset/routes.ts";
import type { Log } from "./http/log.ts";
import { SEED_COMMAND } from "./seed.ts";
import type { DataFolder } from "./store/data_folder.ts";
import type { EventLog } from "./store/event_log.ts";
import { openSqliteLog } from "./store/sqlite.ts";
import { copyBeginning, hashAt } from "./store/sqlite_copy.ts";

export interface ResettableOptions {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly lines: Log;
  /** What happens to a log that was: it is kept beside the new one, or removed. */
  readonly oldLogs: "keep" | "remove";
  /** A driver that outlives the clouds: machines of old servers are destroyed at a reset. */
  readonly driver: Driver | undefined;
  /** Opens the cloud that is in the folder now. */
  open(reset: ResetCloud): Promise<Chronova>;
}

/** How long a reset waits for requests that are under way, in milliseconds. */
const PATIENCE_MS = 2000;
/** How long for the machines of old servers to be destroyed. */
const MACHINES_MS = 10_000;
const MACHINES_AT_ONCE = 64;

/** The clouds of one folder, of which the last one answers. */
export class ResettableCloud implements Chronova {
  readonly #options: ResettableOptions;
  #current!: Chronova;
  /** Requests that the current cloud is answering, but those that wait for a reset. */
  #inFlight = 0;
  #whenIdle: () => void = () => {};
  /** Resolves when requests may go on; undefined: they may. */
  #gate: Promise<void> | undefined;
  #resetting: Promise<ResetReport | Rejection> | undefined;

  private constructor(options: ResettableOptions) {
    this.#options = options;
  }

  /** Opens the cloud, and makes the copy of its seed ready that a reset will begin with. */
  static async open(options: ResettableOptions): Promise<ResettableCloud> {
    const cloud = new ResettableCloud(options);
    await cloud.#openCurrent();
    try {
      await cloud.#prepareSeed();
    } catch (error) {
      await cloud.#current.close();
      throw error;
    }
    return cloud;
  }

  get log() {
    return this.#current.log;
  }

  get committer() {
    return this.#current.committer;
  }

  get identity() {
    return this.#current.identity;
  }

  settled(): Promise<void> {
    return this.#current.settled();
  }

  lookAround(): Promise<void> {
    return this.#current.lookAround();
  }

  release(): void {
    this.#current.release();
  }

  async close(): Promise<void> {
    await this.#resetting?.catch(() => {});
    await this.#current.close();
    this.#options.folder.close();
  }

  fetch = async (request: Request): Promise<Response> => {
    while (this.#gate) await this.#gate;
    const cloud = this.#current;
    this.#inFlight++;
    try {
      const response = await cloud.fetch(request);
      // What a cloud could not finish before it was closed is nobody's mistake.
      return response.status === 500 && cloud !== this.#current ? wasReset() : response;
    } finally {
      this.#left();
    }
  };

  #left(): void {
    if (--this.#inFlight === 0) this.#whenIdle();
  }

  /** Resets asked for while one is under way are that one. */
  #reset: ResetCloud = async (metadata) => {
    this.#left();
    try {
      this.#resetting ??= this.#resetOnce(metadata).finally(() => this.#resetting = undefined);
      return await this.#resetting;
    } finally {
      this.#inFlight++;
    }
  };

  async #resetOnce(metadata: EventMetadata): Promise<ResetReport | Rejection> {
    const { clock, folder, lines } = this.#options;
    const began = clock();
    const gate = Promise.withResolvers<void>();
    this.#gate = gate.promise;
    try {
      const old = this.#current;
      old.release();
      await this.#idle();
      const { position, hash } = await old.log.head();
      const number = (await lastReset(old.log.reader)).number + 1;
      const machines = await livingServers(old.log.reader);
      await old.close();
      if (await folder.isLogInUse()) {
        await this.#openCurrent();
        return reject("Conflict", "Another process is reading the log: reset when it has ended.");
      }
      await this.#destroy(machines);
      const aside = await this.#beginAnew();
      await this.#openCurrent();
      const file = aside === undefined ? null : basename(aside);
      const report = { number, before: { position, hash, file }, ms: clock() - began };
      await this.#record(metadata, report);
      lines.write("info", { message: "the cloud is as its seed again", ...report });
      return report;
    } finally {
      this.#gate = undefined;
      gate.resolve();
    }
  }

  async #openCurrent(): Promise<void> {
    this.#current = await this.#options.open(this.#reset);
  }

  /** Resolves when no request is under way, or when that takes too long. */
  async #idle(): Promise<void> {
    if (this.#inFlight === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle = resolve;
    const timer = setTimeout(resolve, PATIENCE_MS);
    await promise;
    clearTimeout(timer);
    this.#whenIdle = () => {};
  }

  /** Puts a copy of the seed in the place of the log; gives where the old one is kept. */
  async #beginAnew(): Promise<string | undefined> {
    const { folder, oldLogs, clock } = this.#options;
    const time = new Date(clock()).toISOString().replace(/[:.]/g, "-");
    const aside = oldLogs === "keep" ? folder.file(`chronova.${time}.db`) : undefined;
    await folder.replaceLog(this.#seedPath, aside);
    return aside;
  }

  async #record(
    metadata: EventMetadata,
    { number, before }: { readonly number: number; readonly before: EndedLog },
  ): Promise<void> {
    await this.committer.submit(
      metadata,
      (unit) => decideIn(unit, resets, RESETS_ID, () => recordReset(number, before)),
    );
  }

  /** Has a driver that outlives the cloud destroy what is left of its servers. */
  async #destroy(serverIds: readonly string[]): Promise<void> {
    const { driver, lines } = this.#options;
    if (!driver) return;
    const signal = AbortSignal.timeout(MACHINES_MS);
    const left = [...serverIds];
    const workers = Array.from({ length: MACHINES_AT_ONCE }, async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const outcome = await unlessAborted(driver.ensureAbsent(id, signal), signal);
        if (outcome) lines.write("warn", { message: "a machine is left", server: id, ...outcome });
      }
    });
    await Promise.all(workers);
  }

  get #seedPath(): string {
    return this.#options.folder.file("seed.db");
  }

  /** Makes sure that there is a log, with its tables, of nothing but the seed. */
  async #prepareSeed(): Promise<void> {
    const { folder, clock } = this.#options;
    const end = await seedEnd(this.log);
    const path = this.#seedPath;
    if (hashAt(path, end) === hashAt(folder.logPath, end)) return;
    for (const suffix of ["", "-wal", "-shm"]) await removeIfThere(path + suffix);
    const draft = `${path}.new`;
    await removeIfThere(draft);
    await copyBeginning(folder.logPath, draft, end);
    const copy = await openSqliteLog({ path: draft, clock, upcasters: UPCASTERS });
    await buildProjections(copy, AGGREGATES);
    await copy.close();
    await Deno.rename(draft, path);
  }
}

/** Position of the seed's last event. */
async function seedEnd(log: EventLog): Promise<number> {
  let end = 0;
  while (true) {
    const page = await log.read({ after: end, limit: 1000 });
    const other = page.findIndex(({ metadata }) => metadata.command !== SEED_COMMAND);
    end += other < 0 ? page.length : other;
    if (other >= 0 || page.length === 0) return end;
  }
}

function wasReset(): Response {
  return Response.json(errorBody(503, "The cloud was reset: ask again."), {
    status: 503,
    headers: { "retry-after": "1" },
  });
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** The outcome of a driver's work; a failure when it did not end in time, or broke. */
async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | { readonly failed: string }> {
  const late = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    return { failed: String(error) };
  }
}
