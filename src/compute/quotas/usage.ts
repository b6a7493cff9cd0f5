/** What counts against a project's limits, by their names. */
import type { Reader } from "../../store/query.ts";
import { countServerGroups } from "../server_groups/projection.ts";
import type { AllLimits } from "./limits.ts";
import { usageOf, userUsageOf } from "./projection.ts";

/**
 * What a project uses, or one user within it.
 *
 * Key pairs and members of server groups are not counted, as in Nova: they belong to users and
 * groups, whatever the project. Source: nova/quota.py, `_get_usages`.
 */
export async function inUseOf(
  reader: Reader,
  projectId: string,
  userId?: string,
): Promise<Partial<AllLimits>> {
  const servers = userId === undefined
    ? await usageOf(reader, projectId)
    : await userUsageOf(reader, projectId, userId);
  const { instances, cores, ram } = servers;
  const server_groups = await countServerGroups(reader, { projectId, userId });
  return { instances, cores, ram, server_groups };
}
