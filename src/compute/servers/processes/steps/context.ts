/** What every step is made of: whom it asks, and how it records what came of it. */
import type { Driver, DriverFailure } from "../../../../drivers/driver.ts";
import { decideIn, handle } from "../../../../eventsourcing/command_handler.ts";
import type { Committer, UnitOfWork } from "../../../../eventsourcing/committer.ts";
import { type Decision, isRejection } from "../../../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../../../eventsourcing/event.ts";
import type { ImageService } from "../../../../facades/image_service.ts";
import type { NetworkService } from "../../../../facades/network_service.ts";
import type { VolumeService } from "../../../../facades/volume_service.ts";
import type { Reader } from "../../../../store/query.ts";
import type { Secrets } from "../../../../store/secrets.ts";
import type { CellReach } from "../../../cell/reach.ts";
import type { Host, HostEvent } from "../../../hosts/decider.ts";
import { hosts } from "../../../hosts/projection.ts";
import { schedulingFacts } from "../../../hosts/projection_candidates.ts";
import { servers } from "../../aggregate.ts";
import type { SchedulingFacts } from "../../decide/mod.ts";
import type { ServerEvent } from "../../events.ts";
import { findServer } from "../../projection.ts";
import type { Server } from "../../state.ts";
import { beginningOf } from "../mod.ts";

export interface StepsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly networks: NetworkService;
  readonly images: ImageService;
  readonly volumes: VolumeService;
  readonly driver: Driver;
  readonly cell: Pick<CellReach, "isDown">;
  /** Opens what an operation needs and the log keeps sealed. */
  readonly secrets: Secrets;
  /** Whether a shelved server leaves its host at once. */
  readonly offloadsAtOnce: boolean;
  /** Whether a resize may end on the host where it began. */
  readonly allowsSameHost: boolean;
  /** How long a step may take before it counts as failed, in milliseconds. */
  readonly stepTimeoutMs: number;
  /** When this process began, in milliseconds since 1970: time before that is nobody's delay. */
  readonly startedAt: number;
}

/** One step of one server. */
export class StepContext {
  constructor(
    readonly dependencies: StepsDependencies,
    readonly id: string,
    readonly server: Server,
    /** Ends the step: what comes of it then counts no more, and is being cleared away. */
    readonly signal: AbortSignal,
  ) {}

  /** Decides on the server's newest state, and records what follows. */
  async record(
    command: string,
    decide: (server: Server) => Decision<ServerEvent>,
  ): Promise<void> {
    const { committer } = this.dependencies;
    await handle(committer, servers, this.id, metadataOf(command, this.server), decide);
  }

  /**
   * The same with the hosts as they are at that moment, so that none is ever oversubscribed.
   *
   * What is under way in the cell goes on there by itself, whether the API reaches it or not.
   */
  async recordPlacement(
    command: string,
    decide: (server: Server, facts: SchedulingFacts) => Decision<ServerEvent>,
  ): Promise<void> {
    const { committer, cell } = this.dependencies;
    await committer.submit(metadataOf(command, this.server), async (unit) => {
      const at = await unit.load(servers, this.id);
      const withoutHosts = cell.isDown && !at.state.inCell;
      const facts = await schedulingFacts(unit, this.id, at.state, { withoutHosts });
      const decision = decide(at.state, facts);
      return isRejection(decision) ? decision : await unit.append(servers, at, decision);
    });
  }

  /** The same for what counts for the server's host as well: both are recorded, or neither. */
  async recordWithHost(
    command: string,
    decide: {
      readonly server: (server: Server) => Decision<ServerEvent>;
      readonly host: (host: Host) => Decision<HostEvent>;
    },
  ): Promise<void> {
    const { committer } = this.dependencies;
    await committer.submit(metadataOf(command, this.server), async (unit) => {
      const at = await unit.load(servers, this.id);
      const decision = decide.server(at.state);
      if (isRejection(decision) || decision.length === 0) return;
      await unit.append(servers, at, decision);
      await decideIn(unit, hosts, at.state.placement!.host, decide.host);
    });
  }

  /** The same step on the state behind all that is queued: what came just in time is in it. */
  async settled(): Promise<StepContext> {
    const { committer } = this.dependencies;
    const load = (unit: UnitOfWork) => unit.load(servers, this.id);
    const { state } = await committer.submit(metadataOf("GiveUpStep", this.server), load);
    return new StepContext(this.dependencies, this.id, state, this.signal);
  }

  /** Has the driver clear a machine away, if it can in the time of a step; else says why not. */
  clearAway(): Promise<string | undefined> {
    const { driver } = this.dependencies;
    return this.tidyUp((signal) => driver.ensureAbsent(this.id, signal));
  }

  /** Has the driver tidy up after a step, if it can in the time of one; else says why not. */
  async tidyUp(
    work: (signal: AbortSignal) => Promise<DriverFailure | undefined>,
  ): Promise<string | undefined> {
    const signal = AbortSignal.timeout(this.dependencies.stepTimeoutMs);
    // A driver that hangs may not listen to the signal either.
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    try {
      return (await Promise.race([work(signal), late]))?.failed;
    } catch (error) {
      return `Clearing it away failed: ${error}`;
    }
  }
}

/** A server's context as of now; it must be there. */
export async function contextOf(
  dependencies: StepsDependencies,
  id: string,
): Promise<StepContext> {
  const { state } = (await findServer(dependencies.reader, id))!;
  return new StepContext(dependencies, id, state, new AbortController().signal);
}

/** Steps act on behalf of the server's owner, and belong to the request that led to them. */
function metadataOf(command: string, server: Server): EventMetadata {
  const { userId, projectId } = server;
  const { requestId, position } = beginningOf(server);
  return { actor: { userId, projectId, roles: [] }, requestId, command, cause: position };
}
