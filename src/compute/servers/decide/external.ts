/** What other services tell of a server; nova/compute/manager.py, `external_instance_event`. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import type {
  ServerInterfaceLost,
  ServerPowerUpdateIgnored,
  ServerVolumeExtended,
} from "../events.ts";
import type { OperationRequested } from "../operations.ts";
import { exists, type Server } from "../state.ts";
import { POWER_STATE } from "../states.ts";

/** Another service turned the machine on or off: the server follows, whatever lock it has. */
export interface UpdateServerPower {
  readonly type: "UpdateServerPower";
  readonly power: "on" | "off";
}

/**
 * Has a server follow the power of its machine.
 *
 * Nothing but a record comes of it unless the server is at rest and in the opposite state.
 * Source: nova/compute/manager.py, `power_update`.
 */
export function updateServerPower(
  { power }: UpdateServerPower,
  server: Server,
): Decision<OperationRequested | ServerPowerUpdateIgnored> {
  if (!exists(server)) return [];
  const { vmState, powerState, taskState } = server;
  const isOff = vmState === "stopped" && powerState === POWER_STATE.shutDown;
  const isOn = vmState === "active" && powerState === POWER_STATE.running;
  if (taskState === null && power === "on" && isOff) {
    return [{ type: "ServerPowerOnReported", data: {} }];
  }
  if (taskState === null && power === "off" && isOn) {
    return [{ type: "ServerPowerOffReported", data: {} }];
  }
  return [{ type: "ServerPowerUpdateIgnored", data: { power } }];
}

export interface RecordVolumeExtended {
  readonly type: "RecordVolumeExtended";
  readonly volumeId: string;
}

/**
 * Takes note that a volume has grown, whether the server has it or not: its size is not known here.
 *
 * A server on no host has nobody to be told.
 * Source: nova/compute/manager.py, `extend_volume`.
 */
export function recordVolumeExtended(
  { volumeId }: RecordVolumeExtended,
  server: Server,
): Decision<ServerVolumeExtended> {
  if (!exists(server) || server.placement === null) return [];
  return [{ type: "ServerVolumeExtended", data: { volumeId } }];
}

export interface LoseInterface {
  readonly type: "LoseInterface";
  readonly portId: string;
}

/**
 * Has the machine let go of a port that is there no more; nothing happens to one it does not have.
 *
 * Source: nova/compute/manager.py, `_process_instance_vif_deleted_event`.
 */
export function loseInterface(
  { portId }: LoseInterface,
  server: Server,
): Decision<ServerInterfaceLost> {
  if (!exists(server) || server.taskState === "deleting") return [];
  const isThere = server.ports.some(({ id }) => id === portId);
  const isLeaving = server.interfaceChanges.some((change) =>
    change.kind === "detach" && change.portId === portId
  );
  return isThere && !isLeaving ? [{ type: "ServerInterfaceLost", data: { portId } }] : [];
}
