/** Projects' default types as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import type { VolumeType } from "../types/decider.ts";
import { defaultType, findType } from "../types/projection.ts";
import { type DefaultType, type DefaultTypeEvent, evolve, NO_DEFAULT_TYPE } from "./decider.ts";

interface DefaultTypeColumns {
  /** Empty: none is set. */
  type_id: string;
  is_set: 0 | 1;
}

interface DefaultTypeTables {
  volume_default_types: StateColumns & DefaultTypeColumns;
}

/** Default types: stream `volume_default_type-<project>`, table `volume_default_types`. */
export const defaultTypes: Aggregate<DefaultType, DefaultTypeEvent> = {
  category: "volume_default_type",
  eventTypes: { VolumeDefaultTypeSet: [], VolumeDefaultTypeUnset: [] },
  initialState: NO_DEFAULT_TYPE,
  evolve,
  projection: stateTable<DefaultType, DefaultTypeColumns>({
    name: "volume_default_types",
    version: 1,
    columns: { type_id: "text", is_set: "integer" },
    indexes: [{ name: "volume_default_types_by_type", columns: ["type_id"] }],
    row: ({ state }) => ({ type_id: state.typeId ?? "", is_set: state.typeId === null ? 0 : 1 }),
  }),
};

const queries = queriesOn<DefaultTypeTables>();

const allSet = queries.prepare<Record<never, never>, { id: string; type_id: string }>((db) =>
  db.selectFrom("volume_default_types").select(["id", "type_id"])
    .where((eb) => eb("is_set", "=", eb.lit(1))).orderBy("id")
);

/** All that are set, by project. */
export async function allDefaultTypes(
  reader: Reader,
): Promise<readonly { readonly projectId: string; readonly typeId: string }[]> {
  const rows = await reader.all(allSet, {});
  return rows.map(({ id, type_id }) => ({ projectId: id, typeId: type_id }));
}

const ofType = queries.prepare<{ typeId: string }, { id: string }>((db, p) =>
  db.selectFrom("volume_default_types").select("id").where("type_id", "=", p("typeId")).limit(1)
);

/** Whether a type is some project's default. */
export async function isSomeDefault(reader: Reader, typeId: string): Promise<boolean> {
  return await reader.get(ofType, { typeId }) !== undefined;
}

/** What is set for a project; null: nothing. */
export async function defaultTypeSetFor(
  reader: Reader,
  projectId: string,
): Promise<string | null> {
  return (await defaultTypes.projection.load(reader, projectId))?.state.typeId ?? null;
}

/** The type that a project's volumes are of when nobody says which. */
export async function defaultTypeOf(
  reader: Reader,
  projectId: string,
): Promise<Versioned<VolumeType>> {
  const typeId = await defaultTypeSetFor(reader, projectId);
  return (typeId === null ? undefined : await findType(reader, typeId)) ??
    await defaultType(reader);
}
