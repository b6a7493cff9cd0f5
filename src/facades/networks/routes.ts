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
import { extensionView, extensionViews } from "./extensions.ts";
import { listOf, type Resource, showOf } from "./list.ts";
import { networkResource } from "./networks/resource.ts";
import { portResource } from "./ports/resource.ts";
import { DEFAULT_QUOTA } from "./quotas/limits.ts";
import { neutronError } from "./refusals.ts";
import { groupsOfProject, withDefaultGroup } from "./security_groups/projection.ts";
import { securityGroupResource, securityGroupRuleResource } from "./security_groups/resource.ts";
import { subnetResource } from "./subnets/resource.ts";
import { resourcesView, versionsView } from "./versions.ts";

/** What the network service needs of the rest of the house. */
export interface NetworkRoutesDependencies extends FacadeDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
}

type Methods = Partial<Record<"GET" | "POST" | "PUT" | "DELETE", FacadeOperation>>;

/** The network service as a Hono app, to be mounted at `/network`. */
export function networkRoutes(dependencies: NetworkRoutesDependencies): Hono {
  const { reader, committer } = dependencies;
  const endpoints = new FacadeEndpoints(dependencies, serverError);
  const app = new Hono();

  const route = (path: string, methods: Methods) => {
    for (const [method, operation] of Object.entries(methods)) {
      app.on(method, path, endpoints.handler(operation));
    }
    app.all(path, endpoints.handler(methodNotAllowed));
  };
  const collection = <State>(path: string, resource: Resource<State>) => {
    route(`/v2.0/${path}`, { GET: listOf(reader, resource) });
    route(`/v2.0/${path}/:id`, { GET: showOf(reader, resource) });
  };

  collection("networks", networkResource);
  collection("subnets", subnetResource);
  collection("ports", portResource);
  collection("security-group-rules", securityGroupRuleResource);

  const withDefault = (operation: FacadeOperation): FacadeOperation => async (request) => {
    await ensureDefaultGroup(request, reader, committer);
    return await operation(request);
  };
  route("/v2.0/security-groups", { GET: withDefault(listOf(reader, securityGroupResource)) });
  route("/v2.0/security-groups/:id", { GET: showOf(reader, securityGroupResource) });

  for (const name of ["agents", "routers", "floatingips", "subnetpools", "address-scopes"]) {
    const plural = name.replaceAll("-", "_");
    route(`/v2.0/${name}`, { GET: () => json(200, { [plural]: [] }) });
  }
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
  route("/v2.0/quotas/:project", { GET: () => json(200, { quota: DEFAULT_QUOTA }) });

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
  reader: Reader,
  committer: Committer,
): Promise<void> {
  const projectId = ownProject(request.caller);
  if (projectId === undefined) return;
  if ((await groupsOfProject(reader, projectId)).length > 0) return;
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
