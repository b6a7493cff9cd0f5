/** The steps of a delete. */
import { isFailure } from "../../../../drivers/driver.ts";
import { recordDeleted } from "../../decide/mod.ts";
import type { StepContext } from "./context.ts";
import { dropVolumes } from "./volumes.ts";

export async function ensureAbsent(step: StepContext): Promise<void> {
  const outcome = await step.dependencies.driver.ensureAbsent(step.id, step.signal);
  step.signal.throwIfAborted();
  if (isFailure(outcome)) throw new Error(outcome.failed);
  await finishDelete(step);
}

/** Gives back what the server had, and records that it is gone. */
export async function finishDelete(step: StepContext): Promise<void> {
  const { server, dependencies: { networks, images } } = step;
  const mayHavePorts = server.requestedNetworks.length > 0 || server.ports.length > 0 ||
    server.interfaceChanges.length > 0;
  if (mayHavePorts) await networks.releasePorts(step.id);
  await dropVolumes(step);
  if (server.shelvedImageId !== null) await images.removeSnapshot(server.shelvedImageId);
  await step.record("RecordDeleted", recordDeleted);
}
