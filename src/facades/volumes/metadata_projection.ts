/** Tables of the metadata that things have, to find things by. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { type PreparedQuery, queriesOn, type Writer } from "../../store/query.ts";

/** Where the items are kept; `id` and `label` are the columns' names. */
interface LabelsTable {
  readonly table: string;
  readonly id: string;
  readonly label: string;
}

/** What has metadata. */
interface Labelled {
  readonly exists: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An item of metadata as the one text that it is found by. */
export function metadataLabel(key: string, value: string): string {
  return JSON.stringify([key, value]);
}

/** Makes and writes a table of metadata. */
export function labelsTable({ table, id, label }: LabelsTable) {
  const queries = queriesOn<Record<string, Record<string, string>>>();
  const drop: PreparedQuery<{ id: string }, unknown> = queries.prepare((db, p) =>
    db.deleteFrom(table).where(id, "=", p("id"))
  );
  const add: PreparedQuery<{ id: string; item: string }, unknown> = queries.prepare((db, p) =>
    db.insertInto(table).values({ [id]: p("id"), [label]: p("item") })
  );
  return {
    async create(tx: Writer): Promise<void> {
      await tx.execute((db) =>
        db.schema.createTable(table)
          .addColumn(label, "text", (column) => column.notNull())
          .addColumn(id, "text", (column) => column.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, [label, id] as never)
      );
      await tx.execute((db) => db.schema.createIndex(`${table}_by_id`).on(table).column(id));
    },
    async write(
      tx: Writer,
      { state: before }: Versioned<Labelled>,
      { id: of, state: after }: Versioned<Labelled>,
    ): Promise<void> {
      if (before.metadata === after.metadata && before.exists === after.exists) return;
      await tx.run(drop, { id: of });
      for (const [key, value] of Object.entries(after.exists ? after.metadata : {})) {
        await tx.run(add, { id: of, item: metadataLabel(key, value) });
      }
    },
  };
}
