/** Subnet pools: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type IpVersion, parseCidr } from "../addresses.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidInput, type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";
import { type AddressRange, intersect, isWithin } from "./prefixes.ts";

export type SubnetPoolEvent = SubnetPoolCreated | SubnetPoolUpdated | SubnetPoolDeleted;

/** What whoever makes a pool says of it, and what follows; prefixes are in canonical text. */
export interface SubnetPoolFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly ipVersion: IpVersion;
  /** The networks that subnets are cut from, in order, in as few as there can be. */
  readonly prefixes: readonly string[];
  readonly minPrefixLength: number;
  readonly maxPrefixLength: number;
  /** Of a subnet that says neither its network nor its size. */
  readonly defaultPrefixLength: number;
  /** Most that a project may have: IPv4 addresses, or IPv6 networks of 64 bits; null: no limit. */
  readonly defaultQuota: number | null;
  /** Whether subnets that ask for the default pool of the family come from it. */
  readonly isDefault: boolean;
  readonly isShared: boolean;
  readonly addressScopeId: string | null;
  readonly tags: readonly string[];
}

export interface SubnetPoolCreated {
  readonly type: "SubnetPoolCreated";
  readonly data: SubnetPoolFacts;
}

export interface SubnetPoolUpdated {
  readonly type: "SubnetPoolUpdated";
  readonly data: Partial<SubnetPoolFacts>;
}

export interface SubnetPoolDeleted {
  readonly type: "SubnetPoolDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface SubnetPool extends Lifetime, SubnetPoolFacts {}

export const NO_SUBNET_POOL: SubnetPool = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  ipVersion: 4,
  prefixes: [],
  minPrefixLength: 8,
  maxPrefixLength: 32,
  defaultPrefixLength: 8,
  defaultQuota: null,
  isDefault: false,
  isShared: false,
  addressScopeId: null,
  tags: [],
};

export function evolve(pool: SubnetPool, event: Recorded<SubnetPoolEvent>): SubnetPool {
  switch (event.type) {
    case "SubnetPoolCreated":
      return { ...pool, ...event.data, ...born(event) };
    case "SubnetPoolUpdated":
      return { ...pool, ...event.data, updatedAt: event.recordedAt };
    case "SubnetPoolDeleted":
      return { ...pool, exists: false, updatedAt: event.recordedAt };
  }
}

/** What holds around a pool, as of the command. */
export interface PoolSurroundings {
  /** The default pool of its family, if it is another. */
  readonly otherDefaultId: string | undefined;
  /** The address scope that it is to be in, if any. */
  readonly scope: ScopeOfPool | undefined;
}

/** An address scope and what is in it. */
export interface ScopeOfPool {
  readonly id: string;
  readonly ipVersion: IpVersion;
  /** The prefixes of its other pools. */
  readonly otherPrefixes: readonly string[];
  /** Whether networks that have subnets of the pool have others of its family too. */
  readonly splitsNetworks: boolean;
}

export interface CreateSubnetPool {
  readonly type: "CreateSubnetPool";
  readonly id: string;
  readonly pool: SubnetPoolFacts;
  readonly around: PoolSurroundings;
}

/** Makes a pool; refuses a second default, and a scope that it does not fit into. */
export function createSubnetPool(
  { id, pool, around }: CreateSubnetPool,
): NetworkDecision<SubnetPoolCreated> {
  return refuseDefault(pool, around) ?? refuseScope(id, pool, around.scope) ??
    [{ type: "SubnetPoolCreated", data: pool }];
}

export interface UpdateSubnetPool {
  readonly type: "UpdateSubnetPool";
  readonly id: string;
  readonly changes: Partial<SubnetPoolFacts>;
  readonly around: PoolSurroundings;
}

/**
 * Changes a pool; refuses to take prefixes from it, and what a create refuses.
 *
 * Source: neutron/db/db_base_plugin_v2.py, `update_subnetpool`.
 */
export function updateSubnetPool(
  { id, changes, around }: UpdateSubnetPool,
  pool: SubnetPool,
): NetworkDecision<SubnetPoolUpdated> {
  const data = whatDiffers<SubnetPoolFacts>(pool, changes);
  const after = { ...pool, ...data };
  return (data.prefixes && refuseLess(pool.prefixes, data.prefixes)) ??
    (data.isDefault ? refuseDefault(after, around) : undefined) ??
    refuseScope(id, after, around.scope) ??
    (Object.keys(data).length === 0 ? [] : [{ type: "SubnetPoolUpdated", data }]);
}

function refuseLess(
  before: readonly string[],
  after: readonly string[],
): NeutronRejection | undefined {
  if (isWithin(rangesOf(before), rangesOf(after))) return undefined;
  return prefixUpdate("Existing prefixes must be a subset of the new prefixes");
}

/** A change of prefixes that cannot be. */
export function prefixUpdate(reason: string): NeutronRejection {
  return refusal(
    "Invalid",
    "IllegalSubnetPoolPrefixUpdate",
    `Illegal update to prefixes: ${reason}.`,
  );
}

/** Networks in text as ranges of addresses. */
export function rangesOf(prefixes: readonly string[]): readonly AddressRange[] {
  return prefixes.map((prefix) => parseCidr(prefix)!);
}

function refuseDefault(
  { isDefault }: SubnetPoolFacts,
  { otherDefaultId }: PoolSurroundings,
): NeutronRejection | undefined {
  if (!isDefault || otherDefaultId === undefined) return undefined;
  return invalidInput(
    "A default subnetpool for this IP family has already been set. Only one default may exist " +
      "per IP family",
  );
}

/** Source: neutron/db/db_base_plugin_v2.py, `_validate_address_scope_id`. */
function refuseScope(
  id: string,
  { ipVersion, prefixes }: SubnetPoolFacts,
  scope: ScopeOfPool | undefined,
): NeutronRejection | undefined {
  if (!scope) return undefined;
  if (scope.ipVersion !== ipVersion) {
    return refusal(
      "Invalid",
      "IllegalSubnetPoolIpVersionAssociationToAddressScope",
      `Illegal subnetpool association: subnetpool ${id} cannot associate with address scope ` +
        `${scope.id} because subnetpool ip_version is not ${scope.ipVersion}.`,
    );
  }
  if (scope.splitsNetworks) return scopeAffinity();
  if (!intersect(rangesOf(prefixes), rangesOf(scope.otherPrefixes))) return undefined;
  return refusal(
    "Conflict",
    "AddressScopePrefixConflict",
    "Failed to associate address scope: subnetpools within an address scope must have unique " +
      "prefixes.",
  );
}

/** Says that subnets of one network would be in several scopes. */
export function scopeAffinity(): NeutronRejection {
  return refusal(
    "Invalid",
    "NetworkAddressScopeAffinityError",
    "Subnets of the same address family hosted on the same network must all participate in the " +
      "same address scope.",
  );
}

/** Deletes a pool; refuses one that subnets come from. */
export function deleteSubnetPool(hasSubnets: boolean): NetworkDecision<SubnetPoolDeleted> {
  if (!hasSubnets) return [{ type: "SubnetPoolDeleted", data: {} }];
  return refusal(
    "Invalid",
    "SubnetPoolDeleteError",
    "Unable to delete subnet pool: Subnet pool has existing allocations.",
  );
}
