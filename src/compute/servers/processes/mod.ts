/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import { type OperationStep, stageOf } from "../operations.ts";
import { exists, type Server, type TaskBeginning } from "../state.ts";
import { nextInterfaceChange } from "../state_interfaces.ts";
import type { TaskState } from "../states.ts";
import { pendingVolume, type VolumeStatus } from "../volumes.ts";

export type ServerStep = BuildStep | OperationStep | VolumeStep | InterfaceStep | "EnsureAbsent";

/** What is done to volumes while no task is under way: as in Nova, it shows as none. */
export type VolumeStep = "AttachVolume" | "DetachVolume" | "SwapVolume" | "ReleaseVolumes";

export type BuildStep = "ChooseHost" | "EnsurePorts" | "PrepareDisks" | "EnsureRunning";

export type InterfaceStep = "AttachInterface" | "DetachInterface";

/** The step that brings a server nearer to where it was asked to be. */
export function nextStep(server: Server): ServerStep | undefined {
  if (server.taskState === "deleting") return "EnsureAbsent";
  const stage = stageOf(server);
  if (stage) return stage.step;
  return server.taskState === null
    ? interfaceStep(server) ?? volumeStep(server)
    : BUILD_STEPS[server.taskState];
}

const BUILD_STEPS: Readonly<Partial<Record<TaskState, BuildStep>>> = {
  scheduling: "ChooseHost",
  networking: "EnsurePorts",
  block_device_mapping: "PrepareDisks",
  spawning: "EnsureRunning",
};

function volumeStep(server: Server): VolumeStep | undefined {
  const pending = exists(server) ? pendingVolume(server.volumes) : undefined;
  return pending && VOLUME_STEPS[pending.status];
}

const VOLUME_STEPS: Readonly<Partial<Record<VolumeStatus, VolumeStep>>> = {
  attaching: "AttachVolume",
  detaching: "DetachVolume",
  swapping: "SwapVolume",
  releasing: "ReleaseVolumes",
};

/** How the next step came to be: what it has time from, and the request that it belongs to. */
export function beginningOf(server: Server): TaskBeginning {
  const pending = server.taskState === null && !stageOf(server)
    ? nextInterfaceChange(server) ?? pendingVolume(server.volumes)
    : undefined;
  return pending?.began ?? server.taskBegan;
}

/** Interfaces come and go between tasks. */
function interfaceStep(server: Server): InterfaceStep | undefined {
  const change = exists(server) ? nextInterfaceChange(server) : undefined;
  switch (change?.kind) {
    case "attach":
      return "AttachInterface";
    case "detach":
      return "DetachInterface";
  }
}
