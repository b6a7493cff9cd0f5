/** Server groups as Nova's JSON, by microversion; server_groups.py, `_format_server_group`. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Minor } from "../../http/microversions.ts";
import type { ServerGroup } from "./decider.ts";

/** A server group with its members' ids. */
export function viewServerGroup(
  { id, state }: Versioned<ServerGroup>,
  members: readonly string[],
  minor: Minor,
): object {
  const { name, policy, maxServersPerHost, projectId, userId } = state;
  const rules = maxServersPerHost === null ? {} : { max_server_per_host: maxServersPerHost };
  return {
    id,
    name,
    ...(minor >= 64 ? { policy, rules } : { policies: [policy], metadata: {} }),
    members,
    ...(minor >= 13 && { project_id: projectId, user_id: userId }),
  };
}
