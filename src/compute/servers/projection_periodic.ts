/** Which servers the periodic tasks are about. */
import { sql } from "kysely";
import { queriesOn, type Reader } from "../../store/query.ts";
import type { ServerTables } from "./projection.ts";
import type { Server } from "./state.ts";
import type { PowerState, VmState } from "./states.ts";

export interface WaitingServer {
  readonly id: string;
  readonly projectId: string;
}

const queries = queriesOn<ServerTables>();

const waitingIn = queries.prepare<{ vm_state: string }, { id: string; state: string }>((db, p) =>
  db.selectFrom("servers").select(["id", "state"])
    // The words of the partial index `servers_waiting`.
    .where(sql<boolean>`vm_state in ('soft-delete', 'shelved', 'resized')`)
    .where("vm_state", "=", p("vm_state"))
    .orderBy("id")
);

/** Servers at rest in a state whose last task began before then. */
export async function serversWaitingIn(
  reader: Reader,
  vmState: VmState,
  { before }: { readonly before: string },
): Promise<readonly WaitingServer[]> {
  return (await reader.all(waitingIn, { vm_state: vmState }))
    .map(({ id, state }) => ({ id, state: JSON.parse(state) as Server }))
    .filter(({ state }) => state.taskState === null && state.taskBegan.at < before)
    .map(({ id, state }) => ({ id, projectId: state.projectId }));
}

const atRest = queries.prepare<
  Record<never, never>,
  { id: string; project_id: string; power_state: number }
>((db) =>
  db.selectFrom("servers").select(["id", "project_id", "power_state"])
    .where("host", "is not", null)
    .where("life", "<", 2)
    .where("task_state", "is", null)
);

/** Servers on hosts with nothing under way, and what is known of their machines. */
export async function machinesAtRest(
  reader: Reader,
): Promise<readonly (WaitingServer & { readonly powerState: PowerState })[]> {
  return (await reader.all(atRest, {})).map(({ id, project_id, power_state }) => ({
    id,
    projectId: project_id,
    powerState: power_state as PowerState,
  }));
}
