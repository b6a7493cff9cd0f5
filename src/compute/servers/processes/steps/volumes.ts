/** The steps of volumes: attaching, detaching, swapping, and giving back. */
import { isFailure } from "../../../../drivers/driver.ts";
import type { AttachmentRequest, VolumeFailure } from "../../../../facades/volume_service.ts";
import {
  recordVolumeAttached,
  recordVolumeDetached,
  recordVolumeFailure,
  recordVolumesReleased,
  recordVolumeSwapped,
} from "../../decide/mod.ts";
import { type AttachedVolume, deviceNamesOf, isRoot, pendingVolume } from "../../volumes.ts";
import type { ServerStep, VolumeStep } from "../mod.ts";
import type { StepContext } from "./context.ts";

const STEPS: ReadonlySet<ServerStep> = new Set(
  ["AttachVolume", "DetachVolume", "SwapVolume", "ReleaseVolumes"] satisfies VolumeStep[],
);

/** Whether a step is one of volumes. */
export function isVolumeStep(step: ServerStep): step is VolumeStep {
  return STEPS.has(step);
}

/** Has the volume service keep the volume, the driver show it to the machine. */
export async function attachVolume(step: StepContext): Promise<void> {
  const volume = pendingVolume(step.server.volumes)!;
  const failure = await attach(step, volume);
  if (failure) return await failVolume(step, volume, failure.failed);
  await step.record(
    "RecordVolumeAttached",
    (now) => recordVolumeAttached(now, volume.volumeId),
  );
}

async function attach(
  step: StepContext,
  volume: AttachedVolume,
  { deviceName } = volume,
): Promise<VolumeFailure | undefined> {
  const { id, server, signal, dependencies: { volumes, driver } } = step;
  const request = requestOf(step, volume);
  const refused = await volumes.ensureReserved(request);
  signal.throwIfAborted();
  if (refused) return refused;
  const { placement } = server;
  // Until its server has a host again, a volume is only kept for it.
  if (placement === null) return undefined;
  const device = { volumeId: volume.volumeId, deviceName };
  const outcome = await driver.ensureVolumeAttached(id, device, signal);
  signal.throwIfAborted();
  if (isFailure(outcome)) return outcome;
  return await volumes.ensureAttached({ ...request, host: placement.host, deviceName });
}

function requestOf(
  { id }: StepContext,
  { volumeId, attachmentId }: Pick<AttachedVolume, "volumeId" | "attachmentId">,
): AttachmentRequest {
  return { volumeId, attachmentId, serverId: id };
}

/** Has the driver take the volume from the machine, then gives it back. */
export async function detachVolume(step: StepContext): Promise<void> {
  const { id, server, signal, dependencies: { volumes, driver } } = step;
  const volume = pendingVolume(server.volumes)!;
  const request = requestOf(step, volume);
  const { placement } = server;
  if (placement !== null) {
    const refused = await volumes.ensureDetaching(request) ??
      await driver.ensureVolumeDetached(id, volume.volumeId, signal);
    signal.throwIfAborted();
    if (refused) return await failVolume(step, volume, refused.failed);
  }
  await volumes.ensureReleased(request);
  // nova/compute/api.py, `_local_cleanup_bdm_volumes`: without a host it goes at once.
  if (placement === null && volume.deleteOnTermination) {
    await volumes.ensureDeleted(volume.volumeId);
  }
  await step.record(
    "RecordVolumeDetached",
    (now) => recordVolumeDetached(now, volume.volumeId),
  );
}

/** Puts another volume in the place of one. */
export async function swapVolume(step: StepContext): Promise<void> {
  const { id, server, signal, dependencies: { volumes, driver } } = step;
  const old = pendingVolume(server.volumes)!;
  const next = { ...old, ...old.by! };
  const failure = await volumes.ensureReserved(requestOf(step, next)) ??
    await driver.ensureVolumeDetached(id, old.volumeId, signal) ??
    await attach(step, next);
  signal.throwIfAborted();
  if (failure) return await failVolume(step, old, failure.failed);
  await volumes.ensureReleased(requestOf(step, old));
  await step.record("RecordVolumeSwapped", (now) => recordVolumeSwapped(now, old.volumeId));
}

