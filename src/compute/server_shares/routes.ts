/**
 * /servers/{id}/shares, from 2.97 on; nova/api/openstack/compute/server_shares.py.
 *
 * As in a Nova whose hosts cannot mount shares (they lack the trait `COMPUTE_STORAGE_VIRTIO_FS`):
 * none can be attached, so no server has any.
 */
import type { Hono } from "hono";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import type { Server } from "../servers/state.ts";
import type { VmState } from "../servers/states.ts";
import type { ServersService } from "../servers/service.ts";
import { shareCreateSchema, shareQuerySchema } from "./schemas.ts";

const since = 97;

/** Puts the endpoints of servers' shares on an app. */
export function serverShareRoutes(app: Hono, endpoints: Endpoints, servers: ServersService): void {
  const handler = endpoints.handler.bind(endpoints);
  const read = { since, query: () => shareQuerySchema };
  const path = "/servers/:id/shares";
  app.get(path, handler((request) => list(servers, request), read));
  app.post(
    path,
    handler((request) => create(servers, request), { since, body: () => shareCreateSchema }),
  );
  app.get(`${path}/:share`, handler((request) => show(servers, request), read));
  app.delete(`${path}/:share`, handler((request) => remove(servers, request), { since }));
}

async function list(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.loadMapped(request, "os_compute_api:os-server-shares:index");
  return isFault(found) ? found : { status: 200, body: { shares: [] } };
}

async function show(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.loadMapped(request, "os_compute_api:os-server-shares:show");
  return isFault(found) ? found : noShare(request);
}

async function create(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.loadMapped(request, "os_compute_api:os-server-shares:create");
  if (isFault(found)) return found;
  const refusal = refuseUnlessIn(["stopped"], request, found.state, "create share");
  if (isRejection(refusal)) return faultOf(refusal);
  return fault(
    409,
    "Feature not supported because either compute or instance are not configured correctly.",
  );
}

async function remove(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.loadMapped(request, "os_compute_api:os-server-shares:delete");
  if (isFault(found)) return found;
  const refusal = refuseUnlessIn(["stopped", "error"], request, found.state, "delete share");
  return isRejection(refusal) ? faultOf(refusal) : noShare(request);
}

function refuseUnlessIn(
  vmStates: readonly VmState[],
  request: NovaRequest,
  { vmState }: Server,
  action: string,
): Rejection | undefined {
  if (vmStates.includes(vmState)) return undefined;
  return reject(
    "Conflict",
    `Cannot '${action}' instance ${request.param("id")} while it is in vm_state ${vmState}`,
  );
}

function noShare(request: NovaRequest): Fault {
  return fault(404, `Share ${request.param("share")} could not be found.`);
}
