/** `/v3/roles`. Source: keystone/api/roles.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeRole } from "../cascade.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { fault, faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { createBody, idOrNull, nameUpTo, textOrNull, updateBody } from "../http/schema_parts.ts";
import { defined, idMatches, listOf, textFilter } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { createRole, type Role, roleNotFound, updateRole } from "./decider.ts";
import { findRole, findRoleByName, listRoles, roles } from "./projection.ts";
import { roleView } from "./view.ts";

interface RoleBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly description?: string | null;
  readonly domain_id?: string | null;
}

const FIELDS = { name: nameUpTo(255), description: textOrNull, domain_id: idOrNull };

const createSchema = createBody("role", FIELDS);

const updateSchema = updateBody("role", FIELDS);

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

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:list_roles", request.token);
    if (refusal) return refusal;
    // Every role is one of the whole cloud.
    if (textFilter(request.query, "domain_id") !== undefined) return listOf(request, "roles", []);
    const name = textFilter(request.query, "name")?.toLowerCase();
    const found = (await listRoles(this.service.reader))
      .filter(({ state }) => name === undefined || state.name.toLowerCase() === name);
    return listOf(request, "roles", found.map((role) => roleView(request, role)));
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("role_id");
    const role = await findRole(this.service.reader, id);
    return refuseUnlessAllowed("identity:get_role", request.token, {
      roleName: role?.state.name,
    }) ?? shown(request, 200, role ?? roleNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_role", request.token);
    if (refusal) return refusal;
    const { role } = request.body as { role: RoleBody };
    if (role.domain_id) return fault(400, "Roles of a single domain are not supported.");
    const id = this.service.newId();
    const facts = { name: role.name!, description: role.description ?? null, implies: [] };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateRole"),
      async (unit) => {
        const nameTakenBy = (await findRoleByName(unit, facts.name))?.id;
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
    const refusal = refuseUnlessAllowed("identity:update_role", request.token);
    if (refusal) return refusal;
    const id = request.param("role_id");
    const { role } = request.body as { role: RoleBody };
    if (!idMatches(role.id, id)) return fault(400, "Cannot change ID");
    const { name, description } = role;
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateRole"),
      async (unit) => {
        const nameTakenBy = name === undefined ? undefined : (await findRoleByName(unit, name))?.id;
        const changes = defined({ name, description });
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
    const refusal = refuseUnlessAllowed("identity:delete_role", request.token);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteRole"),
      (unit) => removeRole(unit, request.param("role_id")),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Role> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { role: roleView(request, outcome) } };
}
