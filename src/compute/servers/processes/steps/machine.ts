/** What several steps ask of the driver. */
import type { DriverFailure } from "../../../../drivers/driver.ts";
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

/** Has the machine run. */
export async function run(
  { id, server, signal, dependencies: { driver } }: StepContext,
): Promise<DriverFailure | undefined> {
  const outcome = await driver.ensureRunning({
    serverId: id,
    name: server.name,
    host: server.placement!.host,
    vcpus: server.flavor.vcpus,
    ramMib: server.flavor.ramMib,
    rootDeviceName: server.rootDeviceName!,
    volumes: server.volumes.filter(({ status }) => status === "attached")
      .map(({ volumeId, deviceName }) => ({ volumeId, deviceName })),
  }, signal);
  signal.throwIfAborted();
  return outcome;
}
