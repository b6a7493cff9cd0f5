/** Every route of the identity API, to be mounted with `app.route("/identity", …)`. */
import { Hono } from "hono";
import { baseRoutePath } from "hono/route";
import { accessRuleRoutes } from "./access_rules/routes.ts";
import { applicationCredentialRoutes } from "./application_credentials/routes.ts";
import { authRoutes } from "./auth/routes.ts";
import { type CatalogService, EMBEDDED_SERVICES } from "./catalog/built_in.ts";
import { Catalog } from "./catalog/catalog.ts";
import { consumerRoutes } from "./consumers/routes.ts";
import { ec2CredentialRoutes } from "./credentials/ec2.ts";
import { credentialRoutes } from "./credentials/routes.ts";
import { s3TokenRoutes } from "./credentials/s3_tokens.ts";
import { domainConfigRoutes } from "./domain_config/routes.ts";
import { domainRoutes } from "./domains/routes.ts";
import { assignmentRoutes } from "./grants/assignments.ts";
import { endpointFilterRoutes } from "./endpoint_filters/routes.ts";
import { endpointGroupRoutes } from "./endpoint_groups/routes.ts";
import { endpointRoutes } from "./endpoints/routes.ts";
import { grantRoutes } from "./grants/routes.ts";
import { groupRoutes } from "./groups/routes.ts";
import { type EndpointOptions, IdentityEndpoints } from "./http/endpoint.ts";
import { ROUTE_NOT_FOUND } from "./http/faults.ts";
import { identityProviderRoutes } from "./identity_providers/routes.ts";
import { limitRoutes } from "./limits/routes.ts";
import { mappingRoutes } from "./mappings/routes.ts";
import { policyRoutes } from "./policies/routes.ts";
import { projectRoutes } from "./projects/routes.ts";
import { regionRoutes } from "./regions/routes.ts";
import { registeredLimitRoutes } from "./registered_limits/routes.ts";
import { inferenceRoutes } from "./roles/inferences.ts";
import { roleRoutes } from "./roles/routes.ts";
import type { EmbeddedIdentity } from "./service.ts";
import { serviceRoutes } from "./services/routes.ts";
import { trustRoutes } from "./trusts/routes.ts";
import { userRoutes } from "./users/routes.ts";
import { showVersion, showVersions } from "./versions.ts";

export interface IdentityRoutesOptions extends EndpointOptions {
  /** What the catalog lists; default: the services of this process. */
  readonly services?: readonly CatalogService[];
}

/** The identity API of a service. */
export function identityRoutes(
  service: EmbeddedIdentity,
  options: IdentityRoutesOptions = {},
): Hono {
  const endpoints = new IdentityEndpoints(service, options);
  const catalog = new Catalog(options.services ?? EMBEDDED_SERVICES);
  const routes = new Hono();
  routes.get("/", endpoints.open(showVersions));
  routes.get("/v3", endpoints.open(showVersion));
  routes.get("/v3/", endpoints.open(showVersion));
  routes.route("/v3/auth", authRoutes(endpoints, catalog));
  routes.route("/v3/services", serviceRoutes(endpoints, catalog));
  routes.route("/v3/endpoints", endpointRoutes(endpoints, catalog));
  routes.route("/v3/OS-EP-FILTER/endpoint_groups", endpointGroupRoutes(endpoints));
  routes.route("/v3/OS-EP-FILTER", endpointFilterRoutes(endpoints, catalog));
  routes.route("/v3/regions", regionRoutes(endpoints, catalog));
  routes.route("/v3/users", userRoutes(endpoints));
  routes.route("/v3", applicationCredentialRoutes(endpoints));
  routes.route("/v3", accessRuleRoutes(endpoints));
  routes.route("/v3/groups", groupRoutes(endpoints));
  routes.route("/v3/projects", projectRoutes(endpoints));
  routes.route("/v3/domains", domainRoutes(endpoints));
  routes.route("/v3/roles", roleRoutes(endpoints));
  routes.route("/v3", inferenceRoutes(endpoints));
  routes.route("/v3/domains", domainConfigRoutes(endpoints));
  routes.route("/v3/credentials", credentialRoutes(endpoints));
  routes.route("/v3", ec2CredentialRoutes(endpoints));
  routes.route("/v3", s3TokenRoutes(endpoints, catalog));
  routes.route("/v3/registered_limits", registeredLimitRoutes(endpoints, catalog));
  routes.route("/v3/limits", limitRoutes(endpoints, catalog));
  routes.route("/v3/policies", policyRoutes(endpoints));
  routes.route("/v3/OS-OAUTH1/consumers", consumerRoutes(endpoints));
  routes.route("/v3/OS-TRUST/trusts", trustRoutes(endpoints));
  routes.route("/v3/OS-FEDERATION/mappings", mappingRoutes(endpoints));
  routes.route("/v3/OS-FEDERATION/identity_providers", identityProviderRoutes(endpoints));
  routes.route("/v3", grantRoutes(endpoints));
  routes.route("/v3", assignmentRoutes(endpoints));
  // Hono cannot tell this app of `/identity/`: it comes here with what is no route at all.
  routes.all("*", (c) => {
    const isRoot = c.req.path === `${baseRoutePath(c)}/`;
    return endpoints.open((request) => isRoot ? showVersions(request) : ROUTE_NOT_FOUND)(c);
  });
  return routes;
}
