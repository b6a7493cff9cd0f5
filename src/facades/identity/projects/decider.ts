/** Projects: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type ProjectEvent = ProjectCreated | ProjectUpdated | ProjectDeleted;

export interface ProjectFacts {
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
}

/** Updates a project; refuses the name of another of its domain. */
export function updateProject(command: UpdateProject, project: Project): Decision<ProjectUpdated> {
  const { id, changes, nameTakenBy } = command;
  if (!project.exists) return projectNotFound(id);
  if (nameTakenBy !== undefined && nameTakenBy !== id) {
    return duplicate(changes.name ?? project.name, id);
  }
  const data = newIn<ProjectFacts>(changes, project);
  return Object.keys(data).length === 0 ? [] : [{ type: "ProjectUpdated", data }];
}

export interface DeleteProject {
  readonly type: "DeleteProject";
  readonly id: string;
  readonly hasChildren: boolean;
}

/** Deletes a project; refuses one with projects below it. */
export function deleteProject(command: DeleteProject, project: Project): Decision<ProjectDeleted> {
  if (!project.exists) return projectNotFound(command.id);
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
