/** Sets of addresses: joined, cut, and told as the fewest networks; pure. */
import type { Cidr, IpVersion } from "../addresses.ts";

/** Addresses from the first to the last, both included. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

const BITS: Readonly<Record<IpVersion, number>> = { 4: 32, 6: 128 };

/** The same addresses in order, none twice, in as few ranges as there can be. */
export function joined(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first < b.first ? -1 : 1)) {
    const before = result.at(-1);
    if (!before || range.first > before.last + 1n) {
      result.push({ first: range.first, last: range.last });
    } else if (range.last > before.last) {
      result[result.length - 1] = { first: before.first, last: range.last };
    }
  }
  return result;
}

/** The addresses of the ranges that are in none of the others. */
export function without(
  ranges: readonly AddressRange[],
  others: readonly AddressRange[],
): readonly AddressRange[] {
  const cuts = joined(others);
  return joined(ranges).flatMap(({ first, last }) => {
    const left: AddressRange[] = [];
    let from = first;
    for (const cut of cuts) {
      if (cut.last < from || cut.first > last) continue;
      if (cut.first > from) left.push({ first: from, last: cut.first - 1n });
      from = cut.last + 1n;
    }
    return from <= last ? [...left, { first: from, last }] : left;
  });
}

/** Whether every address of the ranges is among the others. */
export function isWithin(
  ranges: readonly AddressRange[],
  others: readonly AddressRange[],
): boolean {
  return without(ranges, others).length === 0;
}

/** Whether the ranges have addresses in common. */
export function intersect(
  ranges: readonly AddressRange[],
  others: readonly AddressRange[],
): boolean {
  return ranges.some((one) =>
    others.some((other) => one.first <= other.last && other.first <= one.last)
  );
}

/** The fewest networks that hold exactly these addresses, in order. */
export function networksOf(version: IpVersion, ranges: readonly AddressRange[]): readonly Cidr[] {
  return joined(ranges).flatMap(({ first, last }) => {
    const found: Cidr[] = [];
    for (let from = first; from <= last; from = found.at(-1)!.last + 1n) {
      found.push(largestAt(version, from, last));
    }
    return found;
  });
}

/** The largest network that begins at an address and ends no later than another. */
function largestAt(version: IpVersion, first: bigint, last: bigint): Cidr {
  let prefixLength = BITS[version];
  for (;;) {
    const size = 1n << BigInt(BITS[version] - prefixLength + 1);
    if (prefixLength === 0 || first % size !== 0n || first + size - 1n > last) break;
    prefixLength--;
  }
  const size = 1n << BigInt(BITS[version] - prefixLength);
  return { version, first, last: first + size - 1n, prefixLength };
}
