/** `/v3/projects`. Source: keystone/api/projects.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeProject } from "../cascade.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault, faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import {
  boolean,
  createBody,
  idOrNull,
  nameUpTo,
  textOrNull,
  updateBody,
} from "../http/schema_parts.ts";
import {
  booleanFilter,
  defined,
  domainFilter,
  idMatches,
  listOf,
  ownDomainOf,
  textFilter,
} from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createProject,
  type Project,
  type ProjectFacts,
  projectNotFound,
  updateProject,
} from "./decider.ts";
import { findProject, findProjectByName, listProjects, projects } from "./projection.ts";
import { projectView } from "./view.ts";

interface ProjectBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly domain_id?: string | null;
  readonly parent_id?: string | null;
  readonly description?: string | null;
  readonly enabled?: boolean;
  readonly is_domain?: boolean;
  readonly tags?: readonly string[];
}

const FIELDS = {
  name: nameUpTo(64),
  description: textOrNull,
  enabled: boolean,
  is_domain: boolean,
  domain_id: idOrNull,
  parent_id: idOrNull,
  tags: {
    type: "array",
    items: { type: "string", minLength: 1, maxLength: 255, pattern: "^[^,/]*$" },
    maxItems: 80,
    uniqueItems: true,
  },
} as const;

const createSchema = createBody("project", FIELDS);

const updateSchema = updateBody("project", FIELDS);

/** The routes under `/v3/projects`. */
export function projectRoutes(endpoints: IdentityEndpoints): Hono {
  const projects = new ProjectOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => projects.list(request)));
  routes.post("/", endpoints.authenticated((request) => projects.create(request), createSchema));
  routes.get("/:project_id", endpoints.authenticated((request) => projects.show(request)));
  routes.patch(
    "/:project_id",
    endpoints.authenticated((request) => projects.update(request), updateSchema),
  );
  routes.delete("/:project_id", endpoints.authenticated((request) => projects.remove(request)));
  return routes;
}

class ProjectOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { token, query } = request;
    const refusal = refuseUnlessAllowed("identity:list_projects", token);
    if (refusal) return refusal;
    // Projects that act as domains are listed as domains only.
    if (booleanFilter(query, "is_domain")) return listOf(request, "projects", []);
    const found = await listProjects(this.service.reader, {
      ...domainFilter(request),
      name: textFilter(query, "name"),
      parentId: textFilter(query, "parent_id"),
      enabled: booleanFilter(query, "enabled"),
    });
    return listOf(request, "projects", found.map((project) => projectView(request, project)));
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const project = await findProject(this.service.reader, id);
    return await this.#refuse(request, "identity:get_project", id) ??
      shown(request, 200, project ?? projectNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { project } = request.body as { project: ProjectBody };
    const domainId = project.domain_id ?? ownDomainOf(request);
    const refusal = refuseUnlessAllowed("identity:create_project", request.token, { domainId });
    if (refusal) return refusal;
    if (project.is_domain) return fault(400, "Create a domain in place of a project as a domain.");
    const id = this.service.newId();
    const facts: ProjectFacts = {
      name: project.name!,
      domainId,
      parentId: project.parent_id ?? domainId,
      description: project.description ?? "",
      enabled: project.enabled ?? true,
      tags: project.tags ?? [],
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateProject"),
      async (unit) => {
        const nameTakenBy = (await findProjectByName(unit, facts.name, domainId))?.id;
        return await refusePlace(unit, facts) ??
          await decideIn(
            unit,
            projects,
            id,
            (state) =>
              createProject({ type: "CreateProject", id, project: facts, nameTakenBy }, state),
          );
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const refusal = await this.#refuse(request, "identity:update_project", id);
    if (refusal) return refusal;
    const { project } = request.body as { project: ProjectBody };
    const { name, description, enabled, tags } = project;
    const changes = defined({
      name,
      description: description === null ? "" : description,
      enabled,
      tags,
    });
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateProject"),
      async (unit) => {
        const before = (await unit.load(projects, id)).state;
        const nameTakenBy = name === undefined
          ? undefined
          : (await findProjectByName(unit, name, before.domainId))?.id;
        return refuseMove(project, id, before) ??
          await decideIn(
            unit,
            projects,
            id,
            (state) => updateProject({ type: "UpdateProject", id, changes, nameTakenBy }, state),
          );
      },
    );
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const refusal = await this.#refuse(request, "identity:delete_project", id);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteProject"),
      (unit) => removeProject(unit, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  async #refuse(
    request: AuthenticatedRequest,
    rule: Rule,
    projectId: string,
  ): Promise<Fault | undefined> {
    const project = await findProject(this.service.reader, projectId);
    return refuseUnlessAllowed(rule, request.token, {
      projectId: project?.id,
      domainId: project?.state.domainId,
    });
  }
}

/** Refuses a place below what is not there, or is in another domain. */
async function refusePlace(
  unit: UnitOfWork,
  { domainId, parentId }: ProjectFacts,
): Promise<Rejection | undefined> {
  if (!await findDomain(unit, domainId)) {
    return reject("Invalid", domainNotFound(domainId).message);
  }
  if (parentId === domainId) return undefined;
  const parent = await findProject(unit, parentId);
  if (!parent) return reject("Invalid", projectNotFound(parentId).message);
  if (parent.state.domainId === domainId) return undefined;
  return reject(
    "Invalid",
    `Cannot create project, since it specifies its domain_id ${domainId}, but specifies a ` +
      `parent in a different domain (${parent.state.domainId}).`,
  );
}

function refuseMove(sent: ProjectBody, id: string, project: Project): Rejection | undefined {
  if (!project.exists) return projectNotFound(id);
  if (!idMatches(sent.id, id)) return reject("Invalid", "Cannot change ID");
  if (!idMatches(sent.domain_id, project.domainId)) {
    return reject("Invalid", "Cannot change Domain ID");
  }
  if (!idMatches(sent.parent_id, project.parentId)) {
    return reject("Forbidden", "Update of `parent_id` is not allowed.");
  }
  if (sent.is_domain) return reject("Invalid", "Update of `is_domain` is not allowed.");
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Project> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { project: projectView(request, outcome) } };
}
