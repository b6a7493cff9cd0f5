/** The actions for consoles that ended with 2.5; nova/api/openstack/compute/remote_consoles.py. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import type { ConsoleProtocol } from "../consoles/decider.ts";
import type { ServersService } from "./service.ts";

/** What answers with the URL of a server's console. */
export function tellConsole(protocol: ConsoleProtocol) {
  return async (
    service: ServersService,
    request: NovaRequest,
    { rule, value }: { readonly rule: Rule; readonly value: unknown },
  ): Promise<Outcome> => {
    // As in Nova, these ask the policy before they look for the server.
    const refusal = refuseUnlessAllowed(rule, request.caller, request.caller.projectId);
    if (refusal) return refusal;
    const found = await service.find(request, rule);
    if (isFault(found)) return found;
    const { type } = value as { readonly type: string };
    const { consoles } = service.dependencies;
    const opened = await consoles.open(request, { serverId: found.id, protocol, type });
    if (isFault(opened)) return opened;
    return { status: 200, body: { console: { type, url: opened.url } } };
  };
}
