/** Which roles come with which, to be read only. Source: keystone/api/role_inferences.py. */
import { Hono } from "hono";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { type Role, roleNotFound } from "./decider.ts";
import { rolesById } from "./projection.ts";

/** The routes of implied roles, under `/v3`. */
export function inferenceRoutes(endpoints: IdentityEndpoints): Hono {
  const { service } = endpoints;
  const routes = new Hono();
  routes.get("/role_inferences", endpoints.authenticated((request) => list(service, request)));
  routes.get(
    "/roles/:role_id/implies",
    endpoints.authenticated((request) => show(service, request)),
  );
  return routes;
}

async function list(service: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const refusal = refuseUnlessAllowed("identity:list_role_inference_rules", request.token);
  if (refusal) return refusal;
  const roles = await rolesById(service.reader);
  const prior = [...roles.keys()].filter((id) => roles.get(id)!.implies.length > 0);
  const inferences = prior.map((id) => inferenceView(request, id, roles));
  return { status: 200, body: { role_inferences: inferences } };
}

async function show(service: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const id = request.param("role_id");
  const roles = await rolesById(service.reader);
  const refusal = refuseUnlessAllowed("identity:list_implied_roles", request.token);
  if (refusal) return refusal;
  if (!roles.has(id)) return faultOf(roleNotFound(id));
  return {
    status: 200,
    body: {
      role_inference: inferenceView(request, id, roles),
      links: linksTo(request, `roles/${id}/implies`),
    },
  };
}

function inferenceView(
  request: IdentityRequest,
  id: string,
  roles: ReadonlyMap<string, Role>,
): object {
  const view = (id: string) => ({
    id,
    links: linksTo(request, `roles/${id}`),
    name: roles.get(id)!.name,
  });
  const implied = roles.get(id)!.implies.filter((other) => roles.has(other));
  return { prior_role: view(id), implies: implied.map(view) };
}
