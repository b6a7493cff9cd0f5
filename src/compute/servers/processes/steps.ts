/** Carries out the steps of servers: asks drivers and neighbours, records what came of it. */
import { type Driver, type DriverFailure, isFailure } from "../../../drivers/driver.ts";
import { decideIn, handle } from "../../../eventsourcing/command_handler.ts";
import type { Committer, UnitOfWork } from "../../../eventsourcing/committer.ts";
import { type Decision, isRejection } from "../../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../../eventsourcing/event.ts";
import { type Process } from "../../../eventsourcing/process.ts";
import type { NetworkService } from "../../../facades/network_service.ts";
import type { Reader } from "../../../store/query.ts";
import type { Secrets } from "../../../store/secrets.ts";
import {
  type Host,
  type HostEvent,
  recordHostBuildFailed,
  recordHostBuildSucceeded,
} from "../../hosts/decider.ts";
import { hosts } from "../../hosts/projection.ts";
import { schedulingFacts } from "../../hosts/projection_candidates.ts";
import { servers } from "../aggregate.ts";
import {
  advanceTask,
  recordBuildFailure,
  recordDeleted,
  recordDisks,
  recordDone,
  recordFailedAttempt,
  recordOperationFailure,
  recordPorts,
  recordSpawned,
  scheduleServer,
} from "../decide/mod.ts";
import type { ServerEvent } from "../events.ts";
import type { OperationRequest } from "../operations.ts";
import { findServer } from "../projection.ts";
import type { Server } from "../state.ts";
import { nextStep, type ServerStep } from "./mod.ts";

export interface StepsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly networks: NetworkService;
  readonly driver: Driver;
  /** Opens what an operation needs and the log keeps sealed. */
  readonly secrets: Secrets;
  /** How long a step may take before it counts as failed, in milliseconds. */
  readonly stepTimeoutMs: number;
  /** When this process began, in milliseconds since 1970: time before that is nobody's delay. */
  readonly startedAt: number;
}

/** The process that builds and deletes servers. */
export function serverProcess(dependencies: StepsDependencies): Process<Server, ServerStep> {
  const { startedAt, stepTimeoutMs } = dependencies;
  const steps = new Steps(dependencies);
  return {
    next: nextStep,
    current: async (id) => (await findServer(dependencies.reader, id))?.state,
    take: (step, id, state, signal) => steps.take(step, id, state, signal),
    deadline: (state) => Math.max(Date.parse(state.taskBegan.at), startedAt) + stepTimeoutMs,
    giveUp: (step, id, reason) => steps.giveUp(step, id, reason),
  };
}

/**
 * The steps. An answer that comes when its step was ended already counts no more: what it speaks of
 * is being cleared away.
 */
class Steps {
  constructor(private readonly dependencies: StepsDependencies) {}

  async take(step: ServerStep, id: string, server: Server, signal: AbortSignal): Promise<void> {
    switch (step) {
      case "ChooseHost":
        return await this.#chooseHost(id, server);
      case "EnsurePorts":
        return await this.#ensurePorts(id, server, signal);
      case "PrepareDisks":
        return await this.#prepareDisks(id, server, signal);
      case "EnsureRunning":
        return await this.#ensureRunning(id, server, signal);
      case "AdvanceTask":
        return await this.#record(id, server, "AdvanceTask", advanceTask);
      case "Operate":
        return await this.#operate(id, server, signal);
      case "EnsureAbsent":
        return await this.#ensureAbsent(id, server, signal);
    }
  }

  /** A build that is given up ends in an error; a delete that is, ends all the same. */
  async giveUp(step: ServerStep, id: string, reason: unknown): Promise<void> {
    const server = await this.#settledState(id);
    if (nextStep(server) !== step) return;
    if (step === "EnsureAbsent") {
      // What the driver did not let go of in time is its to clean up: the owner's delete stands.
      return await this.#finishDelete(id, server);
    }
    const late = `${step} did not end within ${this.dependencies.stepTimeoutMs / 1000} seconds`;
    if (server.operation !== null) return await this.#failOperation(id, server, late);
    await this.#fail(id, server, step, late, reason);
  }

