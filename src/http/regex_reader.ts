/** Reading a Python pattern token by token, with its escapes and bracketed sets. */

/** How many characters a part can match: what a look-behind must know. */
export type Width = readonly [least: number, most: number];

/** What is being read, and how far. A refusal jumps to the end, so that every loop stops. */
export interface Reader {
  /** Characters, an escaped one together with its backslash. */
  readonly tokens: readonly string[];
  at: number;
  refused: boolean;
  /** Flags of `(?i)` and its like, which hold for the whole pattern. */
  flags: string;
  /** Widths by group number; undefined while a group is open. Number 0 is the pattern. */
  readonly groups: (Width | undefined)[];
  readonly names: Map<string, number>;
  /** Inside a look-behind: groups from this number on were opened in it. */
  lookbehindGroups: number | undefined;
  /** The highest group that a `(?(1)…)` asks about; it may be defined further on. */
  highestCondition: number;
}

/** A reader at the start of a pattern; a lone backslash at its end is refused at once. */
export function readerOf(pattern: string): Reader {
  const tokens = pattern.match(/\\?./gsu) ?? [];
  return {
    tokens,
    at: 0,
    refused: tokens.at(-1) === "\\",
    flags: "",
    groups: [undefined],
    names: new Map(),
    lookbehindGroups: undefined,
    highestCondition: 0,
  };
}

/** Gives the pattern up. */
export function refuse(reader: Reader): void {
  reader.refused = true;
  reader.at = reader.tokens.length;
}

/** The next token, undefined at the end. */
export function peek(reader: Reader): string | undefined {
  return reader.tokens[reader.at];
}

/** Skips the next token if it is this one, and says whether it was. */
export function take(reader: Reader, token: string): boolean {
  if (peek(reader) !== token) return false;
  reader.at++;
  return true;
}

/** Takes at most `most` tokens, all of them out of `characters`. */
export function takeWhile(reader: Reader, characters: string, most = Infinity): string {
  const start = reader.at;
  while (reader.at - start < most) {
    const token = peek(reader);
    if (token === undefined || !characters.includes(token)) break;
    reader.at++;
  }
  return reader.tokens.slice(start, reader.at).join("");
}

/** Takes what stands before a terminator, and skips that; refuses a pattern that ends before it. */
export function takeUntil(reader: Reader, terminator: string): string {
  const end = reader.tokens.indexOf(terminator, reader.at);
  if (end < 0) {
    refuse(reader);
    return "";
  }
  const text = reader.tokens.slice(reader.at, end).join("");
  reader.at = end + 1;
  return text;
}

/** Reads a set up to its closing bracket; a closing bracket that comes first is a member. */
export function readSet(reader: Reader): void {
  take(reader, "^");
  for (let isFirst = true; isFirst || !take(reader, "]"); isFirst = false) {
    if (reader.refused) return;
    const from = setMember(reader);
    if (peek(reader) === "-" && reader.tokens[reader.at + 1] !== "]") {
      reader.at++;
      const to = setMember(reader);
      if (from === undefined || to === undefined || from > to) refuse(reader);
    }
  }
}

/** The code of the next member of a set; undefined for a class such as `\d`. */
function setMember(reader: Reader): number | undefined {
  const token = peek(reader);
  if (token === undefined) {
    refuse(reader);
    return undefined;
  }
  reader.at++;
  if (!token.startsWith("\\")) return token.codePointAt(0);
  return token === "\\b" ? 8 : readEscape(reader, token.slice(1));
}

export const DIGITS = "0123456789";
export const OCTAL_DIGITS = "01234567";
const HEX_DIGITS = "0123456789abcdefABCDEF";
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 };

/**
 * The code that an escape stands for; undefined for a class such as `\d`.
 *
 * `after` is what follows its backslash. Refuses letters and digits that mean nothing. The code of
 * a `\N{…}` is NaN, as its name is not looked up.
 */
export function readEscape(reader: Reader, after: string): number | undefined {
  if ("dDsSwW".includes(after)) return undefined;
  if (HEX_LENGTHS[after]) return hexCode(reader, HEX_LENGTHS[after]);
  if (OCTAL_DIGITS.includes(after)) {
    const code = parseInt(after + takeWhile(reader, OCTAL_DIGITS, 2), 8);
    if (code > 0o377) refuse(reader);
    return code;
  }
  if (after === "N") {
    if (!take(reader, "{") || !/^[A-Z0-9 -]+$/i.test(takeUntil(reader, "}"))) refuse(reader);
    return NaN;
  }
  const control = CONTROLS[after];
  if (control === undefined && /^[A-Za-z0-9]$/.test(after)) refuse(reader);
  return control ?? after.codePointAt(0);
}

function hexCode(reader: Reader, length: number): number {
  const digits = takeWhile(reader, HEX_DIGITS, length);
  const code = parseInt(digits, 16);
  if (digits.length < length || code > 0x10ffff) refuse(reader);
  return code;
}
