/** The questions that several commands ask before they may go on, in Nova's words. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { exists, type Server } from "./state.ts";
import type { TaskState, VmState } from "./states.ts";

/** Who gives a command. */
export interface Actor {
  readonly userId: string;
  readonly projectId: string;
  readonly isAdmin: boolean;
}

/** Whether the server is of the project that the actor's token is scoped to. */
export function isOwner(by: Actor, server: Server): boolean {
  return by.projectId === server.projectId;
}

/** 404 for what was never there, is gone, or belongs to a project the actor may not look into. */
export function refuseUnlessVisible(id: string, server: Server, by: Actor): Rejection | undefined {
  if (exists(server) && (by.isAdmin || isOwner(by, server))) return undefined;
  return reject("NotFound", `Instance ${id} could not be found.`);
}

/** A lock stops everyone but admins; nova/compute/api.py, `check_instance_lock`. */
export function refuseIfLocked(id: string, server: Server, by: Actor): Rejection | undefined {
  if (!server.lock || by.isAdmin) return undefined;
  return reject("Conflict", `Instance ${id} is locked`);
}

/** Only in these vm_states; nova/compute/api.py, `check_instance_state`. */
export function refuseUnlessIn(
  vmStates: readonly VmState[],
  id: string,
  server: Server,
  action: string,
): Rejection | undefined {
  if (vmStates.includes(server.vmState)) return undefined;
  return reject(
    "Conflict",
    `Cannot '${action}' instance ${id} while it is in vm_state ${server.vmState}`,
  );
}

/** Only when one of these tasks, or none, is under way; `check_instance_state(task_state)`. */
export function refuseUnlessDoing(
  taskStates: readonly (TaskState | null)[] | "any",
  id: string,
  server: Server,
  action: string,
): Rejection | undefined {
  if (taskStates === "any" || taskStates.includes(server.taskState)) return undefined;
  return reject(
    "Conflict",
    `Cannot '${action}' instance ${id} while it is in task_state ${server.taskState ?? "None"}`,
  );
}

/** Only when it is on a host; nova/compute/api.py, `check_instance_host`. */
export function refuseUnlessPlaced(id: string, server: Server): Rejection | undefined {
  return server.placement ? undefined : reject("Conflict", `Instance ${id} is not ready`);
}

/** Only while its host can be asked for anything; `check_instance_host(check_is_up)`. */
export function refuseUnlessUp(isUp: boolean): Rejection | undefined {
  return isUp ? undefined : reject("Conflict", "Service is unavailable at this time.");
}

/** Only when it has run once; nova/compute/api.py, `check_instance_state(must_have_launched)`. */
export function refuseUnlessLaunched(
  id: string,
  server: Server,
  action: string,
): Rejection | undefined {
  if (server.launchedAt !== null) return undefined;
  return reject("Conflict", `Instance ${id} is in an invalid state for '${action}'`);
}
