/** Domains as rows, and the queries behind their GETs. */
import { sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing, versionedOf } from "../rows.ts";
import { type Domain, evolve, type KeystoneDomainEvent, NO_DOMAIN } from "./decider.ts";

interface DomainColumns {
  alive: number;
  name: string;
  enabled: number;
}

interface DomainTables {
  domains: StateColumns & DomainColumns;
}

/** Domains: stream `domain-<id>`, table `domains`. */
export const domains: Aggregate<Domain, KeystoneDomainEvent> = {
  category: "domain",
  eventTypes: {
    DomainCreated: [],
    DomainUpdated: [],
    DomainDeleted: [],
  },
  initialState: NO_DOMAIN,
  evolve,
  projection: stateTable<Domain, DomainColumns>({
    name: "domains",
    version: 2,
    columns: { alive: "integer", name: "nocase", enabled: "integer" },
    indexes: [{ name: "domains_by_name", columns: ["name"] }],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      name: state.name,
      enabled: state.enabled ? 1 : 0,
    }),
  }),
};

const byName = queriesOn<DomainTables>().prepare<{ name: string }, StateColumns>((db, p) =>
  db.selectFrom("domains").select(["id", "version", "state"])
    .where("name", "=", p("name")).where("alive", "=", 1)
);

const anyDomain = queriesOn<DomainTables>().prepare<Record<never, never>, { id: string }>((db) =>
  db.selectFrom("domains").select("id").limit(1)
);

/** Whether there is, or was, any domain: a new cloud has had none. */
export async function hasDomains(reader: Reader): Promise<boolean> {
  return await reader.get(anyDomain, {}) !== undefined;
}

/** One domain; undefined when there is none of this id. */
export async function findDomain(
  reader: Reader,
  id: string,
): Promise<Versioned<Domain> | undefined> {
  return existing(await domains.projection.load(reader, id));
}

/** The domain of this name, in capitals or not. */
export async function findDomainByName(
  reader: Reader,
  name: string,
): Promise<Versioned<Domain> | undefined> {
  const row = await reader.get(byName, { name });
  return row && versionedOf(row);
}

/** The domains a query selects, by name; `ids`: among these only. */
export async function listDomains(
  reader: Reader,
  query: ListQuery,
  ids?: readonly string[],
): Promise<readonly Versioned<Domain>[]> {
  if (ids?.length === 0) return [];
  const where = ids && sql<SqlBool>`id in (${sql.join(ids)})`;
  return await listStates(reader, "domains", query, { by: "name", where });
}
