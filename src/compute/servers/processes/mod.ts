/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import { type OperationStep, stageOf } from "../operations.ts";
import type { Server } from "../state.ts";
import type { TaskState } from "../states.ts";

export type ServerStep = BuildStep | OperationStep | "EnsureAbsent";

export type BuildStep = "ChooseHost" | "EnsurePorts" | "PrepareDisks" | "EnsureRunning";

/** The step that brings a server nearer to where it was asked to be. */
export function nextStep(server: Server): ServerStep | undefined {
  if (server.taskState === null) return undefined;
  if (server.taskState === "deleting") return "EnsureAbsent";
  return stageOf(server)?.step ?? BUILD_STEPS[server.taskState];
}

const BUILD_STEPS: Readonly<Partial<Record<TaskState, BuildStep>>> = {
  scheduling: "ChooseHost",
  networking: "EnsurePorts",
  block_device_mapping: "PrepareDisks",
  spawning: "EnsureRunning",
};
