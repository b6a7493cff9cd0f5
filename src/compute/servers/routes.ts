/** /servers: list, detail, create, show, update, delete, action. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, isFault } from "../../http/faults.ts";
import type { Minor } from "../../http/microversions.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { JsonSchema } from "../../http/schema.ts";
import { act } from "./act.ts";
import { readAction } from "./actions/mod.ts";
import { create } from "./create.ts";
import { type DeleteServer, deleteServer, type UpdateServer, updateServer } from "./decide/mod.ts";
import { interfaceRoutes } from "./interface_routes.ts";
import { readList } from "./list_request.ts";
import { metadataRoutes } from "./metadata_routes.ts";
import { listOutOfReach, showOutOfReach } from "./out_of_reach.ts";
import { findServer } from "./projection.ts";
import { type ListedServer, listServers, statesOf } from "./projection_list.ts";
import {
  addressesQuerySchema,
  detailQuerySchema,
  listQuerySchema,
  showQuerySchema,
} from "./query_schemas.ts";
import { readUpdate } from "./requests.ts";
import { createSchema, updateSchema } from "./schemas.ts";
import { actorOf, type ServersService } from "./service.ts";
import { tagRoutes } from "./tag_routes.ts";
import { volumeRoutes } from "./volume_routes.ts";
import { viewAddresses, viewShort } from "./view.ts";

/** Puts the servers' endpoints on an app. */
export function serverRoutes(app: Hono, endpoints: Endpoints, service: ServersService): void {
  const handler = endpoints.handler.bind(endpoints);

  app.get(
    "/servers",
    handler((request) => list(service, request, "index"), { query: listQuerySchema }),
  );
  app.get(
    "/servers/detail",
    handler((request) => list(service, request, "detail"), { query: detailQuerySchema }),
  );
  app.post("/servers", handler((request) => create(service, request), { body: createSchema }));
  app.get(
    "/servers/:id",
    handler((request) => show(service, request), { query: showQuerySchema }),
  );
  app.put("/servers/:id", handler((request) => update(service, request), { body: updateSchema }));
  app.delete("/servers/:id", handler((request) => remove(service, request)));
  app.post(
    "/servers/:id/action",
    handler((request) => act(service, request), { readBody: readAction }),
  );
  const query = addressesQuerySchema;
  app.get("/servers/:id/ips", handler((request) => addresses(service, request), { query }));
  app.get(
    "/servers/:id/ips/:network",
    handler((request) => networkAddresses(service, request), { query }),
  );
  metadataRoutes(app, handler, service);
  tagRoutes(app, handler, service);
  volumeRoutes(app, handler, service);
  interfaceRoutes(app, handler, service);
}

async function show(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const partial = await showOutOfReach(service, request);
  if (partial) return partial;
  const found = await service.find(request, "os_compute_api:servers:show");
  if (isFault(found)) return found;
  const renderer = service.renderer(request, "show");
  const text = renderer.rendered(found) ??
    renderer.render((await findServer(service.dependencies.reader, found.id))!);
  return { status: 200, body: `{"server":${text}}` };
}

async function list(
  service: ServersService,
  request: NovaRequest,
  operation: "index" | "detail",
): Promise<Outcome> {
  const { caller } = request;
  const forbidden = refuseUnlessAllowed(
    `os_compute_api:servers:${operation}`,
    caller,
    caller.projectId,
  );
  if (forbidden) return forbidden;
  const known = service.knownPage(request);
  if (known !== undefined) return { status: 200, body: known };
  const body = await listAnew(service, request, operation);
  if (typeof body !== "string") return body;
  service.keepPage(request, body);
  return { status: 200, body };
}

async function listAnew(
  service: ServersService,
  request: NovaRequest,
  operation: "index" | "detail",
): Promise<string | Fault> {
  const { caller, minor } = request;
  const query = knownParameters(request.query, listQuerySchema, minor);
  const size = pageSize(query, service.dependencies.settings.maxLimit);
  const wanted = readList({ operation, query, caller, minor, limit: size });
  if (wanted === "nothing") return '{"servers":[]}';
  if (isFault(wanted)) return wanted;
  const { reader, cell } = service.dependencies;
  const page = await listServers(reader, wanted, { withoutCell: cell.isDown });
  if (page === "unreachableMarker") return CELL_OUT_OF_REACH;
  if (page === "unknownMarker") return fault(400, `marker [${wanted.marker}] not found`);
  const pieces = operation === "index"
    ? page.map(({ id, display_name }) => JSON.stringify(viewShort(id, display_name, request)))
    : await detailPieces(service, request, page);
  const room = size - page.length;
  const lost = await listOutOfReach(service, request, { query: wanted, operation, room });
  const ids = [...lost.ids, ...page.map(({ id }) => id)];
  const next = nextLink(request.url, query, { size, ids });
  const links = next ? `,"servers_links":${JSON.stringify([next])}` : "";
  return `{"servers":[${[...lost.pieces, ...pieces].join(",")}]${links}}`;
}

/** Drops parameters that this microversion does not know; the schema has refused them from 2.75. */
function knownParameters(
  query: URLSearchParams,
  schemaOf: (minor: Minor) => JsonSchema,
  minor: Minor,
): URLSearchParams {
  const known = schemaOf(minor).properties ?? {};
  return new URLSearchParams(
    [...query].filter(([name]) => Object.hasOwn(known, name) || name.startsWith("_")),
  );
}

/** Each server's JSON: as it was rendered before, or from its state, read in one query for all. */
async function detailPieces(
  service: ServersService,
  request: NovaRequest,
  page: readonly ListedServer[],
): Promise<readonly string[]> {
  const renderer = service.renderer(request, "detail");
  const ready = page.map((server) => renderer.rendered(server));
  const missing = page.filter((_, place) => ready[place] === undefined);
  const states = await statesOf(service.dependencies.reader, missing.map(({ id }) => id));
  return page.map(({ id, version }, place) =>
    ready[place] ?? renderer.render({ id, version, state: states.get(id)! })
  );
}

async function update(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:servers:update");
  if (isFault(found)) return found;
  const command: UpdateServer = {
    type: "UpdateServer",
    id: found.id,
    by: actorOf(request),
    changes: readUpdate(request.body),
  };
  const updated = await service.command(
    request,
    found.id,
    command,
    (server) => updateServer(command, server),
  );
  if (isFault(updated)) return updated;
  return { status: 200, body: `{"server":${service.renderer(request, "update").render(updated)}}` };
}

async function remove(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:servers:delete");
  if (isFault(found)) return found;
  const command: DeleteServer = {
    type: "DeleteServer",
    id: found.id,
    by: actorOf(request),
    isSoft: service.dependencies.settings.reclaimSeconds > 0,
  };
  const deleted = await service.command(
    request,
    found.id,
    command,
    (server) => deleteServer(command, server),
  );
  return isFault(deleted) ? deleted : { status: 204 };
}

async function addresses(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:ips:index");
  if (isFault(found)) return found;
  return { status: 200, body: { addresses: viewAddresses(found.state) } };
}

async function networkAddresses(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:ips:show");
  if (isFault(found)) return found;
  const network = request.param("network");
  const all = viewAddresses(found.state);
  if (!Object.hasOwn(all, network)) return noSuchNetwork();
  return { status: 200, body: { [network]: all[network] } };
}

function noSuchNetwork(): Fault {
  return fault(404, "Instance is not a member of specified network");
}
