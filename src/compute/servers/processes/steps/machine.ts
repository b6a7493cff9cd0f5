/** What several steps ask of the driver. */
import type { DriverFailure, Machine } from "../../../../drivers/driver.ts";
import type { FlavorSnapshot } from "../../events.ts";
import type { StepContext } from "./context.ts";

/** Has the machine's disks prepared. */
export async function prepareDisks(
  { id, server, signal, dependencies: { driver } }: StepContext,
): Promise<{ readonly rootDeviceName: string } | DriverFailure> {
  const rootDeviceName = server.image?.properties["root_device_name"] ?? null;
  const outcome = await driver.prepareDisks(id, { rootDeviceName, signal });
  signal.throwIfAborted();
  return outcome;
}

/** Has the machine run. `deviceNames`: of volumes that have no name yet, by their ids. */
export async function run(
  step: StepContext,
  deviceNames: Readonly<Record<string, string>> = {},
): Promise<DriverFailure | undefined> {
  const { server, signal, dependencies: { driver } } = step;
  const { volumes, ...others } = machineOn(step, server.placement!.host, server.flavor);
  const machine = {
    ...others,
    volumes: volumes.map(({ volumeId, deviceName }) => ({
      volumeId,
      deviceName: deviceNames[volumeId] ?? deviceName,
    })),
  };
  const outcome = await driver.ensureRunning(machine, signal);
  signal.throwIfAborted();
  return outcome;
}

/** The machine of a server on a host, in the size of a flavor. */
export function machineOn(
  { id, server }: StepContext,
  host: string,
  { vcpus, ramMib }: FlavorSnapshot,
): Machine {
  return {
    serverId: id,
    name: server.name,
    host,
    vcpus,
    ramMib,
    rootDeviceName: server.rootDeviceName!,
    volumes: server.volumes.filter(({ status }) => status === "attached")
      .map(({ volumeId, deviceName }) => ({ volumeId, deviceName })),
  };
}
