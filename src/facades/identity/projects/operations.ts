/** What the project routes do. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeDomain, removeProject } from "../cascade.ts";
import { recordDomainChanges, recordNewDomain } from "../domains/changes.ts";
import { type Domain, domainNotFound } from "../domains/decider.ts";
import { findDomain, listDomains } from "../domains/projection.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { type Fault, fault, faultOf } from "../http/faults.ts";
import { answerList, ownDomainFilter } from "../http/lists.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { booleanFilter, defined, idMatches, ownDomainOf } from "../http/views.ts";
import { type Options, withoutNulls } from "../options.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createProject,
  type Project,
  type ProjectFacts,
  projectNotFound,
  updateProject,
} from "./decider.ts";
import { refuseBothForms, relativesOf } from "./hierarchy.ts";
import {
  findProject,
  findProjectByName,
  hasDisabledParents,
  listProjects,
  listSubtree,
  projects,
  type TagFilter,
} from "./projection.ts";
import { FIELDS } from "./schema.ts";
import { actingDomainView, projectView } from "./view.ts";

interface ProjectBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly domain_id?: string | null;
  readonly parent_id?: string | null;
  readonly description?: string | null;
  readonly enabled?: boolean;
  readonly is_domain?: boolean;
  readonly tags?: readonly string[];
  readonly options?: Options;
}

export class ProjectOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { token, query } = request;
    const { reader } = this.service;
    const refusal = refuseUnlessAllowed("identity:list_projects", token);
    if (refusal) return refusal;
    if (booleanFilter(query, "is_domain")) return await this.#listDomains(request);
    return await answerList(request, "projects", {
      filters: ["domain_id", "enabled", "name", "parent_id"],
      fixed: ownDomainFilter(request),
      find: (wanted) => listProjects(reader, wanted, { tags: tagFilterOf(query) }),
      has: (id) => findProject(reader, id),
      view: (project) => projectView(request, project),
    });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const project = await findProject(this.service.reader, id);
    const refusal = await this.refuse(request, "identity:get_project", id) ??
      refuseBothForms(request.query);
    if (refusal) return refusal;
    if (!project) return await this.#showDomain(request, id);
    const relatives = await relativesOf(this.service.reader, request, project);
    return { status: 200, body: { project: { ...projectView(request, project), ...relatives } } };
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { project: sent } = request.body as { project: ProjectBody };
    if (sent.is_domain) return await this.#createDomain(request, sent);
    const domainId = sent.domain_id ?? ownDomainOf(request);
    const refusal = refuseUnlessAllowed("identity:create_project", request.token, { domainId });
    if (refusal) return refusal;
    const id = this.service.newId();
    const project = factsOf(sent, domainId);
    const outcome = await this.service.committer.submit(
      request.metadata("CreateProject"),
      async (unit) => {
        const nameTakenBy = (await findProjectByName(unit, project.name, domainId))?.id;
        return await refusePlace(unit, project) ??
          await decideIn(
            unit,
            projects,
            id,
            (state) => createProject({ type: "CreateProject", id, project, nameTakenBy }, state),
          );
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const refusal = await this.refuse(request, "identity:update_project", id);
    if (refusal) return refusal;
    const { project: sent } = request.body as { project: ProjectBody };
    const changes = changesOf(sent);
    if (await findDomain(this.service.reader, id)) {
      return await this.#updateDomain(request, id, sent);
    }
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateProject"),
      async (unit) => {
        const before = (await unit.load(projects, id)).state;
        const refusal = refuseMove(sent, id, before);
        if (refusal) return refusal;
        const surroundings = await this.#surroundings(unit, id, before, changes);
        const command = { type: "UpdateProject", id, changes, ...surroundings } as const;
        return await decideIn(unit, projects, id, (state) => updateProject(command, state));
      },
    );
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("project_id");
    const refusal = await this.refuse(request, "identity:delete_project", id);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteProject"),
      async (unit): Promise<Versioned<unknown> | Rejection> =>
        await findDomain(unit, id) ? await removeDomain(unit, id) : await removeProject(unit, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** Domains, as the projects that act as such. */
  async #listDomains(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    return await answerList(request, "projects", {
      filters: ["enabled", "name"],
      fixed: ownDomainFilter(request, "id"),
      find: (wanted) => listDomains(reader, wanted),
      has: (id) => findDomain(reader, id),
      view: (domain) => actingDomainView(request, domain),
    });
  }

  async #showDomain(request: AuthenticatedRequest, id: string): Promise<Outcome> {
    const domain = await findDomain(this.service.reader, id);
    return shownDomain(request, 200, domain ?? projectNotFound(id));
  }

  /** Creates a domain: a project that acts as one is nothing else. */
  async #createDomain(request: AuthenticatedRequest, sent: ProjectBody): Promise<Outcome> {
    const domainId = sent.domain_id ?? undefined;
    const refusal = refuseUnlessAllowed("identity:create_project", request.token, { domainId });
    if (refusal) return refusal;
    if (domainId || sent.parent_id) {
      return fault(400, "only root projects are allowed to act as domains.");
    }
    const { domainId: _, parentId: __, ...domain } = factsOf(sent, "");
    const metadata = request.metadata("CreateDomain");
    const id = this.service.newId();
    return shownDomain(request, 201, await recordNewDomain(this.service, metadata, id, domain));
  }

  async #updateDomain(
    request: AuthenticatedRequest,
    id: string,
    sent: ProjectBody,
  ): Promise<Outcome> {
    const place = { exists: true, domainId: null, parentId: null, isDomain: true };
    const refusal = refuseMove(sent, id, place);
    if (refusal) return faultOf(refusal);
    const metadata = request.metadata("UpdateDomain");
    const outcome = await recordDomainChanges(this.service, metadata, id, changesOf(sent));
    return shownDomain(request, 200, outcome);
  }

  /** 403 unless the rule allows it for this project. */
  async refuse(
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

  /** What of the other projects an update depends on. */
  async #surroundings(
    unit: UnitOfWork,
    id: string,
    before: Project,
    { name, enabled }: Partial<ProjectFacts>,
  ) {
    const switched = enabled !== undefined && enabled !== before.enabled;
    return {
      nameTakenBy: name === undefined
        ? undefined
        : (await findProjectByName(unit, name, before.domainId))?.id,
      hasEnabledChildren: switched && !enabled &&
        (await listSubtree(unit, id)).some(({ state }) => state.enabled),
      hasDisabledParents: switched && enabled && await hasDisabledParents(unit, before.parentId),
    };
  }
}

