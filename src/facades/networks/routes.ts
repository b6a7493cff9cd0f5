/** The network service: Neutron's API v2.0. */
import { type Context, Hono } from "hono";
import type { Committer } from "../../eventsourcing/committer.ts";
import type { Reader } from "../../store/query.ts";
import {
  type FacadeDependencies,
  FacadeEndpoints,
  type FacadeOperation,
  type FacadeRequest,
  json,
  servicePath,
  serviceUrl,
} from "../endpoint.ts";
import { NOT_FOUND } from "../webob_error.ts";
import { ownProject } from "./access.ts";
import { addToGroup, removeFromGroup } from "./address_groups/address_routes.ts";
import { writableAddressGroups } from "./address_groups/commands.ts";
import { writableAddressScopes } from "./address_scopes/commands.ts";
import { neutronError } from "./answers.ts";
import { listAvailabilities, showAvailability } from "./availability/resource.ts";
import type { Fields } from "./body.ts";
import { extensionView, extensionViews } from "./extensions.ts";
import { writableFloatingIps } from "./floating_ips/commands.ts";
import { listOf, showOf } from "./list.ts";
import { writableNetworks } from "./networks/commands.ts";
import { writablePorts } from "./ports/commands.ts";
import {
  deleteQuota,
  listQuotas,
  showDefaultQuota,
  showQuota,
  showQuotaDetails,
  updateQuota,
} from "./quotas/routes.ts";
import { writableRouters } from "./routers/commands.ts";
import { writableQosPolicies } from "./qos/commands.ts";
import { listRuleTypes, oneRuleRoutes, ruleRoutes, showRuleType } from "./qos/rule_routes.ts";
import { QOS_RULE_KINDS } from "./qos/rules.ts";
import { writableRbacPolicies } from "./rbac/commands.ts";
import { addExtraRoutes, removeExtraRoutes } from "./routers/extra_routes.ts";
import { addInterface, removeInterface } from "./routers/interfaces.ts";
import { listServiceProviders } from "./routers/service_providers.ts";
import { writableRules, writableSecurityGroups } from "./security_groups/commands.ts";
import { defaultGroupId } from "./security_groups/decider.ts";
import { findSecurityGroup, withDefaultGroup } from "./security_groups/projection.ts";
import { writableSubnetPools } from "./subnet_pools/commands.ts";
import { addPrefixes, removePrefixes } from "./subnet_pools/prefix_routes.ts";
import { writableSubnets } from "./subnets/commands.ts";
import { oneTagRoutes, taggedResources, tagRoutes } from "./tag_routes.ts";
import { resourcesView, versionsView } from "./versions.ts";
import {
  createOf,
  type Owned,
  removeOf,
  updateOf,
  type WritableResource,
  type WriteDependencies,
} from "./write.ts";

/** What the network service needs of the rest of the house. */
export interface NetworkRoutesDependencies extends FacadeDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
}

type Methods = Partial<Record<"GET" | "POST" | "PUT" | "DELETE", FacadeOperation>>;

