/** Counts checks, and prints a line for each. */
export class Checks {
  #passed = 0;
  #failed = 0;
  readonly #whole: Checks | undefined;

  /** Those of a part count in the whole, too. */
  constructor(whole?: Checks) {
    this.#whole = whole;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Runs a check; it has failed when `work` throws, and the others go on. */
  async run(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.count(name);
    } catch (error) {
      this.count(name, error instanceof Error ? error.message : String(error));
    }
  }

  /** Counts a check that was run elsewhere; `problem` says why it failed. */
  count(name: string, problem?: string): void {
    this.#add(problem === undefined);
    if (problem === undefined) console.log(`ok     ${name}`);
    else console.log(`FAILED ${name}: ${problem.trim().replaceAll("\n", "\n       ")}`);
  }

  #add(hasPassed: boolean): void {
    if (hasPassed) this.#passed++;
    else this.#failed++;
    if (this.#whole !== undefined) this.#whole.#add(hasPassed);
  }
}
