/** IP addresses as numbers, as text, and as keys that sort as the addresses do. */
import { compressIpv6, isIpv4, isIpv6 } from "../../http/formats.ts";

export type IpVersion = 4 | 6;

/** An address: its value and its family. */
export interface Address {
  readonly version: IpVersion;
  readonly value: bigint;
}

/** All addresses that share a prefix. */
export interface Cidr {
  readonly version: IpVersion;
  /** The first address; its host bits are zero. */
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

const BITS: Readonly<Record<IpVersion, number>> = { 4: 32, 6: 128 };

/** Reads an address; undefined for other texts. */
export function parseAddress(text: string): Address | undefined {
  if (isIpv4(text)) {
    return { version: 4, value: text.split(".").reduce((sum, b) => sum << 8n | BigInt(b), 0n) };
  }
  return isIpv6(text) ? { version: 6, value: ipv6Value(text) } : undefined;
}

function ipv6Value(text: string): bigint {
  const dotted = /[0-9.]*\.[0-9.]*$/.exec(text)?.[0];
  if (dotted) {
    const low = parseAddress(dotted)!.value;
    const words = `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
    return ipv6Value(text.slice(0, -dotted.length) + words);
  }
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - behind.length).fill("0");
  return [...before, ...zeros, ...behind].reduce((sum, w) => sum << 16n | BigInt(`0x${w}`), 0n);
}

/** The one canonical text of an address; RFC 5952 for IPv6. */
export function formatAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => value >> shift & 0xffn).join(".");
  const hex = value.toString(16).padStart(32, "0");
  return compressIpv6(hex.match(/.{4}/g)!.join(":"))!;
}

/** The canonical text of an address that may be written otherwise; undefined for other texts. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/**
 * Reads `10.0.0.0/24`; host bits are dropped, and an address alone is a network of one.
 *
 * Undefined for other texts, masks in place of a length included.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [, host = "", length] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (!address) return undefined;
  const bits = BITS[address.version];
  const prefixLength = length === undefined ? bits : Number(length);
  if (prefixLength > bits) return undefined;
  const hostMask = (1n << BigInt(bits - prefixLength)) - 1n;
  const first = address.value & ~hostMask;
  return { version: address.version, first, last: first | hostMask, prefixLength };
}

/** `10.0.0.0/24`. */
export function formatCidr({ version, first, prefixLength }: Cidr): string {
  return `${formatAddress({ version, value: first })}/${prefixLength}`;
}

/** Whether an address lies in a network. */
export function contains(cidr: Cidr, address: Address): boolean {
  return cidr.version === address.version && address.value >= cidr.first &&
    address.value <= cidr.last;
}

/** Whether two networks have addresses in common. */
export function overlap(one: Cidr, other: Cidr): boolean {
  return one.version === other.version && one.first <= other.last && other.first <= one.last;
}

/** An address as hexadecimal digits of fixed length: keys of one family sort as addresses. */
export function addressKey({ version, value }: Address): string {
  return value.toString(16).padStart(BITS[version] / 4, "0");
}

/** The key of the address so many places further on; undefined beyond the family's ends. */
export function shiftKey(key: string, by: 1 | -1): string | undefined {
  const shifted = (BigInt(`0x${key}`) + BigInt(by)).toString(16);
  if (shifted.startsWith("-") || shifted.length > key.length) return undefined;
  return shifted.padStart(key.length, "0");
}

/** The address of a key. */
export function addressOfKey(key: string): Address {
  return { version: key.length === 8 ? 4 : 6, value: BigInt(`0x${key}`) };
}

/** The address that a host makes itself of a /64 and its MAC address; RFC 4291, appendix A. */
export function eui64Address(cidr: string, macAddress: string): string {
  const bytes = macAddress.split(":").map((byte) => parseInt(byte, 16));
  // The bit that says whether the address is local to the link is turned around.
  const host = [bytes[0]! ^ 0x02, bytes[1]!, bytes[2]!, 0xff, 0xfe, ...bytes.slice(3)];
  const value = host.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
  return formatAddress({ version: 6, value: parseCidr(cidr)!.first | value });
}
