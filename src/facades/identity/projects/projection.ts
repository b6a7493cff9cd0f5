/** Projects as rows, and the queries behind their GETs. */
import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing, versionedOf } from "../rows.ts";
import { evolve, NO_PROJECT, type Project, type ProjectEvent } from "./decider.ts";

interface ProjectColumns {
  alive: number;
  domain_id: string;
  parent_id: string;
  name: string;
  enabled: number;
}

interface TagsTable {
  tag: string;
  project_id: string;
}

interface ProjectTables {
  projects: StateColumns & ProjectColumns;
  project_tags: TagsTable;
}

/** Projects: stream `project-<id>`, tables `projects` and `project_tags`. */
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
    version: 2,
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
    also: { tables: ["project_tags"], create: createTags, write: writeTags },
  }),
};

async function createTags(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("project_tags")
      .addColumn("tag", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("project_tags_key", ["tag", "project_id"])
  );
}

const insertTag = queriesOn<ProjectTables>().prepare<TagsTable, unknown>((db, p) =>
  db.insertInto("project_tags").values({ tag: p("tag"), project_id: p("project_id") })
);

const deleteTag = queriesOn<ProjectTables>().prepare<TagsTable, unknown>((db, p) =>
  db.deleteFrom("project_tags")
    .where("tag", "=", p("tag")).where("project_id", "=", p("project_id"))
);

async function writeTags(
  tx: Writer,
  { state: { tags: before } }: Versioned<Project>,
  { id, state: { tags: after } }: Versioned<Project>,
): Promise<void> {
  for (const tag of before) {
    if (!after.includes(tag)) await tx.run(deleteTag, { tag, project_id: id });
  }
  for (const tag of new Set(after)) {
    if (!before.includes(tag)) await tx.run(insertTag, { tag, project_id: id });
  }
}

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

/** What projects must have besides what the query says. */
export interface ProjectSelection {
  /** These only. */
  readonly ids?: readonly string[];
  readonly tags?: TagFilter;
}

/** Which tags projects must have, and must not have. */
export interface TagFilter {
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  readonly notAll?: readonly string[];
  readonly notAny?: readonly string[];
}

/** The projects a query selects, by name. */
export async function listProjects(
  reader: Reader,
  query: ListQuery,
  { ids, tags = {} }: ProjectSelection = {},
): Promise<readonly Versioned<Project>[]> {
  if (ids?.length === 0) return [];
  const where = [
    ...(ids ? [sql<SqlBool>`id in (${sql.join(ids)})`] : []),
    ...tagConditions(tags),
  ];
  return await listStates(reader, "projects", query, {
    by: "name",
    where: where.length === 0 ? undefined : sql<SqlBool>`(${sql.join(where, sql` and `)})`,
  });
}

function tagConditions({ all, any, notAll, notAny }: TagFilter): readonly RawBuilder<SqlBool>[] {
  return [
    ...(all ? [sql<SqlBool>`id in (${withAll(all)})`] : []),
    ...(any ? [sql<SqlBool>`id in (${withAny(any)})`] : []),
    ...(notAll ? [sql<SqlBool>`id not in (${withAll(notAll)})`] : []),
    ...(notAny ? [sql<SqlBool>`id not in (${withAny(notAny)})`] : []),
  ];
}

function withAny(tags: readonly string[]): RawBuilder<string> {
  return sql`select project_id from project_tags where tag in (${sql.join(tags)})`;
}

function withAll(tags: readonly string[]): RawBuilder<string> {
  const count = new Set(tags).size;
  return sql`${withAny(tags)} group by project_id having count(*) = ${count}`;
}

const parentOf = queriesOn<ProjectTables>().prepare<
  { id: string },
  { parent_id: string; enabled: number }
>((db, p) => db.selectFrom("projects").select(["parent_id", "enabled"]).where("id", "=", p("id")));

/** Whether a project above one is disabled. */
export async function hasDisabledParents(reader: Reader, parentId: string): Promise<boolean> {
  for (let id = parentId;;) {
    const above = await reader.get(parentOf, { id });
    if (!above) return false;
    if (!above.enabled) return true;
    id = above.parent_id;
  }
}

/** The projects below one, at whatever depth, each after the one it is directly below. */
export async function listSubtree(
  reader: Reader,
  id: string,
): Promise<readonly Versioned<Project>[]> {
  const subtree = sql<StateColumns>`
    with recursive below(id, depth) as (
      select id, 1 from projects where parent_id = ${id} and alive = 1
      union all
      select projects.id, depth + 1 from projects join below on parent_id = below.id
      where alive = 1
    )
    select projects.id, version, state from below join projects using (id) order by depth, name`;
  const rows = await reader.select<ProjectTables, StateColumns>((db) => ({
    compile: () => subtree.compile(db),
  }));
  return rows.map((row) => versionedOf(row));
}
