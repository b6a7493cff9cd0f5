/** Snapshots as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { labelsTable } from "../metadata_projection.ts";
import { UsageTally } from "../usage.ts";
import { evolve, NO_SNAPSHOT, type Snapshot, type SnapshotEvent } from "./decider.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface SnapshotColumns extends LifetimeColumns {
  project_id: string;
  user_id: string;
  volume_id: string;
  /** Empty: it is part of none. */
  group_snapshot_id: string;
  name: string;
  status: string;
  size: number;
}

interface SnapshotTables {
  volume_snapshots: StateColumns & SnapshotColumns;
}

/** What snapshots take of quota. */
export const snapshotUsage = new UsageTally("volume_snapshot_usage");

/** Metadata of snapshots, to find snapshots by. */
export const SNAPSHOT_METADATA = {
  table: "volume_snapshot_metadata",
  id: "snapshot_id",
  label: "item",
};
const labels = labelsTable(SNAPSHOT_METADATA);

/**
 * Snapshots: stream `volume_snapshot-<id>`, tables `volume_snapshots`, `volume_snapshot_metadata`
 * and `volume_snapshot_usage`.
 */
export const snapshots: Aggregate<Snapshot, SnapshotEvent> = {
  category: "volume_snapshot",
  eventTypes: {
    VolumeSnapshotCreated: [],
    VolumeSnapshotBecameAvailable: [],
    VolumeSnapshotUpdated: [],
    VolumeSnapshotStatusReset: [],
    VolumeSnapshotDeleted: [],
  },
  initialState: NO_SNAPSHOT,
  evolve,
  projection: stateTable<Snapshot, SnapshotColumns>({
    name: "volume_snapshots",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      user_id: "text",
      volume_id: "text",
      group_snapshot_id: "text",
      name: "text",
      status: "text",
      size: "integer",
    },
    indexes: [
      { name: "volume_snapshots_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "volume_snapshots_live_by_volume", columns: ["volume_id"], where: "live = 1" },
      { name: "volume_snapshots_by_group", columns: ["group_snapshot_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      user_id: state.userId,
      volume_id: state.volumeId,
      group_snapshot_id: state.groupSnapshotId ?? "",
      name: state.name ?? "",
      status: state.status,
      size: state.sizeGib,
    }),
    also: {
      tables: [snapshotUsage.tally.table, SNAPSHOT_METADATA.table],
      async create(tx) {
        await snapshotUsage.tally.create(tx);
        await labels.create(tx);
      },
      async write(tx, before, after) {
        await snapshotUsage.write(tx, before, after);
        await labels.write(tx, before, after);
      },
    },
  }),
};

const queries = queriesOn<SnapshotTables>();

const ofVolume = queries.prepare<{ volumeId: string }, StateColumns>((db, p) =>
  db.selectFrom("volume_snapshots").select(["id", "version", "state"])
    .where("volume_id", "=", p("volumeId")).where("live", "=", LIVE).orderBy("number")
);

const ofGroupSnapshot = queries.prepare<{ id: string }, StateColumns>((db, p) =>
  db.selectFrom("volume_snapshots").select(["id", "version", "state"])
    .where("group_snapshot_id", "=", p("id")).where("live", "=", LIVE).orderBy("number")
);

/** The snapshots that are part of one of a group. */
export async function snapshotsOfGroupSnapshot(
  reader: Reader,
  id: string,
): Promise<readonly Versioned<Snapshot>[]> {
  return (await reader.all(ofGroupSnapshot, { id })).map(stateOf);
}

/** The snapshots of a volume. */
export async function snapshotsOfVolume(
  reader: Reader,
  volumeId: string,
): Promise<readonly Versioned<Snapshot>[]> {
  return (await reader.all(ofVolume, { volumeId })).map(stateOf);
}

function stateOf({ id, version, state }: StateColumns): Versioned<Snapshot> {
  return { id, version, state: JSON.parse(state) };
}

/** One snapshot; undefined when there is none of this id. */
export async function findSnapshot(
  reader: Reader,
  id: string,
): Promise<Versioned<Snapshot> | undefined> {
  const found = await snapshots.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
