/** GET /servers/{id}/os-security-groups; nova/api/openstack/compute/security_groups.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { isFault } from "../../http/faults.ts";
import { noParameters } from "../../http/schema_parts.ts";
import { groupsNamedIn } from "../network_proxies/named_groups.ts";
import { byProjectAndName, viewSecurityGroup } from "../network_proxies/view.ts";
import type { ServersService } from "../servers/service.ts";

/** The query string of `GET /servers/{id}/os-security-groups`. */
export const groupsQuerySchema = noParameters;

/** Puts the endpoint of servers' security groups on an app. */
export function serverSecurityGroupRoutes(
  app: Hono,
  endpoints: Endpoints,
  servers: ServersService,
): void {
  app.get(
    "/servers/:id/os-security-groups",
    endpoints.handler((request) => list(servers, request), { query: groupsQuerySchema }),
  );
}

/** The groups of a server's ports that the caller sees: as in Nova, each once for each port. */
async function list(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const server = await servers.find(request, "os_compute_api:os-security-groups:list");
  if (isFault(server)) return server;
  const theirs = servers.dependencies.networks.onBehalfOf(request);
  const ids = (await theirs.portsOf(server.id)).flatMap(({ securityGroups }) =>
    securityGroups.map(({ id }) => id)
  );
  const groups = await theirs.securityGroupsById([...new Set(ids)]);
  const byId = new Map(groups.map((group) => [group.id, group]));
  const shown = ids.flatMap((id) => byId.get(id) ?? []).sort(byProjectAndName);
  const named = await groupsNamedIn(groups, theirs);
  return {
    status: 200,
    body: { security_groups: shown.map((group) => viewSecurityGroup(group, named)) },
  };
}
