import { type Decision, isRejection, reject } from "../../../eventsourcing/decider.ts";
import type { ServerEvacuationCompleted } from "../events.ts";
import { isEvacuationFrom } from "../moves.ts";
import type { OperationRequested } from "../operations.ts";
import { refuseUnlessVisible } from "../preconditions.ts";
import { exists, type Server } from "../state.ts";
import { type OperateServer, operateServer } from "./operate.ts";
import { isHostUp } from "./resize.ts";
import type { HostFacts } from "./unshelve.ts";

/**
 * Sets a server up anew on another host, when its own is down; a lock does not matter.
 *
 * One that is being deleted goes all the same, as in Nova: nothing changes.
 *
 * Refuses a host to go to that is unknown or the server's own, then what every operation refuses,
 * then a server whose host is up. Source: nova/api/openstack/compute/evacuate.py;
 * nova/compute/api.py, `evacuate`.
 */
export function evacuateServer(
  command: OperateServer & { readonly operation: { readonly name: "evacuate" } },
  server: Server,
  hosts: readonly HostFacts[],
): Decision<OperationRequested> {
  const { id, by, operation: { input: { host } } } = command;
  const current = server.placement?.host ?? null;
  const invisible = refuseUnlessVisible(id, server, by);
  if (invisible) return invisible;
  if (host !== null && !hosts.some((one) => one.host === host)) {
    return reject("NotFound", `Compute host ${host} not found.`);
  }
  if (host === current) return reject("Invalid", "The target host can't be the same one.");
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  if (isHostUp(server, hosts)) {
    return reject("Invalid", `Compute service of ${current} is still in use.`);
  }
  return server.taskState === "deleting" ? [] : decision;
}

/**
 * Takes note that a host has cleared away what it had of a server; nothing, where that was known.
 *
 * Source: nova/compute/manager.py, `_destroy_evacuated_instances`.
 */
export function completeEvacuation(
  host: string,
  server: Server,
): Decision<ServerEvacuationCompleted> {
  if (!exists(server) || !server.migrations.some((one) => isEvacuationFrom(one, host))) return [];
  return [{ type: "ServerEvacuationCompleted", data: { host } }];
}
