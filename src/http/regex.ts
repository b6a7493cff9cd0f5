/**
 * Python's regular expression grammar, read to tell whether a pattern compiles.
 *
 * Nothing is ever matched, so no pattern can take long: the work is one pass over its text.
 * Source: re/_parser.py and re/_compiler.py of Python 3.11.
 */
import {
  DIGITS,
  OCTAL_DIGITS,
  peek,
  type Reader,
  readerOf,
  readEscape,
  readSet,
  refuse,
  take,
  takeUntil,
  takeWhile,
  type Width,
} from "./regex_reader.ts";

/** Python itself gives up on a few hundred groups inside each other. */
const MAX_NESTED_GROUPS = 200;
const MAX_REPEAT = 2 ** 32 - 1;

/** A part of a sequence, as far as what may follow it depends on it. */
interface Item {
  readonly kind: "plain" | "anchor" | "repeat";
  readonly width: Width;
}

const CHARACTER: Item = { kind: "plain", width: [1, 1] };
const ASSERTION: Item = { kind: "plain", width: [0, 0] };
const ANCHOR: Item = { kind: "anchor", width: [0, 0] };

/** What a part inherits from the groups around it. */
interface Place {
  readonly depth: number;
  readonly verbose: boolean;
}

/**
 * Whether a text is a regular expression that Python's `re` compiles; the empty text is not.
 *
 * The name in a `\N{…}` is not looked up. Source: nova/api/validation/validators.py,
 * _validate_regex_format.
 */
export function isPythonRegex(text: string): boolean {
  if (text === "") return false;
  const reader = readerOf(text);
  alternatives(reader, { depth: 0, verbose: false });
  return !reader.refused && peek(reader) === undefined &&
    reader.highestCondition < reader.groups.length;
}

function alternatives(reader: Reader, place: Place): Width {
  let [least, most] = sequence(reader, place, place.depth === 0);
  while (take(reader, "|")) {
    const verbose = place.depth === 0 ? reader.flags.includes("x") : place.verbose;
    const width = sequence(reader, { ...place, verbose }, false);
    least = Math.min(least, width[0]);
    most = Math.max(most, width[1]);
  }
  return [least, most];
}

function sequence(reader: Reader, place: Place, isFirst: boolean): Width {
  const items: Item[] = [];
  let { verbose } = place;
  for (let token = peek(reader); token !== undefined; token = peek(reader)) {
    if (token === "|" || token === ")") break;
    reader.at++;
    if (verbose && " \t\n\r\v\f".includes(token)) continue;
    if (verbose && token === "#") {
      skipLine(reader);
    } else if ("*+?{".includes(token)) {
      repeat(reader, token, items);
    } else if (token === "(") {
      const mayHoldFlags = isFirst && items.length === 0;
      const item = group(reader, { ...place, verbose }, mayHoldFlags);
      if (item) items.push(item);
      verbose ||= mayHoldFlags && reader.flags.includes("x");
    } else {
      items.push(single(reader, token));
    }
  }
  return items.reduce<Width>(
    ([least, most], { width }) => [least + width[0], most + width[1]],
    [0, 0],
  );
}

function skipLine(reader: Reader): void {
  const end = reader.tokens.indexOf("\n", reader.at);
  reader.at = end < 0 ? reader.tokens.length : end + 1;
}

function single(reader: Reader, token: string): Item {
  if (["^", "$", "\\A", "\\b", "\\B", "\\Z"].includes(token)) return ANCHOR;
  if (/^\\[1-9]$/.test(token)) return numbered(reader, token.slice(1));
  if (token.startsWith("\\")) readEscape(reader, token.slice(1));
  if (token === "[") readSet(reader);
  return CHARACTER;
}

/** `\12` is a reference to a group, or with three octal digits a character. */
function numbered(reader: Reader, first: string): Item {
  const digits = first + takeWhile(reader, DIGITS, 1);
  const third = /^[0-7]{2}$/.test(digits) && takeWhile(reader, OCTAL_DIGITS, 1);
  if (!third) return reference(reader, Number(digits));
  if (parseInt(digits + third, 8) > 0o377) refuse(reader);
  return CHARACTER;
}

const REPEATS: Readonly<Record<string, Width>> = {
  "*": [0, Infinity],
  "+": [1, Infinity],
  "?": [0, 1],
};

/** Puts a repetition in the place of the last item; `{` may turn out to be an ordinary character. */
function repeat(reader: Reader, token: string, items: Item[]): void {
  const times = token === "{" ? counts(reader) : REPEATS[token];
  if (!times) {
    items.push(CHARACTER);
    return;
  }
  const item = items.pop();
  if (item?.kind !== "plain" || times[0] > times[1]) {
    refuse(reader);
    return;
  }
  const width: Width = [product(item.width[0], times[0]), product(item.width[1], times[1])];
  items.push({ kind: "repeat", width });
  if (!take(reader, "?")) take(reader, "+");
}

/** Nothing without end is still nothing, where JavaScript says NaN. */
function product(width: number, times: number): number {
  return width === 0 || times === 0 ? 0 : width * times;
}

