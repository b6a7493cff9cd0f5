/**
 * /servers/{id}/os-server-password; nova/api/openstack/compute/server_password.py.
 *
 * A password is there once a guest has sent one, encrypted, to the metadata service. There is no
 * such service, so no guest ever has.
 */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { isFault } from "../../http/faults.ts";
import { noParameters } from "../../http/schema_parts.ts";
import type { ServersService } from "../servers/service.ts";

/** The query string of `GET /servers/{id}/os-server-password`. */
export const passwordQuerySchema = noParameters;

/** Puts the endpoints of servers' passwords on an app. */
export function serverPasswordRoutes(
  app: Hono,
  endpoints: Endpoints,
  servers: ServersService,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const path = "/servers/:id/os-server-password";
  app.get(path, handler((request) => show(servers, request), { query: passwordQuerySchema }));
  app.delete(path, handler((request) => clear(servers, request)));
}

async function show(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.find(request, "os_compute_api:os-server-password:show");
  return isFault(found) ? found : { status: 200, body: { password: "" } };
}

async function clear(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.find(request, "os_compute_api:os-server-password:clear");
  return isFault(found) ? found : { status: 204 };
}
