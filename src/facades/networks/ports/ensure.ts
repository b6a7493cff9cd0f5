/** The ports of a server: made, bound and released, each time in one transaction. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { OnePortRequest, PortsRequest } from "../../network_service.ts";
import { unfloat } from "../floating_ips/release.ts";
import { findNetwork } from "../networks/projection.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { mayUse } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notFound, refusal } from "../refusals.ts";
import { groupsOfProject, withDefaultGroup } from "../security_groups/projection.ts";
import { subnetsOf } from "../subnets/projection.ts";
import { allocateAddresses, allocateMac } from "./allocate.ts";
import { bindPort, createPort, type Port, releasePort as decideRelease } from "./decider.ts";
import { matchNics, type NicRequest } from "./match_nics.ts";
import { findPort, ports, portsOfDevice } from "./projection.ts";

/** nova/network/neutron.py: `compute:` and the availability zone. */
const DEVICE_OWNER = "compute:nova";

/**
 * Makes sure that a server has a port for each nic, and gives them in the order of the nics.
 *
 * Ports that are there already stay as they are. Refuses, and changes nothing, when one of them
 * cannot be had.
 */
export async function ensurePorts(
  unit: UnitOfWork,
  request: PortsRequest,
  newId: () => string,
): Promise<readonly Versioned<Port>[] | NeutronRejection> {
  const theirs = await portsOfDevice(unit, request.serverId);
  const made = theirs.filter(({ state }) => state.isMadeForServer);
  const matches = matchNics(request.nics, made);
  const ensured: Versioned<Port>[] = [];
  let groups: readonly string[] | undefined;
  for (const [place, nic] of request.nics.entries()) {
    const match = matches[place];
    const port = nic.portId !== undefined || match
      ? await bind(unit, match?.id ?? nic.portId!, request)
      : await make(unit, newId(), nic, request, groups ??= await groupIds(unit, request));
    if (isRejection(port)) return port;
    ensured.push(port);
  }
  return ensured;
}

/**
 * Makes sure that a server has one more port: the one that is named, or a new one of that id in the
 * project's default group.
 */
export async function ensurePort(
  unit: UnitOfWork,
  request: OnePortRequest,
): Promise<Versioned<Port> | NeutronRejection> {
  const { portId, projectId, make: asked } = request;
  if (asked === null) return await bind(unit, portId, request);
  const { networkId, fixedIp } = asked;
  const before = await unit.load(ports, portId);
  if (before.state.exists && before.state.deviceId === request.serverId) return before;
  const groups = [await withDefaultGroup(unit, projectId)];
  const nic = { networkId, ...(fixedIp !== null && { fixedIp }) };
  const port = await make(unit, portId, nic, request, groups);
  if (!isRejection(port) || port.type !== "InvalidIpForNetwork") return port;
  const message = `Invalid input received: Fixed IP ${fixedIp} is not a valid ip address for ` +
    `network ${networkId}.`;
  return { ...port, message };
}

/** Whose port it is to be, and where. */
type PortsServer = Pick<PortsRequest, "serverId" | "projectId" | "host">;

/** Has all the ports of a server lead to a host. */
export async function bindPorts(
  unit: UnitOfWork,
  serverId: string,
  host: string,
): Promise<void> {
  for (const { id, state } of await portsOfDevice(unit, serverId)) {
    await bind(unit, id, { serverId, projectId: state.projectId, host });
  }
}

async function bind(
  unit: UnitOfWork,
  id: string,
  { serverId, projectId, host }: PortsServer,
): Promise<Versioned<Port> | NeutronRejection> {
  const before = await unit.load(ports, id);
  if (before.state.projectId !== projectId) {
    return refusal("NotFound", "PortNotFound", `Port id ${id} could not be found.`);
  }
  const decision = bindPort(
    { type: "BindPort", id, serverId, deviceOwner: DEVICE_OWNER, host },
    before.state,
  );
  return await record(unit, ports, before, decision);
}

