/** The steps of a build, and the end of one that fails. */
import { isFailure } from "../../../../drivers/driver.ts";
import { recordHostBuildFailed, recordHostBuildSucceeded } from "../../../hosts/decider.ts";
import {
  recordBuildFailure,
  recordDisks,
  recordFailedAttempt,
  recordPorts,
  recordSpawned,
  scheduleServer,
} from "../../decide/mod.ts";
import { serverPortOf } from "../../port_facts.ts";
import type { ServerStep } from "../mod.ts";
import type { StepContext } from "./context.ts";
import { prepareDisks, run } from "./machine.ts";
import { prepareVolumes } from "./volumes.ts";

/** Puts the server on a host, or ends the build. */
export function chooseHost(step: StepContext): Promise<void> {
  return step.recordPlacement(
    "ScheduleServer",
    (now, facts) => scheduleServer(step.id, now, facts),
  );
}

export async function ensurePorts(step: StepContext): Promise<void> {
  const { server, dependencies: { networks } } = step;
  const ports = server.requestedNetworks.length === 0 ? [] : await networks.ensurePorts({
    serverId: step.id,
    projectId: server.projectId,
    host: server.placement!.host,
    securityGroups: server.securityGroups,
    nics: server.requestedNetworks,
  });
  step.signal.throwIfAborted();
  if ("failed" in ports) return await failBuild(step, "EnsurePorts", ports.failed);
  const shown = ports.map((port, place) =>
    serverPortOf(port, server.requestedNetworks[place]?.tag)
  );
  await step.record("RecordPorts", (now) => recordPorts(now, shown));
}

export async function prepareFirstDisks(step: StepContext): Promise<void> {
  const outcome = await prepareDisks(step);
  if (isFailure(outcome)) return await failAttempt(step, "PrepareDisks", outcome.failed);
  const volumes = await prepareVolumes(step, outcome.rootDeviceName);
  if ("failed" in volumes) return await failBuild(step, "PrepareDisks", volumes.failed);
  const { rootDeviceName } = outcome;
  await step.record(
    "RecordDisks",
    (now) => recordDisks(now, rootDeviceName, volumes.deviceNames),
  );
}

export async function ensureRunning(step: StepContext): Promise<void> {
  const outcome = await run(step);
  if (isFailure(outcome)) return await failAttempt(step, "EnsureRunning", outcome.failed);
  await step.recordWithHost("RecordSpawned", {
    server: recordSpawned,
    host: (host) => recordHostBuildSucceeded(step.id, host),
  });
}

/**
 * Gives back what the build has taken on its host, then has it tried on another one.
 *
 * Where the host does not let go of the machine, the build ends: two hosts never have one machine.
 */
async function failAttempt(step: StepContext, name: ServerStep, reason: string): Promise<void> {
  const leftover = await step.clearAway();
  if (leftover !== undefined) return await endBuild(step, reason, [`${name} failed.`, leftover]);
  await step.dependencies.networks.releasePorts(step.id);
  await step.recordWithHost("RecordFailedAttempt", {
    server: (now) => recordFailedAttempt(step.id, now, { reason, details: `${name} failed.` }),
    host: (host) => recordHostBuildFailed(step.id, host),
  });
}

/** Gives back what the build has taken, then records why it failed. */
export async function failBuild(
  step: StepContext,
  name: ServerStep,
  message: string,
  cause?: unknown,
): Promise<void> {
  const leftover = await step.clearAway();
  await endBuild(step, message, [`${name} failed.`, cause, leftover]);
}

async function endBuild(
  step: StepContext,
  message: string,
  causes: readonly unknown[],
): Promise<void> {
  await step.dependencies.networks.releasePorts(step.id);
  const details = causes.filter(Boolean).join(" ");
  await step.record(
    "RecordBuildFailure",
    (now) => recordBuildFailure(now, { code: 500, message, details }),
  );
}
