/** /os-floating-ips and /os-floating-ip-pools; nova/api/openstack/compute/floating_ips.py. */
import type { Hono } from "hono";
import { isRejection } from "../../eventsourcing/decider.ts";
import type {
  CallersNetworks,
  NetworkRefusal,
  VisibleNetwork,
} from "../../facades/network_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { isUuid } from "../../http/formats.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { LAST_PROXY_MINOR, type NetworkProxiesDependencies } from "./proxies.ts";
import { createFloatingIpSchema } from "./schemas.ts";
import { viewFloatingIp, viewPool } from "./view.ts";

/** Puts the floating IPs' endpoints on an app. */
export function floatingIpRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: NetworkProxiesDependencies,
): void {
  const until = LAST_PROXY_MINOR;
  app.get("/os-floating-ips", handler((request) => list(dependencies, request), { until }));
  app.post(
    "/os-floating-ips",
    handler((request) => create(dependencies, request), {
      until,
      body: () => createFloatingIpSchema,
    }),
  );
  app.get("/os-floating-ips/:id", handler((request) => show(dependencies, request), { until }));
  app.delete(
    "/os-floating-ips/:id",
    handler((request) => remove(dependencies, request), { until }),
  );
  app.get(
    "/os-floating-ip-pools",
    handler((request) => listPools(dependencies, request), { until }),
  );
}

function refuse(
  operation: "list" | "show" | "create" | "delete",
  { caller }: NovaRequest,
): Fault | undefined {
  return refuseUnlessAllowed(
    `os_compute_api:os-floating-ips:${operation}`,
    caller,
    caller.projectId,
  );
}

async function list(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("list", request);
  if (refusal) return refusal;
  const { projectId } = request.caller;
  const found = await networks.onBehalfOf(request).floatingIps({ projectId });
  return { status: 200, body: { floating_ips: found.map(viewFloatingIp) } };
}

async function show(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("show", request);
  if (refusal) return refusal;
  const id = request.param("id");
  const found = await networks.onBehalfOf(request).floatingIp(id);
  return found ? { status: 200, body: { floating_ip: viewFloatingIp(found) } } : notFound(id);
}

function notFound(id: string): Fault {
  return fault(404, `Floating IP not found for ID ${id}`);
}

async function create(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("create", request);
  if (refusal) return refusal;
  const pool = (request.body as { pool?: string | null } | null)?.pool || undefined;
  const theirs = networks.onBehalfOf(request);
  const network = await findPool(theirs, pool ?? DEFAULT_POOL);
  if (isFault(network)) return network;
  const made = await theirs.createFloatingIp(network.id);
  if (isRejection(made)) return refusedCreate(made, pool);
  return { status: 200, body: { floating_ip: viewFloatingIp(made) } };
}

/** nova/conf/neutron.py, `default_floating_pool`. */
const DEFAULT_POOL = "nova";

async function findPool(theirs: CallersNetworks, pool: string): Promise<VisibleNetwork | Fault> {
  const isNamed = isUuid(pool)
    ? ({ id }: VisibleNetwork) => id === pool
    : ({ name }: VisibleNetwork) => name === pool;
  const [first, second] = (await theirs.networks()).filter((network) =>
    network.isExternal && isNamed(network)
  );
  if (!first) return fault(404, "Floating IP pool not found.");
  if (!second) return first;
  return fault(400, `Multiple floating IP pools matches found for name '${pool}'`);
}

function refusedCreate(refusal: NetworkRefusal, pool: string | undefined): Fault {
  const { type, rejected } = refusal;
  if (type === "IpAddressGenerationFailure" || type === "ExternalIpAddressExhausted") {
    return fault(
      404,
      pool ? `No more floating IPs in pool ${pool}.` : "No more floating IPs available.",
    );
  }
  if (rejected === "QuotaExceeded") {
    return fault(
      403,
      pool ? `IP allocation over quota in pool ${pool}.` : "IP allocation over quota.",
    );
  }
  return faultOf(refusal);
}

async function remove(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("delete", request);
  if (refusal) return refusal;
  const id = request.param("id");
  const theirs = networks.onBehalfOf(request);
  const found = await theirs.floatingIp(id);
  if (!found) return notFound(id);
  const { address } = found;
  if ((await theirs.floatingIps({ address })).length > 1) {
    return fault(409, `Multiple floating IPs are found for address ${address}.`);
  }
  const outcome = await theirs.deleteFloatingIp(id);
  return outcome ? faultOf(outcome) : { status: 202 };
}

async function listPools(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller } = request;
  const rule = "os_compute_api:os-floating-ip-pools";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const all = await networks.onBehalfOf(request).networks();
  const pools = all.filter(({ isExternal }) => isExternal);
  return { status: 200, body: { floating_ip_pools: pools.map(viewPool) } };
}
