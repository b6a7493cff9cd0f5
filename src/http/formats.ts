/**
 * The text formats of Nova's schemas, each as a function of the text.
 *
 * Source: nova/api/validation/validators.py and the libraries it asks, named below.
 */
import { isPythonRegex } from "./regex.ts";

/**
 * The printable characters of a name: neither control nor unassigned, no line or paragraph
 * separator, and nothing beyond U+FFFE, so no emoji.
 */
const PRINTABLE = String.raw`[[\u{0}-\u{FFFE}]--[\p{C}\p{Zl}\p{Zp}]]`;
const TRIMMED_NAME = new RegExp(String.raw`^(?!\p{Zs})${PRINTABLE}*(?<!\p{Zs})$`, "v");
const NAME = new RegExp(String.raw`^(?=.*\P{Zs})${PRINTABLE}+$`, "v");

/**
 * Whether a text is printable, with no blank at either end.
 *
 * The empty text passes, so that its length is what a schema refuses.
 * Source: nova/api/validation/parameter_types.py, valid_name_regex.
 */
export function isTrimmedName(text: string): boolean {
  return TRIMMED_NAME.test(text);
}

/** Whether a text is printable and not all blanks. Source: valid_name_leading_trailing_spaces_regex. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

const TIME = new RegExp(
  "^(?<year>[0-9]{4})" +
    "(?:(?:-(?<monthDashed>[0-9]{1,2})|(?<month>[0-9]{2})(?!$))" +
    "(?:(?:-(?<dayDashed>[0-9]{1,2})|(?<day>[0-9]{2}))" +
    "(?:[ T](?<hour>[0-9]{2})(?::?(?<minute>[0-9]{2}))?" +
    "(?::?(?<second>[0-9]{1,2})(?:[.,](?<fraction>[0-9]+))?)?" +
    "(?:Z|(?<sign>[-+])(?<offsetHours>[0-9]{2}):?(?<offsetMinutes>[0-9]{2})?)?)?)?)?$",
);
const MINUTES_A_DAY = 24 * 60;

/**
 * An ISO 8601 time as UTC text with six fraction digits, `2026-01-02T03:04:05.000000Z`.
 *
 * A year, month or date alone is its beginning; without a zone the time is UTC; further digits of
 * the fraction are cut off. Undefined for other texts, for days that the calendar lacks and for
 * times outside the years 1 to 9999. Source: oslo_utils.timeutils.parse_isotime, which is
 * iso8601.parse_date.
 */
export function parseTime(text: string): string | undefined {
  const part = TIME.exec(text)?.groups;
  if (!part) return undefined;
  const number = (digits: string | undefined, absent = 0) => Number(digits ?? absent);
  const month = number(part.month ?? part.monthDashed, 1);
  const day = number(part.day ?? part.dayDashed, 1);
  const [hour, minute, second] = [number(part.hour), number(part.minute), number(part.second)];
  const offset = number(part.offsetHours) * 60 + number(part.offsetMinutes);
  if (hour > 23 || minute > 59 || second > 59 || offset >= MINUTES_A_DAY) return undefined;

  const time = new Date(0);
  time.setUTCFullYear(number(part.year), month - 1, day);
  if (part.year === "0000" || time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) {
    return undefined;
  }
  time.setUTCHours(hour, minute - (part.sign === "-" ? -offset : offset), second);
  if (time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) return undefined;
  const fraction = (part.fraction ?? "").padEnd(6, "0").slice(0, 6);
  return `${time.toISOString().slice(0, 19)}.${fraction}Z`;
}

const BASE64_CHARACTER = /[A-Za-z0-9+/]/;

/**
 * Whether Python's lenient decoder reads a text as base64: what is not of the alphabet is skipped,
 * and what follows the padding is not looked at. Refuses wrong padding and non-ASCII text.
 *
 * Source: binascii.a2b_base64.
 */
export function isBase64(text: string): boolean {
  // deno-lint-ignore no-control-regex
  if (!/^[\x00-\x7f]*$/.test(text)) return false;
  let digits = 0;
  let padding = 0;
  for (const character of text) {
    if (character === "=") {
      padding++;
      if (digits >= 2 && digits + padding >= 4) return true;
    } else if (BASE64_CHARACTER.test(character)) {
      padding = 0;
      digits = (digits + 1) % 4;
    }
  }
  return digits === 0;
}

/**
 * Whether a text is a UUID in any spelling: any case, with or without hyphens, in braces, behind
 * `urn:uuid:`. Source: oslo_utils.uuidutils.is_uuid_like.
 */
export function isUuid(text: string): boolean {
  const bare = text.replaceAll("urn:", "").replaceAll("uuid:", "");
  const [digits = "", ...more] = bare.split(/[{}]/).filter((piece) => piece !== "");
  return more.length === 0 && /^[0-9a-f]{32}$/i.test(digits.replaceAll("-", ""));
}

