/** `/v3/projects/{project_id}/tags`. Source: keystone/api/projects.py, ProjectTagsResource. */
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { fault, faultOf } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { schemaProblem } from "../http/schema.ts";
import { tags as tagsShape } from "../http/schema_parts.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  type Project,
  projectNotFound,
  projectTagNotFound,
  type SetProjectTags,
  setProjectTags,
} from "./decider.ts";
import { findProject, projects } from "./projection.ts";
import { tagSchema } from "./schema.ts";

/** Other tags, or why there are none. */
type Change = (tags: readonly string[]) => readonly string[] | ReturnType<typeof projectNotFound>;

export class TagOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const project = await this.#find(request, "identity:list_project_tags");
    return "fault" in project ? project : tagsOf(request, project.tags);
  }

  async check(request: AuthenticatedRequest): Promise<Outcome> {
    const project = await this.#find(request, "identity:get_project_tag");
    if ("fault" in project) return project;
    const tag = request.param("tag");
    return project.tags.includes(tag) ? { status: 204 } : faultOf(projectTagNotFound(tag));
  }

  async setAll(request: AuthenticatedRequest): Promise<Outcome> {
    const { tags } = request.body as { tags: readonly string[] };
    const set = [...new Set(tags.map((tag) => tag.trim()))];
    return await this.#change(request, "identity:update_project_tags", "update", () => set);
  }

  async clear(request: AuthenticatedRequest): Promise<Outcome> {
    return await this.#change(request, "identity:delete_project_tags", "update", () => [], 204);
  }

  async add(request: AuthenticatedRequest): Promise<Outcome> {
    const tag = request.param("tag");
    const problem = schemaProblem(tagSchema, tag);
    const outcome = problem === undefined
      ? await this.#change(
        request,
        "identity:create_project_tag",
        "create",
        (tags) => tags.includes(tag.trim()) ? tags : [...tags, tag.trim()],
        201,
      )
      : fault(400, problem);
    const path = `projects/${request.param("project_id")}/tags/${encodeURIComponent(tag)}`;
    return "fault" in outcome
      ? outcome
      : { status: 201, headers: { location: `${request.base}/${path}` } };
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const tag = request.param("tag");
    return await this.#change(
      request,
      "identity:delete_project_tag",
      "delete",
      (tags) => tags.includes(tag) ? tags.filter((one) => one !== tag) : projectTagNotFound(tag),
      204,
    );
  }

  async #find(request: AuthenticatedRequest, rule: Rule) {
    const id = request.param("project_id");
    const project = await findProject(this.service.reader, id);
    const target = { projectId: project?.id, domainId: project?.state.domainId };
    return refuseUnlessAllowed(rule, request.token, target) ?? project?.state ??
      faultOf(projectNotFound(id));
  }

  async #change(
    request: AuthenticatedRequest,
    rule: Rule,
    verb: SetProjectTags["verb"],
    change: Change,
    status = 200,
  ): Promise<Outcome> {
    const found = await this.#find(request, rule);
    if ("fault" in found) return found;
    const id = request.param("project_id");
    const outcome = await this.service.committer.submit(
      request.metadata("SetProjectTags"),
      (unit) =>
        decideIn(unit, projects, id, (project: Project) => {
          const tags = change(project.tags);
          if (isRejection(tags)) return tags;
          const problem = schemaProblem(tagsShape, tags);
          if (problem !== undefined) return { rejected: "Invalid", message: problem };
          return setProjectTags({ type: "SetProjectTags", id, tags, verb }, project);
        }),
    );
    if (isRejection(outcome)) return faultOf(outcome);
    return status === 200 ? tagsOf(request, outcome.state.tags) : { status };
  }
}

function tagsOf(request: AuthenticatedRequest, tags: readonly string[]): Outcome {
  return { status: 200, body: { tags, links: { self: request.self } } };
}
