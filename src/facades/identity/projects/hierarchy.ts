/** The projects above and below one. Source: keystone/api/projects.py, _expand_project_ref. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import { targetsFor } from "../grants/effective.ts";
import type { AuthenticatedRequest } from "../http/endpoint.ts";
import { type Fault, fault } from "../http/faults.ts";
import { isOn } from "../http/views.ts";
import type { Project } from "./decider.ts";
import { findProject, listSubtree } from "./projection.ts";
import { projectView } from "./view.ts";

/** Ids within ids, as the projects stand below each other; null where there are none. */
interface Tree {
  readonly [id: string]: Tree | null;
}

/** 400 for relatives that are asked for as ids and as a list, too. */
export function refuseBothForms(query: URLSearchParams): Fault | undefined {
  for (const kind of ["parents", "subtree"]) {
    if (isOn(query, `${kind}_as_list`) && isOn(query, `${kind}_as_ids`)) {
      return fault(
        400,
        `Cannot use ${kind}_as_list and ${kind}_as_ids query params at the same time.`,
      );
    }
  }
}

/** The relatives asked for; lists show those that the user has a role on. */
export async function relativesOf(
  reader: Reader,
  request: AuthenticatedRequest,
  project: Versioned<Project>,
): Promise<object> {
  const wants = (form: string) => isOn(request.query, form);
  const above = wants("parents_as_list") || wants("parents_as_ids")
    ? await parentsOf(reader, project)
    : [];
  const below = wants("subtree_as_list") || wants("subtree_as_ids")
    ? await listSubtree(reader, project.id)
    : [];
  const listed = wants("parents_as_list") || wants("subtree_as_list")
    ? await viewsFor(reader, request)
    : () => [];
  return {
    ...(wants("parents_as_list") && { parents: listed(above) }),
    ...(wants("parents_as_ids") && { parents: parentTree(project, above) }),
    ...(wants("subtree_as_list") && { subtree: listed(below) }),
    ...(wants("subtree_as_ids") && { subtree: treeBelow(project.id, below) }),
  };
}

async function viewsFor(reader: Reader, request: AuthenticatedRequest) {
  const own = new Set(await targetsFor(reader, request.token.user.state, "project"));
  return (found: readonly Versioned<Project>[]) =>
    found.filter(({ id }) => own.has(id)).map((one) => ({ project: projectView(request, one) }));
}

/** The projects above one, the next first. */
async function parentsOf(
  reader: Reader,
  { state }: Versioned<Project>,
): Promise<readonly Versioned<Project>[]> {
  const parents: Versioned<Project>[] = [];
  for (let above = await findProject(reader, state.parentId); above;) {
    parents.push(above);
    above = await findProject(reader, above.state.parentId);
  }
  return parents;
}

/** From the next above up to the domain. */
function parentTree({ state }: Versioned<Project>, parents: readonly Versioned<Project>[]): Tree {
  const ids = [...parents.map(({ id }) => id), state.domainId];
  return ids.reduceRight<Tree | null>((tree, id) => ({ [id]: tree }), null)!;
}

function treeBelow(id: string, subtree: readonly Versioned<Project>[]): Tree | null {
  const children = Map.groupBy(subtree, ({ state }) => state.parentId);
  const below = (parentId: string): Tree | null => {
    const next = children.get(parentId) ?? [];
    return next.length === 0
      ? null
      : Object.fromEntries(next.map((child) => [child.id, below(child.id)]));
  };
  return below(id);
}
