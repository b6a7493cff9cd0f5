/** Which network of a pool a subnet gets; pure. */
import { type Cidr, formatCidr, parseCidr } from "../addresses.ts";
import { type NeutronRejection, refusal } from "../refusals.ts";
import { rangesOf, type SubnetPoolFacts } from "./decider.ts";
import { networksOf, without } from "./prefixes.ts";

/** What a subnet asks of a pool: a certain network, or any of a size. */
export type PoolRequest = { readonly cidr: Cidr } | { readonly prefixLength: number };

/** What a pool has given away. */
export interface GivenAway {
  /** To anybody. */
  readonly cidrs: readonly string[];
  /** To the project whose quota counts: the pool's own, as in Neutron. */
  readonly counted: readonly string[];
}

/**
 * Cuts a network out of a pool: of the smallest piece that is large enough.
 *
 * Refuses sizes out of bounds, more than the quota, and what is not free. Where Neutron answers the
 * last with a server error, this is a conflict.
 * Source: neutron/ipam/subnet_alloc.py, `SubnetAllocator`.
 */
export function allocateFromPool(
  pool: SubnetPoolFacts,
  request: PoolRequest,
  given: GivenAway,
): Cidr | NeutronRejection {
  const prefixLength = "cidr" in request ? request.cidr.prefixLength : request.prefixLength;
  const refused = refuseSize(pool, prefixLength) ?? refuseQuota(pool, prefixLength, given.counted);
  if (refused) return refused;
  const free = networksOf(pool.ipVersion, without(rangesOf(pool.prefixes), rangesOf(given.cidrs)));
  if ("cidr" in request) {
    const { first, last } = request.cidr;
    const isFree = free.some((piece) => piece.first <= first && last <= piece.last);
    return isFree ? request.cidr : failed(
      "Cannot allocate requested subnet from the available set of prefixes",
    );
  }
  const piece = free.toSorted((a, b) => b.prefixLength - a.prefixLength)
    .find((piece) => piece.prefixLength <= prefixLength);
  if (!piece) return failed(`Insufficient prefix space to allocate subnet size /${prefixLength}`);
  return parseCidr(formatCidr({ ...piece, prefixLength }))!;
}

function refuseSize(
  { minPrefixLength: min, maxPrefixLength: max }: SubnetPoolFacts,
  prefixLength: number,
): NeutronRejection | undefined {
  const unable = `Unable to allocate subnet with prefix length ${prefixLength}`;
  if (prefixLength > max) {
    return refusal(
      "Invalid",
      "MaxPrefixSubnetAllocationError",
      `${unable}, maximum allowed prefix is ${max}.`,
    );
  }
  if (prefixLength < min) {
    return refusal(
      "Invalid",
      "MinPrefixSubnetAllocationError",
      `${unable}, minimum allowed prefix is ${min}.`,
    );
  }
}

function refuseQuota(
  { ipVersion, defaultQuota }: SubnetPoolFacts,
  prefixLength: number,
  counted: readonly string[],
): NeutronRejection | undefined {
  // Zero is no limit either, as in Neutron.
  if (!defaultQuota) return undefined;
  const unit = ipVersion === 4 ? 32 : 64;
  const units = (length: number) => 2 ** (unit - length);
  const used = counted.reduce((sum, cidr) => sum + units(parseCidr(cidr)!.prefixLength), 0);
  if (used + units(prefixLength) <= defaultQuota) return undefined;
  return refusal(
    "QuotaExceeded",
    "SubnetPoolQuotaExceeded",
    "Per-project subnet pool prefix quota exceeded.",
  );
}

function failed(reason: string): NeutronRejection {
  return refusal("Conflict", "SubnetAllocationError", `Failed to allocate subnet: ${reason}.`);
}
