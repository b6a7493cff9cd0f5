/** addFloatingIp and removeFloatingIp; nova/api/openstack/compute/floating_ips.py. */
import { isRejection } from "../../eventsourcing/decider.ts";
import type { CallersNetworks, FloatingIp, NetworkRefusal } from "../../facades/network_service.ts";
import type { Answer, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { type AskedFloatingIp, fixedAddressFor } from "./decide/mod.ts";
import type { AskedNetworkChange } from "./network_change.ts";
import type { ServersService } from "./service.ts";

/** Nova answers these actions with no body, of another type than all others. */
const ACCEPTED: Answer = { status: 202, headers: { "content-type": "text/html; charset=UTF-8" } };

/** Leads a floating IP to one of a server's addresses, wherever it has led before. */
export async function addFloatingIp(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedNetworkChange,
): Promise<Outcome> {
  const server = await service.load(request, action.rule);
  if (isFault(server)) return server;
  const { address, fixed_address } = value as {
    readonly address: string;
    readonly fixed_address?: string;
  };
  const asked = { id: request.param("id"), address, fixedAddress: fixed_address };
  const fixedIp = fixedAddressFor(asked, server.state);
  if (isRejection(fixedIp)) return faultOf(fixedIp);
  const theirs = service.dependencies.networks.onBehalfOf(request);
  return await lead(theirs, server.id, asked, fixedIp) ?? ACCEPTED;
}

/** nova/network/neutron.py, `associate_floating_ip`. */
async function lead(
  theirs: CallersNetworks,
  serverId: string,
  asked: AskedFloatingIp,
  fixedIp: string,
): Promise<Fault | undefined> {
  const port = (await theirs.portsOf(serverId)).find(({ fixedIps }) =>
    fixedIps.some(({ address }) => address === fixedIp)
  );
  if (!port) return unable(asked, fixedIp, `Fixed IP not found for address ${fixedIp}.`);
  const [ip, second] = await theirs.floatingIps({ address: asked.address });
  if (!ip) return fault(404, "floating IP not found");
  if (second) return unable(asked, fixedIp, severalFound(asked.address));
  const refusal = await theirs.leadFloatingIp(ip.id, { portId: port.id, fixedIp });
  return refusal && refusedLead(refusal, asked, fixedIp);
}

function refusedLead(
  refusal: NetworkRefusal,
  asked: AskedFloatingIp,
  fixedIp: string,
): Fault {
  if (refusal.rejected === "Forbidden") return faultOf(refusal);
  if (refusal.rejected === "Conflict") return fault(400, refusal.message);
  return unable(asked, fixedIp, refusal.message);
}

function unable({ id, address }: AskedFloatingIp, fixedIp: string, error: string): Fault {
  return fault(
    400,
    `Unable to associate floating IP ${address} to fixed IP ${fixedIp} for instance ${id}. ` +
      `Error: ${error}`,
  );
}

function severalFound(address: string): string {
  return `Multiple floating IPs are found for address ${address}.`;
}

/**
 * Has a floating IP lead nowhere.
 *
 * As in Nova, the server that it leads to decides who may do that: one that leads nowhere is for
 * administrators only, and they learn that the server in the path does not have it.
 */
export async function removeFloatingIp(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedNetworkChange,
): Promise<Outcome> {
  const { address } = value as { readonly address: string };
  const theirs = service.dependencies.networks.onBehalfOf(request);
  const ip = await onlyOne(theirs, address);
  if (isFault(ip)) return ip;
  const serverId = ip.leadsTo?.deviceId || undefined;
  const server = serverId === undefined
    ? undefined
    : await service.findVisible(serverId, request.caller);
  if (isFault(server)) return server;
  const forbidden = refuseUnlessAllowed(action.rule, request.caller, server?.project_id ?? "");
  if (forbidden) return forbidden;
  const id = request.param("id");
  if (server?.id !== id) {
    return fault(409, `Floating IP ${address} is not associated with instance ${id}.`);
  }
  const refusal = await theirs.leadFloatingIp(ip.id, null);
  return refusal ? faultOf(refusal) : ACCEPTED;
}

async function onlyOne(theirs: CallersNetworks, address: string): Promise<FloatingIp | Fault> {
  const [ip, second] = await theirs.floatingIps({ address });
  if (!ip) return fault(404, `Floating IP not found for address ${address}.`);
  return second ? fault(409, severalFound(address)) : ip;
}