/** The numbers of `{2}`, `{2,}`, `{,3}` or `{2,3}`; nothing is skipped where there are none. */
function counts(reader: Reader): Width | undefined {
  const start = reader.at;
  if (peek(reader) === "}") return undefined;
  const least = takeWhile(reader, DIGITS);
  const most = take(reader, ",") ? takeWhile(reader, DIGITS) : least;
  if (!take(reader, "}")) {
    reader.at = start;
    return undefined;
  }
  if (Number(least) >= MAX_REPEAT || Number(most) >= MAX_REPEAT) refuse(reader);
  return [Number(least), most === "" ? Infinity : Number(most)];
}

/** What an opening bracket begins; undefined for comments and flags, which match nothing. */
function group(reader: Reader, place: Place, mayHoldFlags: boolean): Item | undefined {
  const inner = { ...place, depth: place.depth + 1 };
  if (inner.depth > MAX_NESTED_GROUPS) refuse(reader);
  if (!take(reader, "?")) return capture(reader, inner);
  if (/^[aimsux-]$/.test(peek(reader) ?? "")) return flags(reader, inner, mayHoldFlags);
  if (take(reader, ":") || take(reader, ">")) return plainGroup(reader, inner);
  if (take(reader, "P")) return named(reader, inner);
  if (take(reader, "(")) return conditional(reader, inner);
  if (take(reader, "#")) {
    takeUntil(reader, ")");
    return undefined;
  }
  if (take(reader, "=") || take(reader, "!")) {
    plainGroup(reader, inner);
    return ASSERTION;
  }
  if (take(reader, "<") && (take(reader, "=") || take(reader, "!"))) {
    return lookBehind(reader, inner);
  }
  refuse(reader);
}

function plainGroup(reader: Reader, place: Place): Item {
  const width = alternatives(reader, place);
  if (!take(reader, ")")) refuse(reader);
  return { kind: "plain", width };
}

function capture(reader: Reader, place: Place): Item {
  const number = reader.groups.push(undefined) - 1;
  const item = plainGroup(reader, place);
  reader.groups[number] = item.width;
  return item;
}

/** Refuses what may match texts of different lengths. */
function lookBehind(reader: Reader, place: Place): Item {
  const outer = reader.lookbehindGroups;
  reader.lookbehindGroups ??= reader.groups.length;
  const { width: [least, most] } = plainGroup(reader, place);
  reader.lookbehindGroups = outer;
  if (least !== most || least > MAX_REPEAT) refuse(reader);
  return ASSERTION;
}

/** `(?P<name>…)`, or the reference `(?P=name)`. */
function named(reader: Reader, place: Place): Item {
  if (take(reader, "=")) return reference(reader, reader.names.get(takeUntil(reader, ")")));
  const name = take(reader, "<") ? takeUntil(reader, ">") : "";
  if (!/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name) || reader.names.has(name)) refuse(reader);
  reader.names.set(name, reader.groups.length);
  return capture(reader, place);
}

/** Refuses a group that is unknown, still open, or inside the look-behind being read. */
function reference(reader: Reader, number = 0): Item {
  const width = reader.groups[number];
  if (!width || number >= (reader.lookbehindGroups ?? Infinity)) refuse(reader);
  return { kind: "plain", width: width ?? [0, 0] };
}

/** `(?(1)yes|no)` or `(?(name)yes|no)`; a group asked about by number may come later. */
function conditional(reader: Reader, place: Place): Item {
  const asked = takeUntil(reader, ")");
  const number = /^[0-9]+$/.test(asked) ? Number(asked) : reader.names.get(asked);
  if (!number) refuse(reader);
  else if (reader.lookbehindGroups !== undefined) reference(reader, number);
  reader.highestCondition = Math.max(reader.highestCondition, number ?? 0);
  const yes = sequence(reader, place, false);
  const no = take(reader, "|") ? sequence(reader, place, false) : [0, 0] as const;
  if (!take(reader, ")")) refuse(reader);
  return { kind: "plain", width: [Math.min(yes[0], no[0]), Math.max(yes[1], no[1])] };
}

/** `(?i)` for the whole pattern, at its start only, or `(?i-s:…)` for what is inside. */
function flags(reader: Reader, place: Place, mayHoldFlags: boolean): Item | undefined {
  const [on = "", off] = takeWhile(reader, "aimsux-").split(/-(.*)/);
  if (take(reader, ")")) {
    reader.flags += on;
    if (off !== undefined || !mayHoldFlags || isTwoTyped(reader.flags)) refuse(reader);
    return undefined;
  }
  const isOffWrong = off !== undefined && !/^[imsx]+$/.test(off);
  const isContradiction = [...off ?? ""].some((flag) => on.includes(flag));
  if (isOffWrong || isContradiction || isTwoTyped(on) || !take(reader, ":")) refuse(reader);
  const verbose = (place.verbose || on.includes("x")) && !off?.includes("x");
  return plainGroup(reader, { ...place, verbose });
}

/** ASCII and Unicode matching exclude each other. */
function isTwoTyped(flags: string): boolean {
  return flags.includes("a") && flags.includes("u");
}
