/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import { type OperationStep, stageOf } from "../operations.ts";
import type { Server } from "../state.ts";
import { nextInterfaceChange } from "../state_interfaces.ts";
import type { TaskState } from "../states.ts";

export type ServerStep = BuildStep | OperationStep | InterfaceStep | "EnsureAbsent";

export type BuildStep = "ChooseHost" | "EnsurePorts" | "PrepareDisks" | "EnsureRunning";

export type InterfaceStep = "AttachInterface" | "DetachInterface";

/** The step that brings a server nearer to where it was asked to be. */
export function nextStep(server: Server): ServerStep | undefined {
  if (server.taskState === null) return interfaceStep(server);
  if (server.taskState === "deleting") return "EnsureAbsent";
  return stageOf(server)?.step ?? BUILD_STEPS[server.taskState];
}

const BUILD_STEPS: Readonly<Partial<Record<TaskState, BuildStep>>> = {
  scheduling: "ChooseHost",
  networking: "EnsurePorts",
  block_device_mapping: "PrepareDisks",
  spawning: "EnsureRunning",
};

/** Interfaces come and go between tasks. */
function interfaceStep(server: Server): InterfaceStep | undefined {
  switch (nextInterfaceChange(server)?.kind) {
    case "attach":
      return "AttachInterface";
    case "detach":
      return "DetachInterface";
  }
}
