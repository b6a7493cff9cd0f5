/** What the steps of a build and of a delete report back; each counts only while it is awaited. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import { schedule } from "../../hosts/scheduler.ts";
import type {
  ServerBuildFailed,
  ServerBuildRescheduled,
  ServerDeleted,
  ServerDisksPrepared,
  ServerNetworked,
  ServerPort,
  ServerScheduled,
  ServerSpawned,
} from "../events.ts";
import type { Server } from "../state.ts";
import type { TaskState } from "../states.ts";
import { demandOf, noValidHost, type SchedulingFacts } from "./placement.ts";

/** On how many hosts a build is tried; nova/conf/scheduler.py, `max_attempts`. */
export const MAX_ATTEMPTS = 3;

/**
 * Puts a server on the best host there is, and claims its size there; without one, the build fails.
 *
 * Hosts on which this build has failed are left out.
 * Source: nova/scheduler/manager.py, `select_destinations`.
 */
export function scheduleServer(
  id: string,
  server: Server,
  { candidates, neighbours }: SchedulingFacts,
): Decision<ServerScheduled | ServerBuildFailed> {
  if (!isAt("scheduling", server)) return [];
  const exclude = server.failedAttempts.map(({ host }) => host);
  const { chosen, decision } = schedule(demandOf(server, neighbours, { exclude }), candidates);
  if (chosen) {
    const { host, node, availabilityZone } = chosen;
    return [{ type: "ServerScheduled", data: { host, node, availabilityZone, decision } }];
  }
  const fault = noValidHost(decision);
  const data = exclude.length === 0 ? { fault, decision } : {
    fault: { ...fault, message: exhausted(id) },
    decision,
  };
  return [{ type: "ServerBuildFailed", data }];
}

/** Nova's words when builds have failed, and there is no other host to try. */
function exhausted(id: string): string {
  return "Exceeded maximum number of retries. Exhausted all hosts available for retrying build " +
    `failures for instance ${id}.`;
}

export function recordPorts(
  server: Server,
  ports: readonly ServerPort[],
): Decision<ServerNetworked> {
  return isAt("networking", server) ? [{ type: "ServerNetworked", data: { ports } }] : [];
}

export function recordDisks(
  server: Server,
  rootDeviceName: string,
  /** Of its volumes, by their ids. */
  deviceNames: Readonly<Record<string, string>> = {},
): Decision<ServerDisksPrepared> {
  if (!isAt("block_device_mapping", server)) return [];
  const hasVolumes = Object.keys(deviceNames).length > 0;
  const data = { rootDeviceName, ...(hasVolumes && { deviceNames }) };
  return [{ type: "ServerDisksPrepared", data }];
}

export function recordSpawned(server: Server): Decision<ServerSpawned> {
  return isAt("spawning", server) ? [{ type: "ServerSpawned", data: {} }] : [];
}

/** Ends a build in an error; nothing happens when the server is no longer being built. */
export function recordBuildFailure(
  server: Server,
  fault: ServerBuildFailed["data"]["fault"],
): Decision<ServerBuildFailed> {
  const { vmState, taskState } = server;
  if (vmState !== "building" || taskState === null || taskState === "deleting") return [];
  return [{ type: "ServerBuildFailed", data: { fault } }];
}

/** What went wrong on a host. */
export interface FailedAttempt {
  /** In words that the server's owner may read. */
  readonly reason: string;
  readonly details: string;
}

/**
 * Has a build that failed on a host tried on another one, or ends it in an error.
 *
 * It ends when it was the last attempt, or when an administrator insisted on the host.
 * Source: nova/compute/manager.py, `_do_build_and_run_instance`; nova/scheduler/utils.py,
 * `populate_retry`.
 */
export function recordFailedAttempt(
  id: string,
  server: Server,
  { reason, details }: FailedAttempt,
): Decision<ServerBuildRescheduled | ServerBuildFailed> {
  const { requestedHost, failedAttempts, placement } = server;
  const isOnHost = isAt("block_device_mapping", server) || isAt("spawning", server);
  if (!isOnHost) return [];
  if (requestedHost !== null) {
    return recordBuildFailure(server, { code: 500, message: reason, details });
  }
  if (failedAttempts.length + 1 >= MAX_ATTEMPTS) {
    const message = "Exceeded maximum number of retries. Exceeded max scheduling attempts " +
      `${MAX_ATTEMPTS} for instance ${id}. Last exception: ${reason}`;
    return recordBuildFailure(server, { code: 500, message, details });
  }
  const { host } = placement!;
  return [{ type: "ServerBuildRescheduled", data: { host, reason, details } }];
}

export function recordDeleted(server: Server): Decision<ServerDeleted> {
  return isAt("deleting", server) ? [{ type: "ServerDeleted", data: {} }] : [];
}

function isAt(task: TaskState, server: Server): boolean {
  return server.taskState === task;
}
