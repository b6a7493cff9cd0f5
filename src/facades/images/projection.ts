/** Images as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../store/query.ts";
import type { ImageEvent } from "./events.ts";
import { evolve, type Image, NO_IMAGE, sizeOf } from "./state.ts";

/** Column names are Glance's, so that filters and sort keys can name them. */
export interface ImageColumns {
  /** 1 unless the image is deleted. */
  live: 0 | 1;
  name: string;
  status: string;
  visibility: string;
  owner: string;
  disk_format: string;
  container_format: string;
  min_ram: number;
  min_disk: number;
  size: number;
  virtual_size: number;
  checksum: string;
  os_hash_algo: string;
  os_hash_value: string;
  protected: 0 | 1;
  os_hidden: 0 | 1;
  created_at: string;
  updated_at: string;
}

/** Tags and properties of images, and the projects they are shared with, to find images by. */
export const IMAGE_TAGS = { table: "image_tags", id: "image_id", label: "tag" };
export const IMAGE_PROPERTIES = { table: "image_properties", id: "image_id", label: "property" };

export interface ImageTables {
  images: StateColumns & ImageColumns;
  image_tags: { image_id: string; tag: string };
  image_properties: { image_id: string; property: string };
  image_members: { image_id: string; member: string; status: string };
}

/** Images: stream `image-<id>`, tables `images`, `image_tags`, `image_properties`, `image_members`. */
export const images: Aggregate<Image, ImageEvent> = {
  category: "image",
  eventTypes: {
    ImageCreated: [],
    ImageUpdated: [],
    ImageDataStaged: [],
    ImageDataStored: [],
    ImageTagsChanged: [],
    ImageMemberAdded: [],
    ImageMemberStatusChanged: [],
    ImageMemberRemoved: [],
    ImageDeactivated: [],
    ImageReactivated: [],
    ImageDeleted: [],
  },
  initialState: NO_IMAGE,
  evolve,
  projection: stateTable<Image, ImageColumns>({
    name: "images",
    version: 2,
    columns: {
      live: "integer",
      name: "nocase",
      status: "text",
      visibility: "text",
      owner: "text",
      disk_format: "text",
      container_format: "text",
      min_ram: "integer",
      min_disk: "integer",
      size: "integer",
      virtual_size: "integer",
      checksum: "text",
      os_hash_algo: "text",
      os_hash_value: "text",
      protected: "integer",
      os_hidden: "integer",
      created_at: "text",
      updated_at: "text",
    },
    indexes: [
      { name: "images_live", columns: ["created_at", "id"], where: "live = 1" },
      { name: "images_live_by_owner", columns: ["owner", "created_at"], where: "live = 1" },
      { name: "images_live_by_name", columns: ["name"], where: "live = 1" },
    ],
    row: rowOf,
    also: {
      tables: ["image_tags", "image_properties", "image_members"],
      create: createOtherTables,
      write: writeOtherTables,
    },
  }),
};

function rowOf({ state: image }: Versioned<Image>): ImageColumns {
  return {
    live: image.exists ? 1 : 0,
    name: image.name ?? "",
    status: image.status,
    visibility: image.visibility,
    owner: image.owner ?? "",
    disk_format: image.diskFormat ?? "",
    container_format: image.containerFormat ?? "",
    min_ram: image.minRamMib,
    min_disk: image.minDiskGib,
    size: sizeOf(image) ?? 0,
    virtual_size: image.data?.virtualSizeBytes ?? 0,
    checksum: image.data?.checksum ?? "",
    os_hash_algo: image.data?.hashAlgorithm ?? "",
    os_hash_value: image.data?.hashValue ?? "",
    protected: image.isProtected ? 1 : 0,
    os_hidden: image.isHidden ? 1 : 0,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
  };
}

/** A custom property as the one text that it is found by. */
export function propertyLabel(name: string, value: string): string {
  return JSON.stringify([name, value]);
}

async function createOtherTables(tx: Writer): Promise<void> {
  for (const { table, id, label } of [IMAGE_TAGS, IMAGE_PROPERTIES]) {
    await tx.execute((db) =>
      db.schema.createTable(table)
        .addColumn(label, "text", (column) => column.notNull())
        .addColumn(id, "text", (column) => column.notNull())
        .addPrimaryKeyConstraint(`${table}_key`, [label, id] as never)
    );
    await tx.execute((db) => db.schema.createIndex(`${table}_by_image`).on(table).column(id));
  }
  await tx.execute((db) =>
    db.schema.createTable("image_members")
      .addColumn("member", "text", (column) => column.notNull())
      .addColumn("image_id", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("image_members_key", ["member", "image_id"])
  );
  await tx.execute((db) =>
    db.schema.createIndex("image_members_by_image").on("image_members").column("image_id")
  );
}

const queries = queriesOn<ImageTables>();

const dropTags = queries.prepare<{ id: string }, unknown>((db, p) =>
  db.deleteFrom("image_tags").where("image_id", "=", p("id"))
);
const addTag = queries.prepare<{ id: string; tag: string }, unknown>((db, p) =>
  db.insertInto("image_tags").values({ image_id: p("id"), tag: p("tag") })
);
const dropProperties = queries.prepare<{ id: string }, unknown>((db, p) =>
  db.deleteFrom("image_properties").where("image_id", "=", p("id"))
);
const addProperty = queries.prepare<{ id: string; property: string }, unknown>((db, p) =>
  db.insertInto("image_properties").values({ image_id: p("id"), property: p("property") })
);
const dropMembers = queries.prepare<{ id: string }, unknown>((db, p) =>
  db.deleteFrom("image_members").where("image_id", "=", p("id"))
);
const addMember = queries.prepare<{ id: string; member: string; status: string }, unknown>((
  db,
  p,
) =>
  db.insertInto("image_members")
    .values({ image_id: p("id"), member: p("member"), status: p("status") })
);

async function writeOtherTables(
  tx: Writer,
  { state: before }: Versioned<Image>,
  { id, state: after }: Versioned<Image>,
): Promise<void> {
  if (before.tags !== after.tags || before.exists !== after.exists) {
    await tx.run(dropTags, { id });
    for (const tag of after.exists ? after.tags : []) await tx.run(addTag, { id, tag });
  }
  if (before.properties !== after.properties || before.exists !== after.exists) {
    await tx.run(dropProperties, { id });
    for (const [name, value] of Object.entries(after.exists ? after.properties : {})) {
      await tx.run(addProperty, { id, property: propertyLabel(name, value) });
    }
  }
  if (before.members !== after.members || before.exists !== after.exists) {
    await tx.run(dropMembers, { id });
    for (const { member, status } of after.exists ? after.members : []) {
      await tx.run(addMember, { id, member, status });
    }
  }
}

/** One image; undefined when there is none of this id. */
export async function findImage(
  reader: Reader,
  id: string,
): Promise<Versioned<Image> | undefined> {
  const found = await images.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

/** A project's images that have all of these properties, newest first. */
export async function imagesWithProperties(
  reader: Reader,
  owner: string,
  properties: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const labels = Object.entries(properties).map(([name, value]) => propertyLabel(name, value));
  const rows = await reader.select<ImageTables, { id: string }>((db) =>
    db.selectFrom("image_properties")
      .innerJoin("images", "images.id", "image_properties.image_id")
      .select("images.id")
      .where("property", "in", labels)
      .where("owner", "=", owner)
      .groupBy(["images.id", "images.created_at"])
      .having((eb) => eb.fn.countAll(), "=", labels.length)
      .orderBy("images.created_at", "desc")
      .orderBy("images.id", "desc")
  );
  return rows.map(({ id }) => id);
}
