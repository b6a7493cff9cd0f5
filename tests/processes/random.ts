/** Chance that can be repeated: `CHRONOVA_SEED` is the seed, otherwise each run has its own. */

/** This run's seed: a whole number below 2³¹. */
export function runSeed(): number {
  const given = Deno.env.get("CHRONOVA_SEED");
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

/** A whole number from the environment, such as how many rounds to run. */
export function numberFrom(variable: string, byDefault: number): number {
  return Number(Deno.env.get(variable) ?? byDefault);
}

/** Numbers that follow from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to, but not, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.between(0, from.length - 1)]!;
  }
}
