/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import { type OperationStep, stageOf } from "../operations.ts";
import { nextChange, type Server, type TaskBeginning } from "../state.ts";
import type { InterfaceChange } from "../state_interfaces.ts";
import type { TaskState } from "../states.ts";
import type { VolumeStatus } from "../volumes.ts";

export type ServerStep =
  | BuildStep
  | OperationStep
  | VolumeStep
  | InterfaceStep
  | "MakeVolumeImage"
  | "EnsureAbsent";

/** What is done to volumes while no task is under way: as in Nova, it shows as none. */
export type VolumeStep = "AttachVolume" | "DetachVolume" | "SwapVolume" | "ReleaseVolumes";

export type BuildStep = "ChooseHost" | "EnsurePorts" | "PrepareDisks" | "EnsureRunning";

export type InterfaceStep = "AttachInterface" | "DetachInterface";

/**
 * The step that brings a server nearer to where it was asked to be.
 *
 * Images of its volumes come first, even where it goes or is gone: who asked for one waits for it,
 * and no host is asked.
 */
export function nextStep(server: Server): ServerStep | undefined {
  if (server.volumeImages.length > 0) return "MakeVolumeImage";
  if (server.taskState === "deleting") return "EnsureAbsent";
  const stage = stageOf(server);
  if (stage) return stage.step;
  return server.taskState === null ? changeStep(server) : BUILD_STEPS[server.taskState];
}

const BUILD_STEPS: Readonly<Partial<Record<TaskState, BuildStep>>> = {
  scheduling: "ChooseHost",
  networking: "EnsurePorts",
  block_device_mapping: "PrepareDisks",
  spawning: "EnsureRunning",
};

function changeStep(server: Server): InterfaceStep | VolumeStep | undefined {
  const change = nextChange(server);
  if (change === undefined) return undefined;
  return "kind" in change ? INTERFACE_STEPS[change.kind] : VOLUME_STEPS[change.status];
}

const INTERFACE_STEPS: Readonly<Record<InterfaceChange["kind"], InterfaceStep>> = {
  attach: "AttachInterface",
  detach: "DetachInterface",
};

const VOLUME_STEPS: Readonly<Partial<Record<VolumeStatus, VolumeStep>>> = {
  attaching: "AttachVolume",
  detaching: "DetachVolume",
  swapping: "SwapVolume",
  releasing: "ReleaseVolumes",
};

/** How the next step came to be: what it has time from, and the request that it belongs to. */
export function beginningOf(server: Server): TaskBeginning {
  return (server.volumeImages[0] ?? nextChange(server))?.began ?? server.taskBegan;
}
