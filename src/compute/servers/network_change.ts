/** What the network service does for a server on behalf of a caller, with Nova's words for refusals. */
import type { Rejection } from "../../eventsourcing/decider.ts";
import type { CallersNetworks, Port } from "../../facades/network_service.ts";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import type { NetworkAction, NetworkChange } from "./actions/mod.ts";
import {
  joinGroup,
  leaveGroup,
  type PortGroups,
  recordFixedIpFailure,
  refuseFixedIpChange,
} from "./decide/mod.ts";
import { addFloatingIp, removeFloatingIp } from "./floating_ip_change.ts";
import { actorOf, type ServersService } from "./service.ts";

/** An action, and what stands behind its key. */
export interface AskedNetworkChange {
  readonly action: NetworkAction;
  readonly value: unknown;
}

type Change = (
  service: ServersService,
  request: NovaRequest,
  asked: AskedNetworkChange,
) => Promise<Outcome>;

const CHANGES: Readonly<Record<NetworkChange, Change>> = {
  addSecurityGroup: (service, request, asked) =>
    changeGroup(
      service,
      request,
      asked,
      (serverId, ports, { id }) => joinGroup(serverId, ports, id),
    ),
  removeSecurityGroup: (service, request, asked) =>
    changeGroup(service, request, asked, leaveGroup),
  addFixedIp,
  removeFixedIp,
  addFloatingIp,
  removeFloatingIp,
};

/** Carries out a network action; accepted means done, but for addresses that cannot be had. */
export function changeNetwork(
  service: ServersService,
  request: NovaRequest,
  asked: AskedNetworkChange,
): Promise<Outcome> {
  return CHANGES[asked.action.changes](service, request, asked);
}

/** A security group, by its id and as the request names it. */
interface NamedGroup {
  readonly id: string;
  readonly asked: string;
}

/** nova/api/openstack/compute/security_groups.py, `SecurityGroupActionController`. */
async function changeGroup(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedNetworkChange,
  decide: (
    serverId: string,
    ports: readonly Port[],
    group: NamedGroup,
  ) => readonly PortGroups[] | Rejection,
): Promise<Outcome> {
  const server = await service.find(request, action.rule);
  if (isFault(server)) return server;
  const { name: asked } = value as { readonly name: string };
  if (asked.trim() === "") return fault(400, "Security group name cannot be empty");
  const theirs = service.dependencies.networks.onBehalfOf(request);
  const group = await findGroup(theirs, asked, request.caller.projectId);
  if (isFault(group)) return group;
  const refusal = await theirs.changeSecurityGroups(
    server.id,
    (ports) => decide(server.id, ports, { ...group, asked }),
  );
  return refusal ? faultOf(refusal) : { status: 202 };
}

/** A group that the caller sees, by id; or one of the caller's project, by name. */
async function findGroup(
  theirs: CallersNetworks,
  asked: string,
  projectId: string,
): Promise<{ readonly id: string } | Fault> {
  const byId = await theirs.securityGroup(asked);
  if (byId) return byId;
  const named = (await theirs.securityGroups(projectId)).filter(({ name }) => name === asked);
  const [first, second] = named;
  if (!first) {
    return fault(404, `Security group ${asked} is not found for project ${projectId}`);
  }
  if (!second) return first;
  return fault(
    409,
    `Multiple security_group matches found for name '${asked}', use an ID to be more specific.`,
  );
}

/** nova/compute/manager.py, `add_fixed_ip_to_instance`. */
function addFixedIp(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedNetworkChange,
): Promise<Outcome> {
  const { networkId } = value as { readonly networkId: string | number };
  return changeFixedIps(service, request, action, {
    command: "AddFixedIp",
    change: (theirs, serverId) => theirs.addFixedIp(serverId, String(networkId)),
    failure: (serverId) => `Network could not be found for instance ${serverId}.`,
  });
}

/** nova/compute/manager.py, `remove_fixed_ip_from_instance`. */
function removeFixedIp(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedNetworkChange,
): Promise<Outcome> {
  const { address } = value as { readonly address: string };
  return changeFixedIps(service, request, action, {
    command: "RemoveFixedIp",
    change: (theirs, serverId) => theirs.removeFixedIp(serverId, address),
    failure: (serverId) => `Instance ${serverId} does not have fixed IP '${address}'.`,
  });
}

interface FixedIpChange {
  readonly command: string;
  /** False: it cannot be done. */
  change(theirs: CallersNetworks, serverId: string): Promise<boolean>;
  /** What is then said of the server. */
  failure(serverId: string): string;
}

/** As in Nova, whoever asks does not hear whether it could be done: that is the server's fault. */
async function changeFixedIps(
  service: ServersService,
  request: NovaRequest,
  { rule }: NetworkAction,
  { command, change, failure }: FixedIpChange,
): Promise<Outcome> {
  const server = await service.load(request, rule);
  if (isFault(server)) return server;
  const refusal = refuseFixedIpChange(server.id, server.state, actorOf(request));
  if (refusal) return faultOf(refusal);
  const theirs = service.dependencies.networks.onBehalfOf(request);
  if (!await change(theirs, server.id)) {
    const message = failure(server.id);
    await service.command(
      request,
      server.id,
      { type: command },
      (now) => recordFixedIpFailure(now, message),
    );
  }
  return { status: 202 };
}
