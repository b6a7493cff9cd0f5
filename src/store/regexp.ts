/** `REGEXP` as the usual Nova deployment's database has it, on an engine that cannot be made slow. */
import { RE2JS } from "re2js";

const CACHE_SIZE = 256;

/** Larger patterns match nothing: matching is linear in the text, and in this. */
const MAX_SIZE = 10_000;

const compiled = new Map<string, RE2JS | null>();

/**
 * The SQL function behind `x REGEXP y` (SQLite calls `regexp(y, x)`): 1 when the pattern is found
 * anywhere in the text, without regard to case, as MariaDB's collations have it.
 *
 * A null text matches nothing. Patterns that linear-time matching cannot offer (back-references,
 * look-around), and those that would grow too large, match nothing.
 */
export function databaseRegexp(pattern: unknown, text: unknown): 0 | 1 {
  if (text === null || text === undefined) return 0;
  const regex = compile(String(pattern));
  return regex?.matcher(String(text)).find() ? 1 : 0;
}

function compile(pattern: string): RE2JS | null {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= CACHE_SIZE) compiled.clear();
  let regex: RE2JS | null = null;
  try {
    if (sizeOf(pattern) <= MAX_SIZE) regex = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch {
    // Valid in Nova's dialect or it would have been refused before; just not linear-time.
  }
  compiled.set(pattern, regex);
  return regex;
}

/** About how large a pattern is once its counted repetitions are written out. */
function sizeOf(pattern: string): number {
  let repetitions = 1;
  for (const [, least = "", most = ""] of pattern.matchAll(/\{(\d*),?(\d*)\}/g)) {
    repetitions += Math.max(Number(least), Number(most));
  }
  return pattern.length * repetitions;
}
