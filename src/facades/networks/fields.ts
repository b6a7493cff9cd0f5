/**
 * How values in requests are read: what each may be, what it is turned into, and Neutron's words
 * for what it may not be.
 *
 * Source: neutron_lib/api/validators and neutron_lib/api/converters.py.
 */
import { isUuid } from "../../http/formats.ts";
import { pythonRepr, pythonStr } from "../../http/python.ts";
import { canonicalAddress, formatCidr, parseAddress, parseCidr } from "./addresses.ts";
import { readFlag } from "./attributes.ts";
import type { AddressRequest } from "./ports/allocate.ts";
import type { AddressPair } from "./ports/decider.ts";
import { badRequest, invalidInput, type NeutronRejection, refusal } from "./refusals.ts";
import type { AllocationPool, HostRoute } from "./subnets/decider.ts";

/** What a value is read as, or what is wrong with it. */
export type Reading<T> =
  | { readonly value: T }
  /** The reason that follows "Invalid input for …". */
  | { readonly problem: string }
  | NeutronRejection;

/** Reads one value of a request's body. */
export type Read<T> = (value: unknown) => Reading<T>;

/** Text of at most so many characters. */
export function text(maxLength = 255): Read<string> {
  return (value) => {
    if (typeof value !== "string") {
      return { problem: `'${pythonStr(value)}' is not a valid string` };
    }
    if ([...value].length > maxLength) {
      return { problem: `'${value}' exceeds maximum length of ${maxLength}` };
    }
    return { value };
  };
}

/** Text, or null for none. */
export const textOrNone: Read<string> = (value) => value === null ? { value: "" } : text()(value);

export const flag: Read<boolean> = (value) => {
  const read = readFlag(value);
  if (read === undefined) {
    return invalidInput(`'${pythonStr(value)}' cannot be converted to boolean`);
  }
  return { value: read };
};

/** A whole number, also as text, from `lowest` to 2^31 - 1. */
export function integer(lowest: number): Read<number> {
  return (value) => {
    const number = wholeNumber(value);
    if (number === undefined) return invalidInput(`'${pythonStr(value)}' is not an integer`);
    if (number < lowest) {
      return { problem: `'${number}' is too small - must be at least '${lowest}'` };
    }
    if (number > MAX_INTEGER) {
      return { problem: `'${number}' is too large - must be no larger than '${MAX_INTEGER}'` };
    }
    return { value: number };
  };
}

const MAX_INTEGER = 0x7fffffff;

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "string" && /^\s*[+-]?[0-9]{1,15}\s*$/.test(value)) return Number(value);
  return undefined;
}

/** One of a few values; `read` turns the request's value into one of their kind. */
export function oneOf<T>(values: readonly T[]): Read<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return { value: found };
    return { problem: `${pythonStr(value)} is not in ${pythonRepr(values)}` };
  };
}

/** What is read, or null. */
export function orNull<T>(read: Read<T>): Read<T | null> {
  return (value) => value === null ? { value: null } : read(value);
}

export const uuid: Read<string> = (value) =>
  typeof value === "string" && isUuid(value)
    ? { value }
    : { problem: `'${pythonStr(value)}' is not a valid UUID` };

/** Several things, none of them twice; null stands for none. */
export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (value) => {
    if (value === null) return { value: [] };
    if (!Array.isArray(value)) return { problem: `'${pythonStr(value)}' is not a list` };
    const items: T[] = [];
    for (const item of value) {
      const reading = read(item);
      if (!("value" in reading)) return reading;
      items.push(reading.value);
    }
    const texts = items.map((item) => JSON.stringify(item));
    const twice = items.filter((_, place) => texts.indexOf(texts[place]!) !== place);
    if (twice.length > 0) {
      return { problem: `Duplicate items in the list: '${twice.map(pythonStr).join(", ")}'` };
    }
    return { value: items };
  };
}

/** An IP address; its canonical text. */
export const ipAddress: Read<string> = (value) => {
  const canonical = typeof value === "string" ? canonicalAddress(value) : undefined;
  if (canonical === undefined) {
    return { problem: `'${pythonStr(value)}' is not a valid IP address` };
  }
  return { value: canonical };
};

/** A network as CIDR; its canonical text, host bits dropped. */
export const subnetCidr: Read<string> = (value) => {
  const cidr = typeof value === "string" ? parseCidr(value) : undefined;
  if (!cidr) return invalidInput(`${pythonStr(value)} is not in a CIDR format`);
  return { value: formatCidr(cidr) };
};

