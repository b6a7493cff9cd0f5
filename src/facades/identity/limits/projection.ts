/** Limits as rows, and the queries behind their GETs. */
import { sql, type SqlBool } from "kysely";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import { evolve, type Limit, type LimitEvent, NO_LIMIT } from "./decider.ts";

interface LimitColumns {
  alive: number;
  registered_limit_id: string;
  service_id: string;
  region_id: string | null;
  resource_name: string;
  project_id: string | null;
  domain_id: string | null;
}

/** Limits: stream `limit-<id>`, table `limits`. */
export const limits: Aggregate<Limit, LimitEvent> = {
  category: "limit",
  eventTypes: { LimitCreated: [], LimitUpdated: [], LimitDeleted: [] },
  initialState: NO_LIMIT,
  evolve,
  projection: stateTable<Limit, LimitColumns>({
    name: "limits",
    version: 1,
    columns: {
      alive: "integer",
      registered_limit_id: "text",
      service_id: "text",
      region_id: "text",
      resource_name: "nocase",
      project_id: "text",
      domain_id: "text",
    },
    indexes: [
      { name: "limits_by_project", columns: ["project_id"] },
      { name: "limits_by_domain", columns: ["domain_id"] },
      { name: "limits_by_registered_limit", columns: ["registered_limit_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      registered_limit_id: state.registeredLimitId,
      service_id: state.serviceId,
      region_id: state.regionId,
      resource_name: state.resourceName,
      project_id: state.projectId,
      domain_id: state.domainId,
    }),
  }),
};

/** One limit; undefined when there is none of this id. */
export async function findLimit(reader: Reader, id: string): Promise<Versioned<Limit> | undefined> {
  return existing(await limits.projection.load(reader, id));
}

/** The limits a query selects, by resource. */
export async function listLimits(
  reader: Reader,
  query: ListQuery,
): Promise<readonly Versioned<Limit>[]> {
  return await listStates(reader, "limits", query, { by: "resource_name" });
}

/** The same of one domain: its own, and those of its projects. */
export async function listLimitsOfDomain(
  reader: Reader,
  query: ListQuery,
  domainId: string,
): Promise<readonly Versioned<Limit>[]> {
  const where = sql<SqlBool>`(domain_id = ${domainId} or
    project_id in (select id from projects where domain_id = ${domainId}))`;
  return await listStates(reader, "limits", query, { by: "resource_name", where });
}
