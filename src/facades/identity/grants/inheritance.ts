/** Which projects inherit from where. */
import type { Reader } from "../../../store/query.ts";
import { equalTo } from "../http/list_query.ts";
import { findProject, listProjects, listSubtree } from "../projects/projection.ts";
import type { GrantTarget } from "./grant.ts";

/** Ids of the projects that inherit from a target. */
export async function projectsBelow(
  reader: Reader,
  { on, id }: GrantTarget,
): Promise<readonly string[]> {
  const below = on === "domain"
    ? await listProjects(reader, { matches: equalTo({ domain_id: id }) })
    : await listSubtree(reader, id);
  return below.map((project) => project.id);
}

/** All that a project inherits from: the projects above it, and its domain. */
export async function targetsAbove(
  reader: Reader,
  projectId: string,
): Promise<readonly GrantTarget[]> {
  const project = await findProject(reader, projectId);
  if (!project) return [];
  const { domainId } = project.state;
  const above: GrantTarget[] = [{ on: "domain", id: domainId, inherited: true }];
  for (let id = project.state.parentId; id !== domainId;) {
    above.push({ on: "project", id, inherited: true });
    const parent = await findProject(reader, id);
    if (!parent) break;
    id = parent.state.parentId;
  }
  return above;
}
