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
  eui64Address,
  formatAddress,
  parseAddress,
  parseCidr,
} from "../addresses.ts";
import { invalidInput, type NeutronRejection, notFound, refusal } from "../refusals.ts";
import { isAutoAddressed, type Subnet } from "../subnets/decider.ts";
import { findSubnet } from "../subnets/projection.ts";
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
  /** The port's, of which addresses are made on subnets where hosts make their own. */
  readonly macAddress: string;
  /** The port's: subnets may be for the ports of some devices only. */
  readonly deviceOwner: string;
}

/** The subnets that are for a port: those for its device's owner come first, as in Neutron. */
function subnetsFor({ subnets, deviceOwner }: AddressPlace): AddressPlace["subnets"] {
  return [
    ...subnets.filter(({ state }) => state.serviceTypes.includes(deviceOwner)),
    ...subnets.filter(({ state }) => state.serviceTypes.length === 0),
  ];
}

/**
 * Finds free addresses for a port, in the order in which they were asked for.
 *
 * Without requests, one of each IP version that the network has: the lowest free one; and always
 * one on each subnet where hosts make their own. Refuses addresses that are taken or of no subnet,
 * and full subnets. Source: neutron/db/ipam_pluggable_backend.py, `_allocate_ips_for_port`.
 */
export async function allocateAddresses(
  reader: Reader,
  place: AddressPlace,
  requests: readonly AddressRequest[] | undefined,
): Promise<readonly FixedIp[] | NeutronRejection> {
  const fitting = subnetsFor(place);
  if (requests === undefined && fitting.length === 0 && place.subnets.length > 0) {
    return noMatchingSubnet(place);
  }
  const given = fitting.filter(({ state }) => !isAutoAddressed(state));
  const found: FixedIp[] = [];
  for (const version of requests === undefined ? [4, 6] : []) {
    const subnets = given.filter(({ state }) => state.ipVersion === version);
    if (subnets.length === 0) continue;
    const fixedIp = await firstFree(reader, subnets, found);
    if (!fixedIp) return noMoreAddresses(place.networkId);
    found.push(fixedIp);
  }
  for (const request of requests ?? []) {
    if (isAutomatic(place, request)) continue;
    const fixedIp = await allocateOne(reader, place, request, found);
    if (isRejection(fixedIp)) return fixedIp;
    found.push(fixedIp);
  }
  // A port without any address was asked for by an empty list.
  if (requests?.length === 0) return found;
  for (const fixedIp of automaticAddresses(place, found)) {
    if (await holderOf(reader, fixedIp)) return addressInUse(fixedIp.address, fixedIp.subnetId);
    found.push(fixedIp);
  }
  return found;
}

/** A request for nothing but an address on a subnet where hosts make their own. */
function isAutomatic({ subnets }: AddressPlace, { subnetId, ipAddress }: AddressRequest): boolean {
  if (ipAddress !== undefined) return false;
  return subnets.some(({ id, state }) => id === subnetId && isAutoAddressed(state));
}

function automaticAddresses(
  place: AddressPlace,
  found: readonly FixedIp[],
): readonly FixedIp[] {
  return subnetsFor(place).filter(({ id, state }) =>
    isAutoAddressed(state) && !found.some(({ subnetId }) => subnetId === id)
  ).map(({ id, state }) => ({ subnetId: id, address: eui64Address(state.cidr, place.macAddress) }));
}

/**
 * The addresses that a port has after a change: those it has and keeps, and new ones.
 *
 * A request for an address the port has, or for any address on a subnet where it has one, keeps
 * that. Source: neutron/db/ipam_backend_mixin.py, `_get_changed_ips_for_port`.
 */
export async function addressesAfter(
  reader: Reader,
  place: AddressPlace,
  present: readonly FixedIp[],
  requests: readonly AddressRequest[],
): Promise<readonly FixedIp[] | NeutronRejection> {
  const left = new Set(present);
  const keep = (fits: (fixedIp: FixedIp) => boolean) => {
    const found = [...left].find(fits);
    if (found) left.delete(found);
    return found;
  };
  const named = requests.map(({ ipAddress, subnetId }) =>
    ipAddress === undefined
      ? undefined
      : keep((fixedIp) =>
        fixedIp.address === ipAddress && (subnetId ?? fixedIp.subnetId) === fixedIp.subnetId
      )
  );
  const addresses: FixedIp[] = [];
  for (const [position, request] of requests.entries()) {
    const { ipAddress, subnetId } = request;
    const kept = named[position] ??
      (ipAddress === undefined ? keep((fixedIp) => fixedIp.subnetId === subnetId) : undefined);
    const fixedIp = kept ?? await allocateOne(reader, place, request, addresses);
    if (isRejection(fixedIp)) return fixedIp;
    addresses.push(fixedIp);
  }
  return addresses;
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
    if (!(await findSubnet(reader, subnetId))) return notFound.subnet(subnetId);
    return invalidInput(
      `Failed to create port on network ${place.networkId}, because fixed_ips included invalid ` +
        `subnet ${subnetId}`,
    );
  }
  if (place.subnets.length === 0) {
    return invalidInput("IP allocation requires subnets for network");
  }
  if (ipAddress === undefined) {
    if (!named) return invalidInput("IP allocation requires subnet_id or ip_address");
    const free = await firstFree(reader, [named], sofar);
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
    const cidr = parseCidr(state.cidr)!;
    // In IPv4 the first and the last address are the network's own.
    const isHost = cidr.version === 6 ||
      (address.value !== cidr.first && address.value !== cidr.last);
    return isHost && contains(cidr, address);
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

function noMatchingSubnet({ networkId, deviceOwner }: AddressPlace): NeutronRejection {
  return refusal(
    "Conflict",
    "IpAddressGenerationFailureNoMatchingSubnet",
    `No valid service subnet for the given device owner, network ${networkId}, service type ` +
      `${deviceOwner}.`,
  );
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
