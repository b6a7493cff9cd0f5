/** Roles as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { existing, versionedOf } from "../rows.ts";
import { evolve, NO_ROLE, type Role, type RoleEvent } from "./decider.ts";

interface RoleColumns {
  alive: number;
  name: string;
}

interface RoleTables {
  roles: StateColumns & RoleColumns;
}

/** Roles: stream `role-<id>`, table `roles`. */
export const roles: Aggregate<Role, RoleEvent> = {
  category: "role",
  eventTypes: {
    RoleCreated: [],
    RoleUpdated: [],
    RoleDeleted: [],
    RoleImplicationAdded: [],
    RoleImplicationRemoved: [],
  },
  initialState: NO_ROLE,
  evolve,
  projection: stateTable<Role, RoleColumns>({
    name: "roles",
    version: 2,
    columns: { alive: "integer", name: "nocase" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0, name: state.name }),
  }),
};

const allRoles = queriesOn<RoleTables>().prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("roles").select(["id", "version", "state"])
    .where("alive", "=", 1).orderBy("name").orderBy("id")
);

/** Every role, by name: there are few. */
export async function listRoles(reader: Reader): Promise<readonly Versioned<Role>[]> {
  return (await reader.all(allRoles, {})).map((row) => versionedOf<Role>(row));
}

/** Every role by id. */
export async function rolesById(reader: Reader): Promise<ReadonlyMap<string, Role>> {
  return new Map((await listRoles(reader)).map(({ id, state }) => [id, state]));
}

/** One role; undefined when there is none of this id. */
export async function findRole(reader: Reader, id: string): Promise<Versioned<Role> | undefined> {
  return existing(await roles.projection.load(reader, id));
}

/** The role of this name, in capitals or not; `domainId`: of this domain, not of the cloud. */
export async function findRoleByName(
  reader: Reader,
  name: string,
  domainId: string | null = null,
): Promise<Versioned<Role> | undefined> {
  const wanted = name.toLowerCase();
  return (await listRoles(reader)).find(({ state }) =>
    state.name.toLowerCase() === wanted && state.domainId === domainId
  );
}
