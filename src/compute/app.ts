/** The compute API as one Hono app: every resource, on both forms of its path. */
import { Hono } from "hono";
import type { Driver } from "../drivers/driver.ts";
import type { Clock } from "../eventsourcing/clock.ts";
import { type EndpointDependencies, Endpoints } from "../http/endpoint.ts";
import { placeOf } from "../http/paths.ts";
import { assistedSnapshotRoutes } from "./assisted_snapshots/routes.ts";
import { aggregateRoutes } from "./aggregates/routes.ts";
import { zoneRoutes } from "./availability_zones/routes.ts";
import type { CellReach } from "./cell/reach.ts";
import { consoleRoutes } from "./consoles/routes.ts";
import { extensionRoutes } from "./extensions/routes.ts";
import { flavorRoutes } from "./flavors/routes.ts";
import { historyRoutes } from "./history/routes.ts";
import { imageRoutes } from "./images/routes.ts";
import { hostRoutes } from "./hosts/routes.ts";
import { hypervisorRoutes } from "./hypervisors/routes.ts";
import { keyPairRoutes } from "./keypairs/routes.ts";
import { limitRoutes } from "./limits/routes.ts";
import { networkProxyRoutes } from "./network_proxies/routes.ts";
import { migrationRoutes } from "./migrations/routes.ts";
import { quotaRoutes } from "./quotas/routes.ts";
import { removedRoutes } from "./removed/routes.ts";
import { serverGroupRoutes } from "./server_groups/routes.ts";
import { diagnosticsRoutes } from "./server_diagnostics/routes.ts";
import { serverExternalEventRoutes } from "./server_external_events/routes.ts";
import { serverPasswordRoutes } from "./server_password/routes.ts";
import { serverSecurityGroupRoutes } from "./server_security_groups/routes.ts";
import { serverShareRoutes } from "./server_shares/routes.ts";
import { topologyRoutes } from "./server_topology/routes.ts";
import { serverRoutes } from "./servers/routes.ts";
import type { HostStarts } from "./servers/evacuated.ts";
import type { ServersService } from "./servers/service.ts";
import { usageRoutes } from "./usage/routes.ts";
import { usageAuditRoutes } from "./usage_audit/routes.ts";
import { serviceRoutes } from "./services/routes.ts";
import { choices, versionRoutes } from "./versions.ts";
import type { EventSource } from "../store/event_log.ts";
import type { Reader } from "../store/query.ts";

export interface ComputeDependencies extends EndpointDependencies {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly driver: Driver;
  readonly events: EventSource;
  readonly servers: ServersService;
  readonly hostStarts: Pick<HostStarts, "begin">;
  readonly cell: Pick<CellReach, "isDown" | "hides">;
  readonly settings: { readonly maxLimit: number };
}

/**
 * Puts the compute API on the root of an app whose paths are read by `routedPath`.
 *
 * That is what makes `/v2.1/servers` and `/v2.1/{project_id}/servers` one route.
 */
export function computeRoutes(app: Hono, dependencies: ComputeDependencies): void {
  const endpoints = new Endpoints(dependencies);
  versionRoutes(app, endpoints);
  const resources = new Hono();
  serverRoutes(resources, endpoints, dependencies.servers);
  historyRoutes(resources, endpoints, dependencies);
  migrationRoutes(resources, endpoints, dependencies);
  const { committer } = dependencies.servers.dependencies;
  flavorRoutes(resources, endpoints, { ...dependencies, committer });
  keyPairRoutes(resources, endpoints, { ...dependencies, committer });
  limitRoutes(resources, endpoints, dependencies);
  quotaRoutes(resources, endpoints, { ...dependencies, committer });
  serverGroupRoutes(resources, endpoints, { ...dependencies, committer });
  zoneRoutes(resources, endpoints, dependencies);
  const { networks, images } = dependencies.servers.dependencies;
  networkProxyRoutes(resources, endpoints, { ...dependencies, networks });
  diagnosticsRoutes(resources, endpoints, dependencies);
  consoleRoutes(resources, endpoints, dependencies.servers);
  serverPasswordRoutes(resources, endpoints, dependencies.servers);
  serverExternalEventRoutes(resources, endpoints, dependencies.servers);
  serverSecurityGroupRoutes(resources, endpoints, dependencies.servers);
  topologyRoutes(resources, endpoints, dependencies.servers);
  serverShareRoutes(resources, endpoints, dependencies.servers);
  imageRoutes(resources, endpoints, { ...dependencies, images });
  extensionRoutes(resources, endpoints);
  usageRoutes(resources, endpoints, dependencies);
  usageAuditRoutes(resources, endpoints, dependencies);
  assistedSnapshotRoutes(resources, endpoints);
  removedRoutes(resources, endpoints);
  aggregateRoutes(resources, endpoints, { ...dependencies, committer });
  hostRoutes(resources, endpoints, { ...dependencies, committer });
  hypervisorRoutes(resources, endpoints, dependencies);
  serviceRoutes(resources, endpoints, { ...dependencies, committer });
  app.route("/v2.1", resources);
  app.options("/v2.1/*", () => new Response(null, { status: 200 }));
  // Not a route for `/v2.1/*`: a second match would put Hono on its slow path for every request.
  app.notFound((c) => placeOf(c.req.url) ? endpoints.notFound(c) : choices(c));
}
