/** /servers/{id}/topology, from 2.78 on; nova/api/openstack/compute/server_topology.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { isFault } from "../../http/faults.ts";
import { allows } from "../../http/policy.ts";
import { noParameters } from "../../http/schema_parts.ts";
import type { ServersService } from "../servers/service.ts";
import { type Node, topologyOf } from "./topology.ts";

/** The query string of `GET /servers/{id}/topology`. */
export const topologyQuerySchema = noParameters;

/** Puts the endpoint of servers' topology on an app. */
export function topologyRoutes(app: Hono, endpoints: Endpoints, servers: ServersService): void {
  app.get(
    "/servers/:id/topology",
    endpoints.handler((request) => show(servers, request), {
      since: 78,
      query: topologyQuerySchema,
    }),
  );
}

async function show(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.load(request, "compute:server:topology:index");
  if (isFault(found)) return found;
  const rule = "compute:server:topology:host:index";
  const seesHost = allows(rule, request.caller, found.state.projectId);
  const { nodes, pageSizeKib } = topologyOf(found.state);
  return {
    status: 200,
    body: {
      nodes: nodes.map((node, number) => ({
        ...view(node),
        ...(seesHost && { host_node: number, cpu_pinning: Object.fromEntries(node.pinning) }),
      })),
      pagesize_kb: pageSizeKib,
    },
  };
}

function view({ vcpus, memoryMib }: Node): object {
  // Hosts have no CPUs that share a core, so the guest's have no siblings.
  return { vcpu_set: vcpus, siblings: [], memory_mb: memoryMib };
}
