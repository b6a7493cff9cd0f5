/** What projects are kept to of the catalog, as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import {
  type EndpointFilter,
  type EndpointFilterEvent,
  evolve,
  type FilterMember,
  isFilteredTo,
  NO_ENDPOINT_FILTER,
} from "./decider.ts";

interface MembersTable {
  kind: string;
  member_id: string;
  project_id: string;
}

interface FilterTables {
  endpoint_filter_members: MembersTable;
}

/** Filters: stream `endpoint_filter-<project id>`, tables `endpoint_filters` and `…_members`. */
export const endpointFilters: Aggregate<EndpointFilter, EndpointFilterEvent> = {
  category: "endpoint_filter",
  eventTypes: { EndpointFilterAdded: [], EndpointFilterRemoved: [] },
  initialState: NO_ENDPOINT_FILTER,
  evolve,
  projection: stateTable<EndpointFilter, Record<never, never>>({
    name: "endpoint_filters",
    version: 1,
    columns: {},
    row: () => ({}),
    also: { tables: ["endpoint_filter_members"], create: createMembers, write: writeMembers },
  }),
};

async function createMembers(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("endpoint_filter_members")
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("member_id", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("endpoint_filter_members_key", ["kind", "member_id", "project_id"])
  );
}

const insertMember = queriesOn<FilterTables>().prepare<MembersTable, unknown>((db, p) =>
  db.insertInto("endpoint_filter_members")
    .values({ kind: p("kind"), member_id: p("member_id"), project_id: p("project_id") })
);

const deleteMember = queriesOn<FilterTables>().prepare<MembersTable, unknown>((db, p) =>
  db.deleteFrom("endpoint_filter_members").where("kind", "=", p("kind"))
    .where("member_id", "=", p("member_id")).where("project_id", "=", p("project_id"))
);

async function writeMembers(
  tx: Writer,
  { state: before }: Versioned<EndpointFilter>,
  { id: project_id, state: after }: Versioned<EndpointFilter>,
): Promise<void> {
  for (const { kind, id } of before.members) {
    if (isFilteredTo(after, { kind, id })) continue;
    await tx.run(deleteMember, { kind, member_id: id, project_id });
  }
  for (const { kind, id } of after.members) {
    if (isFilteredTo(before, { kind, id })) continue;
    await tx.run(insertMember, { kind, member_id: id, project_id });
  }
}

/** What a project is kept to. */
export async function endpointFilterOf(reader: Reader, projectId: string): Promise<EndpointFilter> {
  return (await endpointFilters.projection.load(reader, projectId))?.state ?? NO_ENDPOINT_FILTER;
}

const byMember = queriesOn<FilterTables>().prepare<
  { kind: string; id: string },
  { project_id: string }
>((db, p) =>
  db.selectFrom("endpoint_filter_members").select("project_id")
    .where("kind", "=", p("kind")).where("member_id", "=", p("id")).orderBy("project_id")
);

/** Ids of the projects that are kept to an endpoint or a group. */
export async function projectsFilteredTo(
  reader: Reader,
  { kind, id }: FilterMember,
): Promise<readonly string[]> {
  return (await reader.all(byMember, { kind, id })).map((row) => row.project_id);
}
