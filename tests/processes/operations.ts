/** Operations on a machine, as clients ask for them. */
import { type Operation, OPERATIONS } from "../../src/compute/servers/operations.ts";

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly Operation[];

/** What stands behind an action's key, where that matters. */
const VALUES: Partial<Record<Operation, unknown>> = {
  softReboot: { type: "SOFT" },
  hardReboot: { type: "HARD" },
  changePassword: { adminPass: "changed-password" },
};

/** Body of `POST /servers/{id}/action`. */
export function bodyOf(operation: Operation): Readonly<Record<string, unknown>> {
  return { [OPERATIONS[operation].action]: VALUES[operation] ?? null };
}

/** What must have been done to a new server for the operation to be possible. */
export const NEEDS: Partial<Record<Operation, Operation>> = {
  start: "stop",
  unpause: "pause",
  resume: "suspend",
  unrescue: "rescue",
};
