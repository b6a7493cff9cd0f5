/** /os-hypervisors: list, detail, show, and what older clients ask; hypervisors.py. */
import type { Hono } from "hono";
import type { Clock } from "../../eventsourcing/clock.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, isFault } from "../../http/faults.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { canonicalUuid, isTrueWord, isUuidLike, wholeNumber } from "../../http/words.ts";
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import {
  findHost,
  type HostQuery,
  type KnownHost,
  listHosts,
  serviceOf,
} from "../hosts/projection.ts";
import { serversOn, usageByHost, usageOf } from "../hosts/projection_usage.ts";
import { hypervisorQuerySchema, listQuerySchema, showQuerySchema } from "./schemas.ts";
import { type Hypervisor, uptimeText, viewHypervisor, viewShort, viewStatistics } from "./view.ts";

export interface HypervisorsDependencies {
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
  readonly clock: Clock;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the hypervisors' endpoints on an app. */
export function hypervisorRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: HypervisorsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = () => hypervisorQuerySchema;
  app.get(
    "/os-hypervisors",
    handler((request) => list(dependencies, request), { query: listQuerySchema }),
  );
  app.get(
    "/os-hypervisors/detail",
    handler((request) => detail(dependencies, request), { query: listQuerySchema }),
  );
  app.get(
    "/os-hypervisors/statistics",
    handler((request) => statistics(dependencies, request), { until: 87, query }),
  );
  app.get(
    "/os-hypervisors/:id",
    handler((request) => show(dependencies, request), { query: showQuerySchema }),
  );
  app.get(
    "/os-hypervisors/:id/uptime",
    handler((request) => uptime(dependencies, request), { until: 87, query }),
  );
  app.get(
    "/os-hypervisors/:id/search",
    handler((request) => search(dependencies, request, "search"), { until: 52, query }),
  );
  app.get(
    "/os-hypervisors/:id/servers",
    handler((request) => search(dependencies, request, "servers"), { until: 52, query }),
  );
}

/** 403 by the rule; 500 when the cell, which alone knows its hypervisors, cannot be reached. */
function refuseUnless(
  rule: Rule,
  { cell }: HypervisorsDependencies,
  { caller }: NovaRequest,
): Fault | undefined {
  return refuseUnlessAllowed(rule, caller, caller.projectId) ??
    (cell.isDown ? CELL_OUT_OF_REACH : undefined);
}

async function list(dependencies: HypervisorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hypervisors:list", dependencies, request);
  return refusal ?? await listIn(dependencies, request, viewShort);
}

async function detail(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hypervisors:list-detail", dependencies, request);
  return refusal ?? await listIn(dependencies, request, viewHypervisor);
}

async function listIn(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
  view: (hypervisor: Hypervisor, minor: number) => object,
): Promise<Outcome> {
  const { minor, query } = request;
  const pattern = minor >= 53 ? query.get("hypervisor_hostname_pattern") : null;
  const page = pattern === null
    ? await pageOf(dependencies, request)
    : await matching(dependencies, request, pattern);
  if (isFault(page)) return page;
  const withServers = minor >= 53 && isTrueWord(query.get("with_servers") ?? false);
  const shown = await hypervisorsOf(dependencies, request, page, { withServers });
  const size = pageSize(query, dependencies.settings.maxLimit);
  const ids = shown.map(({ id }) => String(id));
  const next = minor >= 33 && pattern === null
    ? nextLink(request.url, query, { size, ids })
    : undefined;
  const hypervisors = shown.map((one) => view(one, minor));
  return { status: 200, body: { hypervisors, ...(next && { hypervisors_links: [next] }) } };
}

/** Below 2.33 there are no pages. */
async function pageOf(
  { reader, settings }: HypervisorsDependencies,
  { minor, query }: NovaRequest,
): Promise<readonly KnownHost[] | Fault> {
  if (minor < 33) return await listHosts(reader);
  const limit = pageSize(query, settings.maxLimit);
  const marker = query.getAll("marker").at(-1);
  // The empty text is no marker.
  if (!marker) return await listHosts(reader, { limit });
  const last = await findHost(reader, byId(marker));
  if (!last) return fault(400, `marker [${marker}] not found`);
  return await listHosts(reader, { after: last.state.number, limit });
}

