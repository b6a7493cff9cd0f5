/** As much of ASN.1 as certificates and their bundles are written in: DER, from the inside out. */
import { Buffer } from "node:buffer";

/** A value: its tag, its length, its bytes. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const digits = length < 0x80 ? [length] : bytesOf(length);
  const size = length < 0x80 ? digits : [0x80 | digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

export const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts);

export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);

export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

/** A string of bits that fills its bytes. */
export const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);

export const nothing: Buffer = der(0x05);

/** `[n]` around a value. */
export const tagged = (n: number, ...parts: readonly Uint8Array[]): Buffer =>
  der(0xa0 | n, ...parts);

/** A whole number from 0 on. */
export function integer(value: number | Uint8Array): Buffer {
  const bytes = typeof value === "number" ? bytesOf(value) : [...value];
  return der(0x02, Buffer.from(bytes[0]! >= 0x80 ? [0, ...bytes] : bytes));
}

/** An object identifier, `1.2.840.113549.1.1.11`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A moment, to the second; `GeneralizedTime` says the years from 2050 on. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}

function bytesOf(value: number): number[] {
  const rest = Math.floor(value / 256);
  return rest === 0 ? [value % 256] : [...bytesOf(rest), value % 256];
}

function base128(value: number): number[] {
  const higher = (rest: number): number[] =>
    rest === 0 ? [] : [...higher(rest >> 7), 0x80 | (rest & 0x7f)];
  return [...higher(value >> 7), value & 0x7f];
}
