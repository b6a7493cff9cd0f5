/** `/v3/users/{user_id}/access_rules`. Source: keystone/api/users.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { listApplicationCredentials } from "../application_credentials/projection.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { faultOf } from "../http/faults.ts";
import { equalTo } from "../http/list_query.ts";
import { answerList } from "../http/lists.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { type AccessRule, accessRuleNotFound, deleteAccessRule } from "./decider.ts";
import { accessRules, findAccessRule, listAccessRules } from "./projection.ts";

/** The routes of access rules, under `/v3`; they are made with application credentials. */
export function accessRuleRoutes(endpoints: IdentityEndpoints): Hono {
  const { service } = endpoints;
  const all = "/users/:user_id/access_rules";
  const one = `${all}/:access_rule_id`;
  const routes = new Hono();
  routes.get(all, endpoints.undelegated((request) => list(service, request)));
  routes.get(one, endpoints.undelegated((request) => show(service, request)));
  routes.delete(one, endpoints.undelegated((request) => remove(service, request)));
  return routes;
}

async function list(
  { reader }: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const userId = request.param("user_id");
  return refuseUnlessAllowed("identity:list_access_rules", request.token, { userId }) ??
    await answerList(request, "access_rules", {
      filters: ["service", "path", "method"],
      fixed: equalTo({ user_id: userId }),
      find: (query) => listAccessRules(reader, query),
      has: (id) => findAccessRule(reader, userId, id),
      view: (rule) => accessRuleView(request, rule),
    });
}

async function show(
  { reader }: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const [userId, id] = [request.param("user_id"), request.param("access_rule_id")];
  const refusal = refuseUnlessAllowed("identity:get_access_rule", request.token, { userId });
  if (refusal) return refusal;
  const rule = await findAccessRule(reader, userId, id);
  if (!rule) return faultOf(accessRuleNotFound(id));
  return { status: 200, body: { access_rule: accessRuleView(request, rule) } };
}

async function remove(
  { committer }: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const [userId, id] = [request.param("user_id"), request.param("access_rule_id")];
  const refusal = refuseUnlessAllowed("identity:delete_access_rule", request.token, { userId });
  if (refusal) return refusal;
  const outcome = await committer.submit(request.metadata("DeleteAccessRule"), async (unit) => {
    if (!await findAccessRule(unit, userId, id)) return accessRuleNotFound(id);
    const inUse = (await listApplicationCredentials(unit, { userId }))
      .some(({ state }) => state.accessRules.some((rule) => rule.id === id));
    const command = { type: "DeleteAccessRule", id, inUse } as const;
    return await decideIn(unit, accessRules, id, (rule) => deleteAccessRule(command, rule));
  });
  return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
}

/** A rule as Keystone's JSON. */
function accessRuleView(request: IdentityRequest, { id, state }: Versioned<AccessRule>) {
  const { service, path, method } = state;
  return { id, service, path, method, links: linksTo(request, `access_rules/${id}`) };
}
