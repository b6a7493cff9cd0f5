/** Quotas as rows, and what projects use of them. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import type { Tally } from "../../../store/tally.ts";
import { floatingIpCounts } from "../floating_ips/projection.ts";
import { networkCounts } from "../networks/projection.ts";
import { portCounts } from "../ports/projection.ts";
import { rbacPolicyCounts } from "../rbac/projection.ts";
import type { NeutronRejection } from "../refusals.ts";
import { routerCounts } from "../routers/projection.ts";
import { securityGroupCounts, securityGroupRuleCounts } from "../security_groups/projection.ts";
import { subnetPoolCounts } from "../subnet_pools/projection.ts";
import { subnetCounts } from "../subnets/projection.ts";
import {
  evolve,
  NO_QUOTA,
  type Quota,
  type QuotaEvent,
  type QuotaResource,
  refuseOverQuota,
} from "./decider.ts";

interface QuotaColumns {
  /** 1 while an admin has set anything. */
  is_set: 0 | 1;
}

/** Quotas: stream `network_quota-<project>`, table `network_quotas`. */
export const networkQuotas: Aggregate<Quota, QuotaEvent> = {
  category: "network_quota",
  eventTypes: { NetworkQuotaSet: [], NetworkQuotaReset: [] },
  initialState: NO_QUOTA,
  evolve,
  projection: stateTable<Quota, QuotaColumns>({
    name: "network_quotas",
    version: 1,
    columns: { is_set: "integer" },
    row: ({ state }) => ({ is_set: Object.keys(state.limits).length > 0 ? 1 : 0 }),
  }),
};

const COUNTS: Readonly<Partial<Record<QuotaResource, Tally<"count">>>> = {
  network: networkCounts.tally,
  subnet: subnetCounts.tally,
  subnetpool: subnetPoolCounts.tally,
  port: portCounts.tally,
  router: routerCounts.tally,
  floatingip: floatingIpCounts.tally,
  rbac_policy: rbacPolicyCounts.tally,
  security_group: securityGroupCounts.tally,
  security_group_rule: securityGroupRuleCounts,
};

/** What an admin has set for a project. */
export async function quotaOf(reader: Reader, projectId: string): Promise<Quota> {
  return (await networkQuotas.projection.load(reader, projectId))?.state ?? NO_QUOTA;
}

/** How much of a thing a project has. */
export async function usedBy(
  reader: Reader,
  projectId: string,
  resource: QuotaResource,
): Promise<number> {
  return (await COUNTS[resource]?.get(reader, projectId))?.count ?? 0;
}

/** Says no when a project would have more of a thing than it may, as of this transaction. */
export async function refuseBeyondQuota(
  reader: Reader,
  projectId: string,
  resource: QuotaResource,
  more = 1,
): Promise<NeutronRejection | undefined> {
  if (projectId === "") return undefined;
  const used = await usedBy(reader, projectId, resource);
  return refuseOverQuota(await quotaOf(reader, projectId), resource, { used, more });
}

const allSet = queriesOn<{ network_quotas: StateColumns & QuotaColumns }>()
  .prepare<Record<never, never>, StateColumns>((db) =>
    db.selectFrom("network_quotas").select(["id", "version", "state"]).where("is_set", "=", 1)
      .orderBy("id")
  );

/** The projects for which an admin has set anything. */
export async function setQuotas(
  reader: Reader,
): Promise<readonly { readonly projectId: string; readonly quota: Quota }[]> {
  const rows = await reader.all(allSet, {});
  return rows.map(({ id, state }) => ({ projectId: id, quota: JSON.parse(state) }));
}
