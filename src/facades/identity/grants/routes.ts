/** Grants of roles on projects, domains and the system. Source: keystone/api/projects.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, faultOf, isFault } from "../http/faults.ts";
import { type PolicyTarget, refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { listOf } from "../http/views.ts";
import { projectNotFound } from "../projects/decider.ts";
import { findProject } from "../projects/projection.ts";
import { type Role, roleNotFound } from "../roles/decider.ts";
import { findRole, listRoles } from "../roles/projection.ts";
import { roleView } from "../roles/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  type Grant,
  grantNotFound,
  grantRole,
  type GrantTarget,
  revokeRole,
  rolesOn,
  type User,
  userNotFound,
} from "../users/decider.ts";
import { findUser, users } from "../users/projection.ts";

/** The rules for grants on one kind of target. */
interface GrantRules {
  readonly list: Rule;
  readonly check: Rule;
  readonly create: Rule;
  readonly revoke: Rule;
}

const PLACES: readonly {
  readonly on: GrantTarget["on"];
  readonly path: string;
  readonly rules: GrantRules;
}[] = [
  { on: "project", path: "/projects/:target_id", rules: commonRules() },
  { on: "domain", path: "/domains/:target_id", rules: commonRules() },
  {
    on: "system",
    path: "/system",
    rules: {
      list: "identity:list_system_grants_for_user",
      check: "identity:check_system_grant_for_user",
      create: "identity:create_system_grant_for_user",
      revoke: "identity:revoke_system_grant_for_user",
    },
  },
];

function commonRules(): GrantRules {
  return {
    list: "identity:list_grants",
    check: "identity:check_grant",
    create: "identity:create_grant",
    revoke: "identity:revoke_grant",
  };
}

/** The routes of grants, under `/v3`. */
export function grantRoutes(endpoints: IdentityEndpoints): Hono {
  const routes = new Hono();
  for (const { on, path, rules } of PLACES) {
    const grants = new GrantOperations(endpoints.service, on, rules);
    const all = `${path}/users/:user_id/roles`;
    const one = `${all}/:role_id`;
    routes.get(all, endpoints.authenticated((request) => grants.list(request)));
    routes.get(one, endpoints.authenticated((request) => grants.check(request)));
    routes.put(one, endpoints.authenticated((request) => grants.create(request)));
    routes.delete(one, endpoints.authenticated((request) => grants.revoke(request)));
  }
  return routes;
}

/** What a request on a grant is about. */
interface Subject {
  /** Undefined when there is none, where that is allowed. */
  readonly user: Versioned<User> | undefined;
  readonly role: Versioned<Role> | undefined;
  readonly target: GrantTarget;
}

class GrantOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly on: GrantTarget["on"],
    private readonly rules: GrantRules,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, this.rules.list, { needsRole: false });
    if (isFault(subject)) return subject;
    const granted = new Set(rolesOn(subject.user!.state, subject.target));
    const roles = (await listRoles(this.service.reader)).filter(({ id }) => granted.has(id));
    return listOf(request, "roles", roles.map((role) => roleView(request, role)));
  }

  async check(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, this.rules.check);
    if (isFault(subject)) return subject;
    const user = subject.user!;
    const grant = grantOf(request, subject.target);
    if (rolesOn(user.state, grant.target).includes(grant.roleId)) return { status: 204 };
    return faultOf(grantNotFound(user.id, grant));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, this.rules.create);
    if (isFault(subject)) return subject;
    const id = request.param("user_id");
    const grant = grantOf(request, subject.target);
    return await this.#decide(
      request,
      "GrantRole",
      (user) => grantRole({ type: "GrantRole", id, grant }, user),
    );
  }

  async revoke(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, this.rules.revoke, { needsUser: false });
    if (isFault(subject)) return subject;
    const id = request.param("user_id");
    const grant = grantOf(request, subject.target);
    return await this.#decide(
      request,
      "RevokeRole",
      (user) => revokeRole({ type: "RevokeRole", id, grant }, user),
    );
  }

  async #decide(
    request: AuthenticatedRequest,
    command: string,
    decide: (user: User) => ReturnType<typeof grantRole> | ReturnType<typeof revokeRole>,
  ): Promise<Outcome> {
    const id = request.param("user_id");
    const metadata = request.metadata(command);
    const outcome = await handle(this.service.committer, users, id, metadata, decide);
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** What the request is about; 404 when some of it is not there, 403 unless the rule allows it. */
  async #subjectOf(
    request: AuthenticatedRequest,
    rule: Rule,
    { needsRole = true, needsUser = true } = {},
  ): Promise<Subject | Fault> {
    const { reader } = this.service;
    const [roleId, userId] = [request.param("role_id"), request.param("user_id")];
    const role = needsRole ? await findRole(reader, roleId) : undefined;
    if (needsRole && !role) return faultOf(roleNotFound(roleId));
    const user = await findUser(reader, userId);
    if (needsUser && !user) return faultOf(userNotFound(userId));
    const place = await this.#placeOf(request.param("target_id"));
    if (isFault(place)) return place;
    const { target, domainId } = place;
    const policy: PolicyTarget = {
      domainId,
      userDomainId: user?.state.domainId,
      roleName: role?.state.name,
    };
    return refuseUnlessAllowed(rule, request.token, policy) ?? { user, role, target };
  }

  async #placeOf(
    id: string,
  ): Promise<{ readonly target: GrantTarget; readonly domainId?: string } | Fault> {
    const { reader } = this.service;
    switch (this.on) {
      case "project": {
        const project = await findProject(reader, id);
        if (!project) return faultOf(projectNotFound(id));
        return { target: { on: "project", id }, domainId: project.state.domainId };
      }
      case "domain":
        if (!await findDomain(reader, id)) return faultOf(domainNotFound(id));
        return { target: { on: "domain", id }, domainId: id };
      case "system":
        return { target: { on: "system", id: "all" } };
    }
  }
}

function grantOf(request: AuthenticatedRequest, target: GrantTarget): Grant {
  return { roleId: request.param("role_id"), target };
}
