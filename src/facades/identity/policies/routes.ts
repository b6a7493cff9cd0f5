/** `/v3/policies`. Source: keystone/api/policy.py. */
import { Hono } from "hono";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { fault } from "../http/faults.ts";
import { type PlainKind, PlainOperations } from "../http/plain_resource.ts";
import { createBody, text, textUpTo, updateBody } from "../http/schema_parts.ts";
import { defined, idMatches } from "../http/views.ts";
import {
  createPolicy,
  deletePolicy,
  type Policy,
  type PolicyEvent,
  policyNotFound,
  updatePolicy,
} from "./decider.ts";
import { policies } from "./projection.ts";

interface PolicyBody {
  readonly id?: unknown;
  readonly type?: string;
  readonly blob?: string;
}

const FIELDS = { blob: text, type: textUpTo(255, 0) };

const createSchema = createBody("policy", FIELDS, ["blob", "type"]);

const updateSchema = updateBody("policy", FIELDS);

const POLICY: PlainKind<Policy, PolicyEvent> = {
  one: "policy",
  many: "policies",
  path: "policies",
  aggregate: policies,
  order: "type",
  filters: ["type"],
  rules: { list: "identity:list_policies", get: "identity:get_policy" },
  view: ({ extra, type, blob }) => ({ ...extra, type, blob }),
  notFound: policyNotFound,
};

/** The routes under `/v3/policies`. */
export function policyRoutes(endpoints: IdentityEndpoints): Hono {
  const operations = new PolicyOperations(endpoints.service, POLICY);
  const routes = new Hono();
  const one = "/:policy_id";
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.post("/", endpoints.authenticated((request) => operations.create(request), createSchema));
  routes.get(
    one,
    endpoints.authenticated((request) => operations.show(request, request.param("policy_id"))),
  );
  routes.patch(one, endpoints.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class PolicyOperations extends PlainOperations<Policy, PolicyEvent> {
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const sent = request.body["policy"] as PolicyBody;
    const extra = newExtrasOf(sent, FIELDS);
    const policy = { type: sent.type!, blob: sent.blob!, ...defined({ extra }) };
    return await this.change(request, {
      rule: "identity:create_policy",
      command: "CreatePolicy",
      id: this.service.newId(),
      status: 201,
      decide: () => createPolicy({ type: "CreatePolicy", policy }),
    });
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("policy_id");
    const sent = request.body["policy"] as PolicyBody;
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change policy ID");
    const { type, blob } = sent;
    const changes = defined({ type, blob, extra: extrasOf(sent, FIELDS) });
    return await this.change(request, {
      rule: "identity:update_policy",
      command: "UpdatePolicy",
      id,
      status: 200,
      decide: (policy) => updatePolicy({ type: "UpdatePolicy", id, changes }, policy),
    });
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("policy_id");
    return await this.change(request, {
      rule: "identity:delete_policy",
      command: "DeletePolicy",
      id,
      status: 204,
      decide: (policy) => deletePolicy({ type: "DeletePolicy", id }, policy),
    });
  }
}
