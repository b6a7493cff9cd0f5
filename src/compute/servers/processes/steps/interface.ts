/** The steps that bring ports to a machine and take them away. */
import { isFailure } from "../../../../drivers/driver.ts";
import { isRejection } from "../../../../eventsourcing/decider.ts";
import type { NetworkRefusal, Port } from "../../../../facades/network_service.ts";
import {
  recordInterfaceAttached,
  recordInterfaceAttachFailure,
  recordInterfaceDetached,
  recordInterfaceDetachFailure,
} from "../../decide/mod.ts";
import type { AskedInterface, ServerInterfaceAttachFailed } from "../../events.ts";
import { serverPortOf } from "../../port_facts.ts";
import { nextInterfaceChange, portIn } from "../../state_interfaces.ts";
import type { StepContext } from "./context.ts";

/** Makes or binds the port, has the machine take it, and records that; or undoes it all. */
export async function attachInterface(step: StepContext): Promise<void> {
  const change = nextInterfaceChange(step.server);
  if (change?.kind !== "attach") return;
  const { asked } = change;
  const { server, id, signal, dependencies: { networks, driver } } = step;
  if (server.placement === null) {
    const message = `Instance ${id} is not ready`;
    return await failAttach(step, { portId: asked.portId, rejected: "Conflict", message });
  }
  const port = await ensurePort(step, asked, server.placement.host);
  signal.throwIfAborted();
  if (isRejection(port)) return await failAttach(step, refusedAs(asked, port));
  const { macAddress } = port;
  const outcome = await driver.ensureInterface(id, { portId: port.id, macAddress }, signal);
  signal.throwIfAborted();
  if (isFailure(outcome)) return await failInterfaceChange(step);
  // It may have been changed, or taken away, since it was made sure of.
  const current = (await networks.portsOf(id)).find((one) => one.id === port.id);
  if (!current) {
    const message = `Port id ${port.id} could not be found.`;
    return await failAttach(step, { portId: port.id, rejected: "NotFound", message });
  }
  const attached = serverPortOf(current, asked.tag);
  await step.record("RecordInterfaceAttached", (now) => recordInterfaceAttached(now, attached));
}

function ensurePort(
  { id, server, dependencies: { networks } }: StepContext,
  { portId, make }: AskedInterface,
  host: string,
): Promise<Port | NetworkRefusal> {
  return networks.ensurePort({ serverId: id, projectId: server.projectId, host, portId, make });
}

/** The network service's refusal as compute calls it; a full network is bad input. */
function refusedAs(
  { portId }: AskedInterface,
  { rejected, type, message }: NetworkRefusal,
): ServerInterfaceAttachFailed["data"] {
  const isFull = type === "IpAddressGenerationFailure";
  return { portId, rejected: isFull ? "Invalid" : rejected, message };
}

/** Gives the port back, if it is the server's, and records why the machine does not get it. */
async function failAttach(
  step: StepContext,
  data: ServerInterfaceAttachFailed["data"],
): Promise<void> {
  await step.dependencies.networks.releasePort(data.portId, step.id);
  await step.record(
    "RecordInterfaceAttachFailure",
    (now) => recordInterfaceAttachFailure(now, data),
  );
}

/** Has the machine let go of the port, then the network service. */
export async function detachInterface(step: StepContext): Promise<void> {
  const change = nextInterfaceChange(step.server);
  if (change?.kind !== "detach") return;
  const { portId, isLost } = change;
  const { server, id, signal, dependencies: { networks, driver } } = step;
  if (!isLost && !server.ports.some((port) => port.id === portId)) {
    const message = `Port ${portId} is not attached`;
    return await step.record(
      "RecordInterfaceDetachFailure",
      (now) => recordInterfaceDetachFailure(now, { portId, message }),
    );
  }
  const outcome = await driver.ensureNoInterface(id, portId, signal);
  signal.throwIfAborted();
  if (isFailure(outcome) && !isLost) return await failInterfaceChange(step);
  await networks.releasePort(portId, id);
  await step.record("RecordInterfaceDetached", (now) => recordInterfaceDetached(now, portId));
}

/** What the machine does not do, in Nova's words. A port that is lost is lost all the same. */
export async function failInterfaceChange(step: StepContext): Promise<void> {
  const change = nextInterfaceChange(step.server)!;
  const portId = portIn(change);
  if (change.kind === "attach") {
    // What may have been plugged in all the same goes, if the machine lets go of it in time.
    const { driver } = step.dependencies;
    await step.tidyUp((signal) => driver.ensureNoInterface(step.id, portId, signal));
    const message = `Failed to attach network adapter device to ${step.id}`;
    return await failAttach(step, { portId, rejected: null, message });
  }
  if (change.isLost) {
    return await step.record(
      "RecordInterfaceDetached",
      (now) => recordInterfaceDetached(now, portId),
    );
  }
  const message = `Failed to detach network adapter device from ${step.id}`;
  await step.record(
    "RecordInterfaceDetachFailure",
    (now) => recordInterfaceDetachFailure(now, { portId, message }),
  );
}
