/** The steps of a build, and the end of one that fails. */
import { isFailure } from "../../../../drivers/driver.ts";
import {
  recordBuildFailure,
  recordDisks,
  recordPorts,
  recordSpawned,
  scheduleServer,
} from "../../decide/mod.ts";
import type { ServerStep } from "../mod.ts";
import type { StepContext } from "./context.ts";
import { prepareDisks, run } from "./machine.ts";

/** Puts the server on a host, or ends the build. */
export function chooseHost(step: StepContext): Promise<void> {
  return step.recordPlacement("ScheduleServer", scheduleServer);
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
  const shown = ports.map(({ id, networkId, networkName, macAddress, fixedIps }) => ({
    id,
    networkId,
    networkName,
    macAddress,
    fixedIps,
  }));
  await step.record("RecordPorts", (now) => recordPorts(now, shown));
}

export async function prepareFirstDisks(step: StepContext): Promise<void> {
  const outcome = await prepareDisks(step);
  if (isFailure(outcome)) return await failBuild(step, "PrepareDisks", outcome.failed);
  await step.record("RecordDisks", (now) => recordDisks(now, outcome.rootDeviceName));
}

export async function ensureRunning(step: StepContext): Promise<void> {
  const outcome = await run(step);
  if (isFailure(outcome)) return await failBuild(step, "EnsureRunning", outcome.failed);
  await step.record("RecordSpawned", recordSpawned);
}

/** Gives back what the build has taken, then records why it failed. */
export async function failBuild(
  step: StepContext,
  name: ServerStep,
  message: string,
  cause?: unknown,
): Promise<void> {
  const leftover = await step.clearAway();
  await step.dependencies.networks.releasePorts(step.id);
  const details = [`${name} failed.`, cause, leftover].filter(Boolean).join(" ");
  await step.record(
    "RecordBuildFailure",
    (now) => recordBuildFailure(now, { code: 500, message, details }),
  );
}
