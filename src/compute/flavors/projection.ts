/** Flavors as rows, and the queries behind their GETs. */
import { sql } from "kysely";
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import type { Reader } from "../../store/query.ts";
import { evolve, type Flavor, type FlavorEvent, isOpenTo, NO_FLAVOR } from "./decider.ts";

interface FlavorColumns {
  number: number;
  name: string;
  ram_mib: number;
  disk_gib: number;
  vcpus: number;
  ephemeral_gb: number;
  swap_mib: number;
  is_public: number;
  disabled: number;
  description: string | null;
  /** 1 while there is such a flavor. */
  live: 0 | 1;
}

interface FlavorTables {
  flavors: StateColumns & FlavorColumns;
}

/** Flavors: stream `flavor-<id>`, table `flavors`. */
export const flavors: Aggregate<Flavor, FlavorEvent> = {
  category: "flavor",
  eventTypes: {
    FlavorCreated: [],
    FlavorDescriptionChanged: [],
    FlavorDeleted: [],
    FlavorExtraSpecsChanged: [],
    FlavorAccessAdded: [],
    FlavorAccessRemoved: [],
  },
  initialState: NO_FLAVOR,
  evolve,
  projection: stateTable<Flavor, FlavorColumns>({
    name: "flavors",
    version: 2,
    columns: {
      number: "integer",
      name: "nocase",
      ram_mib: "integer",
      disk_gib: "integer",
      vcpus: "integer",
      ephemeral_gb: "integer",
      swap_mib: "integer",
      is_public: "integer",
      disabled: "integer",
      description: "nocase",
      live: "integer",
    },
    row: ({ state }) => ({
      number: state.number,
      name: state.name,
      ram_mib: state.ramMib,
      disk_gib: state.diskGib,
      vcpus: state.vcpus,
      ephemeral_gb: state.ephemeralGib,
      swap_mib: state.swapMib,
      is_public: state.isPublic ? 1 : 0,
      disabled: state.disabled ? 1 : 0,
      description: state.description,
      live: state.exists ? 1 : 0,
    }),
  }),
};

/** Which flavors to list, and in what order. */
export interface FlavorQuery {
  /** Undefined: public and private alike. True: those of the project, too. */
  readonly isPublic: boolean | undefined;
  readonly projectId: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  /** A regular expression, found anywhere in the name. */
  readonly name: string | undefined;
  readonly sort: readonly [keyof StateColumns | keyof FlavorColumns, "asc" | "desc"];
}

/** The flavors a query selects, all of them: there are few. */
export async function listFlavors(
  reader: Reader,
  query: FlavorQuery,
): Promise<readonly Versioned<Flavor>[]> {
  const rows = await reader.select<FlavorTables, StateColumns>((db) => {
    let select = db.selectFrom("flavors").select(["id", "version", "state"])
      .where("live", "=", 1)
      .where("ram_mib", ">=", query.minRamMib)
      .where("disk_gib", ">=", query.minDiskGib)
      .orderBy(...query.sort)
      .orderBy("number", query.sort[1]);
    if (query.isPublic === false) select = select.where("is_public", "=", 0);
    return query.name === undefined
      ? select
      : select.where(sql<boolean>`name regexp ${query.name}`);
  });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) as Flavor }))
    .filter(({ state }) => !query.isPublic || isOpenTo(state, query.projectId));
}

/** Whether there is a flavor of this name, in whatever case. */
export async function hasFlavorNamed(reader: Reader, name: string): Promise<boolean> {
  const rows = await reader.select<FlavorTables, { id: string }>((db) =>
    db.selectFrom("flavors").select("id").where("live", "=", 1).where("name", "=", name).limit(1)
  );
  return rows.length > 0;
}

/** One flavor; undefined when there is none of this id. */
export async function findFlavor(
  reader: Reader,
  id: string,
): Promise<Versioned<Flavor> | undefined> {
  const found = await flavors.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

/** Who asks for a flavor. */
export interface FlavorUser {
  readonly projectId: string;
  readonly isAdmin: boolean;
}

/** One flavor, unless it is private and not for this user's project. */
export async function findOpenFlavor(
  reader: Reader,
  id: string,
  { projectId, isAdmin }: FlavorUser,
): Promise<Versioned<Flavor> | undefined> {
  const found = await findFlavor(reader, id);
  return found && (isAdmin || isOpenTo(found.state, projectId)) ? found : undefined;
}

/** By flavor: Nova's numeric id of it. */
export async function numbersOfFlavors(reader: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await reader.select<FlavorTables, { id: string; number: number }>((db) =>
    db.selectFrom("flavors").select(["id", "number"]).where("live", "=", 1)
  );
  return new Map(rows.map(({ id, number }) => [id, number]));
}
