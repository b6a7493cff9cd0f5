/** What a project may use, and uses. */
import { sql } from "kysely";
import { queriesOn, type Reader } from "../../store/query.ts";
import type { ServerTables } from "../servers/projection.ts";
import type { Server } from "../servers/state.ts";
import { quotaUsages } from "../servers/tallies.ts";
import { quotaClasses, quotas } from "./aggregate.ts";
import { ofUser, type Quota } from "./state.ts";
import { type AllLimits, DEFAULT_ALL_LIMITS, NO_USAGE, type QuotaUsage } from "./limits.ts";

/** The class whose limits are the defaults of every project; nova/quota.py, `get_default_class`. */
export const DEFAULT_CLASS = "default";

/** The limits of a class: its own, and the release's where it has none. */
export async function classLimitsOf(reader: Reader, name: string): Promise<AllLimits> {
  const own = await quotaClasses.projection.load(reader, name);
  return { ...DEFAULT_ALL_LIMITS, ...own?.state.limits };
}

/** What is set for a project and its users. */
export async function quotaOf(reader: Reader, projectId: string): Promise<Quota> {
  return (await quotas.projection.load(reader, projectId))?.state ?? quotas.initialState;
}

/** The project's limits: its own, and the defaults where it has none. */
export async function limitsOf(reader: Reader, projectId: string): Promise<AllLimits> {
  const defaults = await classLimitsOf(reader, DEFAULT_CLASS);
  return { ...defaults, ...(await quotaOf(reader, projectId)).limits };
}

/** A user's limits within a project: their own, and the project's where they have none. */
export async function userLimitsOf(
  reader: Reader,
  projectId: string,
  userId: string,
): Promise<AllLimits> {
  const quota = await quotaOf(reader, projectId);
  const defaults = await classLimitsOf(reader, DEFAULT_CLASS);
  return { ...defaults, ...quota.limits, ...ofUser(quota, userId) };
}

/** What the project's servers use. */
export async function usageOf(reader: Reader, projectId: string): Promise<QuotaUsage> {
  return await quotaUsages.get(reader, projectId) ?? NO_USAGE;
}

const serversOfUser = queriesOn<ServerTables>().prepare<
  { project_id: string; user_id: string },
  { state: string }
>((db, p) =>
  db.selectFrom("servers").select("state")
    .where("project_id", "=", p("project_id"))
    .where("user_id", "=", p("user_id"))
    .where(sql<boolean>`life = 0`)
);

/** What a user's servers use of the project; as many are read as the user has. */
export async function userUsageOf(
  reader: Reader,
  projectId: string,
  userId: string,
): Promise<QuotaUsage> {
  const rows = await reader.all(serversOfUser, { project_id: projectId, user_id: userId });
  return rows.map(({ state }) => (JSON.parse(state) as Server).flavor).reduce<QuotaUsage>(
    (sum, { vcpus, ramMib }) => ({
      instances: sum.instances + 1,
      cores: sum.cores + vcpus,
      ram: sum.ram + ramMib,
    }),
    NO_USAGE,
  );
}
