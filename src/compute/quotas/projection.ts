/** What a project may use, and uses. */
import type { Reader } from "../../store/query.ts";
import { quotaUsages } from "../servers/tallies.ts";
import { DEFAULT_LIMITS, NO_USAGE, type QuotaLimits, type QuotaUsage } from "./limits.ts";
import { quotas } from "./aggregate.ts";

/** The project's limits: its own, and the defaults where it has none. */
export async function limitsOf(reader: Reader, projectId: string): Promise<QuotaLimits> {
  const own = await quotas.projection.load(reader, projectId);
  return { ...DEFAULT_LIMITS, ...own?.state.limits };
}

/** What the project's servers use. */
export async function usageOf(reader: Reader, projectId: string): Promise<QuotaUsage> {
  return await quotaUsages.get(reader, projectId) ?? NO_USAGE;
}