/** A MAC address in one of its usual spellings; lower case with colons. */
export const macAddress: Read<string> = (value) => {
  const digits = typeof value === "string" && MAC_SPELLING.test(value)
    ? value.toLowerCase().replaceAll(/[^0-9a-f]/g, "")
    : "";
  if (digits.length !== 12 || digits === "000000000000") {
    return { problem: `'${pythonStr(value)}' is not a valid MAC address` };
  }
  return { value: digits.match(/../g)!.join(":") };
};

const MAC_SPELLING = /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^[0-9a-f]{12}$/i;

/** An object of any kind; null counts as empty. */
export const dictionary: Read<Readonly<Record<string, unknown>>> = (value) => {
  if (value === null) return { value: {} };
  if (!isObject(value)) return { problem: `'${pythonStr(value)}' is not a dictionary` };
  return { value };
};

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Addresses that a port is to have: on a subnet, or by themselves. */
export const fixedIps: Read<readonly AddressRequest[]> = (value) => {
  if (!Array.isArray(value)) {
    return { problem: `Invalid data format for fixed IP: '${pythonStr(value)}'` };
  }
  const requests: AddressRequest[] = [];
  for (const item of value) {
    if (!isObject(item)) {
      return { problem: `Invalid data format for fixed IP: '${pythonStr(item)}'` };
    }
    const address = readKey(item, "ip_address", ipAddress);
    if (!("value" in address)) return address;
    const subnetId = readKey(item, "subnet_id", uuid);
    if (!("value" in subnetId)) return subnetId;
    if (address.value !== undefined && requests.some((r) => r.ipAddress === address.value)) {
      return { problem: `Duplicate IP address '${address.value}'` };
    }
    requests.push({
      ...(address.value !== undefined && { ipAddress: address.value }),
      ...(subnetId.value !== undefined && { subnetId: subnetId.value }),
    });
  }
  return { value: requests };
};

function readKey<T>(
  item: Readonly<Record<string, unknown>>,
  key: string,
  read: Read<T>,
): Reading<T | undefined> {
  return Object.hasOwn(item, key) ? read(item[key]) : { value: undefined };
}

/** `[{"start": …, "end": …}]`. */
export const allocationPools: Read<readonly AllocationPool[]> = (value) => {
  if (!Array.isArray(value)) {
    return { problem: `Invalid data format for IP pool: '${pythonStr(value)}'` };
  }
  const pools: AllocationPool[] = [];
  for (const pool of value) {
    const pair = readPair(pool, ["start", "end"], [ipAddress, ipAddress]);
    if (!("value" in pair)) return pair;
    pools.push({ start: pair.value[0], end: pair.value[1] });
  }
  return { value: pools };
};

/** `[{"destination": …, "nexthop": …}]`, none of them twice; null stands for none. */
export const routes: Read<readonly HostRoute[]> = (value) => {
  if (value === null) return { value: [] };
  if (!Array.isArray(value)) {
    return { problem: `Invalid data format for hostroute: '${pythonStr(value)}'` };
  }
  const found: HostRoute[] = [];
  for (const route of value) {
    const pair = readPair(route, ["destination", "nexthop"], [destination, ipAddress]);
    if (!("value" in pair)) return pair;
    const [to, nexthop] = pair.value;
    if (found.some((other) => other.destination === to && other.nexthop === nexthop)) {
      return { problem: `Duplicate hostroute '${pythonStr(route)}'` };
    }
    found.push({ destination: to, nexthop });
  }
  return { value: found };
};

const destination: Read<string> = (value) => {
  const cidr = typeof value === "string" && value.includes("/") ? parseCidr(value) : undefined;
  const host = typeof value === "string" ? parseAddress(value.split("/")[0]!) : undefined;
  if (!cidr || host?.value !== cidr.first) {
    return { problem: `'${pythonStr(value)}' is not a valid CIDR` };
  }
  return { value: formatCidr(cidr) };
};

/** An object of exactly two keys. */
function readPair<A, B>(
  value: unknown,
  keys: readonly [string, string],
  [readFirst, readSecond]: readonly [Read<A>, Read<B>],
): Reading<readonly [A, B]> {
  if (!isObject(value)) {
    return {
      problem: `Invalid input. '${pythonStr(value)}' must be a dictionary with keys: ` +
        pythonRepr(keys),
    };
  }
  const provided = Object.keys(value);
  if (provided.length !== 2 || !keys.every((key) => Object.hasOwn(value, key))) {
    return {
      problem: "Validation of dictionary's keys failed. Expected keys: " +
        `${pythonRepr(keys)} Provided keys: ${pythonRepr(provided)}`,
    };
  }
  const first = readFirst(value[keys[0]]);
  if (!("value" in first)) return first;
  const second = readSecond(value[keys[1]]);
  return "value" in second ? { value: [first.value, second.value] } : second;
}

