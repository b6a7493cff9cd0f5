/** A server's machine in the words of drivers. Pure. */
import type { KnownMachine } from "../../drivers/driver.ts";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Server } from "./state.ts";

/** A server as its driver is told of it. */
export function knownMachine({ id, state }: Versioned<Server>, nowMs: number): KnownMachine {
  const { flavor, ports, rootDeviceName, launchedAt } = state;
  const more = [flavor.ephemeralGib, flavor.swapMib].filter((size) => size > 0).length;
  return {
    serverId: id,
    hostname: state.hostname,
    vcpus: flavor.vcpus,
    ramMib: flavor.ramMib,
    disks: diskNames(rootDeviceName ?? "/dev/vda", 1 + more),
    nics: ports.map(({ id: portId, macAddress, fixedIps }) => ({
      portId,
      macAddress,
      addresses: fixedIps.map(({ address }) => address),
    })),
    ageSeconds: launchedAt === null
      ? 0
      : Math.max(Math.trunc((nowMs - Date.parse(launchedAt)) / 1000), 0),
  };
}

/** `vda`, `vdb`, … from the root device on. */
function diskNames(rootDeviceName: string, count: number): string[] {
  const root = rootDeviceName.slice(rootDeviceName.lastIndexOf("/") + 1);
  const last = root.charCodeAt(root.length - 1);
  return Array.from(
    { length: count },
    (_, place) => root.slice(0, -1) + String.fromCharCode(last + place),
  );
}
