/** Log lines as JSON, one a line, on standard error; written together to keep requests fast. */

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LEVELS[number];

/** Takes log lines. */
export interface Log {
  write(level: LogLevel, fields: Readonly<Record<string, unknown>>): void;
}

/** How long lines may wait to be written together, in milliseconds. */
const WAIT_MS = 20;

/** A log that leaves out lines below a level; warnings and errors are written at once. */
export class LineLog implements Log {
  readonly #least: number;
  readonly #now: () => number;
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(level: LogLevel, now: () => number) {
    this.#least = LEVELS.indexOf(level);
    this.#now = now;
  }

  write(level: LogLevel, fields: Readonly<Record<string, unknown>>): void {
    if (LEVELS.indexOf(level) < this.#least) return;
    const time = new Date(this.#now()).toISOString();
    this.#waiting.push(JSON.stringify({ time, level, ...fields }));
    if (level === "warn" || level === "error") return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting.splice(0);
    if (lines.length > 0) console.error(lines.join("\n"));
  }
}

/** An error with its causes, as text for a log line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${describeError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