async function make(
  unit: UnitOfWork,
  id: string,
  nic: NicRequest,
  { serverId, projectId, host }: PortsServer,
  securityGroups: readonly string[],
): Promise<Versioned<Port> | NeutronRejection> {
  const { networkId, fixedIp } = nic;
  const network = await findNetwork(unit, networkId);
  const isTheirs = network?.state.isShared || network?.state.projectId === projectId ||
    await mayUse(unit, { objectId: networkId, projectId });
  if (!network || !isTheirs) {
    return notFound.network(networkId);
  }
  const subnets = await subnetsOf(unit, networkId);
  if (subnets.length === 0) {
    return refusal(
      "Invalid",
      "NetworkRequiresSubnet",
      `Network ${networkId} requires a subnet in order to boot instances on.`,
    );
  }
  const beyond = await refuseBeyondQuota(unit, projectId, "port");
  if (beyond) return { ...beyond, message: "Maximum number of ports exceeded" };
  const macAddress = await allocateMac(unit, id);
  const fixedIps = await allocateAddresses(
    unit,
    { networkId, subnets, macAddress, deviceOwner: DEVICE_OWNER },
    fixedIp === undefined ? undefined : [{ ipAddress: fixedIp }],
  );
  if (isRejection(fixedIps)) return inNovasWords(fixedIps, nic);
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
      deviceId: serverId,
      deviceOwner: DEVICE_OWNER,
      fixedIps,
      securityGroups: network.state.portSecurityEnabled ? securityGroups : [],
      portSecurityEnabled: network.state.portSecurityEnabled,
      allowedAddressPairs: [],
      extraDhcpOpts: [],
      host,
      vnicType: "normal",
      bindingProfile: {},
      tags: [],
      isMadeForServer: true,
    },
  }, before.state);
  return await record(unit, ports, before, decision);
}

/** What a server's owner is told; nova/network/neutron.py, `_create_port_minimal`. */
function inNovasWords(rejection: NeutronRejection, nic: NicRequest): NeutronRejection {
  switch (rejection.type) {
    case "IpAddressAlreadyAllocated":
      return { ...rejection, message: `Fixed IP ${nic.fixedIp} is already in use.` };
    case "IpAddressGenerationFailure":
    case "IpAddressGenerationFailureNoMatchingSubnet":
      return {
        ...rejection,
        message: `No fixed IP addresses available for network: ${nic.networkId}`,
      };
    default:
      return rejection;
  }
}

/** The ids of the groups a request names, by id or name; the default group when it names none. */
async function groupIds(
  unit: UnitOfWork,
  { projectId, securityGroups }: PortsRequest,
): Promise<readonly string[]> {
  const defaultId = await withDefaultGroup(unit, projectId);
  if (securityGroups.length === 0) return [defaultId];
  const groups = await groupsOfProject(unit, projectId);
  const ids = securityGroups.map((wanted) =>
    (groups.find(({ id }) => id === wanted) ?? groups.find(({ name }) => name === wanted))?.id
  );
  // A group that went away since the request was checked is left out, as if it had gone later.
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** Makes sure that a server has no ports: those made for it are deleted, others are free. */
export async function releasePorts(unit: UnitOfWork, serverId: string): Promise<void> {
  for (const port of await portsOfDevice(unit, serverId)) await letGo(unit, port);
}

/** The same for one port; one that the server does not have is left alone. */
export async function releasePort(
  unit: UnitOfWork,
  portId: string,
  serverId: string,
): Promise<void> {
  const port = await findPort(unit, portId);
  if (port?.state.deviceId === serverId) await letGo(unit, port);
}

async function letGo(unit: UnitOfWork, port: Versioned<Port>): Promise<void> {
  const outcome = await record(unit, ports, port, decideRelease(port.state));
  if (!isRejection(outcome) && !outcome.state.exists) await unfloat(unit, port.id);
}
