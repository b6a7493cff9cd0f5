/**
 * What hosts do when their services begin anew: they clear away what they have of servers that were
 * evacuated meanwhile. Source: nova/compute/manager.py, `init_host`.
 */
import { type Driver, type DriverFailure, isFailure } from "../../drivers/driver.ts";
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import type { Reader } from "../../store/query.ts";
import { servers } from "./aggregate.ts";
import { completeEvacuation } from "./decide/mod.ts";
import { findServer } from "./projection.ts";
import { type EvacuatedServer, evacuatedServers } from "./projection_migrations.ts";
import type { Server } from "./state.ts";

export interface HostStartsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly driver: Pick<Driver, "ensureLeft">;
  /** How long the driver may take over each machine, in milliseconds. */
  readonly stepTimeoutMs: number;
  onError(error: unknown, about: string): void;
}

/** Clears hosts; what cannot be cleared now is left for their next start. */
export class HostStarts {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly dependencies: HostStartsDependencies) {}

  /** One host has begun anew; undefined: all have, with this process. */
  begin(host?: string): void {
    const running = this.#clear(host)
      .catch((error) => this.#report(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when every host that has begun is cleared. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.settled();
  }

  async #clear(host?: string): Promise<void> {
    const evacuated = await evacuatedServers(this.dependencies.reader);
    for (const one of evacuated) {
      if (this.#closing.signal.aborted) return;
      const isBegun = host === undefined || one.host === host;
      if (isBegun) await this.#clearOf(one).catch((error) => this.#report(error));
    }
  }

  #report(error: unknown): void {
    if (!this.#closing.signal.aborted) this.dependencies.onError(error, "the start of a host");
  }

  async #clearOf({ id, projectId, host }: EvacuatedServer): Promise<void> {
    const { committer, reader } = this.dependencies;
    const { state } = (await findServer(reader, id))!;
    const cleared = isOn(host, state) ? undefined : await this.#ensureLeft(id, host);
    if (isFailure(cleared)) return;
    const actor = { userId: "nova", projectId, roles: ["service"] };
    const command = "CompleteEvacuation";
    const metadata = { actor, requestId: `req-${crypto.randomUUID()}`, command };
    await handle(committer, servers, id, metadata, (server) => completeEvacuation(host, server));
  }

  /** A driver that hangs may not listen to the signal either. */
  #ensureLeft(id: string, host: string): Promise<DriverFailure | undefined> {
    const { driver, stepTimeoutMs } = this.dependencies;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(stepTimeoutMs)]);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return Promise.race([driver.ensureLeft(id, host, signal), late]);
  }
}

/** Whether the machine on the host is the server's own again, or about to be. */
function isOn(host: string, { placement, move }: Server): boolean {
  return [placement, move?.source, move?.destination].some((place) => place?.host === host);
}
