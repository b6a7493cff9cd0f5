/** /servers/{id}/os-instance-actions; nova/api/openstack/compute/instance_actions.py. */
import type { Hono } from "hono";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { parseTime } from "../../http/formats.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { allows } from "../../http/policy.ts";
import type { EventSource } from "../../store/event_log.ts";
import type { ServerEvent } from "../servers/events.ts";
import type { ServersService } from "../servers/service.ts";
import { hostIdOf, micros } from "../servers/view.ts";
import { type ActionEvent, type InstanceAction, instanceActions } from "./instance_actions.ts";
import { actionListQuerySchema, actionQuerySchema } from "./schemas.ts";

export interface HistoryDependencies {
  readonly events: EventSource;
  readonly servers: ServersService;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the endpoints of servers' history on an app. */
export function historyRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: HistoryDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  app.get(
    "/servers/:id/os-instance-actions",
    handler((request) => list(dependencies, request), { query: actionListQuerySchema }),
  );
  app.get(
    "/servers/:id/os-instance-actions/:request_id",
    handler((request) => show(dependencies, request), { query: actionQuerySchema }),
  );
}

async function list(
  dependencies: HistoryDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const actions = await actionsOf(dependencies, request, "list");
  if (isFault(actions)) return actions;
  if (request.minor < 58) {
    return { status: 200, body: { instanceActions: actions.map((one) => view(one, request)) } };
  }
  const { query } = request;
  const changed = changedWithin(actions, query);
  if (isFault(changed)) return changed;
  const marker = query.get("marker");
  const behind = changed.findIndex(({ requestId }) => requestId === marker);
  if (marker !== null && behind < 0) return fault(400, `marker [${marker}] not found`);
  const size = pageSize(query, dependencies.settings.maxLimit);
  const page = changed.slice(behind + 1, behind + 1 + size);
  const next = nextLink(request.url, query, { size, ids: page.map((one) => one.requestId) });
  return {
    status: 200,
    body: {
      instanceActions: page.map((one) => view(one, request)),
      ...(next && { links: [next] }),
    },
  };
}

function changedWithin(
  actions: readonly InstanceAction[],
  query: URLSearchParams,
): readonly InstanceAction[] | Fault {
  const since = parseTime(query.get("changes-since") ?? "") ?? "";
  const before = parseTime(query.get("changes-before") ?? "") ?? "9";
  if (since > before) {
    return fault(400, "The value of changes-since must be less than or equal to changes-before.");
  }
  return actions.filter(({ updatedAt }) => updatedAt >= since && updatedAt <= before);
}

async function show(
  dependencies: HistoryDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const actions = await actionsOf(dependencies, request, "show");
  if (isFault(actions)) return actions;
  const wanted = request.param("request_id");
  const action = actions.find(({ requestId }) => requestId === wanted);
  if (!action) return fault(404, `Action ${wanted} not found`);
  const { caller, minor } = request;
  const rule = "os_compute_api:os-instance-actions:events";
  const seesAll = allows(rule, caller, action.projectId);
  const events = action.events.toReversed().map((event) => viewEvent(event, action, request));
  return {
    status: 200,
    body: {
      instanceAction: { ...view(action, request), ...((minor >= 51 || seesAll) && { events }) },
    },
  };
}

async function actionsOf(
  { events, servers }: HistoryDependencies,
  request: NovaRequest,
  rule: "list" | "show",
): Promise<readonly InstanceAction[] | Fault> {
  const found = await servers.find(request, `os_compute_api:os-instance-actions:${rule}`, {
    // From 2.21 the history of a server outlives it.
    deletedToo: request.minor >= 21,
  });
  if (isFault(found)) return found;
  const limit = Number.MAX_SAFE_INTEGER;
  const stream = `server-${found.id}`;
  return instanceActions(await events.read({ stream, limit }) as Recorded<ServerEvent>[]);
}

function view(action: InstanceAction, request: NovaRequest): object {
  return {
    action: action.action,
    instance_uuid: request.param("id").toLowerCase(),
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: micros(action.startedAt),
    message: action.events.some(({ result }) => result === "Error") ? "Error" : null,
    ...(request.minor >= 58 && { updated_at: micros(action.updatedAt) }),
  };
}

function viewEvent(
  event: ActionEvent,
  { projectId }: InstanceAction,
  { minor, caller }: NovaRequest,
): object {
  const seesAll = allows("os_compute_api:os-instance-actions:events", caller, projectId);
  const seesDetails = allows(
    "os_compute_api:os-instance-actions:events:details",
    caller,
    projectId,
  );
  return {
    event: event.name,
    start_time: micros(event.startedAt),
    finish_time: micros(event.finishedAt),
    result: event.result,
    ...(seesAll && { traceback: null }),
    ...(minor >= 62 && {
      hostId: event.host === null ? "" : hostIdOf(projectId, event.host),
      ...(seesAll && { host: event.host }),
    }),
    ...(minor >= 84 && seesDetails && { details: event.details }),
  };
}
