/** Actions that are done at once: state, crash dumps, network settings. */
import {
  type InjectNetworkInfo,
  injectNetworkInfo,
  type ResetServerState,
  resetServerState,
  type TriggerCrashDump,
  triggerCrashDump,
} from "../decide/mod.ts";
import { crashDumpSchema, injectNetworkInfoSchema, resetStateSchema } from "../schemas.ts";
import type { Action } from "./action.ts";

export const adminActions: Readonly<Record<string, Action>> = {
  trigger_crash_dump: {
    rule: "os_compute_api:servers:trigger_crash_dump",
    since: 17,
    schema: () => crashDumpSchema,
    success: 202,
    command({ id, by }) {
      const command: TriggerCrashDump = { type: "TriggerCrashDump", id, by };
      return { type: command.type, decide: (server) => triggerCrashDump(command, server) };
    },
  },
  injectNetworkInfo: {
    rule: "os_compute_api:os-admin-actions:inject_network_info",
    schema: () => injectNetworkInfoSchema,
    success: 202,
    command({ id, by }) {
      const command: InjectNetworkInfo = { type: "InjectNetworkInfo", id, by };
      return { type: command.type, decide: (server) => injectNetworkInfo(command, server) };
    },
  },
  "os-resetState": {
    rule: "os_compute_api:os-admin-actions:reset_state",
    schema: () => resetStateSchema,
    success: 202,
    command({ id, by, value }) {
      const { state } = value as { state: "active" | "error" };
      const command: ResetServerState = { type: "ResetServerState", id, by, vmState: state };
      return { type: command.type, decide: (server) => resetServerState(command, server) };
    },
  },
};
