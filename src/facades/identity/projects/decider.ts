/** Projects: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";
import {
  applied,
  type Extra,
  isImmutable,
  type Options,
  refuseImmutableDelete,
  refuseImmutableUpdate,
  type WithOptions,
} from "../options.ts";

export type ProjectEvent = ProjectCreated | ProjectUpdated | ProjectDeleted;

export interface ProjectFacts extends WithOptions {
  readonly name: string;
  readonly domainId: string;
  /** The project above, or the domain. */
  readonly parentId: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
}

export interface ProjectCreated {
  readonly type: "ProjectCreated";
  readonly data: ProjectFacts;
}

/** What may change of a project. */
export type ProjectChanges = Partial<Omit<ProjectFacts, "domainId" | "parentId">>;

/** Carries only what changed. */
export interface ProjectUpdated {
  readonly type: "ProjectUpdated";
  readonly data: ProjectChanges;
}

export interface ProjectDeleted {
  readonly type: "ProjectDeleted";
  readonly data: Record<never, never>;
}

export interface Project extends ProjectFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly options: Options;
  readonly extra: Extra;
}

export const NO_PROJECT: Project = {
  exists: false,
  deleted: false,
  name: "",
  domainId: "",
  parentId: "",
  description: "",
  enabled: false,
  tags: [],
  options: {},
  extra: {},
};

export function evolve(project: Project, event: Recorded<ProjectEvent>): Project {
  switch (event.type) {
    case "ProjectCreated":
      return { ...project, ...event.data, exists: true };
    case "ProjectUpdated":
      return { ...project, ...event.data };
    case "ProjectDeleted":
      return { ...NO_PROJECT, deleted: true };
  }
}

export interface CreateProject {
  readonly type: "CreateProject";
  readonly id: string;
  readonly project: ProjectFacts;
  /** Id of the project in the domain that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a project; refuses an id, or a name within its domain, that is taken. */
export function createProject(command: CreateProject, project: Project): Decision<ProjectCreated> {
  const { id, nameTakenBy } = command;
  if (project.exists || project.deleted || nameTakenBy !== undefined) {
    return duplicate(command.project.name, id);
  }
  return [{ type: "ProjectCreated", data: command.project }];
}

export interface UpdateProject {
  readonly type: "UpdateProject";
  readonly id: string;
  readonly changes: ProjectChanges;
  readonly nameTakenBy?: string;
  /** Whether projects below it are enabled. */
  readonly hasEnabledChildren?: boolean;
  /** Whether a project above it is disabled. */
  readonly hasDisabledParents?: boolean;
}

/**
 * Updates a project; refuses the name of another of its domain, to disable it above an enabled one,
 * to enable it below a disabled one, and anything while it is immutable.
 *
 * Source: keystone/resource/core.py, _update_project.
 */
export function updateProject(command: UpdateProject, project: Project): Decision<ProjectUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!project.exists) return projectNotFound(id);
  const refusal = refuseImmutableUpdate("project", id, project, changes) ??
    refuseSwitch(command, project);
  if (refusal) return refusal;
  if (nameTakenBy !== undefined && nameTakenBy !== id) {
    return duplicate(changes.name ?? project.name, id);
  }
  const data = newIn<ProjectFacts>(applied(changes, project), project);
  return Object.keys(data).length === 0 ? [] : [{ type: "ProjectUpdated", data }];
}

function refuseSwitch(
  { id, changes: { enabled }, hasEnabledChildren, hasDisabledParents }: UpdateProject,
  project: Project,
) {
  if (enabled === undefined || enabled === project.enabled) return undefined;
  if (enabled && hasDisabledParents) {
    return reject("Forbidden", `Cannot enable project ${id} since it has disabled parents`);
  }
  if (enabled || !hasEnabledChildren) return undefined;
  return reject(
    "Forbidden",
    `Cannot disable project ${id} since its subtree contains enabled projects.`,
  );
}

export interface SetProjectTags {
  readonly type: "SetProjectTags";
  readonly id: string;
  readonly tags: readonly string[];
  /** What is done to them, for the words of a refusal. */
  readonly verb: "create" | "update" | "delete";
}

/** Gives a project other tags; refuses an immutable one, in words of its own. */
export function setProjectTags(
  { id, tags, verb }: SetProjectTags,
  project: Project,
): Decision<ProjectUpdated> {
  if (!project.exists) return projectNotFound(id);
  if (isImmutable(project)) {
    return reject(
      "Forbidden",
      `Cannot ${verb} project tags for ${id}, project is immutable. Set "immutable" option to ` +
        "false before creating project tags.",
    );
  }
  const data = newIn<ProjectFacts>({ tags }, project);
  return Object.keys(data).length === 0 ? [] : [{ type: "ProjectUpdated", data }];
}

/** The project does not have the tag. */
export function projectTagNotFound(tag: string) {
  return reject("NotFound", `Could not find project tag: ${tag}.`);
}

export interface DeleteProject {
  readonly type: "DeleteProject";
  readonly id: string;
  readonly hasChildren: boolean;
}

/** Deletes a project; refuses an immutable one, and one with projects below it. */
export function deleteProject(command: DeleteProject, project: Project): Decision<ProjectDeleted> {
  if (!project.exists) return projectNotFound(command.id);
  const refusal = refuseImmutableDelete("project", command.id, project);
  if (refusal) return refusal;
  if (command.hasChildren) {
    return reject(
      "Forbidden",
      `Cannot delete the project ${command.id} since it is not a leaf in the hierarchy. Use the ` +
        "cascade option if you want to delete a whole subtree.",
    );
  }
  return [{ type: "ProjectDeleted", data: {} }];
}

/** There is no project of this id. */
export function projectNotFound(id: string) {
  return reject("NotFound", `Could not find project: ${id}.`);
}

function duplicate(name: string, id: string) {
  return reject(
    "Conflict",
    "Conflict occurred attempting to store project - it is not permitted to have two projects " +
      `with either the same name or same id in the same domain: name is ${name}, project id ${id}.`,
  );
}
