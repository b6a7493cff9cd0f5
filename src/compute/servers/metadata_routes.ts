/** /servers/{id}/metadata; nova/api/openstack/compute/server_metadata.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import { limitsOf } from "../quotas/projection.ts";
import {
  type DeleteServerMetadataItem,
  deleteServerMetadataItem,
  type UpdateServerMetadata,
  updateServerMetadata,
} from "./decide/mod.ts";
import { metadataQuerySchema } from "./query_schemas.ts";
import { metadataItemSchema, metadataSchema } from "./schemas.ts";
import { actorOf, type ServersService } from "./service.ts";

export function metadataRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  service: ServersService,
): void {
  const query = metadataQuerySchema;
  const body = () => metadataSchema;
  app.get("/servers/:id/metadata", handler((request) => index(service, request), { query }));
  app.post(
    "/servers/:id/metadata",
    handler((request) => updateAll(service, request, { replace: false }), { body }),
  );
  app.put(
    "/servers/:id/metadata",
    handler((request) => updateAll(service, request, { replace: true }), { body }),
  );
  app.get("/servers/:id/metadata/:key", handler((request) => show(service, request), { query }));
  app.put(
    "/servers/:id/metadata/:key",
    handler((request) => updateItem(service, request), { body: () => metadataItemSchema }),
  );
  app.delete("/servers/:id/metadata/:key", handler((request) => deleteItem(service, request)));
}

async function index(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:server-metadata:index");
  if (isFault(found)) return found;
  return { status: 200, body: { metadata: found.state.metadata } };
}

async function show(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:server-metadata:show");
  if (isFault(found)) return found;
  const key = request.param("key");
  const { metadata } = found.state;
  if (!Object.hasOwn(metadata, key)) return fault(404, "Metadata item was not found");
  return { status: 200, body: { meta: { [key]: metadata[key] } } };
}

async function updateAll(
  service: ServersService,
  request: NovaRequest,
  { replace }: { readonly replace: boolean },
): Promise<Outcome> {
  const { metadata } = request.body as { metadata: Record<string, string> };
  const rule = replace
    ? "os_compute_api:server-metadata:update_all"
    : "os_compute_api:server-metadata:create";
  const updated = await change(service, request, { rule, items: metadata, replace });
  return isFault(updated) ? updated : { status: 200, body: { metadata: updated } };
}

async function updateItem(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const { meta } = request.body as { meta: Record<string, string> };
  const key = request.param("key");
  const rule = "os_compute_api:server-metadata:update";
  if (!Object.hasOwn(meta, key)) {
    const found = await service.find(request, rule);
    return isFault(found) ? found : fault(400, "Request body and URI mismatch");
  }
  const updated = await change(service, request, { rule, items: meta, replace: false });
  return isFault(updated) ? updated : { status: 200, body: { meta } };
}

async function change(
  service: ServersService,
  request: NovaRequest,
  { rule, items, replace }: {
    readonly rule: Rule;
    readonly items: Record<string, string>;
    readonly replace: boolean;
  },
): Promise<Readonly<Record<string, string>> | Fault> {
  const found = await service.find(request, rule);
  if (isFault(found)) return found;
  const { metadata_items } = await limitsOf(service.dependencies.reader, found.project_id);
  const command: UpdateServerMetadata = {
    type: "UpdateServerMetadata",
    id: found.id,
    by: actorOf(request),
    items,
    replace,
    limit: metadata_items,
  };
  const updated = await service.command(
    request,
    found.id,
    command,
    (server) => updateServerMetadata(command, server),
  );
  return isFault(updated) ? updated : updated.state.metadata;
}

async function deleteItem(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:server-metadata:delete");
  if (isFault(found)) return found;
  const command: DeleteServerMetadataItem = {
    type: "DeleteServerMetadataItem",
    id: found.id,
    by: actorOf(request),
    key: request.param("key"),
  };
  const deleted = await service.command(
    request,
    found.id,
    command,
    (server) => deleteServerMetadataItem(command, server),
  );
  return isFault(deleted) ? deleted : { status: 204 };
}
