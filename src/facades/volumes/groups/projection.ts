/** Groups as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { evolve, type Group, type GroupEvent, NO_GROUP } from "./decider.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface GroupColumns extends LifetimeColumns {
  project_id: string;
  user_id: string;
  name: string;
  status: string;
  availability_zone: string;
  group_type_id: string;
}

interface GroupTables {
  volume_groups: StateColumns & GroupColumns;
}

/** Groups: stream `volume_group-<id>`, table `volume_groups`. */
export const groups: Aggregate<Group, GroupEvent> = {
  category: "volume_group",
  eventTypes: {
    VolumeGroupCreated: [],
    VolumeGroupUpdated: [],
    VolumeGroupStatusReset: [],
    VolumeGroupDeleted: [],
  },
  initialState: NO_GROUP,
  evolve,
  projection: stateTable<Group, GroupColumns>({
    name: "volume_groups",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      user_id: "text",
      name: "text",
      status: "text",
      availability_zone: "text",
      group_type_id: "text",
    },
    indexes: [
      { name: "volume_groups_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "volume_groups_live_by_type", columns: ["group_type_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      user_id: state.userId,
      name: state.name ?? "",
      status: state.status,
      availability_zone: state.availabilityZone,
      group_type_id: state.groupTypeId,
    }),
  }),
};

const queries = queriesOn<GroupTables>();

const ofType = queries.prepare<{ typeId: string }, { id: string }>((db, p) =>
  db.selectFrom("volume_groups").select("id").where("group_type_id", "=", p("typeId"))
    .where("live", "=", LIVE).limit(1)
);

/** Whether there are groups of a type. */
export async function isGroupTypeInUse(reader: Reader, typeId: string): Promise<boolean> {
  return await reader.get(ofType, { typeId }) !== undefined;
}

const ofProject = queries.prepare<{ projectId: string }, { count: number }>((db, p) =>
  db.selectFrom("volume_groups").where("live", "=", LIVE).where("project_id", "=", p("projectId"))
    .select((eb) => eb.fn.countAll<number>().as("count"))
);

/** How many groups a project has. */
export async function countGroups(reader: Reader, projectId: string): Promise<number> {
  return (await reader.get(ofProject, { projectId }))!.count;
}

/** One group; undefined when there is none of this id. */
export async function findGroup(
  reader: Reader,
  id: string,
): Promise<Versioned<Group> | undefined> {
  const found = await groups.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