/** 404 when no node has a name like this; pages of them there are none. */
async function matching(
  { reader }: HypervisorsDependencies,
  { query }: NovaRequest,
  pattern: string,
): Promise<readonly KnownHost[] | Fault> {
  if (query.has("limit") || query.get("marker")) {
    return fault(
      400,
      "Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not " +
        "supported.",
    );
  }
  return await findLike(reader, pattern);
}

async function findLike(reader: Reader, pattern: string): Promise<readonly KnownHost[] | Fault> {
  const found = await listHosts(reader, { nodePattern: pattern });
  if (found.length > 0) return found;
  return fault(404, `No hypervisor matching '${pattern}' could be found.`);
}

/** Hosts as the hypervisors they are. */
async function hypervisorsOf(
  { reader, clock }: HypervisorsDependencies,
  { minor }: NovaRequest,
  hosts: readonly KnownHost[],
  { withServers }: { readonly withServers: boolean },
): Promise<readonly Hypervisor[]> {
  const usages = await usageByHost(reader);
  return await Promise.all(hosts.map(async (host): Promise<Hypervisor> => {
    const { name, state, hypervisorId, serviceId } = host;
    const { up, enabled } = serviceOf(state);
    const { node, vcpus, ramMib, diskGib } = state;
    return {
      id: minor >= 53 ? hypervisorId : state.number,
      serviceId: minor >= 53 ? serviceId : state.number,
      host: name,
      up,
      enabled,
      disabledReason: state.disabled?.reason ?? null,
      node,
      vcpus,
      ramMib,
      diskGib,
      usage: usageOf(usages, name),
      uptime: up ? uptimeText(Date.parse(state.addedAt), clock()) : null,
      ...(withServers && {
        servers: (await serversOn(reader, name)).map(({ id, state: { number } }) => ({
          id,
          number,
        })),
      }),
    };
  }));
}

async function statistics(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hypervisors:statistics", dependencies, request);
  if (refusal) return refusal;
  const hosts = await listHosts(dependencies.reader);
  const all = await hypervisorsOf(dependencies, request, hosts, { withServers: false });
  return { status: 200, body: { hypervisor_statistics: viewStatistics(all) } };
}

async function show(dependencies: HypervisorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hypervisors:show", dependencies, request);
  if (refusal) return refusal;
  const { minor, query } = request;
  const withServers = minor >= 53 && isTrueWord(query.get("with_servers") ?? false);
  const found = await find(dependencies, request, { withServers });
  if (isFault(found)) return found;
  return { status: 200, body: { hypervisor: viewHypervisor(found, minor) } };
}

async function uptime(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hypervisors:uptime", dependencies, request);
  if (refusal) return refusal;
  const found = await find(dependencies, request, { withServers: false });
  if (isFault(found)) return found;
  if (found.uptime === null) {
    return fault(400, `Compute service of ${found.host} is unavailable at this time.`);
  }
  const hypervisor = { ...viewShort(found, request.minor), uptime: found.uptime };
  return { status: 200, body: { hypervisor } };
}

/** The hypervisor in the path: 400 for what is no UUID from 2.53 on, 404 unless it is there. */
async function find(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
  options: { readonly withServers: boolean },
): Promise<Hypervisor | Fault> {
  const id = request.param("id");
  if (request.minor >= 53 && !isUuidLike(id)) return fault(400, `Invalid uuid ${id}`);
  const query = request.minor < 53 && wholeNumber(id) === undefined ? undefined : byId(id);
  const host = query && await findHost(dependencies.reader, query);
  if (!host) return fault(404, `Hypervisor with ID '${id}' could not be found.`);
  return (await hypervisorsOf(dependencies, request, [host], options))[0]!;
}

function byId(id: string): HostQuery {
  if (isUuidLike(id)) return { hypervisorId: canonicalUuid(id) };
  return { number: wholeNumber(id) ?? -1 };
}

/** Below 2.53: hypervisors by part of their name, without or with their servers. */
async function search(
  dependencies: HypervisorsDependencies,
  request: NovaRequest,
  what: "search" | "servers",
): Promise<Outcome> {
  const refusal = refuseUnless(`os_compute_api:os-hypervisors:${what}`, dependencies, request);
  if (refusal) return refusal;
  const found = await findLike(dependencies.reader, request.param("id"));
  if (isFault(found)) return found;
  const withServers = what === "servers";
  const shown = await hypervisorsOf(dependencies, request, found, { withServers });
  return { status: 200, body: { hypervisors: shown.map((one) => viewShort(one, request.minor)) } };
}
