/** What compute once did of networking, and passes on to the network service until 2.35. */
import type { Hono } from "hono";
import type { Endpoints } from "../../http/endpoint.ts";
import { floatingIpRoutes } from "./floating_ip_routes.ts";
import { goneRoutes } from "./gone_routes.ts";
import { networkListRoutes } from "./network_list_routes.ts";
import type { NetworkProxiesDependencies } from "./proxies.ts";
import { securityGroupRoutes } from "./security_group_routes.ts";

/** Puts the network proxies' endpoints on an app, and those that are gone for good. */
export function networkProxyRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: NetworkProxiesDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  networkListRoutes(app, handler, dependencies);
  floatingIpRoutes(app, handler, dependencies);
  securityGroupRoutes(app, handler, dependencies);
  goneRoutes(app, handler);
}
