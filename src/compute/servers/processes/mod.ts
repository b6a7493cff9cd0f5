/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import type { Server } from "../state.ts";

export type ServerStep =
  | "ChooseHost"
  | "EnsurePorts"
  | "PrepareDisks"
  | "EnsureRunning"
  | "EnsureAbsent";

/** The step that brings a server nearer to where it was asked to be. */
export function nextStep(server: Server): ServerStep | undefined {
  switch (server.taskState) {
    case null:
      return undefined;
    case "scheduling":
      return "ChooseHost";
    case "networking":
      return "EnsurePorts";
    case "block_device_mapping":
      return "PrepareDisks";
    case "spawning":
      return "EnsureRunning";
    case "deleting":
      return "EnsureAbsent";
  }
}
