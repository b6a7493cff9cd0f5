/** What a router reaches: its ports, and the subnets these are on. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import type { Port } from "../ports/decider.ts";
import { portsOfDevice } from "../ports/projection.ts";
import { findSubnet } from "../subnets/projection.ts";
import { INTERFACE_OWNERS, type Reach } from "./decider.ts";

/** The ports by which a router is on networks of projects. */
export async function interfacesOf(
  reader: Reader,
  routerId: string,
): Promise<readonly Versioned<Port>[]> {
  const found = await portsOfDevice(reader, routerId);
  const owners: readonly string[] = INTERFACE_OWNERS;
  return found.filter(({ state }) => owners.includes(state.deviceOwner));
}

/** Every subnet that a router has an address on, its way out included. */
export async function reachOf(reader: Reader, routerId: string): Promise<readonly Reach[]> {
  const reach: Reach[] = [];
  for (const { state: { fixedIps } } of await portsOfDevice(reader, routerId)) {
    for (const { subnetId, address } of fixedIps) {
      const subnet = await findSubnet(reader, subnetId);
      if (subnet) reach.push({ subnetId, cidr: subnet.state.cidr, address });
    }
  }
  return reach;
}
