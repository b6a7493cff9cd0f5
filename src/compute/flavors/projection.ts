/** Flavors as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import { evolve, type Flavor, type FlavorEvent, NO_FLAVOR } from "./decider.ts";

interface FlavorColumns {
  number: number;
  name: string;
  ram_mib: number;
  disk_gib: number;
  vcpus: number;
  is_public: number;
  disabled: number;
}

interface FlavorTables {
  flavors: StateColumns & FlavorColumns;
}

/** Flavors: stream `flavor-<id>`, table `flavors`. */
export const flavors: Aggregate<Flavor, FlavorEvent> = {
  category: "flavor",
  eventTypes: {
    FlavorCreated: [],
  },
  initialState: NO_FLAVOR,
  evolve,
  projection: stateTable<Flavor, FlavorColumns>({
    name: "flavors",
    version: 1,
    columns: {
      number: "integer",
      name: "nocase",
      ram_mib: "integer",
      disk_gib: "integer",
      vcpus: "integer",
      is_public: "integer",
      disabled: "integer",
    },
    row: ({ state }) => ({
      number: state.number,
      name: state.name,
      ram_mib: state.ramMib,
      disk_gib: state.diskGib,
      vcpus: state.vcpus,
      is_public: state.isPublic ? 1 : 0,
      disabled: state.disabled ? 1 : 0,
    }),
  }),
};

/** Which flavors to list, and in what order. */
export interface FlavorQuery {
  /** Undefined: public and private alike. */
  readonly isPublic: boolean | undefined;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly sort: readonly [keyof StateColumns | keyof FlavorColumns, "asc" | "desc"];
}

/** The flavors a query selects, all of them: there are few. */
export async function listFlavors(
  reader: Reader,
  query: FlavorQuery,
): Promise<readonly Versioned<Flavor>[]> {
  const rows = await reader.select<FlavorTables, StateColumns>((db) => {
    let select = db.selectFrom("flavors").select(["id", "version", "state"])
      .where("ram_mib", ">=", query.minRamMib)
      .where("disk_gib", ">=", query.minDiskGib)
      .orderBy(...query.sort)
      .orderBy("number");
    if (query.isPublic !== undefined) {
      select = select.where("is_public", "=", query.isPublic ? 1 : 0);
    }
    return select;
  });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

const anyFlavor = queriesOn<FlavorTables>().prepare<Record<never, never>, { id: string }>((db) =>
  db.selectFrom("flavors").select("id").limit(1)
);

/** Whether there is a flavor at all: a new cloud has none. */
export async function hasFlavors(reader: Reader): Promise<boolean> {
  return await reader.get(anyFlavor, {}) !== undefined;
}

/** One flavor; undefined when there is none of this id. */
export async function findFlavor(
  reader: Reader,
  id: string,
): Promise<Versioned<Flavor> | undefined> {
  const found = await flavors.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
