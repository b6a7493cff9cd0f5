/** Addresses for ports: found free and recorded in the same transaction, so never given twice. */
import { createHash } from "node:crypto";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import {
  addressKey,
  addressOfKey,
  canonicalAddress,
  contains,
  formatAddress,
  parseAddress,
  parseCidr,
} from "../addresses.ts";
import { type NeutronRejection, refusal } from "../refusals.ts";
import type { Subnet } from "../subnets/decider.ts";
import { holderOf, lowestFree } from "./address_tables.ts";
import type { FixedIp } from "./decider.ts";
import { networksWithMac } from "./projection.ts";

/** An address to be found: on a subnet, or one that was asked for, or both. */
export interface AddressRequest {
  readonly subnetId?: string;
  readonly ipAddress?: string;
}

/** Where a port is to have addresses. */
export interface AddressPlace {
  readonly networkId: string;
  /** Every subnet of the network, in the order in which they were made. */
  readonly subnets: readonly Versioned<Subnet>[];
}

/**
 * Finds free addresses for a port, in the order in which they were asked for.
 *
 * Without requests, one of each IP version that the network has: the lowest free one. Refuses
 * addresses that are taken or of no subnet, and full subnets.
 * Source: neutron/db/ipam_pluggable_backend.py, `_allocate_ips_for_port`.
 */
export async function allocateAddresses(
  reader: Reader,
  place: AddressPlace,
  requests: readonly AddressRequest[] | undefined,
): Promise<readonly FixedIp[] | NeutronRejection> {
  const found: FixedIp[] = [];
  if (requests === undefined) {
    for (const version of [4, 6] as const) {
      const subnets = place.subnets.filter(({ state }) => state.ipVersion === version);
      if (subnets.length === 0) continue;
      const fixedIp = await firstFree(reader, subnets, found);
      if (!fixedIp) return noMoreAddresses(place.networkId);
      found.push(fixedIp);
    }
    return found;
  }
  for (const request of requests) {
    const fixedIp = await allocateOne(reader, place, request, found);
    if (isRejection(fixedIp)) return fixedIp;
    found.push(fixedIp);
  }
  return found;
}

async function allocateOne(
  reader: Reader,
  place: AddressPlace,
  request: AddressRequest,
  sofar: readonly FixedIp[],
): Promise<FixedIp | NeutronRejection> {
  const { subnetId, ipAddress } = request;
  const named = place.subnets.find(({ id }) => id === subnetId);
  if (subnetId !== undefined && !named) {
    return refusal(
      "Invalid",
      "InvalidInput",
      "Invalid input for operation: Failed to create port on network " +
        `${place.networkId}, because fixed_ips included invalid subnet ${subnetId}.`,
    );
  }
  if (ipAddress === undefined) {
    const free = await firstFree(reader, named ? [named] : place.subnets, sofar);
    return free ?? noMoreAddresses(place.networkId);
  }
  const subnet = subnetOf(named ? [named] : place.subnets, ipAddress);
  if (!subnet) return notOnNetwork(ipAddress, named !== undefined);
  const fixedIp = { subnetId: subnet.id, address: canonicalAddress(ipAddress)! };
  const isTaken = sofar.some(({ address }) => address === fixedIp.address) ||
    await holderOf(reader, fixedIp) !== undefined;
  return isTaken ? addressInUse(fixedIp.address, subnet.id) : fixedIp;
}

function subnetOf(
  subnets: readonly Versioned<Subnet>[],
  ipAddress: string,
): Versioned<Subnet> | undefined {
  const address = parseAddress(ipAddress);
  if (!address) return undefined;
  return subnets.find(({ state }) => {
    const cidr = parseCidr(state.cidr);
    return cidr !== undefined && contains(cidr, address);
  });
}

/** The lowest free address of the first subnet that has one. */
async function firstFree(
  reader: Reader,
  subnets: readonly Versioned<Subnet>[],
  sofar: readonly FixedIp[],
): Promise<FixedIp | undefined> {
  for (const { id: subnetId, state } of subnets) {
    const mine = new Set(
      sofar.filter((ip) => ip.subnetId === subnetId).map((ip) => keyOf(ip.address)),
    );
    for (const { start, end } of state.allocationPools) {
      let first = keyOf(start);
      const last = keyOf(end);
      for (;;) {
        const key = await lowestFree(reader, { subnetId, first, last });
        if (key === undefined) break;
        if (!mine.has(key)) return { subnetId, address: formatAddress(addressOfKey(key)) };
        // Found for this very port, and not recorded yet: look behind it.
        if (key === last) break;
        first = addressKey({ ...addressOfKey(key), value: addressOfKey(key).value + 1n });
      }
    }
  }
}

function keyOf(address: string): string {
  return addressKey(parseAddress(address)!);
}

function noMoreAddresses(networkId: string): NeutronRejection {
  return refusal(
    "Conflict",
    "IpAddressGenerationFailure",
    `No more IP addresses available on network ${networkId}.`,
  );
}

function addressInUse(address: string, subnetId: string): NeutronRejection {
  return refusal(
    "Conflict",
    "IpAddressAlreadyAllocated",
    `IP address ${address} already allocated in subnet ${subnetId}`,
  );
}

function notOnNetwork(address: string, isOnSubnet: boolean): NeutronRejection {
  return isOnSubnet
    ? refusal(
      "Invalid",
      "InvalidIpForSubnet",
      `IP address ${address} is not a valid IP for the specified subnet.`,
    )
    : refusal(
      "Invalid",
      "InvalidIpForNetwork",
      `IP address ${address} is not a valid IP for any of the subnets on the specified network.`,
    );
}

/** The first three bytes are those of every OpenStack cloud; neutron/conf/common.py, `base_mac`. */
const BASE_MAC = "fa:16:3e";
const MAC_SPACE = 2 ** 24;

/**
 * A MAC address that no port has: `fa:16:3e` and three bytes that follow from the port's id, or
 * the next free ones behind these.
 */
export async function allocateMac(reader: Reader, portId: string): Promise<string> {
  const start = createHash("sha256").update(portId).digest().readUIntBE(0, 3);
  for (let step = 0; step < MAC_SPACE; step++) {
    const mac = macOf((start + step) % MAC_SPACE);
    if ((await networksWithMac(reader, mac)).length === 0) return mac;
  }
  throw new Error("every MAC address is in use");
}

function macOf(number: number): string {
  return `${BASE_MAC}:${number.toString(16).padStart(6, "0").match(/../g)!.join(":")}`;
}
