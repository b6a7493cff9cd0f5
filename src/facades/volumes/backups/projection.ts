/** Backups as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { labelsTable } from "../metadata_projection.ts";
import { type Backup, type BackupEvent, evolve, NO_BACKUP } from "./decider.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface BackupColumns extends LifetimeColumns {
  project_id: string;
  user_id: string;
  volume_id: string;
  snapshot_id: string;
  /** Empty: it stands alone. */
  parent_id: string;
  name: string;
  status: string;
  size: number;
}

interface BackupTables {
  volume_backups: StateColumns & BackupColumns;
}

/** Metadata of backups, to find backups by. */
export const BACKUP_METADATA = {
  table: "volume_backup_metadata",
  id: "backup_id",
  label: "item",
};
const labels = labelsTable(BACKUP_METADATA);

/** Backups: stream `volume_backup-<id>`, tables `volume_backups` and `volume_backup_metadata`. */
export const backups: Aggregate<Backup, BackupEvent> = {
  category: "volume_backup",
  eventTypes: {
    VolumeBackupCreated: [],
    VolumeBackupUpdated: [],
    VolumeBackupRestored: [],
    VolumeBackupStatusReset: [],
    VolumeBackupDeleted: [],
  },
  initialState: NO_BACKUP,
  evolve,
  projection: stateTable<Backup, BackupColumns>({
    name: "volume_backups",
    version: 1,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      user_id: "text",
      volume_id: "text",
      snapshot_id: "text",
      parent_id: "text",
      name: "text",
      status: "text",
      size: "integer",
    },
    indexes: [
      { name: "volume_backups_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "volume_backups_live_by_volume", columns: ["volume_id"], where: "live = 1" },
      { name: "volume_backups_live_by_parent", columns: ["parent_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      user_id: state.userId,
      volume_id: state.volumeId,
      snapshot_id: state.snapshotId ?? "",
      parent_id: state.parentId ?? "",
      name: state.name ?? "",
      status: state.status,
      size: state.sizeGib,
    }),
    also: {
      tables: [BACKUP_METADATA.table],
      create: (tx) => labels.create(tx),
      write: (tx, before, after) => labels.write(tx, before, after),
    },
  }),
};

const queries = queriesOn<BackupTables>();

const ofVolume = queries.prepare<{ volumeId: string; projectId: string }, StateColumns>((db, p) =>
  db.selectFrom("volume_backups").select(["id", "version", "state"])
    .where("volume_id", "=", p("volumeId")).where("project_id", "=", p("projectId"))
    .where("live", "=", LIVE).orderBy("number")
);

/** A project's backups of a volume, in the order in which they were made. */
export async function backupsOfVolume(
  reader: Reader,
  of: { readonly volumeId: string; readonly projectId: string },
): Promise<readonly Versioned<Backup>[]> {
  const rows = await reader.all(ofVolume, of);
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** Which of some backups others build on. */
export async function withDependents(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.select<BackupTables, { parent_id: string }>((db) =>
    db.selectFrom("volume_backups").select("parent_id").distinct()
      .where("parent_id", "in", ids).where("live", "=", LIVE)
  );
  return new Set(rows.map(({ parent_id }) => parent_id));
}

const usage = queries.prepare<{ projectId: string }, { count: number; size: number }>((db, p) =>
  db.selectFrom("volume_backups").where("live", "=", LIVE).where("project_id", "=", p("projectId"))
    .select((eb) => [
      eb.fn.countAll<number>().as("count"),
      eb.fn.coalesce(eb.fn.sum<number>("size"), eb.lit(0)).as("size"),
    ])
);

/** How many backups a project has, and how large they are together, in GiB. */
export async function backupUsage(
  reader: Reader,
  projectId: string,
): Promise<{ readonly backups: number; readonly backup_gigabytes: number }> {
  const { count, size } = (await reader.get(usage, { projectId }))!;
  return { backups: count, backup_gigabytes: size };
}

/** One backup; undefined when there is none of this id. */
export async function findBackup(
  reader: Reader,
  id: string,
): Promise<Versioned<Backup> | undefined> {
  const found = await backups.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