/** Addresses of name servers, none of them twice; null stands for none. */
export const nameServers: Read<readonly string[]> = (value) => {
  if (value === null) return { value: [] };
  if (!Array.isArray(value)) {
    return { problem: `Invalid data format for nameserver: '${pythonStr(value)}'` };
  }
  const hosts: string[] = [];
  for (const host of value) {
    const reading = ipAddress(host);
    if (!("value" in reading)) {
      const why = "problem" in reading ? reading.problem : reading.message;
      return { problem: `'${pythonStr(host)}' is not a valid nameserver. ${why}` };
    }
    if (hosts.includes(reading.value)) return { problem: `Duplicate nameserver '${host}'` };
    hosts.push(reading.value);
  }
  return { value: hosts };
};

/** A pair as a request has it: without a MAC address, the port's own is meant. */
export type AskedPair = Omit<AddressPair, "macAddress"> & { readonly macAddress?: string };

/** `[{"ip_address": …, "mac_address": …}]`; an address may be a network. */
export const addressPairs: Read<readonly AskedPair[]> = (value) => {
  if (value === null) return { value: [] };
  if (!Array.isArray(value) || !value.every(isObject)) {
    return invalidInput("Allowed address pairs must be a list.");
  }
  const pairs: AskedPair[] = [];
  for (const pair of value) {
    const unknown = Object.keys(pair).filter((key) =>
      key !== "ip_address" && key !== "mac_address"
    );
    if (unknown.length > 0) {
      return { problem: `Unrecognized attribute(s) '${unknown.join(", ")}'` };
    }
    const ip = pair["ip_address"];
    if (ip === undefined) return invalidInput("AllowedAddressPair must contain ip_address");
    const cidr = typeof ip === "string" ? parseCidr(ip) : undefined;
    if (!cidr) return { problem: `'${pythonStr(ip)}' is not a valid IP subnet` };
    const mac = readKey(pair, "mac_address", macAddress);
    if (!("value" in mac)) return mac;
    pairs.push({
      ipAddress: String(ip).includes("/") ? formatCidr(cidr) : canonicalAddress(String(ip))!,
      ...(mac.value !== undefined && { macAddress: mac.value }),
    });
  }
  return { value: pairs };
};

/** What the owners of devices begin with; neutron_lib/api/validators, `validate_subnet_service_types`. */
const OWNER_PREFIXES = ["network:", "neutron:", "compute:"];

/** Owners of devices; null stands for none. */
export const serviceTypes: Read<readonly string[]> = (value) => {
  if (value === null) return { value: [] };
  if (!Array.isArray(value)) return badRequest("Subnet service types must be a list.");
  for (const type of value) {
    if (typeof type !== "string") {
      const message = `Subnet service type ${pythonStr(type)} is not a string.`;
      return refusal("Invalid", "InvalidInputSubnetServiceType", message);
    }
    if (!OWNER_PREFIXES.some((prefix) => type.startsWith(prefix))) {
      const message = `Subnet service type ${type} does not correspond to a valid device owner.`;
      return refusal("Invalid", "InvalidSubnetServiceType", message);
    }
  }
  return { value: [...new Set<string>(value)] };
};

/** Text that says something. */
export const filledText: Read<string> = (value) => {
  const reading = text()(value);
  if ("value" in reading && reading.value.trim() === "") {
    return { problem: `'${reading.value}' Blank strings are not permitted` };
  }
  return reading;
};

/** 4 or 6, also as text. */
export const ipVersion: Read<4 | 6> = (value) =>
  oneOf([4, 6] as const)(typeof value === "string" ? Number(value) : value);

const subnet: Read<string> = (value) => {
  const cidr = typeof value === "string" && value.includes("/") ? parseCidr(value) : undefined;
  return cidr ? { value: formatCidr(cidr) } : {
    problem: `'${pythonStr(value)}' is not a valid IP subnet`,
  };
};

/** Networks, none of them twice; host bits are dropped, null stands for none. */
export const subnetList: Read<readonly string[]> = listOf(subnet);
