/** Deleting for good, and bringing back what was deleted softly. */
import {
  type DeleteServer,
  deleteServer,
  type OperateServer,
  restoreServer,
} from "../decide/mod.ts";
import { forceDeleteSchema, restoreSchema } from "../schemas.ts";
import type { Action } from "./action.ts";

export const deleteActions: Readonly<Record<string, Action>> = {
  forceDelete: {
    rule: "os_compute_api:os-deferred-delete:force",
    schema: () => forceDeleteSchema,
    success: 202,
    command({ id, by }) {
      const command: DeleteServer = { type: "DeleteServer", id, by };
      return { type: command.type, decide: (server) => deleteServer(command, server) };
    },
  },
  restore: {
    rule: "os_compute_api:os-deferred-delete:restore",
    schema: () => restoreSchema,
    success: 202,
    command({ id, by }) {
      const operation = { name: "restore", input: {} } as const;
      const command: OperateServer = { type: "OperateServer", id, by, operation };
      return {
        type: command.type,
        asksQuota: true,
        decide: (server, quota) => restoreServer(command, server, quota!),
      };
    },
  },
};
