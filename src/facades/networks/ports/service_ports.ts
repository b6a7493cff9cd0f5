/** Ports that the network service makes for itself: of routers, and behind floating IPs. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { record } from "../record.ts";
import type { NeutronRejection } from "../refusals.ts";
import type { InterfaceOwner } from "../routers/decider.ts";
import { subnetsOf } from "../subnets/projection.ts";
import { type AddressRequest, allocateAddresses, allocateMac } from "./allocate.ts";
import { createPort, type Port } from "./decider.ts";
import { ports } from "./projection.ts";

export interface ServicePort {
  readonly id: string;
  readonly networkId: string;
  /** Empty for ports that no project sees. */
  readonly projectId: string;
  readonly deviceId: string;
  readonly deviceOwner:
    | InterfaceOwner
    | "network:router_gateway"
    | "network:floatingip";
  readonly addresses: readonly AddressRequest[] | undefined;
}

/** Makes such a port; refuses addresses that cannot be had. */
export async function createServicePort(
  unit: UnitOfWork,
  { id, networkId, projectId, deviceId, deviceOwner, addresses }: ServicePort,
): Promise<Versioned<Port> | NeutronRejection> {
  const macAddress = await allocateMac(unit, id);
  const subnets = await subnetsOf(unit, networkId);
  const place = { networkId, macAddress, deviceOwner, subnets };
  const fixedIps = await allocateAddresses(unit, place, addresses);
  if (isRejection(fixedIps)) return fixedIps;
  const before = await unit.load(ports, id);
  const decision = createPort({
    type: "CreatePort",
    id,
    isMacTaken: false,
    port: {
      name: "",
      description: "",
      projectId,
      networkId,
      macAddress,
      adminStateUp: true,
      deviceId,
      deviceOwner,
      fixedIps,
      securityGroups: [],
      portSecurityEnabled: false,
      allowedAddressPairs: [],
      extraDhcpOpts: [],
      host: "",
      vnicType: "normal",
      bindingProfile: {},
      tags: [],
      isMadeForServer: false,
    },
  }, before.state);
  return await record(unit, ports, before, decision);
}

/** Deletes a port together with what it was for. */
export async function deleteServicePort(unit: UnitOfWork, id: string): Promise<void> {
  const port = await unit.load(ports, id);
  if (port.state.exists) await unit.append(ports, port, [{ type: "PortDeleted", data: {} }]);
}