/** The network service as a Hono app, to be mounted at `/network`. */
export function networkRoutes(dependencies: NetworkRoutesDependencies): Hono {
  const { reader } = dependencies;
  const endpoints = new FacadeEndpoints(dependencies, serverError);
  const app = new Hono();

  const route = (path: string, methods: Methods) => {
    for (const [method, operation] of Object.entries(methods)) {
      app.on(method, path, endpoints.handler(operation));
    }
    app.all(path, endpoints.handler(methodNotAllowed));
  };
  const writable = <State extends Owned, F extends Fields>(
    path: string,
    resource: WritableResource<State, F>,
    list = listOf(reader, resource),
  ) => {
    route(`/v2.0/${path}`, { GET: list, POST: createOf(dependencies, resource) });
    route(`/v2.0/${path}/:id`, {
      GET: showOf(reader, resource),
      PUT: updateOf(dependencies, resource),
      DELETE: removeOf(dependencies, resource),
    });
  };

  writable("networks", writableNetworks);
  route("/v2.0/network-ip-availabilities", { GET: listAvailabilities(reader) });
  route("/v2.0/network-ip-availabilities/:id", { GET: showAvailability(reader) });
  writable("address-groups", writableAddressGroups);
  route("/v2.0/address-groups/:id/add_addresses", { PUT: addToGroup(dependencies) });
  route("/v2.0/address-groups/:id/remove_addresses", { PUT: removeFromGroup(dependencies) });
  writable("qos/policies", writableQosPolicies);
  for (const kind of QOS_RULE_KINDS) {
    const base = `/v2.0/qos/policies/:id/${kind}_rules`;
    route(base, ruleRoutes(dependencies, kind));
    route(`${base}/:rule`, oneRuleRoutes(dependencies, kind));
  }
  route("/v2.0/qos/rule-types", { GET: listRuleTypes });
  route("/v2.0/qos/rule-types/:type", { GET: showRuleType });
  writable("rbac-policies", writableRbacPolicies);
  writable("address-scopes", writableAddressScopes);
  writable("subnetpools", writableSubnetPools);
  route("/v2.0/subnetpools/:id/add_prefixes", { PUT: addPrefixes(dependencies) });
  route("/v2.0/subnetpools/:id/remove_prefixes", { PUT: removePrefixes(dependencies) });
  writable("subnets", writableSubnets);
  writable("ports", writablePorts);
  writable("security-group-rules", writableRules);
  writable("floatingips", writableFloatingIps);
  route("/v2.0/routers/:id/add_router_interface", { PUT: addInterface(dependencies) });
  route("/v2.0/routers/:id/remove_router_interface", { PUT: removeInterface(dependencies) });
  route("/v2.0/routers/:id/add_extraroutes", { PUT: addExtraRoutes(dependencies) });
  route("/v2.0/routers/:id/remove_extraroutes", { PUT: removeExtraRoutes(dependencies) });
  writable("routers", writableRouters);
  route("/v2.0/service-providers", { GET: listServiceProviders });

  const withDefault = (operation: FacadeOperation): FacadeOperation => async (request) => {
    await ensureDefaultGroup(request, dependencies);
    return await operation(request);
  };
  writable(
    "security-groups",
    writableSecurityGroups,
    withDefault(listOf(reader, writableSecurityGroups)),
  );

  for (const [path, tagged] of taggedResources) {
    const base = `/v2.0/${path}/:id/tags`;
    route(base, tagRoutes(dependencies, tagged));
    route(`${base}/:tag`, oneTagRoutes(dependencies, tagged));
  }
  route("/v2.0/agents", { GET: () => json(200, { agents: [] }) });
  route("/v2.0/extensions", { GET: () => json(200, { extensions: extensionViews }) });
  route("/v2.0/extensions/:alias", {
    GET: (request) => {
      const extension = extensionView(request.param("alias"));
      return extension ? json(200, { extension }) : neutronNotFound();
    },
  });
  route("/v2.0/availability_zones", {
    GET: () => json(200, { availability_zones: AVAILABILITY_ZONES }),
  });
  route("/v2.0/quotas", { GET: listQuotas(reader) });
  route("/v2.0/quotas/:project", {
    GET: showQuota(reader),
    PUT: updateQuota(dependencies),
    DELETE: deleteQuota(dependencies),
  });
  route("/v2.0/quotas/:project/default", { GET: showDefaultQuota });
  route("/v2.0/quotas/:project/details", { GET: showQuotaDetails(reader) });

  const rest = endpoints.handler(() => neutronNotFound());
  const resources = (c: Context) =>
    endpoints.handler(() => json(200, resourcesView(serviceUrl(c))))(c);
  app.all("*", (c) => {
    const path = servicePath(c);
    if (path === "" || path === "/") return json(200, versionsView(serviceUrl(c)));
    return path === "/v2.0/" ? resources(c) : rest(c);
  });
  return app;
}

const AVAILABILITY_ZONES = ["network", "router"].map((resource) => ({
  name: "nova",
  resource,
  state: "available",
}));

/** A project has its default group as soon as anybody looks for it, as in Neutron. */
async function ensureDefaultGroup(
  request: FacadeRequest,
  { reader, committer }: WriteDependencies,
): Promise<void> {
  const projectId = ownProject(request.caller);
  if (projectId === undefined) return;
  if (await findSecurityGroup(reader, defaultGroupId(projectId))) return;
  await committer.submit(
    request.metadata("EnsureDefaultSecurityGroup"),
    (unit) => withDefaultGroup(unit, projectId),
  );
}

function neutronNotFound(): Response {
  return neutronError(404, "HTTPNotFound", NOT_FOUND);
}

function methodNotAllowed(): Response {
  return neutronError(
    405,
    "HTTPMethodNotAllowed",
    "The server could not comply with the request since it is either malformed or otherwise " +
      "incorrect.",
  );
}

function serverError(): Response {
  return neutronError(
    500,
    "HTTPInternalServerError",
    "Request Failed: internal server error while processing your request.",
  );
}
