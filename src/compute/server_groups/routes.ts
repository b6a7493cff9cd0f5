/** /os-server-groups: list, create, show, delete; nova/api/openstack/compute/server_groups.py. */
import type { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { decideIn, handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import { limitsOf, userLimitsOf } from "../quotas/projection.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import {
  createServerGroup,
  deleteServerGroup,
  type GroupPolicy,
  notFound,
  type ServerGroup,
  type ServerGroupCreated,
} from "./decider.ts";
import {
  countServerGroups,
  findServerGroup,
  listServerGroups,
  membersOf,
  serverGroups,
} from "./projection.ts";
import { createSchema, listQuerySchema, serverGroupQuerySchema } from "./schemas.ts";
import { viewServerGroup } from "./view.ts";

export interface ServerGroupsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the server groups' endpoints on an app. */
export function serverGroupRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: ServerGroupsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  app.get(
    "/os-server-groups",
    handler((request) => list(dependencies, request), { query: listQuerySchema }),
  );
  app.post(
    "/os-server-groups",
    handler((request) => create(dependencies, request), { body: createSchema }),
  );
  app.get(
    "/os-server-groups/:id",
    handler((request) => show(dependencies, request), { query: serverGroupQuerySchema }),
  );
  app.delete("/os-server-groups/:id", handler((request) => remove(dependencies, request)));
}

async function list(
  { reader, settings }: ServerGroupsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller, query, minor } = request;
  const rule = "os_compute_api:os-server-groups:index";
  const isOfAll = query.has("all_projects") && caller.isAdmin;
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId) ??
    (isOfAll ? refuseUnlessAllowed(`${rule}:all_projects`, caller, caller.projectId) : undefined);
  if (refusal) return refusal;
  const found = await listServerGroups(reader, {
    projectId: isOfAll ? undefined : caller.projectId,
    offset: Number(query.getAll("offset").at(-1) ?? 0),
    // A limit of 0 is none.
    size: pageSize(query, settings.maxLimit) || settings.maxLimit,
  });
  const members = await membersOf(reader, found);
  const server_groups = found.map((group) => viewServerGroup(group, members.get(group.id)!, minor));
  return { status: 200, body: { server_groups } };
}

async function show({ reader }: ServerGroupsDependencies, request: NovaRequest): Promise<Outcome> {
  const found = await find(reader, request, "show");
  if (isFault(found)) return found;
  const members = (await membersOf(reader, [found])).get(found.id)!;
  return { status: 200, body: { server_group: viewServerGroup(found, members, request.minor) } };
}

/** The group in the path: 404 unless it is there, 403 where it is another project's. */
async function find(
  reader: Reader,
  request: NovaRequest,
  operation: "show" | "delete",
): Promise<Versioned<ServerGroup> | Fault> {
  const id = request.param("id");
  const found = await findServerGroup(reader, id);
  if (!found) return fault(404, notFound(id));
  const rule = `os_compute_api:os-server-groups:${operation}` as const;
  return refuseUnlessAllowed(rule, request.caller, found.state.projectId) ?? found;
}

/** The body of a create: a list of one policy below 2.64, then the policy and its rules. */
interface AskedGroup {
  readonly name: string;
  readonly policies?: readonly [GroupPolicy];
  readonly policy?: GroupPolicy;
  readonly rules?: { readonly max_server_per_host?: number | string };
}

async function create(
  { committer }: ServerGroupsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller: { projectId, userId }, caller, minor } = request;
  const rule = "os_compute_api:os-server-groups:create";
  const refusal = refuseUnlessAllowed(rule, caller, projectId);
  if (refusal) return refusal;
  const { server_group: asked } = request.body as { server_group: AskedGroup };
  const group = readGroup(asked, { projectId, userId });
  const type = "CreateServerGroup";
  const created = await committer.submit(metadataOf(request, type), async (unit) => {
    const [ofProject, ofUser] = [
      {
        owned: await countServerGroups(unit, { projectId }),
        limit: (await limitsOf(unit, projectId)).server_groups,
      },
      {
        owned: await countServerGroups(unit, { projectId, userId }),
        limit: (await userLimitsOf(unit, projectId, userId)).server_groups,
      },
    ];
    const command = { type, group, quota: { ofProject, ofUser } } as const;
    const id = crypto.randomUUID();
    return await decideIn(unit, serverGroups, id, (state) => createServerGroup(command, state));
  });
  if (isRejection(created)) return faultOf(created);
  return { status: 200, body: { server_group: viewServerGroup(created, [], minor) } };
}

function readGroup(
  { name, policies, policy, rules }: AskedGroup,
  owner: { readonly projectId: string; readonly userId: string },
): ServerGroupCreated["data"] {
  const most = rules?.max_server_per_host;
  return {
    ...owner,
    name,
    // One of the two is there, by the schema of the microversion.
    policy: policy ?? policies![0],
    maxServersPerHost: most === undefined ? null : Number(most),
  };
}

async function remove(
  { committer, reader }: ServerGroupsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const found = await find(reader, request, "delete");
  if (isFault(found)) return found;
  const command = { type: "DeleteServerGroup", id: found.id } as const;
  const outcome = await handle(
    committer,
    serverGroups,
    found.id,
    metadataOf(request, command.type),
    (group) => deleteServerGroup(command, group),
  );
  return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
}
