/** `/v3/roles`. Source: keystone/api/roles.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeRole } from "../cascade.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { type Fault, fault, faultOf } from "../http/faults.ts";
import { answerWhole } from "../http/lists.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { defined, idMatches, textFilter } from "../http/views.ts";
import { type Options, withoutNulls } from "../options.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { createRole, type Role, roleNotFound, updateRole } from "./decider.ts";
import { findRole, findRoleByName, listRoles, roles } from "./projection.ts";
import { createSchema, FIELDS, updateSchema } from "./schema.ts";
import { roleView } from "./view.ts";

interface RoleBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly description?: string | null;
  readonly domain_id?: string | null;
  readonly options?: Options;
}

/** The routes under `/v3/roles`. */
export function roleRoutes(endpoints: IdentityEndpoints): Hono {
  const roles = new RoleOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => roles.list(request)));
  routes.post("/", endpoints.authenticated((request) => roles.create(request), createSchema));
  routes.get("/:role_id", endpoints.authenticated((request) => roles.show(request)));
  routes.patch(
    "/:role_id",
    endpoints.authenticated((request) => roles.update(request), updateSchema),
  );
  routes.delete("/:role_id", endpoints.authenticated((request) => roles.remove(request)));
  return routes;
}

class RoleOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  /** Roles of the cloud; with a domain named, that domain's own instead. */
  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const domainId = textFilter(request.query, "domain_id") || null;
    const rule = domainId === null ? "identity:list_roles" : "identity:list_domain_roles";
    const refusal = refuseUnlessAllowed(rule, request.token);
    if (refusal) return refusal;
    const found = (await listRoles(this.service.reader))
      .filter(({ state }) => state.domainId === domainId);
    return answerWhole(request, "roles", ["name"], found.map((role) => roleView(request, role)));
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("role_id");
    const role = await findRole(this.service.reader, id);
    return refuseFor(request, "get", role) ?? shown(request, 200, role ?? roleNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { role: sent } = request.body as { role: RoleBody };
    const domainId = sent.domain_id || null;
    const refusal = refuseUnlessAllowed(
      domainId === null ? "identity:create_role" : "identity:create_domain_role",
      request.token,
    );
    if (refusal) return refusal;
    const id = this.service.newId();
    const facts = {
      name: sent.name!,
      description: sent.description ?? null,
      implies: [],
      ...(domainId !== null && { domainId }),
      ...defined({
        options: sent.options && withoutNulls(sent.options),
        extra: newExtrasOf(sent, FIELDS),
      }),
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateRole"),
      async (unit) => {
        const nameTakenBy = (await findRoleByName(unit, facts.name, domainId))?.id;
        return await decideIn(
          unit,
          roles,
          id,
          (state) => createRole({ type: "CreateRole", id, role: facts, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("role_id");
    const found = await findRole(this.service.reader, id);
    const refusal = refuseFor(request, "update", found);
    if (refusal) return refusal;
    if (!found) return faultOf(roleNotFound(id));
    const { domainId } = found.state;
    const { role: sent } = request.body as { role: RoleBody };
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change ID");
    if (sent.domain_id !== undefined && sent.domain_id !== domainId) {
      return fault(400, "Update of `domain_id` is not allowed.");
    }
    const { name, description, options } = sent;
    const changes = defined({ name, description, options, extra: extrasOf(sent, FIELDS) });
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateRole"),
      async (unit) => {
        const nameTakenBy = name === undefined
          ? undefined
          : (await findRoleByName(unit, name, domainId))?.id;
        return await decideIn(
          unit,
          roles,
          id,
          (state) => updateRole({ type: "UpdateRole", id, changes, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("role_id");
    const refusal = refuseFor(request, "delete", await findRole(this.service.reader, id));
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteRole"),
      (unit) => removeRole(unit, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

/** 403 unless the rule for roles of the cloud, or the one for those of domains, allows it. */
function refuseFor(
  request: AuthenticatedRequest,
  verb: "get" | "update" | "delete",
  role: Versioned<Role> | undefined,
): Fault | undefined {
  const kind = role && role.state.domainId !== null ? "domain_role" : "role";
  const rule: Rule = `identity:${verb}_${kind}`;
  return refuseUnlessAllowed(rule, request.token, { roleName: role?.state.name });
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Role> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { role: roleView(request, outcome) } };
}
