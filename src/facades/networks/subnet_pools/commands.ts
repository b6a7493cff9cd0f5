/** Subnet pools as requests make, change and delete them. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { mayWrite } from "../access.ts";
import { addressScopes } from "../address_scopes/projection.ts";
import { addressScopeResource } from "../address_scopes/resource.ts";
import { filledText, flag, integer, orNull, subnetList, textOrNone, uuid } from "../fields.ts";
import { findVisible } from "../list.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notFound, refusal } from "../refusals.ts";
import type { WritableResource } from "../write.ts";
import { readBounds } from "./bounds.ts";
import {
  createSubnetPool,
  deleteSubnetPool,
  type PoolSurroundings,
  type ScopeOfPool,
  type SubnetPool,
  type SubnetPoolFacts,
  updateSubnetPool,
} from "./decider.ts";
import {
  allocationsOf,
  defaultPoolId,
  poolsInScope,
  sharesNetworks,
  subnetPools,
} from "./projection.ts";
import { subnetPoolResource } from "./resource.ts";

const fields = {
  name: { read: filledText, post: "required" },
  description: { read: textOrNone },
  prefixes: { read: subnetList, post: "required" },
  default_quota: { read: integer(0) },
  default_prefixlen: { read: integer(0) },
  min_prefixlen: { read: integer(0) },
  max_prefixlen: { read: integer(0) },
  is_default: { read: flag, adminOnly: true, unless: false },
  shared: { read: flag, adminOnly: true, unless: false, put: "refused" },
  address_scope_id: { read: orNull(uuid) },
} as const;

/** Subnet pools that requests may write. */
export const writableSubnetPools: WritableResource<SubnetPool, typeof fields> = {
  ...subnetPoolResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const bounds = readBounds({
      prefixes: values.prefixes!,
      minPrefixLength: values.min_prefixlen,
      maxPrefixLength: values.max_prefixlen,
      defaultPrefixLength: values.default_prefixlen,
    });
    if (isRejection(bounds)) return bounds;
    const beyond = await refuseBeyondQuota(unit, projectId, "subnetpool");
    if (beyond) return beyond;
    const pool: SubnetPoolFacts = {
      ...bounds,
      name: values.name!,
      description: values.description ?? "",
      projectId,
      defaultQuota: values.default_quota ?? null,
      isDefault: values.is_default ?? false,
      isShared: values.shared ?? false,
      addressScopeId: values.address_scope_id ?? null,
      tags: [],
    };
    const around = await surroundings(unit, id, pool, by);
    if (isRejection(around)) return around;
    const before = await unit.load(subnetPools, id);
    const decision = createSubnetPool({ type: "CreateSubnetPool", id, pool, around });
    return await record(unit, subnetPools, before, decision);
  },

  async update(unit, before, { values, by }) {
    const { id, state } = before;
    const bounds = readBounds({
      prefixes: values.prefixes ?? state.prefixes,
      minPrefixLength: values.min_prefixlen ?? state.minPrefixLength,
      maxPrefixLength: values.max_prefixlen ?? state.maxPrefixLength,
      defaultPrefixLength: values.default_prefixlen ?? state.defaultPrefixLength,
    });
    if (isRejection(bounds)) return bounds;
    const theirs = await refuseInOthersScope(unit, id, state, by);
    if (theirs) return theirs;
    const addressScopeId = values.address_scope_id === undefined
      ? state.addressScopeId
      : values.address_scope_id;
    const around = await surroundings(unit, id, { ...bounds, addressScopeId }, by);
    if (isRejection(around)) return around;
    const decision = updateSubnetPool({
      type: "UpdateSubnetPool",
      id,
      changes: {
        ...bounds,
        name: values.name,
        description: values.description,
        defaultQuota: values.default_quota,
        isDefault: values.is_default,
        addressScopeId,
      },
      around,
    }, state);
    return await record(unit, subnetPools, before, decision);
  },

  async remove(unit, before) {
    const hasSubnets = (await allocationsOf(unit, before.id)).length > 0;
    const outcome = await record(unit, subnetPools, before, deleteSubnetPool(hasSubnets));
    if ("rejected" in outcome) return outcome;
    await endPoliciesOn(unit, before.id);
  },
};

/** What holds around a pool; refuses a scope that the caller does not see. */
async function surroundings(
  unit: UnitOfWork,
  id: string,
  { ipVersion, addressScopeId }: Pick<SubnetPoolFacts, "ipVersion" | "addressScopeId">,
  by: Caller,
): Promise<PoolSurroundings | NeutronRejection> {
  const defaultId = await defaultPoolId(unit, ipVersion);
  const otherDefaultId = defaultId === id ? undefined : defaultId;
  if (addressScopeId === null) return { otherDefaultId, scope: undefined };
  const found = await findVisible(unit, addressScopeResource, addressScopeId, by);
  if (!found) return notFound.addressScope(addressScopeId);
  const others = (await poolsInScope(unit, addressScopeId)).filter((pool) => pool.id !== id);
  const scope: ScopeOfPool = {
    id: addressScopeId,
    ipVersion: found.state.ipVersion,
    otherPrefixes: others.flatMap(({ state }) => state.prefixes),
    splitsNetworks: await sharesNetworks(unit, id, ipVersion),
  };
  return { otherDefaultId, scope };
}

/** Says no to changes of a pool that is in the shared scope of another project. */
async function refuseInOthersScope(
  unit: UnitOfWork,
  id: string,
  { addressScopeId }: SubnetPool,
  by: Caller,
): Promise<NeutronRejection | undefined> {
  if (addressScopeId === null) return undefined;
  const scope = await unit.load(addressScopes, addressScopeId);
  if (mayWrite(by, scope.state.projectId)) return undefined;
  return refusal(
    "Invalid",
    "IllegalSubnetPoolUpdate",
    `Illegal subnetpool update : subnetpool ${id} cannot be updated when associated with shared ` +
      `address scope ${addressScopeId}.`,
  );
}
