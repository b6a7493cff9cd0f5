/** What the steps of a build and of a delete report back; each counts only while it is awaited. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import { type Candidate, type Demand, type Placement, schedule } from "../../hosts/scheduler.ts";
import type {
  ServerBuildFailed,
  ServerDeleted,
  ServerDisksPrepared,
  ServerNetworked,
  ServerPort,
  ServerScheduled,
  ServerSpawned,
} from "../events.ts";
import { claimOf, type Server } from "../state.ts";
import type { TaskState } from "../states.ts";

/**
 * Puts a server on the best host there is, and claims its size there; without one, the build fails.
 *
 * Source: nova/scheduler/manager.py, `select_destinations`.
 */
export function scheduleServer(
  server: Server,
  hosts: readonly Candidate[],
): Decision<ServerScheduled | ServerBuildFailed> {
  if (!isAt("scheduling", server)) return [];
  const { chosen, decision } = schedule(demandOf(server), hosts);
  if (chosen) {
    const { host, node, availabilityZone } = chosen;
    return [{ type: "ServerScheduled", data: { host, node, availabilityZone, decision } }];
  }
  return [{ type: "ServerBuildFailed", data: { fault: noValidHost(decision), decision } }];
}

/** The fault of a server for which there is no host. */
export function noValidHost(decision: Placement): ServerBuildFailed["data"]["fault"] {
  const message = "No valid host was found. There are not enough hosts available.";
  const details = decision.filters
    .map(({ name, removed }) => `${name} removed ${removed.join(", ")}`)
    .join("; ");
  return { code: 500, message, details: details || "There are no hosts." };
}

/** What a server needs of the host it is to be put on. */
export function demandOf(server: Server): Demand {
  const { operation } = server;
  return {
    ...claimOf(server),
    availabilityZone: server.pinnedAvailabilityZone,
    host: operation?.name === "unshelve"
      ? operation.input.host
      : server.requestedHost?.host ?? null,
    node: server.requestedHost?.node ?? null,
    exclude: [],
  };
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
): Decision<ServerDisksPrepared> {
  if (!isAt("block_device_mapping", server)) return [];
  return [{ type: "ServerDisksPrepared", data: { rootDeviceName } }];
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

export function recordDeleted(server: Server): Decision<ServerDeleted> {
  return isAt("deleting", server) ? [{ type: "ServerDeleted", data: {} }] : [];
}

function isAt(task: TaskState, server: Server): boolean {
  return server.taskState === task;
}
