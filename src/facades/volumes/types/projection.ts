/** Volume types as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import {
  DEFAULT_TYPE_NAME,
  evolve,
  NO_TYPE,
  type VolumeType,
  type VolumeTypeEvent,
} from "./decider.ts";

interface TypeColumns extends LifetimeColumns {
  name: string;
  is_public: 0 | 1;
}

interface TypeTables {
  volume_types: StateColumns & TypeColumns;
}

/** Volume types: stream `volume_type-<id>`, table `volume_types`. */
export const volumeTypes: Aggregate<VolumeType, VolumeTypeEvent> = {
  category: "volume_type",
  eventTypes: {
    VolumeTypeCreated: [],
    VolumeTypeUpdated: [],
    VolumeTypeExtraSpecsChanged: [],
    VolumeTypeAccessAdded: [],
    VolumeTypeAccessRemoved: [],
    VolumeTypeQosAssociated: [],
    VolumeTypeQosDisassociated: [],
    VolumeTypeEncrypted: [],
    VolumeTypeEncryptionRemoved: [],
    VolumeTypeDeleted: [],
  },
  initialState: NO_TYPE,
  evolve,
  projection: stateTable<VolumeType, TypeColumns>({
    name: "volume_types",
    version: 2,
    columns: { ...LIFETIME_COLUMNS, name: "text", is_public: "integer" },
    indexes: [
      { name: "volume_types_live_by_name", columns: ["name"], where: "live = 1", unique: true },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      is_public: state.isPublic ? 1 : 0,
    }),
  }),
};

const queries = queriesOn<TypeTables>();

const byName = queries.prepare<{ name: string }, StateColumns>((db, p) =>
  db.selectFrom("volume_types").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("live", "=", LIVE)
);

/** The type of a name. */
export async function findTypeByName(
  reader: Reader,
  name: string,
): Promise<Versioned<VolumeType> | undefined> {
  const row = await reader.get(byName, { name });
  return row && stateOf(row);
}

/** The type of an id. */
export async function findType(
  reader: Reader,
  id: string,
): Promise<Versioned<VolumeType> | undefined> {
  const found = await volumeTypes.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

const allLive = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("volume_types").select(["id", "version", "state"]).where("live", "=", LIVE)
    .orderBy("number")
);

/** Every type, in the order in which they were made: there are few. */
export async function allTypes(reader: Reader): Promise<readonly Versioned<VolumeType>[]> {
  return (await reader.all(allLive, {})).map(stateOf);
}

/** The type that volumes are of when nobody says which; every cloud has it. */
export async function defaultType(reader: Reader): Promise<Versioned<VolumeType>> {
  return (await findTypeByName(reader, DEFAULT_TYPE_NAME)) ?? (await allTypes(reader))[0]!;
}

function stateOf({ id, version, state }: StateColumns): Versioned<VolumeType> {
  return { id, version, state: JSON.parse(state) };
}
