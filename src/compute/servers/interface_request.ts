/** What an attach asks for, looked up at the network service before it is decided. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { type Decision, isRejection } from "../../eventsourcing/decider.ts";
import type { CallersNetworks } from "../../facades/network_service.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { allows } from "../../http/policy.ts";
import type { AskedInterface } from "./events.ts";
import type { ServersService } from "./service.ts";
import type { Server } from "./state.ts";

/** The value of `interfaceAttachment`. */
interface AskedAttachment {
  readonly net_id?: string;
  readonly port_id?: string;
  readonly fixed_ips?: readonly [{ readonly ip_address: string }];
  readonly tag?: string;
}

/**
 * The port that is asked for, or the network for a new one.
 *
 * Refuses what contradicts itself; then, by `decide`, what the server does not allow; then ports and
 * networks that cannot be had. Source: nova/api/openstack/compute/attach_interfaces.py, `create`;
 * nova/network/neutron.py, `_validate_requested_port_ids` and `_validate_requested_network_ids`.
 */
export async function resolveInterface(
  { dependencies: { networks } }: ServersService,
  request: NovaRequest,
  { id, state }: Versioned<Server>,
  decide: (asked: AskedInterface) => Decision<unknown>,
): Promise<AskedInterface | Fault> {
  const { net_id, port_id, fixed_ips, tag = null } = attachmentIn(request.body);
  const fixedIp = fixed_ips?.[0].ip_address ?? null;
  if (net_id && port_id) return fault(400, "Must not input both network_id and port_id");
  if (fixedIp && !net_id) return fault(400, "Must input network_id when request IP address");
  const portId = port_id ?? crypto.randomUUID();
  const decision = decide({ portId, make: null, tag });
  if (isRejection(decision)) return faultOf(decision);
  const theirs = networks.onBehalfOf(request);
  if (port_id !== undefined) {
    return await refusePort(theirs, { portId: port_id, serverId: id, server: state }) ??
      { portId, make: null, tag };
  }
  const networkId = net_id === undefined
    ? await onlyNetwork(await networks.networksFor(state.projectId), state.projectId)
    : await refuseNetwork(theirs, request, net_id, state.projectId) ?? net_id;
  return isFault(networkId) ? networkId : { portId, make: { networkId, fixedIp }, tag };
}

function attachmentIn(body: unknown): AskedAttachment {
  return (body as { interfaceAttachment?: AskedAttachment } | null)?.interfaceAttachment ?? {};
}

async function refusePort(
  theirs: CallersNetworks,
  { portId, serverId, server }: {
    readonly portId: string;
    readonly serverId: string;
    readonly server: Server;
  },
): Promise<Fault | undefined> {
  const port = await theirs.port(portId);
  if (!port) return fault(404, `Port id ${portId} could not be found.`);
  if (port.projectId !== server.projectId) {
    return fault(400, `Port ${portId} not usable for instance ${serverId}.`);
  }
  if (port.deviceId !== "") return fault(409, `Port ${portId} is still in use.`);
}

function onlyNetwork(
  usable: readonly { readonly id: string }[],
  projectId: string,
): string | Fault {
  const [first, second] = usable;
  if (!first) {
    return fault(
      400,
      `No specific network was requested and none are available for project '${projectId}'.`,
    );
  }
  if (!second) return first.id;
  return fault(400, "Multiple possible networks found, use a Network ID to be more specific.");
}

async function refuseNetwork(
  theirs: CallersNetworks,
  { caller }: NovaRequest,
  networkId: string,
  projectId: string,
): Promise<Fault | undefined> {
  const network = await theirs.network(networkId);
  if (!network) return fault(404, `Network ${networkId} could not be found.`);
  const isClosed = network.isExternal && !network.isShared;
  if (!isClosed || allows("network:attach_external_network", caller, projectId)) return undefined;
  return fault(403, `It is not allowed to create an interface on external network ${networkId}`);
}
