/** Namespaces of metadata definitions as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import type { MetadefEvent } from "./events.ts";
import { evolve, type MetadefNamespace, NO_NAMESPACE, type ResourceType } from "./state.ts";

/** Column names are Glance's, so that sort keys can name them. */
interface NamespaceColumns {
  /** 1 unless the namespace is deleted. */
  live: 0 | 1;
  namespace: string;
  display_name: string;
  description: string;
  visibility: string;
  protected: 0 | 1;
  owner: string;
  created_at: string;
  updated_at: string;
}

/** Kinds of resource by namespace, to find namespaces by. */
export const NAMESPACE_TYPES = "metadef_namespace_resource_types";

interface MetadefTables {
  metadef_namespaces: StateColumns & NamespaceColumns;
  metadef_namespace_resource_types: { resource_type: string; namespace_id: string };
  metadef_resource_types: { name: string; namespace_id: string; created_at: string };
}

/**
 * Namespaces: stream `metadef_namespace-<id>`, tables `metadef_namespaces`,
 * `metadef_namespace_resource_types`, and `metadef_resource_types`, which forgets nothing.
 */
export const metadefNamespaces: Aggregate<MetadefNamespace, MetadefEvent> = {
  category: "metadef_namespace",
  eventTypes: {
    MetadefNamespaceCreated: [],
    MetadefNamespaceUpdated: [],
    MetadefNamespaceDeleted: [],
    MetadefObjectAdded: [],
    MetadefObjectChanged: [],
    MetadefObjectsRemoved: [],
    MetadefPropertyAdded: [],
    MetadefPropertyChanged: [],
    MetadefPropertiesRemoved: [],
    MetadefTagsAdded: [],
    MetadefTagRenamed: [],
    MetadefTagsRemoved: [],
    MetadefResourceTypeAdded: [],
    MetadefResourceTypeRemoved: [],
  },
  initialState: NO_NAMESPACE,
  evolve,
  projection: stateTable<MetadefNamespace, NamespaceColumns>({
    name: "metadef_namespaces",
    version: 1,
    columns: {
      live: "integer",
      namespace: "nocase",
      display_name: "nocase",
      description: "nocase",
      visibility: "text",
      protected: "integer",
      owner: "text",
      created_at: "text",
      updated_at: "text",
    },
    indexes: [
      {
        name: "metadef_namespaces_by_name",
        columns: ["namespace"],
        where: "live = 1",
        unique: true,
      },
      { name: "metadef_namespaces_live", columns: ["created_at", "id"], where: "live = 1" },
    ],
    row: rowOf,
    also: {
      tables: [NAMESPACE_TYPES, "metadef_resource_types"],
      create: createOtherTables,
      write: writeOtherTables,
    },
  }),
};

function rowOf({ state: namespace }: Versioned<MetadefNamespace>): NamespaceColumns {
  return {
    live: namespace.exists ? 1 : 0,
    namespace: namespace.namespace,
    display_name: namespace.displayName ?? "",
    description: namespace.description ?? "",
    visibility: namespace.visibility,
    protected: namespace.isProtected ? 1 : 0,
    owner: namespace.owner ?? "",
    created_at: namespace.createdAt,
    updated_at: namespace.updatedAt,
  };
}

async function createOtherTables(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable(NAMESPACE_TYPES)
      .addColumn("resource_type", "text", (column) => column.notNull())
      .addColumn("namespace_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${NAMESPACE_TYPES}_key`, ["resource_type", "namespace_id"])
  );
  await tx.execute((db) =>
    db.schema.createIndex(`${NAMESPACE_TYPES}_by_namespace`).on(NAMESPACE_TYPES)
      .column("namespace_id")
  );
  await tx.execute((db) =>
    db.schema.createTable("metadef_resource_types")
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("namespace_id", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("metadef_resource_types_key", ["name", "namespace_id"])
  );
}

const queries = queriesOn<MetadefTables>();

const dropTypes = queries.prepare<{ id: string }, unknown>((db, p) =>
  db.deleteFrom("metadef_namespace_resource_types").where("namespace_id", "=", p("id"))
);
const addType = queries.prepare<{ id: string; type: string }, unknown>((db, p) =>
  db.insertInto("metadef_namespace_resource_types")
    .values({ resource_type: p("type"), namespace_id: p("id") })
);
const learnType = queries.prepare<{ id: string; name: string; at: string }, unknown>((db, p) =>
  db.insertInto("metadef_resource_types")
    .values({ name: p("name"), namespace_id: p("id"), created_at: p("at") })
);

async function writeOtherTables(
  tx: Writer,
  { state: before }: Versioned<MetadefNamespace>,
  { id, state: after }: Versioned<MetadefNamespace>,
): Promise<void> {
  for (const { name, createdAt } of after.knownTypes.slice(before.knownTypes.length)) {
    await tx.run(learnType, { id, name, at: createdAt });
  }
  if (before.resourceTypes === after.resourceTypes) return;
  await tx.run(dropTypes, { id });
  for (const { name } of after.resourceTypes) await tx.run(addType, { id, type: name });
}

const byName = queries.prepare<{ namespace: string }, StateColumns>((db, p) =>
  db.selectFrom("metadef_namespaces").select(["id", "version", "state"])
    .where("namespace", "=", p("namespace")).where("live", "=", LIVE)
);

/** The namespace of a name; undefined when there is none. */
export async function findNamespace(
  reader: Reader,
  namespace: string,
): Promise<Versioned<MetadefNamespace> | undefined> {
  const row = await reader.get(byName, { namespace });
  return row && { id: row.id, version: row.version, state: JSON.parse(row.state) };
}

const allTypes = queries.prepare<Record<never, never>, { name: string; createdAt: string }>((db) =>
  db.selectFrom("metadef_resource_types")
    .select((eb) => ["name", eb.fn.min("created_at").as("createdAt")])
    .groupBy("name").orderBy("createdAt").orderBy("name")
);

/** Every kind of resource that a namespace was ever associated with, oldest first. */
export function resourceTypes(reader: Reader): Promise<readonly ResourceType[]> {
  return reader.all(allTypes, {});
}
