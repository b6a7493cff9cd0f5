/** Who has something that depends on what a policy shares. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import { type AnyTables, LIVE } from "../../collections.ts";
import type { RbacObjectType, RbacPolicy } from "./decider.ts";
import { policiesOn } from "./projection.ts";

/** A table of what depends, and the column that names what it depends on. */
type Source = readonly [table: string, column: string];

const SOURCES: Readonly<Record<RbacObjectType, readonly Source[]>> = {
  network: [["ports", "network_id"], ["subnets", "network_id"]],
  subnetpool: [["subnets", "subnetpool_id"]],
  address_scope: [["subnet_pools", "address_scope_id"]],
  address_group: [["security_group_rules", "remote_address_group_id"]],
  qos_policy: [
    ["networks", "qos_policy_id"],
    ["ports", "qos_policy_id"],
    ["floating_ips", "qos_policy_id"],
  ],
  security_group: [["port_security_groups", "security_group_id"]],
};

/** What depends on a network that leads out. */
const OUTSIDE: readonly Source[] = [
  ["routers", "gateway_network_id"],
  ["floating_ips", "floating_network_id"],
];

/**
 * Whether a project has what it could not have without this policy.
 *
 * `others` may use the thing anyhow: its owner, or everybody when it is shared by itself.
 * Source: neutron/objects/rbac_db.py, `_validate_rbac_policy_delete`.
 */
export async function isNeeded(
  reader: Reader,
  { id, state: policy }: Versioned<RbacPolicy>,
  object: {
    readonly projectId: string;
    readonly isShared?: boolean;
    readonly isExternal?: boolean;
  },
): Promise<boolean> {
  if (policy.action === "access_as_shared" ? object.isShared : object.isExternal) return false;
  const others = (await policiesOn(reader, policy.objectId))
    .filter((one) => one.id !== id && one.state.action === policy.action)
    .map(({ state }) => state.target);
  if (others.includes("*")) return false;
  const sources = policy.action === "access_as_external" ? OUTSIDE : SOURCES[policy.objectType];
  for (const source of sources) {
    const projects = await projectsIn(reader, source, policy.objectId);
    const isBound = projects.some((project) =>
      project !== "" && project !== object.projectId && !others.includes(project) &&
      (policy.target === "*" || policy.target === project)
    );
    if (isBound) return true;
  }
  return false;
}

async function projectsIn(
  reader: Reader,
  [table, column]: Source,
  objectId: string,
): Promise<readonly string[]> {
  const rows = await reader.select<AnyTables, { project_id: string }>((db) => {
    // Members of security groups are ports.
    if (table === "port_security_groups") {
      return db.selectFrom("ports").select("project_id").distinct().where("live", "=", LIVE)
        .where((eb) =>
          eb("id", "in", eb.selectFrom(table).select("port_id").where(column, "=", objectId))
        ) as never;
    }
    const found = db.selectFrom(table).select("project_id").distinct().where(column, "=", objectId);
    return (table === "security_group_rules" ? found : found.where("live", "=", LIVE)) as never;
  });
  return rows.map(({ project_id }) => project_id);
}
