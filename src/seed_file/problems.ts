/** What is wrong with a seed file, and where: all of it at once. */

/** Keys and indexes from the top of the file. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  /** What is wrong, and what to do. */
  readonly message: string;
  /** From 1; undefined: found by its path. */
  readonly line?: number;
}

/** A seed file that is refused as a whole: the message names file, places and what to do. */
export class BadSeedFile extends Error {
  override readonly name = "BadSeedFile";

  constructor(file: string, problems: readonly Problem[], lineOf: (path: Path) => number) {
    const lines = problems.slice(0, SHOWN).map((problem) => {
      const place = placeText(problem.path);
      const at = `line ${problem.line ?? lineOf(problem.path)}`;
      return `  ${at}: ${place && `${place}: `}${problem.message}`;
    });
    const more = problems.length - SHOWN;
    if (more > 0) lines.push(`  … and ${more} more`);
    super(`the seed file ${file} is refused, and nothing was written:\n${lines.join("\n")}`);
  }
}

const SHOWN = 30;

/** `users[0].roles[1].project`. */
export function placeText(path: Path): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("")
    .replace(/^\./, "");
}
