/** Addresses that a server's ports are given and lose, each time in one transaction. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { canonicalAddress } from "../addresses.ts";
import { fixedIpsWithFloating } from "../floating_ips/release.ts";
import { record } from "../record.ts";
import { subnetsOf } from "../subnets/projection.ts";
import { allocateAddresses } from "./allocate.ts";
import { type FixedIp, type Port, updatePort } from "./decider.ts";
import { ports, portsOfDevice } from "./projection.ts";

/**
 * Gives one of a server's ports on a network one more address: of the first subnet that has one.
 *
 * False: the server has no port there, or no address is left.
 * Source: nova/network/neutron.py, `add_fixed_ip_to_instance`.
 */
export async function addFixedIp(
  unit: UnitOfWork,
  serverId: string,
  networkId: string,
): Promise<boolean> {
  const subnets = await subnetsOf(unit, networkId);
  for (const port of await portsOfDevice(unit, serverId)) {
    if (port.state.networkId !== networkId) continue;
    const { macAddress, deviceOwner, fixedIps } = port.state;
    for (const subnet of subnets) {
      const place = { networkId, subnets: [subnet], macAddress, deviceOwner };
      const found = await allocateAddresses(unit, place, [{ subnetId: subnet.id }]);
      if (isRejection(found)) continue;
      if (await setAddresses(unit, port, [...fixedIps, ...found])) return true;
    }
  }
  return false;
}

/**
 * Takes an address from the server's port that has it; false: none has, or a floating IP leads there.
 *
 * Source: nova/network/neutron.py, `remove_fixed_ip_from_instance`.
 */
export async function removeFixedIp(
  unit: UnitOfWork,
  serverId: string,
  address: string,
): Promise<boolean> {
  const wanted = canonicalAddress(address);
  for (const port of await portsOfDevice(unit, serverId)) {
    const kept = port.state.fixedIps.filter((fixedIp) => fixedIp.address !== wanted);
    if (kept.length < port.state.fixedIps.length) return await setAddresses(unit, port, kept);
  }
  return false;
}

async function setAddresses(
  unit: UnitOfWork,
  port: Versioned<Port>,
  fixedIps: readonly FixedIp[],
): Promise<boolean> {
  const decision = updatePort({
    type: "UpdatePort",
    id: port.id,
    changes: { fixedIps },
    isMacTaken: false,
    floated: await fixedIpsWithFloating(unit, port.id),
  }, port.state);
  return !isRejection(await record(unit, ports, port, decision));
}
