/** What of a server's events its machine's console would show. Pure. */
import type { MachineMoment } from "../../drivers/driver.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { ServerEvent } from "./events.ts";
import { POWER_STATE } from "./states.ts";

/** The moments that a server's events tell of, oldest first. */
export function machineHistory(
  events: readonly Recorded<ServerEvent>[],
): readonly MachineMoment[] {
  return events.flatMap((event) => {
    const what = momentOf(event);
    return what === undefined ? [] : [{ at: event.recordedAt, what }];
  });
}

/** Undefined for what happens around the machine, or while it stands still. */
function momentOf(event: ServerEvent): MachineMoment["what"] | undefined {
  switch (event.type) {
    case "ServerSpawned":
    case "ServerStarted":
    case "ServerPoweredOn":
    case "ServerUnshelved":
    case "ServerRestored":
      return "boot";
    case "ServerSoftRebooted":
      return "restart";
    case "ServerHardRebooted":
    case "ServerUnrescued":
    case "ServerRebuilt":
      return "reset";
    case "ServerRescued":
      return "rescue";
    case "ServerCrashDumpTriggered":
      return "crashDump";
    case "ServerStopped":
    case "ServerPoweredOff":
    case "ServerShelved":
    case "ServerSoftDeleted":
      return "powerDown";
    case "ServerPowerStateSynced":
      return event.data.powerState === POWER_STATE.shutDown ? "powerDown" : undefined;
    default:
      return undefined;
  }
}
