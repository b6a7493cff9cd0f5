/** Group types as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { evolve, type GroupType, type GroupTypeEvent, NO_GROUP_TYPE } from "./decider.ts";

interface GroupTypeColumns extends LifetimeColumns {
  name: string;
}

interface GroupTypeTables {
  volume_group_types: StateColumns & GroupTypeColumns;
}

/** Group types: stream `volume_group_type-<id>`, table `volume_group_types`. */
export const groupTypes: Aggregate<GroupType, GroupTypeEvent> = {
  category: "volume_group_type",
  eventTypes: {
    VolumeGroupTypeCreated: [],
    VolumeGroupTypeUpdated: [],
    VolumeGroupTypeSpecsChanged: [],
    VolumeGroupTypeDeleted: [],
  },
  initialState: NO_GROUP_TYPE,
  evolve,
  projection: stateTable<GroupType, GroupTypeColumns>({
    name: "volume_group_types",
    version: 1,
    columns: { ...LIFETIME_COLUMNS, name: "text" },
    indexes: [
      { name: "volume_group_types_live", columns: ["name"], where: "live = 1", unique: true },
    ],
    row: ({ state }) => ({ ...lifetimeRow(state), name: state.name }),
  }),
};

const queries = queriesOn<GroupTypeTables>();

const byName = queries.prepare<{ name: string }, StateColumns>((db, p) =>
  db.selectFrom("volume_group_types").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("live", "=", LIVE)
);

/** The group type of a name. */
export async function findGroupTypeByName(
  reader: Reader,
  name: string,
): Promise<Versioned<GroupType> | undefined> {
  const row = await reader.get(byName, { name });
  return row && stateOf(row);
}

const allLive = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("volume_group_types").select(["id", "version", "state"]).where("live", "=", LIVE)
    .orderBy("number", "desc")
);

/** All of them, the newest first: there are few. */
export async function allGroupTypes(reader: Reader): Promise<readonly Versioned<GroupType>[]> {
  return (await reader.all(allLive, {})).map(stateOf);
}

/** The group type of an id. */
export async function findGroupType(
  reader: Reader,
  id: string,
): Promise<Versioned<GroupType> | undefined> {
  const found = await groupTypes.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

function stateOf({ id, version, state }: StateColumns): Versioned<GroupType> {
  return { id, version, state: JSON.parse(state) };
}
