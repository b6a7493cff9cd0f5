/** What projects are kept to, under `/v3/OS-EP-FILTER`. Source: keystone/api/os_ep_filter.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { endpointGroupNotFound } from "../endpoint_groups/decider.ts";
import { endpointGroupsOf, findEndpointGroup } from "../endpoint_groups/projection.ts";
import { ENDPOINT_GROUP } from "../endpoint_groups/routes.ts";
import { endpointNotFound } from "../endpoints/decider.ts";
import { endpointView } from "../endpoints/view.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  Operation,
  Outcome,
} from "../http/endpoint.ts";
import { type Fault, faultOf, isFault } from "../http/faults.ts";
import { EVERYTHING } from "../http/list_query.ts";
import { PlainOperations } from "../http/plain_resource.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { listOf } from "../http/views.ts";
import { projectNotFound } from "../projects/decider.ts";
import { findProject, listProjects } from "../projects/projection.ts";
import { projectView } from "../projects/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  addEndpointFilter,
  type EndpointFilter,
  type FilterMember,
  isFilteredTo,
  memberIdsOf,
  notFiltered,
  removeEndpointFilter,
} from "./decider.ts";
import { endpointsForProject, endpointsWithin } from "./matching.ts";
import { endpointFilterOf, endpointFilters, projectsFilteredTo } from "./projection.ts";

/** The routes under `/v3/OS-EP-FILTER`, but for the groups themselves. */
export function endpointFilterRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const filters = new FilterOperations(endpoints.service, catalog);
  const routes = new Hono();
  const authenticated = (operation: Operation<AuthenticatedRequest>) =>
    endpoints.authenticated(operation);
  routes.get("/projects/:project_id/endpoints", authenticated((one) => filters.endpoints(one)));
  routes.get("/projects/:project_id/endpoint_groups", authenticated((one) => filters.groups(one)));
  const group = "/endpoint_groups/:endpoint_group_id";
  routes.get(`${group}/endpoints`, authenticated((one) => filters.endpointsOfGroup(one)));
  routes.get(`${group}/projects`, authenticated((one) => filters.projectsOfGroup(one)));
  routes.get("/endpoints/:endpoint_id/projects", authenticated((one) => filters.projectsOf(one)));
  const ofEndpoint = "/projects/:project_id/endpoints/:endpoint_id";
  const ofGroup = `${group}/projects/:project_id`;
  for (const [path, kind] of [[ofEndpoint, "endpoint"], [ofGroup, "endpoint_group"]] as const) {
    routes.get(path, authenticated((request) => filters.check(request, kind)));
    routes.put(path, authenticated((request) => filters.add(request, kind)));
    routes.delete(path, authenticated((request) => filters.remove(request, kind)));
  }
  return routes;
}

type Kind = FilterMember["kind"];

const RULES: Readonly<Record<Kind, Record<"check" | "add" | "remove", Rule>>> = {
  endpoint: {
    check: "identity:check_endpoint_in_project",
    add: "identity:add_endpoint_to_project",
    remove: "identity:remove_endpoint_from_project",
  },
  endpoint_group: {
    check: "identity:get_endpoint_group_in_project",
    add: "identity:add_endpoint_group_to_project",
    remove: "identity:remove_endpoint_group_from_project",
  },
};

class FilterOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  /** The endpoints a project is kept to, of itself or by a group. */
  async endpoints(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const id = request.param("project_id");
    const refusal = refuseUnlessAllowed("identity:list_endpoints_for_project", request.token);
    if (refusal) return refusal;
    if (!await findProject(reader, id)) return faultOf(projectNotFound(id));
    const found = await endpointsForProject(reader, await this.catalog.endpoints(reader), id);
    return listOf(request, "endpoints", found.map((one) => endpointView(request, one)));
  }

  async groups(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const id = request.param("project_id");
    const rule = "identity:list_endpoint_groups_for_project";
    const refusal = refuseUnlessAllowed(rule, request.token);
    if (refusal) return refusal;
    if (!await findProject(reader, id)) return faultOf(projectNotFound(id));
    const ids = memberIdsOf(await endpointFilterOf(reader, id), "endpoint_group");
    const shown = new PlainOperations(this.service, ENDPOINT_GROUP);
    const views = (await endpointGroupsOf(reader, ids)).map((one) => shown.view(request, one));
    return listOf(request, "endpoint_groups", views);
  }

  async endpointsOfGroup(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const id = request.param("endpoint_group_id");
    const rule = "identity:list_endpoints_associated_with_endpoint_group";
    const refusal = refuseUnlessAllowed(rule, request.token);
    if (refusal) return refusal;
    const group = await findEndpointGroup(reader, id);
    if (!group) return faultOf(endpointGroupNotFound(id));
    const found = endpointsWithin(group.state.filters, await this.catalog.endpoints(reader));
    return listOf(request, "endpoints", found.map((one) => endpointView(request, one)));
  }

  async projectsOfGroup(request: AuthenticatedRequest): Promise<Outcome> {
    const rule = "identity:list_projects_associated_with_endpoint_group";
    const member = { kind: "endpoint_group", id: request.param("endpoint_group_id") } as const;
    return refuseUnlessAllowed(rule, request.token) ??
      (await findEndpointGroup(this.service.reader, member.id)
        ? await this.#projects(request, member)
        : faultOf(endpointGroupNotFound(member.id)));
  }

  async projectsOf(request: AuthenticatedRequest): Promise<Outcome> {
    const rule = "identity:list_projects_for_endpoint";
    const member = { kind: "endpoint", id: request.param("endpoint_id") } as const;
    return refuseUnlessAllowed(rule, request.token) ??
      (await this.#hasMember(this.service.reader, member)
        ? await this.#projects(request, member)
        : faultOf(endpointNotFound(member.id)));
  }

  async check(request: AuthenticatedRequest, kind: Kind): Promise<Outcome> {
    const subject = await this.#subjectOf(request, kind, RULES[kind].check);
    if (isFault(subject)) return subject;
    const { projectId, member } = subject;
    const filter = await endpointFilterOf(this.service.reader, projectId);
    if (!isFilteredTo(filter, member)) return faultOf(notFiltered(projectId, member));
    return kind === "endpoint" ? { status: 204 } : {
      status: 200,
      body: {
        project_endpoint_group: {
          endpoint_group_id: member.id,
          project_id: projectId,
          // Without the address, as Keystone writes this one.
          links: { self: `/OS-EP-FILTER/endpoint_groups/${member.id}/projects/${projectId}` },
        },
      },
    };
  }

  async add(request: AuthenticatedRequest, kind: Kind): Promise<Outcome> {
    const subject = await this.#subjectOf(request, kind, RULES[kind].add);
    if (isFault(subject)) return subject;
    const { projectId, member } = subject;
    const command = { type: "AddEndpointFilter", member } as const;
    return await this.#change(request, command.type, async (unit) => {
      if (!await this.#hasMember(unit, member)) return notFound(member);
      if (!await findProject(unit, projectId)) return projectNotFound(projectId);
      const decide = (filter: EndpointFilter) => addEndpointFilter(command, filter);
      return await decideIn(unit, endpointFilters, projectId, decide);
    });
  }

  /** An endpoint may be gone by now: whether the project was kept to it is all that counts. */
  async remove(request: AuthenticatedRequest, kind: Kind): Promise<Outcome> {
    const refusal = refuseUnlessAllowed(RULES[kind].remove, request.token);
    const subject = refusal ??
      (kind === "endpoint"
        ? subjectOf(request, kind)
        : await this.#subjectOf(request, kind, RULES[kind].remove));
    if (isFault(subject)) return subject;
    const { projectId, member } = subject;
    const command = { type: "RemoveEndpointFilter", projectId, member } as const;
    const decide = (filter: EndpointFilter) => removeEndpointFilter(command, filter);
    return await this.#change(
      request,
      command.type,
      (unit) => decideIn(unit, endpointFilters, projectId, decide),
    );
  }

  async #change(
    request: AuthenticatedRequest,
    command: string,
    work: (unit: UnitOfWork) => Promise<Versioned<EndpointFilter> | Rejection>,
  ): Promise<Outcome> {
    const outcome = await this.service.committer.submit(request.metadata(command), work);
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** What a path is about, once the rule allows it and both are there. */
  async #subjectOf(
    request: AuthenticatedRequest,
    kind: Kind,
    rule: Rule,
  ): Promise<Subject | Fault> {
    const { reader } = this.service;
    const subject = subjectOf(request, kind);
    const refusal = refuseUnlessAllowed(rule, request.token);
    if (refusal) return refusal;
    if (!await this.#hasMember(reader, subject.member)) return faultOf(notFound(subject.member));
    if (await findProject(reader, subject.projectId)) return subject;
    return faultOf(projectNotFound(subject.projectId));
  }

  async #hasMember(reader: Reader, { kind, id }: FilterMember): Promise<boolean> {
    if (kind === "endpoint_group") return await findEndpointGroup(reader, id) !== undefined;
    return (await this.catalog.endpoints(reader)).some((endpoint) => endpoint.id === id);
  }

  async #projects(request: AuthenticatedRequest, member: FilterMember): Promise<Outcome> {
    const { reader } = this.service;
    const ids = await projectsFilteredTo(reader, member);
    const found = await listProjects(reader, EVERYTHING, { ids });
    return listOf(request, "projects", found.map((project) => projectView(request, project)));
  }
}

interface Subject {
  readonly projectId: string;
  readonly member: FilterMember;
}

function subjectOf(request: AuthenticatedRequest, kind: Kind): Subject {
  const member = { kind, id: request.param(`${kind}_id`) };
  return { projectId: request.param("project_id"), member };
}

function notFound({ kind, id }: FilterMember): Rejection {
  return kind === "endpoint" ? endpointNotFound(id) : endpointGroupNotFound(id);
}
