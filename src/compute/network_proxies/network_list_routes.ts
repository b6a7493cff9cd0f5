/** /os-networks and /os-tenant-networks; nova/api/openstack/compute/networks.py, tenant_networks.py. */
import type { Hono } from "hono";
import type { VisibleNetwork } from "../../facades/network_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { LAST_PROXY_MINOR, type NetworkProxiesDependencies } from "./proxies.ts";
import { viewNetwork, viewTenantNetwork } from "./view.ts";

type View = (network: VisibleNetwork, request: NovaRequest) => object;

const FORMS: readonly {
  readonly path: string;
  readonly rules: { readonly list: Rule; readonly show: Rule };
  readonly view: View;
}[] = [
  {
    path: "/os-networks",
    rules: { list: "os_compute_api:os-networks:list", show: "os_compute_api:os-networks:show" },
    view: (network, { caller }) => viewNetwork(network, caller.isAdmin),
  },
  {
    path: "/os-tenant-networks",
    rules: {
      list: "os_compute_api:os-tenant-networks:list",
      show: "os_compute_api:os-tenant-networks:show",
    },
    view: viewTenantNetwork,
  },
];

/** Puts the two lists of networks on an app. */
export function networkListRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: NetworkProxiesDependencies,
): void {
  const until = LAST_PROXY_MINOR;
  for (const { path, rules, view } of FORMS) {
    app.get(path, handler((request) => list(dependencies, request, rules.list, view), { until }));
    app.get(
      `${path}/:id`,
      handler((request) => show(dependencies, request, rules.show, view), { until }),
    );
  }
}

async function list(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
  rule: Rule,
  view: View,
): Promise<Outcome> {
  const refusal = refuseUnlessAllowed(rule, request.caller, request.caller.projectId);
  if (refusal) return refusal;
  const found = await networks.onBehalfOf(request).networks();
  return { status: 200, body: { networks: found.map((network) => view(network, request)) } };
}

async function show(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
  rule: Rule,
  view: View,
): Promise<Outcome> {
  const refusal = refuseUnlessAllowed(rule, request.caller, request.caller.projectId);
  if (refusal) return refusal;
  const found = await networks.onBehalfOf(request).network(request.param("id"));
  if (!found) return fault(404, "Network not found");
  return { status: 200, body: { network: view(found, request) } };
}
