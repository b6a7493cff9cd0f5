/** /os-simple-tenant-usage: list, show; nova/api/openstack/compute/simple_tenant_usage.py. */
import type { Hono } from "hono";
import type { Clock } from "../../eventsourcing/clock.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, isFault } from "../../http/faults.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import { type Period, readPeriod, timestampOf } from "./period.ts";
import { listUsed } from "./projection.ts";
import { usageListQuerySchema, usageQuerySchema } from "./schemas.ts";
import { type ServerUsage, usageOfProject, usageOfServer } from "./view.ts";

export interface UsageDependencies {
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
  readonly clock: Clock;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the usage reports' endpoints on an app. */
export function usageRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: UsageDependencies,
): void {
  app.get(
    "/os-simple-tenant-usage",
    endpoints.handler((request) => list(dependencies, request), { query: usageListQuerySchema }),
  );
  app.get(
    "/os-simple-tenant-usage/:project",
    endpoints.handler((request) => show(dependencies, request), { query: usageQuerySchema }),
  );
}

async function list(dependencies: UsageDependencies, request: NovaRequest): Promise<Outcome> {
  const { caller, query } = request;
  const rule = "os_compute_api:os-simple-tenant-usage:list";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const report = await reportOf(dependencies, request, undefined);
  if (isFault(report)) return report;
  const { servers, period, links } = report;
  const isDetailed = query.getAll("detailed").find((value) => value !== "") === "1";
  const byProject = Map.groupBy(servers, ({ tenant_id }) => tenant_id);
  const tenant_usages = [...byProject].map(([projectId, usages]) =>
    usageOfProject(projectId, usages, period, isDetailed)
  );
  return { status: 200, body: { tenant_usages, ...(links && { tenant_usages_links: links }) } };
}

async function show(dependencies: UsageDependencies, request: NovaRequest): Promise<Outcome> {
  const projectId = request.param("project");
  const rule = "os_compute_api:os-simple-tenant-usage:show";
  const refusal = refuseUnlessAllowed(rule, request.caller, projectId);
  if (refusal) return refusal;
  const report = await reportOf(dependencies, request, projectId);
  if (isFault(report)) return report;
  const { servers, period, links } = report;
  // A project without servers in the period has no report at all.
  const tenant_usage = servers.length === 0 ? {} : usageOfProject(projectId, servers, period, true);
  return { status: 200, body: { tenant_usage, ...(links && { tenant_usage_links: links }) } };
}

interface Report {
  readonly period: Period;
  readonly servers: readonly ServerUsage[];
  /** To the next page, if the page is full. */
  readonly links: readonly object[] | undefined;
}

/** What was used by the servers of a page: below 2.40 there is only the first. */
async function reportOf(
  { reader, cell, clock, settings }: UsageDependencies,
  { query, minor, url }: NovaRequest,
  projectId: string | undefined,
): Promise<Report | Fault> {
  const period = readPeriod(query, clock());
  if (isFault(period)) return period;
  if (cell.isDown) return CELL_OUT_OF_REACH;
  const isInPages = minor >= 40;
  const size = isInPages ? pageSize(query, settings.maxLimit) : settings.maxLimit;
  const marker = isInPages ? query.getAll("marker").at(-1) : undefined;
  const found = await listUsed(reader, {
    before: timestampOf(period.stop),
    after: timestampOf(period.start),
    projectId,
    size,
    marker,
  });
  if (found === "unknownMarker") return fault(400, `Marker ${marker} could not be found.`);
  const servers = found.map((server) => usageOfServer(server, period));
  const next = isInPages
    ? nextLink(url, query, { size, ids: servers.map(({ instance_id }) => instance_id) })
    : undefined;
  return { period, servers, links: next && [next] };
}