function factsOf(sent: ProjectBody, domainId: string): ProjectFacts {
  return {
    name: sent.name!.trim(),
    domainId,
    parentId: sent.parent_id ?? domainId,
    description: sent.description ?? "",
    enabled: sent.enabled ?? true,
    tags: sent.tags ?? [],
    ...defined({
      options: sent.options && withoutNulls(sent.options),
      extra: newExtrasOf(sent, FIELDS),
    }),
  };
}

function changesOf(sent: ProjectBody) {
  const { description, enabled, tags, options } = sent;
  return defined({
    name: sent.name?.trim(),
    description: description === null ? "" : description,
    ...{ enabled, tags, options },
    extra: extrasOf(sent, FIELDS),
  });
}

function tagFilterOf(query: URLSearchParams): TagFilter {
  const listed = (name: string) => query.get(name)?.split(",");
  return {
    all: listed("tags"),
    any: listed("tags-any"),
    notAll: listed("not-tags"),
    notAny: listed("not-tags-any"),
  };
}

/** How many projects may stand one below another; keystone.conf, max_project_tree_depth. */
const MAX_DEPTH = 5;

/** Refuses a place below what is not there, is disabled, deep down, or in another domain. */
async function refusePlace(
  unit: UnitOfWork,
  { domainId, parentId }: ProjectFacts,
): Promise<Rejection | undefined> {
  if (!await findDomain(unit, domainId)) {
    return reject("Invalid", domainNotFound(domainId).message);
  }
  let depth = 1;
  for (let id = parentId; id !== domainId; depth++) {
    const above = await findProject(unit, id);
    if (!above) return reject("Invalid", projectNotFound(id).message);
    const { state } = above;
    if (state.domainId !== domainId) return otherDomain(domainId, state.domainId);
    if (!state.enabled) {
      return reject(
        "Invalid",
        `cannot create a project in a branch containing a disabled project: ${id}`,
      );
    }
    id = state.parentId;
  }
  if (depth <= MAX_DEPTH) return undefined;
  return reject("Forbidden", `Max hierarchy depth reached for ${parentId} branch.`);
}

function otherDomain(domainId: string, parentsDomainId: string): Rejection {
  return reject(
    "Invalid",
    `Cannot create project, since it specifies its domain_id ${domainId}, but specifies a ` +
      `parent in a different domain (${parentsDomainId}).`,
  );
}

/** Where a project stands. */
interface Place {
  readonly exists: boolean;
  readonly domainId: string | null;
  readonly parentId: string | null;
  /** Whether it acts as a domain. */
  readonly isDomain?: boolean;
}

function refuseMove(sent: ProjectBody, id: string, project: Place): Rejection | undefined {
  if (!project.exists) return projectNotFound(id);
  if (!idMatches(sent.id, id)) return reject("Invalid", "Cannot change ID");
  if (!idMatches(sent.domain_id, project.domainId)) {
    return reject("Invalid", "Cannot change Domain ID");
  }
  if (!idMatches(sent.parent_id, project.parentId)) {
    return reject("Forbidden", "Update of `parent_id` is not allowed.");
  }
  if (sent.is_domain !== undefined && sent.is_domain !== (project.isDomain ?? false)) {
    return reject("Invalid", "Update of `is_domain` is not allowed.");
  }
}

/** An answer with one project, or why there is none. */
function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Project> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { project: projectView(request, outcome) } };
}

/** The same of a domain. */
function shownDomain(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<Domain> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { project: actingDomainView(request, outcome) } };
}