  async #operate(id: string, server: Server, signal: AbortSignal): Promise<void> {
    const outcome = await this.#drive(server.operation!, id, signal);
    signal.throwIfAborted();
    if (isFailure(outcome)) return await this.#failOperation(id, server, outcome.failed);
    const { name } = server.operation!;
    await this.#record(id, server, "RecordDone", (now) => recordDone(now, name));
  }

  #drive(
    operation: OperationRequest,
    id: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    const { driver, secrets } = this.dependencies;
    switch (operation.name) {
      case "softReboot":
        return driver.reboot(id, "soft", signal);
      case "hardReboot":
        return driver.reboot(id, "hard", signal);
      case "changePassword":
        return driver.setPassword(id, secrets.open(operation.input.adminPass), signal);
      case "rescue":
        return driver.ensureRescued(id, operation.input.imageId, signal);
      case "unrescue":
        return driver.ensureUnrescued(id, signal);
      case "start":
      case "unpause":
      case "resume":
        return driver.ensurePower(id, "running", signal);
      case "stop":
        return driver.ensurePower(id, "stopped", signal);
      case "pause":
        return driver.ensurePower(id, "paused", signal);
      case "suspend":
        return driver.ensurePower(id, "suspended", signal);
    }
  }

  async #failOperation(id: string, server: Server, message: string): Promise<void> {
    const { name } = server.operation!;
    await this.#record(
      id,
      server,
      "RecordOperationFailure",
      (now) => recordOperationFailure(now, name, { code: 500, message }),
    );
  }

  /** The state behind all that is queued: a step that came just in time has its outcome in it. */
  async #settledState(id: string): Promise<Server> {
    const { committer, reader } = this.dependencies;
    const { state } = (await findServer(reader, id))!;
    const load = (unit: UnitOfWork) => unit.load(servers, id);
    return (await committer.submit(metadataOf("GiveUpStep", state), load)).state;
  }

  async #chooseHost(id: string, server: Server): Promise<void> {
    const { committer } = this.dependencies;
    await committer.submit(metadataOf("ScheduleServer", server), async (unit) => {
      // Candidates are read where no other claim can come between: hosts are never oversubscribed.
      const at = await unit.load(servers, id);
      const decision = scheduleServer(id, at.state, await schedulingFacts(unit, id, at.state));
      return isRejection(decision) ? decision : await unit.append(servers, at, decision);
    });
  }

  async #ensurePorts(id: string, server: Server, signal: AbortSignal): Promise<void> {
    const ports = server.requestedNetworks.length === 0
      ? []
      : await this.dependencies.networks.ensurePorts({
        serverId: id,
        projectId: server.projectId,
        host: server.placement!.host,
        securityGroups: server.securityGroups,
        nics: server.requestedNetworks,
      });
    signal.throwIfAborted();
    if ("failed" in ports) return await this.#fail(id, server, "EnsurePorts", ports.failed);
    const shown = ports.map(({ id, networkId, networkName, macAddress, fixedIps }) => ({
      id,
      networkId,
      networkName,
      macAddress,
      fixedIps,
    }));
    await this.#record(id, server, "RecordPorts", (now) => recordPorts(now, shown));
  }

  async #prepareDisks(id: string, server: Server, signal: AbortSignal): Promise<void> {
    const rootDeviceName = server.image?.properties["root_device_name"] ?? null;
    const outcome = await this.dependencies.driver.prepareDisks(id, { rootDeviceName, signal });
    signal.throwIfAborted();
    if (isFailure(outcome)) return await this.#retry(id, server, "PrepareDisks", outcome.failed);
    await this.#record(
      id,
      server,
      "RecordDisks",
      (now) => recordDisks(now, outcome.rootDeviceName),
    );
  }

  async #ensureRunning(id: string, server: Server, signal: AbortSignal): Promise<void> {
    const outcome = await this.dependencies.driver.ensureRunning({
      serverId: id,
      name: server.name,
      host: server.placement!.host,
      vcpus: server.flavor.vcpus,
      ramMib: server.flavor.ramMib,
      rootDeviceName: server.rootDeviceName!,
    }, signal);
    signal.throwIfAborted();
    if (isFailure(outcome)) return await this.#retry(id, server, "EnsureRunning", outcome.failed);
    await this.#recordWithHost(id, server, "RecordSpawned", {
      server: recordSpawned,
      host: (host) => recordHostBuildSucceeded(id, host),
    });
  }

  async #ensureAbsent(id: string, server: Server, signal: AbortSignal): Promise<void> {
    const outcome = await this.dependencies.driver.ensureAbsent(id, signal);
    if (isFailure(outcome)) throw new Error(outcome.failed);
    await this.#finishDelete(id, server);
  }

  async #finishDelete(id: string, server: Server): Promise<void> {
    if (server.requestedNetworks.length > 0) await this.dependencies.networks.releasePorts(id);
    await this.#record(id, server, "RecordDeleted", recordDeleted);
  }

  /** Gives back what the build has taken on its host, then has it tried on another one. */
  async #retry(id: string, server: Server, step: ServerStep, reason: string): Promise<void> {
    const leftover = await this.#clearAway(id);
    await this.dependencies.networks.releasePorts(id);
    const details = [`${step} failed.`, leftover].filter(Boolean).join(" ");
    await this.#recordWithHost(id, server, "RecordFailedAttempt", {
      server: (now) => recordFailedAttempt(id, now, { reason, details }),
      host: (host) => recordHostBuildFailed(id, host),
    });
  }

  /** Gives back what the build has taken, then records why it failed. */
  async #fail(
    id: string,
    server: Server,
    step: ServerStep,
    message: string,
    cause?: unknown,
  ): Promise<void> {
    const leftover = await this.#clearAway(id);
    await this.dependencies.networks.releasePorts(id);
    const details = [`${step} failed.`, cause, leftover].filter(Boolean).join(" ");
    await this.#record(
      id,
      server,
      "RecordBuildFailure",
      (now) => recordBuildFailure(now, { code: 500, message, details }),
    );
  }

  /** Has the driver clear a machine away, if it can in the time of a step; else says why not. */
  async #clearAway(id: string): Promise<string | undefined> {
    const { driver, stepTimeoutMs } = this.dependencies;
    const signal = AbortSignal.timeout(stepTimeoutMs);
    // A driver that hangs may not listen to the signal either.
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    try {
      return (await Promise.race([driver.ensureAbsent(id, signal), late]))?.failed;
    } catch (error) {
      return `Clearing it away failed: ${error}`;
    }
  }

  /** Records what came of a build, for the server and, where it counts, for its host. */
  async #recordWithHost(
    id: string,
    server: Server,
    command: string,
    decide: {
      readonly server: (server: Server) => Decision<ServerEvent>;
      readonly host: (host: Host) => Decision<HostEvent>;
    },
  ): Promise<void> {
    const { committer } = this.dependencies;
    await committer.submit(metadataOf(command, server), async (unit) => {
      const at = await unit.load(servers, id);
      const decision = decide.server(at.state);
      if (isRejection(decision) || decision.length === 0) return;
      await unit.append(servers, at, decision);
      await decideIn(unit, hosts, at.state.placement!.host, decide.host);
    });
  }

  async #record(
    id: string,
    server: Server,
    command: string,
    decide: (server: Server) => Decision<ServerEvent>,
  ): Promise<void> {
    const { committer } = this.dependencies;
    await handle(committer, servers, id, metadataOf(command, server), decide);
  }
}

/** Steps act on behalf of the server's owner, and belong to the request that led to them. */
function metadataOf(command: string, server: Server): EventMetadata {
  const { userId, projectId, taskBegan: { requestId, position } } = server;
  return { actor: { userId, projectId, roles: [] }, requestId, command, cause: position };
}
