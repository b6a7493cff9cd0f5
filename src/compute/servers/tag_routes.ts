/** /servers/{id}/tags, from microversion 2.26; nova/api/openstack/compute/server_tags.py. */
import type { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import { bodyProblem } from "../../http/schema.ts";
import { type UpdateServerTags, updateServerTags } from "./decide/mod.ts";
import { tagBodySchema, tagSchema, tagsSchema } from "./schemas.ts";
import { actorOf, type ServersService } from "./service.ts";
import type { Server } from "./state.ts";

export function tagRoutes(app: Hono, handler: Endpoints["handler"], service: ServersService): void {
  const since = 26;
  app.get("/servers/:id/tags", handler((request) => index(service, request), { since }));
  app.put(
    "/servers/:id/tags",
    handler((request) => replaceAll(service, request), { since, body: () => tagsSchema }),
  );
  app.delete("/servers/:id/tags", handler((request) => deleteAll(service, request), { since }));
  app.get("/servers/:id/tags/:tag", handler((request) => check(service, request), { since }));
  app.put(
    "/servers/:id/tags/:tag",
    handler((request) => add(service, request), { since, body: () => tagBodySchema }),
  );
  app.delete("/servers/:id/tags/:tag", handler((request) => remove(service, request), { since }));
}

async function index(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.loadMapped(request, "os_compute_api:os-server-tags:index");
  return isFault(found) ? found : { status: 200, body: { tags: found.state.tags } };
}

async function check(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.loadMapped(request, "os_compute_api:os-server-tags:show");
  if (isFault(found)) return found;
  const tag = request.param("tag");
  if (found.state.tags.includes(tag)) return { status: 204 };
  return fault(404, `Server ${request.param("id")} has no tag '${tag}'`);
}

async function replaceAll(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const { tags } = request.body as { tags: string[] };
  const rule = "os_compute_api:os-server-tags:update_all";
  const changed = await change(service, request, { rule, change: { replaceAll: tags } });
  return isFault(changed) ? changed : { status: 200, body: { tags: changed.after.state.tags } };
}

async function deleteAll(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-server-tags:delete_all";
  const changed = await change(service, request, { rule, change: { replaceAll: [] } });
  return isFault(changed) ? changed : { status: 204 };
}

async function add(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-server-tags:update";
  const tag = request.param("tag");
  const problem = bodyProblem(tagSchema, tag);
  if (problem !== undefined) {
    // Unlike a body, a tag in the path is looked at when the server has been found.
    const found = await service.loadMapped(request, rule);
    return isFault(found) ? found : invalidTag(tag, problem);
  }
  const changed = await change(service, request, { rule, change: { add: tag } });
  if (isFault(changed)) return changed;
  // webob's own type: Nova's controller makes this response itself.
  const type = { "content-type": "text/html; charset=UTF-8" };
  if (changed.before.state.tags.includes(tag)) return { status: 204, headers: type };
  const location = `${request.selfBase}/servers/${changed.after.id}/tags/${
    encodeURIComponent(tag)
  }`;
  return { status: 201, headers: { ...type, location } };
}

function invalidTag(tag: string, problem: string): Fault {
  return fault(
    400,
    `Tag '${tag}' is invalid. It must be a non empty string without characters '/' and ','. ` +
      `Validation error message: ${problem}`,
  );
}

async function remove(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-server-tags:delete";
  const changed = await change(service, request, {
    rule,
    change: { remove: request.param("tag") },
  });
  return isFault(changed) ? changed : { status: 204 };
}

async function change(
  service: ServersService,
  request: NovaRequest,
  { rule, change }: { readonly rule: Rule; readonly change: UpdateServerTags["change"] },
): Promise<{ before: Versioned<Server>; after: Versioned<Server> } | Fault> {
  const before = await service.loadMapped(request, rule);
  if (isFault(before)) return before;
  const command: UpdateServerTags = {
    type: "UpdateServerTags",
    id: before.id,
    by: actorOf(request),
    change,
  };
  const after = await service.command(
    request,
    before.id,
    command,
    (server) => updateServerTags(command, server),
  );
  return isFault(after) ? after : { before, after };
}
