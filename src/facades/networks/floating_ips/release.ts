/** What becomes of floating IPs when the ports they lead to change. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import type { Reader } from "../../../store/query.ts";
import { associate } from "./decider.ts";
import { floatingIps, floatingIpsOfPort } from "./projection.ts";

/** The addresses of a port that floating IPs lead to. */
export async function fixedIpsWithFloating(
  reader: Reader,
  portId: string,
): Promise<readonly string[]> {
  const found = await floatingIpsOfPort(reader, portId);
  return found.flatMap(({ state: { association } }) => association ? [association.fixedIp] : []);
}

/** Floating IPs that led to a port lead nowhere once the port is gone. */
export async function unfloat(unit: UnitOfWork, portId: string): Promise<void> {
  for (const ip of await floatingIpsOfPort(unit, portId)) {
    await unit.append(floatingIps, ip, associate(null, ip.state));
  }
}
