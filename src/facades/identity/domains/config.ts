/** `/v3/domains/{domain_id}/config`: no domain has any. Source: keystone/api/domains.py. */
import { Hono } from "hono";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { fault, faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { domainNotFound } from "./decider.ts";
import { findDomain } from "./projection.ts";

/** The routes of domains' configuration, under `/v3/domains`. */
export function domainConfigRoutes(endpoints: IdentityEndpoints): Hono {
  const { service } = endpoints;
  const routes = new Hono();
  for (const path of ["", "/:group", "/:group/:option"]) {
    routes.get(
      `/:domain_id/config${path}`,
      endpoints.authenticated((request) => show(service, request)),
    );
  }
  return routes;
}

async function show({ reader }: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const id = request.param("domain_id");
  const [group, option] = [request.param("group"), request.param("option")];
  const rule = group === "security_compliance"
    ? "identity:get_security_compliance_domain_config"
    : "identity:get_domain_config";
  const refusal = refuseUnlessAllowed(rule, request.token);
  if (refusal) return refusal;
  if (!await findDomain(reader, id)) return faultOf(domainNotFound(id));
  const what = option
    ? `option ${option} in group ${group}`
    : group
    ? `group ${group}`
    : "any options";
  return fault(404, `Could not find ${what} in domain configuration for domain ${id}.`);
}
