/** Volumes as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { labelsTable } from "../metadata_projection.ts";
import { UsageTally } from "../usage.ts";
import type { VolumeEvent } from "./events.ts";
import { type Attachment, evolve, NO_VOLUME, type Volume } from "./state.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface VolumeColumns extends LifetimeColumns {
  project_id: string;
  user_id: string;
  name: string;
  status: string;
  size: number;
  bootable: 0 | 1;
  availability_zone: string;
  volume_type_id: string;
  migration_status: string;
  snapshot_id: string;
  source_volid: string;
  /** Empty: it is in none. */
  group_id: string;
  /** 1 while the backend has something to do. */
  pending: 0 | 1;
  /** 1 while the backend has it though nobody knows it. */
  left_behind: 0 | 1;
}

/** Attachments of volumes, each by its own id. */
interface AttachmentColumns {
  id: string;
  volume_id: string;
  project_id: string;
  server_id: string;
  status: string;
  of_compute: 0 | 1;
  created_at: string;
}

interface VolumeTables {
  volumes: StateColumns & VolumeColumns;
  volume_attachments: AttachmentColumns;
}

/** What volumes take of quota. */
export const volumeUsage = new UsageTally("volume_usage");

/** Metadata of volumes, to find volumes by. */
export const VOLUME_METADATA = { table: "volume_metadata", id: "volume_id", label: "item" };
const labels = labelsTable(VOLUME_METADATA);

/**
 * Volumes: stream `volume-<id>`, tables `volumes`, `volume_attachments`, `volume_metadata` and
 * `volume_usage`.
 */
