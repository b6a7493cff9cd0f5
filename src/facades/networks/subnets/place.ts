/** Which addresses a new subnet gets: those it names, or some of a pool. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { type Cidr, type IpVersion, parseCidr } from "../addresses.ts";
import { findVisible } from "../list.ts";
import { type NeutronRejection, notFound, refusal } from "../refusals.ts";
import { allocateFromPool, type PoolRequest } from "../subnet_pools/allocate.ts";
import { scopeAffinity, type SubnetPool } from "../subnet_pools/decider.ts";
import { allocationsOf, defaultPoolId, scopesOfNetworks } from "../subnet_pools/projection.ts";
import { subnetPoolResource } from "../subnet_pools/resource.ts";
import type { AllocationPool } from "./decider.ts";
import { subnetsOf } from "./projection.ts";

/** What a request says of a subnet's place. */
export interface AskedPlace {
  readonly network_id?: string;
  readonly ip_version?: IpVersion;
  readonly cidr?: string;
  readonly prefixlen?: number;
  readonly subnetpool_id?: string | null;
  readonly use_default_subnetpool?: boolean;
  readonly allocation_pools?: readonly AllocationPool[];
}

/** The network of a subnet, and the pool that it is of. */
export interface Place {
  readonly cidr: Cidr;
  readonly subnetPoolId: string | null;
}

/**
 * Finds the network of a new subnet.
 *
 * Refuses what a pool does not give, and pools other than those that the network's subnets are of.
 * Source: neutron/db/db_base_plugin_v2.py, `_create_subnet_precommit`.
 */
export async function findPlace(
  reader: Reader,
  asked: AskedPlace,
  by: Caller,
): Promise<Place | NeutronRejection> {
  if (asked.cidr !== undefined && asked.prefixlen !== undefined) {
    return badSubnets("cidr and prefixlen must not be supplied together");
  }
  const poolId = await poolIdOf(reader, asked);
  if (isRejection(poolId)) return poolId;
  const networkId = asked.network_id!;
  const version = asked.ip_version!;
  if (poolId === null) {
    if (asked.cidr === undefined) {
      return badSubnets("a subnetpool must be specified in the absence of a cidr");
    }
    const refused = await refuseOtherPool(reader, networkId, version, undefined);
    return refused ?? { cidr: parseCidr(asked.cidr)!, subnetPoolId: null };
  }
  const pool = await findVisible(reader, subnetPoolResource, poolId, by);
  if (!pool) return notFound.subnetPool(poolId);
  const refused = refuseRequest(asked, pool.state) ??
    await refuseOtherPool(reader, networkId, version, pool);
  if (refused) return refused;
  const cidr = await allocate(reader, pool, asked);
  return isRejection(cidr) ? cidr : { cidr, subnetPoolId: poolId };
}

async function poolIdOf(
  reader: Reader,
  { subnetpool_id: poolId = null, use_default_subnetpool: wantsDefault, ip_version }: AskedPlace,
): Promise<string | null | NeutronRejection> {
  if (!wantsDefault) return poolId;
  if (poolId !== null) {
    return badSubnets("subnetpool_id and use_default_subnetpool cannot both be specified");
  }
  return await defaultPoolId(reader, ip_version!) ??
    badSubnets(`No default subnetpool found for IPv${ip_version}`);
}

function refuseRequest(
  { cidr, allocation_pools, ip_version }: AskedPlace,
  { ipVersion }: SubnetPool,
): NeutronRejection | undefined {
  if (cidr === undefined && allocation_pools !== undefined) {
    return badSubnets("allocation_pools allowed only for specific subnet requests.");
  }
  if (ip_version === ipVersion) return undefined;
  return badSubnets(`Cannot allocate IPv${ip_version} subnet from IPv${ipVersion} subnet pool`);
}

async function allocate(
  reader: Reader,
  { id, state: pool }: Versioned<SubnetPool>,
  { cidr, prefixlen = pool.defaultPrefixLength }: AskedPlace,
): Promise<Cidr | NeutronRejection> {
  const given = await allocationsOf(reader, id);
  const request: PoolRequest = cidr === undefined
    ? { prefixLength: prefixlen }
    : { cidr: parseCidr(cidr)! };
  return allocateFromPool(pool, request, {
    cidrs: given.map((one) => one.cidr),
    counted: given.filter((one) => one.project_id === pool.projectId).map((one) => one.cidr),
  });
}

/** Source: neutron/db/ipam_backend_mixin.py, `_validate_network_subnetpools`. */
async function refuseOtherPool(
  reader: Reader,
  networkId: string,
  ipVersion: IpVersion,
  pool: Versioned<SubnetPool> | undefined,
): Promise<NeutronRejection | undefined> {
  const scopes = await scopesOfNetworks(reader, [networkId]);
  const scope = scopes.find((one) => one.ip_version === ipVersion)?.address_scope_id;
  if (scope !== undefined && pool) {
    return pool.state.addressScopeId === scope ? undefined : scopeAffinity();
  }
  const others = (await subnetsOf(reader, networkId))
    .filter(({ state }) => state.ipVersion === ipVersion);
  if (others.every(({ state }) => state.subnetPoolId === (pool?.id ?? null))) return undefined;
  return refusal(
    "Invalid",
    "NetworkSubnetPoolAffinityError",
    "Subnets hosted on the same network must be allocated from the same subnet pool.",
  );
}

function badSubnets(reason: string): NeutronRejection {
  return refusal("Invalid", "BadRequest", `Bad subnets request: ${reason}.`);
}
