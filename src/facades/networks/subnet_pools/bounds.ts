/** What a pool's prefixes and prefix lengths come to; pure. */
import { type Cidr, formatCidr, type IpVersion, parseCidr } from "../addresses.ts";
import { type NeutronRejection, refusal } from "../refusals.ts";
import type { SubnetPoolFacts } from "./decider.ts";
import { networksOf } from "./prefixes.ts";

/** The shortest prefix that a pool gives away unless told otherwise, and the longest there is. */
const LENGTHS: Readonly<Record<IpVersion, { readonly min: number; readonly max: number }>> = {
  4: { min: 8, max: 32 },
  6: { min: 64, max: 128 },
};

/** Which networks a pool has, and how large those are that it gives away. */
export type Bounds = Pick<
  SubnetPoolFacts,
  "ipVersion" | "prefixes" | "minPrefixLength" | "maxPrefixLength" | "defaultPrefixLength"
>;

/** What a request says of them; prefixes in canonical text. */
export type AskedBounds =
  & Pick<Bounds, "prefixes">
  & {
    readonly [Name in "minPrefixLength" | "maxPrefixLength" | "defaultPrefixLength"]?:
      | number
      | undefined;
  };

/**
 * Works out a pool's bounds; refuses no prefixes, prefixes of two families, and lengths at odds.
 *
 * Source: neutron/ipam/subnet_alloc.py, `SubnetPoolReader`.
 */
export function readBounds(asked: AskedBounds): Bounds | NeutronRejection {
  const cidrs = asked.prefixes.map((prefix) => parseCidr(prefix)!);
  const [first] = cidrs;
  if (!first) return poolRefusal("EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.");
  const { version } = first;
  if (cidrs.some((cidr) => cidr.version !== version)) {
    return poolRefusal(
      "PrefixVersionMismatch",
      "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.",
    );
  }
  const minPrefixLength = asked.minPrefixLength ?? LENGTHS[version].min;
  const bounds = {
    ipVersion: version,
    prefixes: compact(version, cidrs),
    minPrefixLength,
    maxPrefixLength: asked.maxPrefixLength ?? LENGTHS[version].max,
    defaultPrefixLength: asked.defaultPrefixLength ?? minPrefixLength,
  };
  return refuseBounds(bounds) ?? bounds;
}

/** The fewest networks with the same addresses. */
export function compact(version: IpVersion, cidrs: readonly Cidr[]): readonly string[] {
  return networksOf(version, cidrs).map(formatCidr);
}

function refuseBounds(bounds: Bounds): NeutronRejection | undefined {
  const { ipVersion, minPrefixLength: min, maxPrefixLength: max, defaultPrefixLength } = bounds;
  const limit = LENGTHS[ipVersion].max;
  const illegal = (name: string, value: number, base: string, baseValue: number) =>
    poolRefusal(
      "IllegalSubnetPoolPrefixBounds",
      `Illegal prefix bounds: ${name}=${value}, ${base}=${baseValue}.`,
    );
  if (min > max) return illegal("min_prefixlen", min, "max_prefixlen", max);
  if (max > limit) return illegal("max_prefixlen", max, "ip_version_max", limit);
  if (defaultPrefixLength < min) {
    return illegal("default_prefixlen", defaultPrefixLength, "min_prefixlen", min);
  }
  if (defaultPrefixLength > max) {
    return illegal("default_prefixlen", defaultPrefixLength, "max_prefixlen", max);
  }
}

function poolRefusal(type: string, message: string): NeutronRejection {
  return refusal("Invalid", type, message);
}
