/** Servers as rows: the folded state, columns to find it by, and the queries behind the GETs. */
import { sql } from "kysely";
import type { Projection, Versioned } from "../../eventsourcing/aggregate.ts";
import {
  type ColumnType,
  type Index,
  type StateColumns,
  stateTable,
} from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../store/query.ts";
import { nextStep } from "./processes/mod.ts";
import { createMigrations, writeMigrations } from "./projection_migrations.ts";
import { exists, isQueuedForDelete, keptOf, type Server } from "./state.ts";
import { tallies, tally } from "./tallies.ts";

/** 0: in normal lists; 1: soft-deleted; 2: deleted. */
export type Life = 0 | 1 | 2;

/** Column names are Nova's, so that filters and sort keys can name them. */
export interface ServerColumns {
  number: number;
  project_id: string;
  user_id: string;
  life: Life;
  /** 1 while a process has a step to take. */
  pending: 0 | 1;
  /** 1 once it is or was on a host. */
  in_cell: 0 | 1;
  /** 1 once it is gone, or is to go. */
  queued_for_delete: 0 | 1;
  display_name: string;
  display_description: string | null;
  hostname: string;
  vm_state: string;
  task_state: string | null;
  power_state: number;
  progress: number;
  host: string | null;
  node: string | null;
  availability_zone: string | null;
  image_ref: string;
  flavor_id: string;
  key_name: string | null;
  config_drive: string;
  auto_disk_config: number;
  reservation_id: string;
  launch_index: number;
  kernel_id: string;
  ramdisk_id: string;
  root_device_name: string | null;
  access_ip_v4: string | null;
  access_ip_v6: string | null;
  locked: 0 | 1;
  locked_by: string | null;
  created_at: string;
  updated_at: string;
  launched_at: string | null;
  terminated_at: string | null;
  /** Fixed addresses, a blank before each: what `ip` and `ip6` look into. */
  addresses_v4: string;
  addresses_v6: string;
  /** The group that it was created into. */
  server_group: string | null;
}

export interface ServersTable extends StateColumns, ServerColumns {}

export interface ServerTagsTable {
  server_id: string;
  tag: string;
}

export interface ServerTables {
  servers: ServersTable;
  server_tags: ServerTagsTable;
}

const COLUMN_TYPES: Readonly<Record<keyof ServerColumns, ColumnType>> = {
  number: "integer",
  project_id: "text",
  user_id: "text",
  life: "integer",
  pending: "integer",
  in_cell: "integer",
  queued_for_delete: "integer",
  display_name: "nocase",
  display_description: "nocase",
  hostname: "nocase",
  vm_state: "nocase",
  task_state: "nocase",
  power_state: "integer",
  progress: "integer",
  host: "nocase",
  node: "nocase",
  availability_zone: "nocase",
  image_ref: "nocase",
  flavor_id: "nocase",
  key_name: "nocase",
  config_drive: "nocase",
  auto_disk_config: "integer",
  reservation_id: "nocase",
  launch_index: "integer",
  kernel_id: "nocase",
  ramdisk_id: "nocase",
  root_device_name: "nocase",
  access_ip_v4: "nocase",
  access_ip_v6: "nocase",
  locked: "integer",
  locked_by: "nocase",
  created_at: "text",
  updated_at: "text",
  launched_at: "text",
  terminated_at: "text",
  addresses_v4: "text",
  addresses_v6: "text",
  server_group: "text",
};

/** The columns of `servers` besides `id`, `version` and `state`. */
export const SERVER_COLUMNS = Object.keys(COLUMN_TYPES) as readonly (keyof ServerColumns)[];

