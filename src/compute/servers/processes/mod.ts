/** Which step a server calls for; undefined: it is at rest. Asked again after a crash. */
import type { Server } from "../state.ts";

export type ServerStep =
  | "ChooseHost"
  | "EnsurePorts"
  | "PrepareDisks"
  | "EnsureRunning"
  | "AdvanceTask"
  | "Operate"
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
    case "rebooting":
    case "reboot_pending":
    case "rebooting_hard":
    case "reboot_pending_hard":
      return "AdvanceTask";
    case "powering-on":
    case "powering-off":
    case "reboot_started":
    case "reboot_started_hard":
    case "pausing":
    case "unpausing":
    case "suspending":
    case "resuming":
    case "updating_password":
    case "rescuing":
    case "unrescuing":
      return "Operate";
    case "deleting":
      return "EnsureAbsent";
  }
}
