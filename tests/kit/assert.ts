/**
 * The assertions of `@std/assert`, on `node:assert/strict`.
 *
 * The Deno standard library is published where not every build machine reaches. Where yours does,
 * replace the line of `@std/assert` in deno.json by `"jsr:@std/assert@^1"`: the functions below
 * have its names and signatures.
 */
import strict from "node:assert/strict";

/** Fails unless `actual` deeply equals `expected`, types included. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  strict.deepStrictEqual(actual, expected, msg);
}

/** Fails unless the two are the same value. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): void {
  strict.strictEqual(actual, expected, msg);
}

/** Fails when `actual` deeply equals `expected`. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  strict.notDeepStrictEqual(actual, expected, msg);
}

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, msg = ""): asserts condition {
  strict.ok(condition, msg || undefined);
}

/** Fails unless `text` matches `pattern`. */
export function assertMatch(text: string, pattern: RegExp, msg?: string): void {
  strict.match(text, pattern, msg);
}

/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string, msg?: string): void {
  strict.ok(text.includes(part), msg ?? `expected ${JSON.stringify(text)} to include ${part}`);
}

/** Fails unless `work` throws; gives back what it threw. */
export function assertThrows(work: () => unknown, msg?: string): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new strict.AssertionError({ message: msg ?? "expected a throw" });
}

/** Fails unless the promise of `work` rejects; gives back the reason. */
export async function assertRejects(work: () => Promise<unknown>, msg?: string): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new strict.AssertionError({ message: msg ?? "expected a rejection" });
}
