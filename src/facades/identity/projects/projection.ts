/** Projects as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { existing, versionedOf } from "../rows.ts";
import { evolve, NO_PROJECT, type Project, type ProjectEvent } from "./decider.ts";

interface ProjectColumns {
  alive: number;
  domain_id: string;
  parent_id: string;
  name: string;
  enabled: number;
}

interface ProjectTables {
  projects: StateColumns & ProjectColumns;
}

/** Projects: stream `project-<id>`, table `projects`. */
export const projects: Aggregate<Project, ProjectEvent> = {
  category: "project",
  eventTypes: {
    ProjectCreated: [],
    ProjectUpdated: [],
    ProjectDeleted: [],
  },
  initialState: NO_PROJECT,
  evolve,
  projection: stateTable<Project, ProjectColumns>({
    name: "projects",
    version: 1,
    columns: {
      alive: "integer",
      domain_id: "text",
      parent_id: "text",
      name: "nocase",
      enabled: "integer",
    },
    indexes: [
      { name: "projects_by_name", columns: ["name", "domain_id"] },
      { name: "projects_by_domain", columns: ["domain_id"] },
      { name: "projects_by_parent", columns: ["parent_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      domain_id: state.domainId,
      parent_id: state.parentId,
      name: state.name,
      enabled: state.enabled ? 1 : 0,
    }),
  }),
};

const byName = queriesOn<ProjectTables>().prepare<
  { name: string; domainId: string },
  StateColumns
>((db, p) =>
  db.selectFrom("projects").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("domain_id", "=", p("domainId")).where("alive", "=", 1)
);

/** One project; undefined when there is none of this id. */
export async function findProject(
  reader: Reader,
  id: string,
): Promise<Versioned<Project> | undefined> {
  return existing(await projects.projection.load(reader, id));
}

/** The project of this name in a domain, in capitals or not. */
export async function findProjectByName(
  reader: Reader,
  name: string,
  domainId: string,
): Promise<Versioned<Project> | undefined> {
  const row = await reader.get(byName, { name, domainId });
  return row && versionedOf(row);
}

/** Which projects to list. */
export interface ProjectQuery {
  readonly ids?: readonly string[];
  readonly name?: string;
  readonly domainId?: string;
  readonly parentId?: string;
  readonly enabled?: boolean;
}

/** The projects a query selects, by name. */
export async function listProjects(
  reader: Reader,
  query: ProjectQuery,
): Promise<readonly Versioned<Project>[]> {
  const rows = await reader.select<ProjectTables, StateColumns>((db) => {
    let select = db.selectFrom("projects").select(["id", "version", "state"])
      .where("alive", "=", 1).orderBy("name").orderBy("id");
    if (query.ids) select = select.where("id", "in", query.ids);
    if (query.name !== undefined) select = select.where("name", "=", query.name);
    if (query.domainId !== undefined) select = select.where("domain_id", "=", query.domainId);
    if (query.parentId !== undefined) select = select.where("parent_id", "=", query.parentId);
    if (query.enabled !== undefined) select = select.where("enabled", "=", query.enabled ? 1 : 0);
    return select;
  });
  return rows.map((row) => versionedOf(row));
}