export const volumes: Aggregate<Volume, VolumeEvent> = {
  category: "volume",
  eventTypes: {
    VolumeCreated: [],
    VolumeBecameAvailable: [],
    VolumeUpdated: [],
    VolumeExtended: [],
    VolumeStatusReset: [],
    VolumeReserved: [],
    VolumeUnreserved: [],
    VolumeDetachBegun: [],
    VolumeDetachRolledBack: [],
    VolumeAttachmentReserved: [],
    VolumeAttachmentConnected: [],
    VolumeAttached: [],
    VolumeAttachmentDisconnected: [],
    VolumeAttachmentRemoved: [],
    VolumeOffered: [],
    VolumeOfferWithdrawn: [],
    VolumeHandedOver: [],
    VolumeUploadBegun: [],
    VolumeUploadEnded: [],
    VolumeWorkFailed: [],
    VolumeUnmanaged: [],
    VolumeTakenUp: [],
    VolumeManageFailed: [],
    VolumeDeleteRequested: [],
    VolumeDeleted: [],
  },
  initialState: NO_VOLUME,
  evolve,
  projection: stateTable<Volume, VolumeColumns>({
    name: "volumes",
    version: 3,
    columns: {
      ...LIFETIME_COLUMNS,
      project_id: "text",
      user_id: "text",
      name: "text",
      status: "text",
      size: "integer",
      bootable: "integer",
      availability_zone: "text",
      volume_type_id: "text",
      migration_status: "text",
      snapshot_id: "text",
      source_volid: "text",
      group_id: "text",
      pending: "integer",
      left_behind: "integer",
    },
    indexes: [
      { name: "volumes_live", columns: ["created_at", "id"], where: "live = 1" },
      {
        name: "volumes_live_by_project",
        columns: ["project_id", "created_at"],
        where: "live = 1",
      },
      { name: "volumes_pending", columns: ["number"], where: "pending = 1" },
      { name: "volumes_left_behind", columns: ["number"], where: "left_behind = 1" },
      { name: "volumes_live_by_type", columns: ["volume_type_id"], where: "live = 1" },
      { name: "volumes_live_by_group", columns: ["group_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      user_id: state.userId,
      name: state.name ?? "",
      status: state.status,
      size: state.sizeGib,
      bootable: state.isBootable ? 1 : 0,
      availability_zone: state.availabilityZone,
      volume_type_id: state.typeId,
      migration_status: state.migrationStatus ?? "",
      snapshot_id: state.snapshotId ?? "",
      source_volid: state.sourceVolumeId ?? "",
      group_id: state.groupId ?? "",
      pending: state.work === null ? 0 : 1,
      left_behind: state.isLeftBehind ? 1 : 0,
    }),
    also: {
      tables: [volumeUsage.tally.table, VOLUME_METADATA.table, "volume_attachments"],
      async create(tx) {
        await volumeUsage.tally.create(tx);
        await labels.create(tx);
        await createAttachments(tx);
      },
      async write(tx, before, after) {
        await volumeUsage.write(tx, before, after);
        await labels.write(tx, before, after);
        await writeAttachments(tx, before, after);
      },
    },
  }),
};

async function createAttachments(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("volume_attachments")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("volume_id", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addColumn("server_id", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("of_compute", "integer", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
  );
  for (const column of ["volume_id", "server_id", "project_id"]) {
    await tx.execute((db) =>
      db.schema.createIndex(`volume_attachments_by_${column}`).on("volume_attachments")
        .column(column)
    );
  }
}

const queries = queriesOn<VolumeTables>();

const dropAttachments = queries.prepare<{ volumeId: string }, unknown>((db, p) =>
  db.deleteFrom("volume_attachments").where("volume_id", "=", p("volumeId"))
);

const addAttachment = queries.prepare<AttachmentColumns, unknown>((db, p) =>
  db.insertInto("volume_attachments").values({
    id: p("id"),
    volume_id: p("volume_id"),
    project_id: p("project_id"),
    server_id: p("server_id"),
    status: p("status"),
    of_compute: p("of_compute"),
    created_at: p("created_at"),
  })
);

async function writeAttachments(
  tx: Writer,
  { state: before }: Versioned<Volume>,
  { id: volumeId, state: after }: Versioned<Volume>,
): Promise<void> {
  if (before.attachments === after.attachments) return;
  await tx.run(dropAttachments, { volumeId });
  for (const attachment of after.attachments) {
    await tx.run(addAttachment, {
      id: attachment.id,
      volume_id: volumeId,
      project_id: after.projectId,
      server_id: attachment.serverId ?? "",
      status: attachment.status,
      of_compute: attachment.isOfCompute ? 1 : 0,
      created_at: attachment.createdAt,
    });
  }
}

const pendingVolumes = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("volumes").select(["id", "version", "state"])
    .where((eb) => eb("pending", "=", eb.lit(1))).orderBy("number")
);

/** Volumes that the backend has something to do with, oldest first. */
export async function volumesInTransition(reader: Reader): Promise<readonly Versioned<Volume>[]> {
  const rows = await reader.all(pendingVolumes, {});
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** One volume; undefined when there is none of this id. */
export async function findVolume(
  reader: Reader,
  id: string,
): Promise<Versioned<Volume> | undefined> {
  const found = await volumes.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

const ofType = queries.prepare<{ typeId: string }, { id: string }>((db, p) =>
  db.selectFrom("volumes").select("id").where("volume_type_id", "=", p("typeId"))
    .where("live", "=", LIVE).limit(1)
);

/** Whether there are volumes of a type. */
export async function isTypeInUse(reader: Reader, typeId: string): Promise<boolean> {
  return await reader.get(ofType, { typeId }) !== undefined;
}

const allLeftBehind = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("volumes").select(["id", "version", "state"])
    .where((eb) => eb("left_behind", "=", eb.lit(1))).orderBy("number")
);

/** What the backend has though nobody knows it, oldest first. */
export async function leftBehind(reader: Reader): Promise<readonly Versioned<Volume>[]> {
  const rows = await reader.all(allLeftBehind, {});
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** The same by its id; undefined: there is nothing. */
export async function findLeftBehind(
  reader: Reader,
  id: string,
): Promise<Versioned<Volume> | undefined> {
  const found = await volumes.projection.load(reader, id);
  return found?.state.isLeftBehind ? found : undefined;
}

const ofGroup = queries.prepare<{ groupId: string }, StateColumns>((db, p) =>
  db.selectFrom("volumes").select(["id", "version", "state"])
    .where("group_id", "=", p("groupId")).where("live", "=", LIVE).orderBy("number")
);

/** The volumes of a group, in the order in which they were made. */
export async function volumesOfGroup(
  reader: Reader,
  groupId: string,
): Promise<readonly Versioned<Volume>[]> {
  const rows = await reader.all(ofGroup, { groupId });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

const volumeOfAttachment = queries.prepare<{ id: string }, { volume_id: string }>((db, p) =>
  db.selectFrom("volume_attachments").select("volume_id").where("id", "=", p("id"))
);

/** An attachment with its volume. */
export interface AttachmentOfVolume {
  readonly attachment: Attachment;
  readonly volume: Versioned<Volume>;
}

/** One attachment; undefined when there is none of this id. */
export async function findAttachment(
  reader: Reader,
  id: string,
): Promise<AttachmentOfVolume | undefined> {
  const row = await reader.get(volumeOfAttachment, { id });
  const volume = row && await findVolume(reader, row.volume_id);
  const attachment = volume?.state.attachments.find((one) => one.id === id);
  return volume && attachment && { attachment, volume };
}

const ofServer = queries.prepare<{ serverId: string }, { id: string }>((db, p) =>
  db.selectFrom("volume_attachments").select("id").where("server_id", "=", p("serverId"))
    .orderBy("created_at").orderBy("id")
);

/** The attachments of a server, in the order in which they were made. */
export async function attachmentsOfServer(
  reader: Reader,
  serverId: string,
): Promise<readonly AttachmentOfVolume[]> {
  return await findAll(reader, (await reader.all(ofServer, { serverId })).map(({ id }) => id));
}

/** What a list of attachments is narrowed by; undefined: by nothing. */
export interface AttachmentFilter {
  readonly projectId: string | undefined;
  readonly volumeId: string | undefined;
  readonly serverId: string | undefined;
  readonly status: string | undefined;
}

/** Attachments, the newest first. */
export async function listAttachments(
  reader: Reader,
  filter: AttachmentFilter,
): Promise<readonly AttachmentOfVolume[]> {
  const rows = await reader.select<VolumeTables, { id: string }>((db) => {
    let select = db.selectFrom("volume_attachments").select("id");
    const { projectId, volumeId, serverId, status } = filter;
    if (projectId !== undefined) select = select.where("project_id", "=", projectId);
    if (volumeId !== undefined) select = select.where("volume_id", "=", volumeId);
    if (serverId !== undefined) select = select.where("server_id", "=", serverId);
    if (status !== undefined) select = select.where("status", "=", status);
    return select.orderBy("created_at", "desc").orderBy("id", "desc");
  });
  return await findAll(reader, rows.map(({ id }) => id));
}

async function findAll(
  reader: Reader,
  ids: readonly string[],
): Promise<readonly AttachmentOfVolume[]> {
  const found: AttachmentOfVolume[] = [];
  for (const id of ids) {
    const one = await findAttachment(reader, id);
    if (one) found.push(one);
  }
  return found;
}

const allocated = queries.prepare<Record<never, never>, { size: number }>((db) =>
  db.selectFrom("volumes").where("live", "=", LIVE)
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>("size"), eb.lit(0)).as("size"))
);

/** How large all volumes are together, in GiB. */
export async function allocatedGib(reader: Reader): Promise<number> {
  return (await reader.get(allocated, {}))!.size;
}

const totals = queries.prepare<{ projectId: string }, { count: number; size: number }>((db, p) =>
  db.selectFrom("volumes").where("live", "=", LIVE).where("project_id", "=", p("projectId"))
    .select((eb) => [
      eb.fn.countAll<number>().as("count"),
      eb.fn.coalesce(eb.fn.sum<number>("size"), eb.lit(0)).as("size"),
    ])
);

/** How many volumes a project has, and how large they are together, in GiB. */
export async function totalsOf(
  reader: Reader,
  projectId: string,
): Promise<{ readonly count: number; readonly size: number }> {
  return (await reader.get(totals, { projectId }))!;
}
