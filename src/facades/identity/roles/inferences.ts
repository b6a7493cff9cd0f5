/** Which roles come with which. Source: keystone/api/roles.py, keystone/api/role_inferences.py. */
import { Hono } from "hono";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { type Fault, faultOf, isFault } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { implyRole, notImplied, type Role, roleNotFound, stopImplyingRole } from "./decider.ts";
import { findRole, roles as roleAggregate, rolesById } from "./projection.ts";

/** The routes of implied roles, under `/v3`. */
export function inferenceRoutes(endpoints: IdentityEndpoints): Hono {
  const { service } = endpoints;
  const routes = new Hono();
  routes.get("/role_inferences", endpoints.authenticated((request) => list(service, request)));
  routes.get(
    "/roles/:role_id/implies",
    endpoints.authenticated((request) => show(service, request)),
  );
  const one = "/roles/:role_id/implies/:implied_id";
  routes.get(one, endpoints.authenticated((request) => check(service, request)));
  routes.put(one, endpoints.authenticated((request) => imply(service, request)));
  routes.delete(one, endpoints.authenticated((request) => stop(service, request)));
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
  if (!roles.has(id)) return faultOf(roleNotFound(id));
  const refusal = refuseUnlessAllowed("identity:list_implied_roles", request.token);
  if (refusal) return refusal;
  return {
    status: 200,
    body: {
      role_inference: inferenceView(request, id, roles),
      links: linksTo(request, `roles/${id}/implies`),
    },
  };
}

/** GET shows the one implication, HEAD only whether it is there. */
async function check(service: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const isHead = request.method === "HEAD";
  const rule = isHead ? "identity:check_implied_role" : "identity:get_implied_role";
  const pair = await pairOf(service, request, rule);
  if (isFault(pair)) return pair;
  const [prior, implied] = pair;
  if (!prior.implies.includes(request.param("implied_id"))) {
    return faultOf(notImplied(request.param("role_id"), request.param("implied_id")));
  }
  return isHead ? { status: 204 } : implicationView(request, 200, prior, implied);
}

async function imply(service: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const pair = await pairOf(service, request, "identity:create_implied_role");
  if (isFault(pair)) return pair;
  const id = request.param("role_id");
  const impliedId = request.param("implied_id");
  const outcome = await service.committer.submit(
    request.metadata("ImplyRole"),
    async (unit) => {
      const found = await findRole(unit, impliedId);
      if (!found) return roleNotFound(impliedId);
      const { name, domainId } = found.state;
      const implied = { id: impliedId, name, isOfDomain: domainId !== null };
      return await decideIn(
        unit,
        roleAggregate,
        id,
        (role) => implyRole({ type: "ImplyRole", id, implied }, role),
      );
    },
  );
  return isRejection(outcome) ? faultOf(outcome) : implicationView(request, 201, ...pair);
}

async function stop(service: EmbeddedIdentity, request: AuthenticatedRequest): Promise<Outcome> {
  const pair = await pairOf(service, request, "identity:delete_implied_role");
  if (isFault(pair)) return pair;
  const [id, impliedId] = [request.param("role_id"), request.param("implied_id")];
  const outcome = await service.committer.submit(
    request.metadata("StopImplyingRole"),
    (unit) =>
      decideIn(
        unit,
        roleAggregate,
        id,
        (role) => stopImplyingRole({ type: "StopImplyingRole", id, impliedId }, role),
      ),
  );
  return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
}

/** The two roles of the path: 404 when one is not there, as Keystone, before it asks the rule. */
async function pairOf(
  { reader }: EmbeddedIdentity,
  request: AuthenticatedRequest,
  rule: Rule,
): Promise<readonly [Role, Role] | Fault> {
  const [id, impliedId] = [request.param("role_id"), request.param("implied_id")];
  const [prior, implied] = [await findRole(reader, id), await findRole(reader, impliedId)];
  if (!prior) return faultOf(roleNotFound(id));
  if (!implied) return faultOf(roleNotFound(impliedId));
  return refuseUnlessAllowed(rule, request.token) ?? [prior.state, implied.state];
}

function implicationView(
  request: IdentityRequest,
  status: number,
  prior: Role,
  implied: Role,
): Outcome {
  const [id, impliedId] = [request.param("role_id"), request.param("implied_id")];
  return {
    status,
    body: {
      role_inference: {
        prior_role: nameView(request, id, prior.name),
        implies: nameView(request, impliedId, implied.name),
      },
      links: linksTo(request, `roles/${id}/implies/${impliedId}`),
    },
  };
}

function nameView(request: IdentityRequest, id: string, name: string): object {
  return { id, links: linksTo(request, `roles/${id}`), name };
}

function inferenceView(
  request: IdentityRequest,
  id: string,
  roles: ReadonlyMap<string, Role>,
): object {
  const view = (id: string) => nameView(request, id, roles.get(id)!.name);
  const implied = roles.get(id)!.implies.filter((other) => roles.has(other));
  return { prior_role: view(id), implies: implied.map(view) };
}
