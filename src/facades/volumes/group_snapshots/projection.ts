/** Snapshots of groups as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import {
  evolve,
  type GroupSnapshot,
  type GroupSnapshotEvent,
  NO_GROUP_SNAPSHOT,
} from "./decider.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface GroupSnapshotColumns extends LifetimeColumns {
  project_id: string;
  user_id: string;
  group_id: string;
  name: string;
  status: string;
}

interface GroupSnapshotTables {
  volume_group_snapshots: StateColumns & GroupSnapshotColumns;
}

/** Snapshots of groups: stream `volume_group_snapshot-<id>`, table `volume_group_snapshots`. */
export const groupSnapshots: Aggregate<GroupSnapshot, GroupSnapshotEvent> = {
  category: "volume_group_snapshot",
  eventTypes: {
    VolumeGroupSnapshotCreated: [],
    VolumeGroupSnapshotStatusReset: [],
    VolumeGroupSnapshotDeleted: [],
  },
  initialState: NO_GROUP_SNAPSHOT,
  evolve,
  projection: stateTable<GroupSnapshot, GroupSnapshotColumns>({
    name: "volume_group_snapshots",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      user_id: "text",
      group_id: "text",
      name: "text",
      status: "text",
    },
    indexes: [
      { name: "volume_group_snapshots_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "volume_group_snapshots_by_group", columns: ["group_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      user_id: state.userId,
      group_id: state.groupId,
      name: state.name ?? "",
      status: state.status,
    }),
  }),
};

const ofGroup = queriesOn<GroupSnapshotTables>()
  .prepare<{ groupId: string }, { id: string }>((db, p) =>
    db.selectFrom("volume_group_snapshots").select("id").where("group_id", "=", p("groupId"))
      .where("live", "=", LIVE).limit(1)
  );

/** Whether a group has snapshots. */
export async function hasGroupSnapshots(reader: Reader, groupId: string): Promise<boolean> {
  return await reader.get(ofGroup, { groupId }) !== undefined;
}

/** One of them; undefined when there is none of this id. */
export async function findGroupSnapshot(
  reader: Reader,
  id: string,
): Promise<Versioned<GroupSnapshot> | undefined> {
  const found = await groupSnapshots.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
