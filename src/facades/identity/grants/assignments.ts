/** `/v3/role_assignments`: who has which role where. Source: keystone/api/role_assignments.py. */
import { Hono } from "hono";
import type { Reader } from "../../../store/query.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { isOn, listOf, textFilter } from "../http/views.ts";
import { findProject } from "../projects/projection.ts";
import type { Role } from "../roles/decider.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import type { GrantTarget } from "../users/decider.ts";
import { type Assignment, findUser, listAssignments } from "../users/projection.ts";

/** The route of role assignments, under `/v3`. */
export function assignmentRoutes(endpoints: IdentityEndpoints): Hono {
  const routes = new Hono();
  const { reader } = endpoints.service;
  routes.get("/role_assignments", endpoints.authenticated((request) => list(reader, request)));
  return routes;
}

async function list(reader: Reader, request: AuthenticatedRequest): Promise<Outcome> {
  const { query, token } = request;
  const refusal = refuseUnlessAllowed("identity:list_role_assignments", token) ??
    refuseContradictions(query);
  if (refusal) return refusal;
  const names = new Names(reader, await rolesById(reader));
  const own = token.scope?.on === "domain" ? token.scope.domain.id : undefined;
  const found: Effective[] = [];
  for (const assignment of await selected(reader, query, names.roles)) {
    if (own !== undefined && await names.domainOf(assignment.target) !== own) continue;
    found.push(assignment);
  }
  const named = isOn(query, "include_names");
  const views = await Promise.all(found.map(async (assignment) => ({
    ...(named ? await namedView(assignment, names) : plainView(assignment)),
    links: { assignment: request.base + pathOf(assignment) },
  })));
  return listOf(request, "role_assignments", views);
}

/** Combinations that can have no sensible answer. */
function refuseContradictions(query: URLSearchParams): Fault | undefined {
  const has = (name: string) => Boolean(query.get(name));
  const [project, domain, system] = ["project.id", "domain.id", "system"]
    .map((name) => has(`scope.${name}`));
  if (domain && project) return fault(400, "Specify a domain or project, not both");
  if (system && domain) return fault(400, "Specify system or domain, not both");
  if (system && project) return fault(400, "Specify system or project, not both");
  if (has("user.id") && has("group.id")) return fault(400, "Specify a user or group, not both");
}

/** An assignment, and the role that was granted for it to be so. */
interface Effective extends Assignment {
  readonly grantedRoleId: string;
}

async function selected(
  reader: Reader,
  query: URLSearchParams,
  roles: ReadonlyMap<string, Role>,
): Promise<readonly Effective[]> {
  // There are neither groups nor inherited assignments.
  if (query.has("group.id") || query.has("scope.OS-INHERIT:inherited_to")) return [];
  const roleId = textFilter(query, "role.id");
  const granted = await listAssignments(reader, {
    userId: textFilter(query, "user.id"),
    target: targetOf(query),
  });
  const all = isOn(query, "effective")
    ? granted.flatMap((assignment) => effective(assignment, roles))
    : granted.map((assignment) => ({ ...assignment, grantedRoleId: assignment.roleId }));
  return all.filter((assignment) => roleId === undefined || assignment.roleId === roleId);
}

function effective(
  assignment: Assignment,
  roles: ReadonlyMap<string, Role>,
): readonly Effective[] {
  return [...withImplied([assignment.roleId], roles)]
    .map((roleId) => ({ ...assignment, roleId, grantedRoleId: assignment.roleId }));
}

function targetOf(query: URLSearchParams): GrantTarget | undefined {
  const project = textFilter(query, "scope.project.id");
  if (project !== undefined) return { on: "project", id: project };
  const domain = textFilter(query, "scope.domain.id");
  if (domain !== undefined) return { on: "domain", id: domain };
  return query.has("scope.system") ? { on: "system", id: "all" } : undefined;
}

function plainView({ userId, roleId, target }: Assignment): object {
  return {
    role: { id: roleId },
    user: { id: userId },
    scope: target.on === "system" ? { system: { all: true } } : { [target.on]: { id: target.id } },
  };
}

async function namedView({ userId, roleId, target }: Assignment, names: Names): Promise<object> {
  return {
    role: { id: roleId, name: names.roles.get(roleId)?.name ?? "" },
    user: await names.ofUser(userId),
    scope: await names.ofScope(target),
  };
}

/** Names by id, each looked up once. */
class Names {
  readonly #known = new Map<string, Promise<{ name: string; domainId: string } | undefined>>();

  constructor(
    private readonly reader: Reader,
    readonly roles: ReadonlyMap<string, Role>,
  ) {}

  async ofUser(id: string): Promise<object> {
    return await this.#inDomain(id, await this.#user(id));
  }

  async ofScope(target: GrantTarget): Promise<object> {
    switch (target.on) {
      case "project":
        return { project: await this.#inDomain(target.id, await this.#project(target.id)) };
      case "domain":
        return { domain: await this.#domain(target.id) };
      case "system":
        return { system: { all: true } };
    }
  }

  /** The domain that a target is, or is in. */
  async domainOf(target: GrantTarget): Promise<string | undefined> {
    switch (target.on) {
      case "project":
        return (await this.#project(target.id))?.domainId;
      case "domain":
        return target.id;
      case "system":
        return undefined;
    }
  }

  async #inDomain(
    id: string,
    found: { name: string; domainId: string } | undefined,
  ): Promise<object> {
    return { id, name: found?.name ?? "", domain: await this.#domain(found?.domainId ?? "") };
  }

  async #domain(id: string): Promise<object> {
    const found = await this.#once(`domain ${id}`, async () => {
      const domain = await findDomain(this.reader, id);
      return domain && { name: domain.state.name, domainId: id };
    });
    return { id, name: found?.name ?? "" };
  }

  #user(id: string): Promise<{ name: string; domainId: string } | undefined> {
    return this.#once(`user ${id}`, async () => (await findUser(this.reader, id))?.state);
  }

  #project(id: string): Promise<{ name: string; domainId: string } | undefined> {
    return this.#once(`project ${id}`, async () => (await findProject(this.reader, id))?.state);
  }

  #once(
    key: string,
    find: () => Promise<{ name: string; domainId: string } | undefined>,
  ): Promise<{ name: string; domainId: string } | undefined> {
    let known = this.#known.get(key);
    if (!known) {
      known = find();
      this.#known.set(key, known);
    }
    return known;
  }
}

function pathOf({ userId, grantedRoleId, target }: Effective): string {
  const place = target.on === "system" ? "/system" : `/${target.on}s/${target.id}`;
  return `${place}/users/${userId}/roles/${grantedRoleId}`;
}
