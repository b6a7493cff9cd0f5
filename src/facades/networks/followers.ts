/** Whose ports a change in the network service is about, for those who keep what they know of them. */
import type { Change } from "../../eventsourcing/committer.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import type { FloatingIp } from "./floating_ips/decider.ts";
import { floatingIps } from "./floating_ips/projection.ts";
import type { Port } from "./ports/decider.ts";
import { findPort, ports, portsInGroup } from "./ports/projection.ts";
import type { SecurityGroup } from "./security_groups/decider.ts";
import { securityGroups } from "./security_groups/projection.ts";

/** What compute asks for by itself, and so need not be told. */
export const COMPUTES_OWN = [
  "EnsurePorts",
  "EnsurePort",
  "BindPorts",
  "ReleasePorts",
  "ReleasePort",
] as const;

const OWN: ReadonlySet<string> = new Set(COMPUTES_OWN);

/** The devices whose ports look different after a change; none for what compute did itself. */
export async function devicesConcerned(
  unit: UnitOfWork,
  { aggregate, before, after, events }: Change,
): Promise<ReadonlySet<string>> {
  const devices = new Set<string>();
  if (OWN.has(events[0]?.metadata.command ?? "")) return devices;
  if (aggregate === ports) {
    devices.add((before.state as Port).deviceId).add((after.state as Port).deviceId);
  } else if (aggregate === floatingIps) {
    for (const { state } of [before, after]) {
      const { association } = state as FloatingIp;
      const port = association && await findPort(unit, association.portId);
      if (port) devices.add(port.state.deviceId);
    }
  } else if (aggregate === securityGroups && isRenamed(before.state, after.state)) {
    for (const { state } of await portsInGroup(unit, after.id)) devices.add(state.deviceId);
  }
  devices.delete("");
  return devices;
}

function isRenamed(before: unknown, after: unknown): boolean {
  return (before as SecurityGroup).name !== (after as SecurityGroup).name;
}
