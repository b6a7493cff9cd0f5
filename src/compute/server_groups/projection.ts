/** Server groups as rows, and the queries behind their GETs. */
import { sql } from "kysely";
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import type { Reader } from "../../store/query.ts";
import type { ServerTables } from "../servers/projection.ts";
import {
  evolve,
  exists,
  NO_SERVER_GROUP,
  type ServerGroup,
  type ServerGroupEvent,
} from "./decider.ts";

interface ServerGroupColumns {
  number: number;
  project_id: string;
  user_id: string;
  /** 1 while there is such a group. */
  live: 0 | 1;
}

interface ServerGroupTables {
  server_groups: StateColumns & ServerGroupColumns;
}

/** Server groups: stream `server_group-<id>`, table `server_groups`. */
export const serverGroups: Aggregate<ServerGroup, ServerGroupEvent> = {
  category: "server_group",
  eventTypes: {
    ServerGroupCreated: [],
    ServerGroupDeleted: [],
  },
  initialState: NO_SERVER_GROUP,
  evolve,
  projection: stateTable<ServerGroup, ServerGroupColumns>({
    name: "server_groups",
    version: 1,
    columns: { number: "integer", project_id: "text", user_id: "text", live: "integer" },
    indexes: [
      {
        name: "server_groups_by_project",
        columns: ["project_id", "number"],
        where: "live = 1",
      },
      { name: "server_groups_by_number", columns: ["number"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      number: state.number,
      project_id: state.projectId,
      user_id: state.userId,
      live: exists(state) ? 1 : 0,
    }),
  }),
};

/** As text, so that the indexes of those that live are used. */
const isLive = sql<boolean>`live = 1`;

/** One group; undefined when there is none of this id. */
export async function findServerGroup(
  reader: Reader,
  id: string,
): Promise<Versioned<ServerGroup> | undefined> {
  const found = await serverGroups.projection.load(reader, id);
  return found && exists(found.state) ? found : undefined;
}

/** How many groups a project has, or one user in it. */
export async function countServerGroups(
  reader: Reader,
  { projectId, userId }: { readonly projectId: string; readonly userId?: string },
): Promise<number> {
  const [row] = await reader.select<ServerGroupTables, { count: number }>((db) => {
    const select = db.selectFrom("server_groups")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("project_id", "=", projectId).where(isLive);
    return userId === undefined ? select : select.where("user_id", "=", userId);
  });
  return Number(row!.count);
}

/** Groups of a project, or of all, oldest first: a page of them. */
export async function listServerGroups(
  reader: Reader,
  { projectId, offset, size }: {
    /** Undefined: of every project. */
    readonly projectId: string | undefined;
    readonly offset: number;
    readonly size: number;
  },
): Promise<readonly Versioned<ServerGroup>[]> {
  const rows = await reader.select<ServerGroupTables, StateColumns>((db) => {
    const select = db.selectFrom("server_groups").select(["id", "version", "state"])
      .where(isLive).orderBy("number").limit(size).offset(offset);
    return projectId === undefined ? select : select.where("project_id", "=", projectId);
  });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** By group: the ids of the servers that were created into it and are not deleted, oldest first. */
export async function membersOf(
  reader: Reader,
  groups: readonly Pick<Versioned<ServerGroup>, "id">[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = groups.length === 0 ? [] : await reader.select<
    ServerTables,
    { id: string; server_group: string | null }
  >((db) =>
    db.selectFrom("servers").select(["id", "server_group"])
      .where("server_group", "in", groups.map(({ id }) => id))
      .where(sql<boolean>`life = 0`)
      .orderBy("number")
  );
  const byGroup = Map.groupBy(rows, ({ server_group }) => server_group);
  return new Map(groups.map(({ id }) => [id, (byGroup.get(id) ?? []).map((row) => row.id)]));
}

/** The groups among these that a project's servers may be created into. */
export async function groupsOpenTo(
  reader: Reader,
  projectId: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(ids.map((id) => findServerGroup(reader, id)));
  return found.flatMap((group) => group?.state.projectId === projectId ? [group.id] : []);
}