/** Whether a text is four decimal numbers up to 255 without leading zeros. Source: ipaddress. */
export function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/.test(text);
}

/** Whether a text is an IPv6 address; a zone (`%eth0`) is refused. Source: ipaddress. */
export function isIpv6(text: string): boolean {
  return ipv6Words(text) !== undefined;
}

/**
 * An IPv6 address in its one canonical text of RFC 5952; undefined for other texts.
 *
 * An IPv4 address mapped into IPv6 keeps its dots: `::ffff:192.0.2.1`.
 */
export function compressIpv6(text: string): string | undefined {
  const words = ipv6Words(text);
  if (!words) return undefined;
  const hex = words.map((word) => word.toString(16)).join(":");
  if (hex.startsWith("0:0:0:0:0:ffff:")) {
    const bytes = words.slice(6).flatMap((word) => [word >> 8, word & 0xff]);
    return `::ffff:${bytes.join(".")}`;
  }
  const zeros = hex.match(/\b0(?::0)+\b/g) ?? [];
  const longest = zeros.reduce((best, run) => run.length > best.length ? run : best, "");
  return longest ? hex.replace(new RegExp(`:?\\b${longest}\\b:?`), "::") : hex;
}

/** The eight 16-bit words of an IPv6 address. */
function ipv6Words(text: string): number[] | undefined {
  const dotted = /(?<=:)[0-9.]+$/.exec(text)?.[0] ?? "";
  if (dotted.includes(".")) {
    if (!isIpv4(dotted)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
    const words = [a << 8 | b, c << 8 | d].map((word) => word.toString(16));
    return ipv6Words(text.slice(0, -dotted.length) + words.join(":"));
  }
  const halves = text.split("::").map((half) => half === "" ? [] : half.split(":"));
  const words = halves.flat();
  const isShort = halves.length === 2 && words.length < 8;
  if (!isShort && (halves.length > 1 || words.length !== 8)) return undefined;
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const zeros = Array<string>(8 - words.length).fill("0");
  return [...halves[0] ?? [], ...zeros, ...halves[1] ?? []].map((word) => parseInt(word, 16));
}

/**
 * Whether a text is a network: an address, `/`, and a prefix length or a mask.
 *
 * Source: netaddr.IPNetwork.
 */
export function isCidr(text: string): boolean {
  const [, address = "", prefix = ""] = /^([^/]*)\/(.*)$/s.exec(text) ?? [];
  const isNumber = /^[0-9]+$/.test(prefix);
  if (isIpv4(address)) return isNumber ? Number(prefix) <= 32 : isIpv4(prefix) && isMask(prefix);
  if (isIpv6(address)) return isNumber ? Number(prefix) <= 128 : isIpv6(prefix) && isMask(prefix);
  return false;
}

/** Whether the bits of an address are ones and then zeros, or (a host mask) zeros and then ones. */
function isMask(address: string): boolean {
  const words = ipv6Words(address);
  const bits = words
    ? words.map((word) => word.toString(2).padStart(16, "0"))
    : address.split(".").map((byte) => Number(byte).toString(2).padStart(8, "0"));
  return /^(?:1*0*|0*1*)$/.test(bits.join(""));
}

const URI_CHARACTER = "(?:[\\w.~!$&'()*+,;=-]|%[0-9a-f]{2})";
const URI = new RegExp(
  `^[a-z][a-z0-9+.-]*://(?:(?:${URI_CHARACTER}|:)*@)?` +
    `(?:\\[[0-9a-f:.]+\\]|${URI_CHARACTER}+)(?::[0-9]*)?` +
    `(?:/(?:${URI_CHARACTER}|[:@/])*)?` +
    `(?:\\?(?:${URI_CHARACTER}|[:@/?])*)?(?:#(?:${URI_CHARACTER}|[:@/?])*)?$`,
  "i",
);

/**
 * Whether a text is a URI with a scheme and a host, in the characters of RFC 3986.
 *
 * Stricter than the library Nova asks, which lets some blanks and lone `%` pass.
 */
export function isUri(text: string): boolean {
  return URI.test(text);
}

/** The check of every format, by the name that schemas give it. */
export const FORMATS = {
  "regex": isPythonRegex,
  "date-time": (text: string) => parseTime(text) !== undefined,
  "base64": isBase64,
  "cidr": isCidr,
  "uuid": isUuid,
  "uri": isUri,
  "ipv4": isIpv4,
  "ipv6": isIpv6,
  "name": isTrimmedName,
  "name_with_leading_trailing_spaces": isName,
  "az_name": (text: string) => !text.includes(":") && isTrimmedName(text),
  "az_name_with_leading_trailing_spaces": (text: string) => !text.includes(":") && isName(text),
} as const;