/** Gives back what a failed build had; what was made for it alone, and was to go with it, goes. */
export async function releaseVolumes(step: StepContext): Promise<void> {
  const { volumes } = step.dependencies;
  for (const volume of step.server.volumes) {
    await volumes.ensureReleased(requestOf(step, volume));
    if (volume.source !== null && volume.deleteOnTermination) {
      await volumes.ensureDeleted(volume.volumeId);
    }
  }
  await step.record("RecordVolumesReleased", recordVolumesReleased);
}

/** Leaves a volume as it was before, then records why. */
async function failVolume(
  step: StepContext,
  volume: AttachedVolume,
  message: string,
): Promise<void> {
  const { volumes } = step.dependencies;
  if (volume.status === "attaching") await volumes.ensureReleased(requestOf(step, volume));
  else await volumes.ensureKept(requestOf(step, volume));
  if (volume.by !== null) await volumes.ensureReleased(requestOf(step, volume.by));
  await step.record(
    "RecordVolumeFailure",
    (now) => recordVolumeFailure(now, volume.volumeId, message),
  );
}

/** Ends what is being done to a volume and did not come to its end in time. */
export async function giveUpVolume(step: StepContext, message: string): Promise<void> {
  const volume = pendingVolume(step.server.volumes)!;
  if (volume.status === "releasing") return await releaseVolumes(step);
  await failVolume(step, volume, message);
}

/** Makes volumes that are to be made and are not there, and attaches all; gives their devices' names. */
export async function prepareVolumes(
  step: StepContext,
  rootDeviceName: string,
): Promise<{ readonly deviceNames: Readonly<Record<string, string>> } | VolumeFailure> {
  const { server, signal, dependencies: { volumes } } = step;
  const deviceNames = deviceNamesOf(server, rootDeviceName);
  for (const volume of server.volumes) {
    const deviceName = deviceNames[volume.volumeId]!;
    const host = server.placement!.host;
    const request = { ...requestOf(step, volume), host, deviceName };
    const failure = await makeVolume(step, volume) ??
      await volumes.ensureReserved(request) ??
      await volumes.ensureAttached(request);
    signal.throwIfAborted();
    if (failure) return failure;
  }
  return { deviceNames };
}

async function makeVolume(
  { server, signal, dependencies: { volumes } }: StepContext,
  { volumeId, source }: AttachedVolume,
): Promise<VolumeFailure | undefined> {
  if (source === null) return undefined;
  signal.throwIfAborted();
  const { projectId, userId } = server;
  const { sizeGib, volumeType } = source;
  const of = source.type === "blank" ? { type: source.type } : { type: source.type, id: source.id };
  return await volumes.ensureVolume({
    volumeId,
    projectId,
    userId,
    sizeGib,
    volumeType,
    source: of,
  }, signal);
}

/** Has the volume that a server boots from made anew of the image of its rebuild. */
export async function reimageRoot(
  { server, dependencies: { volumes } }: StepContext,
): Promise<VolumeFailure | undefined> {
  const { boot: { volumeImage }, projectId, userId } = server;
  const root = server.volumes.find(isRoot);
  if (!root || !volumeImage) return undefined;
  const { volumeId } = root;
  return await volumes.ensureReimaged({ volumeId, imageId: volumeImage.id, projectId, userId });
}

/** Takes the volumes of a shelved server from its host; they are kept for it. */
export async function keepVolumes(step: StepContext): Promise<void> {
  for (const volume of step.server.volumes) {
    await step.dependencies.volumes.ensureDisconnected(requestOf(step, volume));
  }
}

/** Gives back every volume of a server that is being deleted; those that go with it go. */
export async function dropVolumes(step: StepContext): Promise<void> {
  const { volumes } = step.dependencies;
  for (const volume of step.server.volumes) {
    await volumes.ensureReleased(requestOf(step, volume));
    if (volume.by !== null) await volumes.ensureReleased(requestOf(step, volume.by));
    if (volume.deleteOnTermination) await volumes.ensureDeleted(volume.volumeId);
  }
}
