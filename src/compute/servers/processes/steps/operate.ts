/** The steps of operations on a server that is there. */
import { type DriverFailure, isFailure } from "../../../../drivers/driver.ts";
import {
  chooseDestination,
  completeStage,
  isFinished,
  recordOperationFailure,
  stageIn,
  type StageOf,
} from "../../decide/mod.ts";
import type { OperationRequest, ResultOf } from "../../operations.ts";
import { newImageOf } from "../../snapshot.ts";
import { isVolumeBacked } from "../../state.ts";
import type { StepContext } from "./context.ts";
import { deviceNamesOf } from "../../volumes.ts";
import { prepareDisks, run } from "./machine.ts";
import { bindPorts, stayWhereItWas } from "./move_back.ts";
import { keepVolumes, prepareVolumes, reimageRoot } from "./volumes.ts";

/** Goes on to the next stage, or is done with the last. */
export async function advance(step: StepContext): Promise<void> {
  const stage = stageIn(step.server)!;
  await step.record("CompleteStage", (now) => completeStage(now, stage, resultOf(step, stage)));
}

function resultOf(
  { dependencies, server }: StepContext,
  { operation }: StageOf,
): ResultOf<"shelve" | "unshelve"> | undefined {
  // nova/compute/api.py, `shelve`: what is on a volume leaves its host whatever the setting says.
  if (operation === "shelve") {
    return { offloads: dependencies.offloadsAtOnce || isVolumeBacked(server) };
  }
  const isUnnamed = server.volumes.some(({ deviceName }) => deviceName === null);
  return operation === "unshelve" && isUnnamed
    ? { deviceNames: deviceNamesOf(server, server.rootDeviceName!) }
    : undefined;
}

/** Has the driver do what the operation is about. */
export async function operate(step: StepContext): Promise<void> {
  const outcome = await drive(step, step.server.operation!);
  step.signal.throwIfAborted();
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await forgetShelf(step);
  await advance(step);
}

function drive(
  step: StepContext,
  operation: OperationRequest,
): Promise<DriverFailure | undefined> {
  const { id, signal, dependencies: { driver, secrets } } = step;
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
    case "powerOn":
    case "unpause":
    case "resume":
    case "unshelve":
    case "restore":
      return driver.ensurePower(id, "running", signal);
    case "softDelete":
      return turnOffForGood(step);
    case "stop":
    case "powerOff":
    case "shelve":
    // Machines that run anew, and are to be stopped again.
    case "rebuild":
    case "revertResize":
    case "evacuate":
      return driver.ensurePower(id, "stopped", signal);
    case "pause":
      return driver.ensurePower(id, "paused", signal);
    case "suspend":
      return driver.ensurePower(id, "suspended", signal);
    case "createImage":
    case "createBackup":
    case "shelveOffload":
    case "resize":
    case "migrate":
    case "confirmResize":
    case "liveMigrate":
      throw new Error(`${operation.name} has no stage in which the machine is operated`);
  }
}

/** A server that was resized is confirmed first; nova/compute/api.py, `_confirm_resize_on_deleting`. */
async function turnOffForGood(
  { id, server, signal, dependencies: { driver } }: StepContext,
): Promise<DriverFailure | undefined> {
  const left = isFinished(server)
    ? await driver.ensureLeft(id, server.move!.source!.host, signal)
    : undefined;
  return left ?? await driver.ensurePower(id, "stopped", signal);
}

/** A server that is off the shelf needs the image no more that it was shelved in. */
async function forgetShelf({ server, dependencies: { images } }: StepContext): Promise<void> {
  if (server.operation!.name !== "unshelve" || server.shelvedImageId === null) return;
  await images.removeSnapshot(server.shelvedImageId);
}

/** Makes the image, and has the driver keep what is on the disk. */
export async function takeSnapshot(step: StepContext): Promise<void> {
  const { id, server, signal, dependencies: { driver, images } } = step;
  const image = newImageOf(id, server)!;
  const refused = await images.ensureSnapshot(image);
  if (refused) return await failOperation(step, refused.failed);
  const outcome = await driver.snapshot(id, image.imageId, signal);
  signal.throwIfAborted();
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await advance(step);
}

/** Gives the image its data; of backups, only the newest are kept. */
export async function storeSnapshot(step: StepContext): Promise<void> {
  const { id, server, signal, dependencies: { images } } = step;
  const refused = await images.storeSnapshot(newImageOf(id, server)!.imageId);
  signal.throwIfAborted();
  if (refused) return await failOperation(step, refused.failed);
  if (server.operation!.name === "createBackup") {
    const { backupType, rotation } = server.operation!.input;
    const series = { projectId: server.projectId, serverId: id, backupType };
    for (const old of (await images.backups(series)).slice(rotation)) {
      await images.removeSnapshot(old);
    }
  }
  await advance(step);
}

/** Has the driver take the machine away; what belongs to the server stays. */
export async function destroyMachine(step: StepContext): Promise<void> {
  const outcome = await step.dependencies.driver.ensureAbsent(step.id, step.signal);
  step.signal.throwIfAborted();
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  if (step.server.operation!.name === "shelveOffload") await keepVolumes(step);
  await advance(step);
}

export async function prepareDisksAgain(step: StepContext): Promise<void> {
  const refused = step.server.operation!.name === "rebuild" ? await reimageRoot(step) : undefined;
  const outcome = refused ?? await prepareDisks(step);
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await advance(step);
}

/** Has a machine run again whose disks are ready, where its server is now. */
export async function runAgain(step: StepContext): Promise<void> {
  if (step.server.move) await bindPorts(step, step.server.placement!.host);
  const outcome = await run(step);
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await advance(step);
}

/** Has a machine made and run on the host where its server comes off the shelf. */
export async function runFromShelf(step: StepContext): Promise<void> {
  const disks = await prepareDisks(step);
  const volumes = isFailure(disks) ? disks : await prepareVolumes(step, disks.rootDeviceName);
  const outcome = "failed" in volumes ? volumes : await run(step, volumes.deviceNames);
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await forgetShelf(step);
  await advance(step);
}

/** Finds the host on which a server is to run again. */
export function chooseDestinationHost(step: StepContext): Promise<void> {
  const stage = stageIn(step.server)!;
  const { allowsSameHost } = step.dependencies;
  return step.recordPlacement(
    "ChooseDestination",
    (now, facts) => chooseDestination(now, stage, facts, { allowsSameHost }),
  );
}

/** Gives back what the operation has taken, then records why it failed. */
export async function failOperation(step: StepContext, message: string): Promise<void> {
  const { server, dependencies: { images } } = step;
  const image = newImageOf(step.id, server);
  if (image) await images.removeSnapshot(image.imageId);
  const isUnshelving = server.operation!.name === "unshelve";
  if (isUnshelving && server.vmState === "shelved_offloaded") {
    await step.clearAway();
    await keepVolumes(step);
  }
  if (server.move) await stayWhereItWas(step);
  const stage = stageIn(server)!;
  await step.record(
    "RecordOperationFailure",
    (now) => recordOperationFailure(now, stage, { code: 500, message }),
  );
}
