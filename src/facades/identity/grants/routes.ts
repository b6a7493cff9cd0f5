/** Grants of roles on projects, domains and the system. Source: keystone/api/projects.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { listOf } from "../http/views.ts";
import { projectNotFound } from "../projects/decider.ts";
import { findProject } from "../projects/projection.ts";
import { type Role, roleNotFound } from "../roles/decider.ts";
import { findRole, listRoles } from "../roles/projection.ts";
import { roleView } from "../roles/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { type Grant, grantNotFound, type GrantTarget, hasGrant, rolesOn } from "./grant.ts";
import { type FoundGrantee, GRANTEE_KINDS, type GranteeKind } from "./grantees.ts";

type Verb = "list" | "check" | "create" | "revoke";

/** A kind of target, and the paths of grants on it. */
interface Place extends Pick<GrantTarget, "on" | "inherited"> {
  readonly path: string;
  /** What paths end with. */
  readonly end: string;
}

const PLACES: readonly Place[] = [
  { on: "project", path: "/projects/:target_id", end: "" },
  { on: "domain", path: "/domains/:target_id", end: "" },
  { on: "system", path: "/system", end: "" },
  ...(["project", "domain"] as const).map((on) => ({
    on,
    path: `/OS-INHERIT/${on}s/:target_id`,
    end: "/inherited_to_projects",
    inherited: true as const,
  })),
];

/** The routes of grants, under `/v3`. */
export function grantRoutes(endpoints: IdentityEndpoints): Hono {
  const routes = new Hono();
  for (const place of PLACES) {
    for (const kind of GRANTEE_KINDS) {
      const grants = new GrantOperations(endpoints.service, place, kind);
      const all = `${place.path}/${kind.name}s/:grantee_id/roles`;
      const one = `${all}/:role_id${place.end}`;
      // Keystone lists what is inherited of domains only.
      if (!place.inherited || place.on === "domain") {
        routes.get(all + place.end, endpoints.authenticated((request) => grants.list(request)));
      }
      routes.get(one, endpoints.authenticated((request) => grants.check(request)));
      routes.put(one, endpoints.authenticated((request) => grants.create(request)));
      routes.delete(one, endpoints.authenticated((request) => grants.revoke(request)));
    }
  }
  return routes;
}

/** The rule for grants on one kind of target. */
function ruleFor(verb: Verb, on: GrantTarget["on"], kind: GranteeKind["name"]): Rule {
  if (on === "system") {
    return verb === "list"
      ? `identity:list_system_grants_for_${kind}`
      : `identity:${verb}_system_grant_for_${kind}`;
  }
  return verb === "list" ? "identity:list_grants" : `identity:${verb}_grant`;
}

/** What a request on a grant is about. */
interface Subject {
  /** Undefined when there is none, where that is allowed. */
  readonly grantee: FoundGrantee | undefined;
  readonly role: Versioned<Role> | undefined;
  readonly target: GrantTarget;
  /** The domain that the target is, or is in. */
  readonly domainId: string | undefined;
}

class GrantOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly place: Place,
    private readonly kind: GranteeKind,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, "list", { needsRole: false });
    if (isFault(subject)) return subject;
    const granted = new Set(rolesOn(subject.grantee!.state, subject.target));
    const roles = (await listRoles(this.service.reader)).filter(({ id }) => granted.has(id));
    return listOf(request, "roles", roles.map((role) => roleView(request, role)));
  }

  async check(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, "check");
    if (isFault(subject)) return subject;
    const grantee = subject.grantee!;
    const grant = grantOf(request, subject.target);
    return hasGrant(grantee.state, grant)
      ? { status: 204 }
      : faultOf(grantNotFound(grantee.id, grant));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, "create");
    return isFault(subject) ? subject : refuseForeignRole(subject) ??
      await this.#change(request, "GrantRole", subject, this.kind.grant);
  }

  async revoke(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, "revoke", { needsGrantee: false });
    return isFault(subject)
      ? subject
      : await this.#change(request, "RevokeRole", subject, this.kind.revoke);
  }

  async #change(
    request: AuthenticatedRequest,
    command: string,
    { target }: Subject,
    change: GranteeKind["grant"],
  ): Promise<Outcome> {
    const outcome = await this.service.committer.submit(
      request.metadata(command),
      (unit: UnitOfWork) => change(unit, request.param("grantee_id"), grantOf(request, target)),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** What the request is about; 404 when some of it is not there, 403 unless the rule allows it. */
  async #subjectOf(
    request: AuthenticatedRequest,
    verb: Verb,
    { needsRole = true, needsGrantee = true } = {},
  ): Promise<Subject | Fault> {
    const { reader } = this.service;
    const [roleId, granteeId] = [request.param("role_id"), request.param("grantee_id")];
    const role = needsRole ? await findRole(reader, roleId) : undefined;
    if (needsRole && !role) return faultOf(roleNotFound(roleId));
    const grantee = await this.kind.find(reader, granteeId);
    if (needsGrantee && !grantee) return faultOf(this.kind.notFound(granteeId));
    const place = await this.#placeOf(request.param("target_id"));
    if (isFault(place)) return place;
    const { target, domainId } = place;
    return refuseUnlessAllowed(ruleFor(verb, this.place.on, this.kind.name), request.token, {
      domainId,
      userDomainId: grantee?.state.domainId,
      roleName: role?.state.name,
      roleDomainId: role?.state.domainId,
    }) ?? { grantee, role, target, domainId };
  }

  async #placeOf(
    id: string,
  ): Promise<{ readonly target: GrantTarget; readonly domainId?: string } | Fault> {
    const { reader } = this.service;
    const { on, inherited } = this.place;
    const target: GrantTarget = { on, id, ...(inherited && { inherited }) };
    switch (on) {
      case "project": {
        const project = await findProject(reader, id);
        if (!project) return faultOf(projectNotFound(id));
        return { target, domainId: project.state.domainId };
      }
      case "domain":
        if (!await findDomain(reader, id)) return faultOf(domainNotFound(id));
        return { target, domainId: id };
      case "system":
        return { target: { on, id: "all" } };
    }
  }
}

/** A role of a domain is for projects of that domain; keystone's DomainSpecificRoleMismatch. */
function refuseForeignRole({ role, target, domainId }: Subject): Fault | undefined {
  const of = role?.state.domainId ?? null;
  if (of === null || target.on !== "project" || of === domainId) return undefined;
  return fault(
    403,
    `Project ${target.id} must be in the same domain as the role ${role!.id} being assigned.`,
  );
}

function grantOf(request: AuthenticatedRequest, target: GrantTarget): Grant {
  return { roleId: request.param("role_id"), target };
}