const INDEXES: readonly Index[] = [
  // The plain list of a project, and of all: newest first, without the dead.
  { name: "servers_live_by_project", columns: ["project_id", "created_at"], where: "life = 0" },
  { name: "servers_live", columns: ["created_at"], where: "life = 0" },
  { name: "servers_live_by_name", columns: ["project_id", "display_name"], where: "life = 0" },
  // changes-since walks these, tombstones included; they hold all that paging needs.
  { name: "servers_changed_by_project", columns: ["project_id", "updated_at", "created_at", "id"] },
  { name: "servers_changed", columns: ["updated_at", "created_at", "id"] },
  { name: "servers_by_host", columns: ["host"], where: "host is not null" },
  {
    name: "servers_by_group",
    columns: ["server_group", "number", "id"],
    where: "life = 0 and server_group is not null",
  },
  { name: "servers_by_reservation", columns: ["reservation_id"] },
  {
    name: "servers_waiting",
    columns: ["vm_state", "id"],
    where: "vm_state in ('soft-delete', 'shelved', 'resized')",
  },
  // Usage reports: those that run, by project and id, and those that have ended, by when.
  {
    name: "servers_running",
    columns: ["project_id", "id"],
    where: "launched_at is not null and terminated_at is null",
  },
  {
    name: "servers_ended_by_project",
    columns: ["project_id", "terminated_at"],
    where: "launched_at is not null and terminated_at is not null",
  },
  {
    name: "servers_ended",
    columns: ["terminated_at"],
    where: "launched_at is not null and terminated_at is not null",
  },
  { name: "servers_pending", columns: ["number"], where: "pending = 1" },
];

export const serversProjection: Projection<Server> = stateTable({
  name: "servers",
  version: 11,
  columns: COLUMN_TYPES,
  indexes: INDEXES,
  row: rowOf,
  kept: keptOf,
  also: {
    tables: ["server_tags", "migrations", ...tallies.map(({ table }) => table)],
    create: createOtherTables,
    async write(tx, before, after) {
      if (before.state.tags !== after.state.tags) await writeTags(tx, before, after);
      await writeMigrations(tx, before.state, after);
      await tally(tx, before.state, after.state);
    },
  },
});

async function createOtherTables(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("server_tags")
      .addColumn("server_id", "text", (column) => column.notNull())
      .addColumn("tag", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("server_tags_key", ["server_id", "tag"])
  );
  await tx.execute((db) =>
    db.schema.createIndex("server_tags_by_tag").on("server_tags").columns(["tag", "server_id"])
  );
  await createMigrations(tx);
  for (const table of tallies) await table.create(tx);
}

function rowOf({ state }: Versioned<Server>): ServerColumns {
  const { placement, image, lock } = state;
  return {
    number: state.number,
    project_id: state.projectId,
    user_id: state.userId,
    life: lifeOf(state),
    pending: nextStep(state) ? 1 : 0,
    in_cell: state.inCell ? 1 : 0,
    queued_for_delete: isQueuedForDelete(state) ? 1 : 0,
    display_name: state.name,
    display_description: state.description,
    hostname: state.hostname,
    vm_state: state.vmState,
    task_state: state.taskState,
    power_state: state.powerState,
    progress: state.progress,
    host: placement?.host ?? null,
    node: placement?.node ?? null,
    availability_zone: placement?.availabilityZone ?? state.pinnedAvailabilityZone,
    image_ref: image?.id ?? "",
    flavor_id: state.flavor.id,
    key_name: state.keyName,
    config_drive: state.configDrive ? "True" : "",
    auto_disk_config: state.diskConfig === "AUTO" ? 1 : 0,
    reservation_id: state.reservationId,
    launch_index: state.launchIndex,
    kernel_id: image?.properties["kernel_id"] ?? "",
    ramdisk_id: image?.properties["ramdisk_id"] ?? "",
    root_device_name: state.rootDeviceName,
    access_ip_v4: state.accessIPv4,
    access_ip_v6: state.accessIPv6,
    locked: lock ? 1 : 0,
    locked_by: lock?.by ?? null,
    created_at: state.createdAt,
    updated_at: state.updatedAt,
    launched_at: state.launchedAt,
    terminated_at: state.terminatedAt,
    addresses_v4: addressesOf(state, (address) => !address.includes(":")),
    addresses_v6: addressesOf(state, (address) => address.includes(":")),
    server_group: state.schedulerHints["group"]?.[0] ?? null,
  };
}

