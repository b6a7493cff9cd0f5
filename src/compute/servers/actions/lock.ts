/** Locks: who may still change a server. */
import { type LockServer, lockServer, type UnlockServer, unlockServer } from "../decide/mod.ts";
import { lockSchema, unlockSchema } from "../schemas.ts";
import type { Action } from "./action.ts";

export const lockActions: Readonly<Record<string, Action>> = {
  lock: {
    rule: "os_compute_api:os-lock-server:lock",
    schema: lockSchema,
    success: 202,
    command({ id, by, value, minor }) {
      // Below 2.73 the value is not looked at, whatever it is.
      const reason = minor >= 73
        ? (value as { locked_reason?: string } | null)?.locked_reason
        : undefined;
      const command: LockServer = { type: "LockServer", id, by, reason };
      return { type: command.type, decide: (server) => lockServer(command, server) };
    },
  },
  unlock: {
    rule: "os_compute_api:os-lock-server:unlock",
    schema: unlockSchema,
    success: 202,
    command({ id, by }) {
      const command: UnlockServer = { type: "UnlockServer", id, by };
      return { type: command.type, decide: (server) => unlockServer(command, server) };
    },
  },
};
