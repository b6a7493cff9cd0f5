/** Keeps servers' ports as the network service has them: what Nova learns by external events. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Port } from "../../facades/network_service.ts";
import { servers } from "./aggregate.ts";
import { followPorts } from "./decide/mod.ts";
import { serverPortOf } from "./port_facts.ts";

/** Records what a change of ports means to the server that has them; other devices have no server. */
export async function followServerPorts(
  unit: UnitOfWork,
  deviceId: string,
  ports: readonly Port[],
): Promise<void> {
  const before = await unit.load(servers, deviceId);
  const decision = followPorts(before.state, ports.map((port) => serverPortOf(port)));
  if (!isRejection(decision)) await unit.append(servers, before, decision);
}