function lifeOf(server: Server): Life {
  if (!exists(server)) return 2;
  return server.vmState === "soft-delete" ? 1 : 0;
}

function addressesOf(server: Server, wanted: (address: string) => boolean): string {
  return server.ports.flatMap((port) => port.fixedIps)
    .map(({ address }) => address)
    .filter(wanted)
    .map((address) => ` ${address}`)
    .join("");
}

async function writeTags(
  tx: Writer,
  before: Versioned<Server>,
  after: Versioned<Server>,
): Promise<void> {
  const had = new Set(before.state.tags);
  const has = new Set(after.state.tags);
  for (const tag of had) {
    if (!has.has(tag)) await tx.run(deleteTag, { server_id: after.id, tag });
  }
  for (const tag of has) {
    if (!had.has(tag)) await tx.run(insertTag, { server_id: after.id, tag });
  }
}

const queries = queriesOn<ServerTables>();

const insertTag = queries.prepare<ServerTagsTable, unknown>((db, p) =>
  db.insertInto("server_tags").values({ server_id: p("server_id"), tag: p("tag") })
);

const deleteTag = queries.prepare<ServerTagsTable, unknown>((db, p) =>
  db.deleteFrom("server_tags")
    .where("server_id", "=", p("server_id"))
    .where("tag", "=", p("tag"))
);

const pendingServers = queries.prepare<Record<never, never>, { id: string; state: string }>((db) =>
  db.selectFrom("servers").select(["id", "state"])
    .where(sql<boolean>`pending = 1`)
    .orderBy("number")
);

/** Servers whose process has a step to take, oldest first. */
export async function serversInTransition(
  reader: Reader,
): Promise<readonly { readonly id: string; readonly state: Server }[]> {
  return (await reader.all(pendingServers, {})).map(({ id, state }) => ({
    id,
    state: JSON.parse(state) as Server,
  }));
}

const living = queries.prepare<Record<never, never>, { id: string }>((db) =>
  db.selectFrom("servers").select("id").where("life", "<", 2).orderBy("number")
);

/** Ids of all servers that are there, of whatever project, oldest first. */
export async function livingServers(reader: Reader): Promise<readonly string[]> {
  return (await reader.all(living, {})).map(({ id }) => id);
}

/** One server's state and version; undefined when there never was one. */
export function findServer(reader: Reader, id: string): Promise<Versioned<Server> | undefined> {
  return serversProjection.load(reader, id);
}

/** Where a server is; `host` null: on none. */
export type ServerPlace = Pick<ServersTable, "id" | "host" | "in_cell">;

/** Where servers are, deleted ones included. */
export async function placesOfServers(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ServerPlace>> {
  const rows = await reader.select<ServerTables, ServerPlace>((db) =>
    db.selectFrom("servers").select(["id", "host", "in_cell"]).where("id", "in", [...ids])
  );
  return new Map(rows.map((place) => [place.id, place]));
}

/** The hosts of servers that are there, one for each that is on one. */
export async function hostsOfLiving(
  reader: Reader,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await reader.select<ServerTables, { host: string | null }>((db) =>
    db.selectFrom("servers").select("host").where("id", "in", [...ids]).where("life", "<", 2)
  );
  return rows.flatMap(({ host }) => host ?? []);
}

/** What is needed of a server to know whether a caller may see it. */
export type ServerHead = Pick<ServersTable, "id" | "version" | "project_id" | "life" | "in_cell">;

const serverHead = queries.prepare<{ id: string }, ServerHead>((db, p) =>
  db.selectFrom("servers").select(["id", "version", "project_id", "life", "in_cell"])
    .where("id", "=", p("id"))
);

/** One server without its state; undefined when there never was one. */
export function findServerHead(reader: Reader, id: string): Promise<ServerHead | undefined> {
  return reader.get(serverHead, { id });
}
