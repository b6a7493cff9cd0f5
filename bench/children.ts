/** Processes that are started here: each is gone at the end, whatever the end is. */
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import type { Sample } from "./client.ts";
import { linesOf } from "./lines.ts";
import type { Load, Loaded } from "./load.ts";

const REPOSITORY = new URL("../", import.meta.url);

const running = new Set<Child>();
let isOver = false;

/** A Deno process, its standard output read line by line, its standard error dropped. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  constructor(private readonly args: readonly string[]) {
    if (isOver) throw new Error("nothing more is started");
    // The settings of whoever runs this are not the server's.
    const env = Object.entries(Deno.env.toObject())
      .filter(([variable]) => !variable.startsWith("CHRONOVA_"));
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: REPOSITORY,
      clearEnv: true,
      env: Object.fromEntries(env),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
    this.#input = this.#process.stdin.getWriter();
    running.add(this);
  }

  /** The next line it prints. Throws when it ends without one. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended too early: deno ${this.args.join(" ")}`);
    return value;
  }

  async send(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Takes it off the processor until `resume`, so that it does not disturb what is measured. */
  pause(): void {
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#process.kill("SIGCONT");
  }

  /** Memory that it has in use, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.#process.pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Processor time that all its threads have used, in seconds. */
  async cpuSeconds(): Promise<number> {
    const stat = await Deno.readTextFile(`/proc/${this.#process.pid}/stat`);
    // Fields 14 and 15, counted behind the name, which may hold blanks; in hundredths of a second.
    const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  }

  async kill(): Promise<void> {
    if (!running.delete(this)) return;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#process.status;
    await this.#input.abort().catch(() => {});
    await this.#lines.return(undefined).catch(() => {});
  }
}

/** Ends every process that still runs. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}

/** The same, and nothing can be started afterwards. */
export async function killForGood(): Promise<void> {
  isOver = true;
  await killAll();
}

/** A process that answers HTTP. */
export interface Server {
  readonly child: Child;
  readonly port: number;
}

/** Our server on a data folder, as `deno task serve` runs it. */
export async function startOurs(folder: string, ...flags: readonly string[]): Promise<Server> {
  const child = new Child(taskArgs("serve", "--data-dir", folder, "--port", "0", ...flags));
  const port = /^chronova serves http:\/\/\S+:(\d+) /.exec(await child.line())?.[1];
  if (port === undefined) throw new Error("the server did not say where it listens");
  return { child, port: Number(port) };
}

/** A server in `ceilings/` that answers as in the sample; it prints its port when it listens. */
export async function startCeiling(
  script: string,
  { sample, scratch, args = [] }: {
    readonly sample: Sample;
    readonly scratch: string;
    readonly args?: readonly string[];
  },
): Promise<Server> {
  const path = join(scratch, `${crypto.randomUUID()}.json`);
  await Deno.writeTextFile(path, JSON.stringify(sample));
  const child = new Child(["run", "--allow-all", `bench/ceilings/${script}`, path, ...args]);
  return { child, port: Number(await child.line()) };
}

/** What follows `deno` in a task, with the permissions it has there. */
export function taskArgs(name: "serve" | "replay", ...args: readonly string[]): string[] {
  const [, ...words] = config.tasks[name].split(" ");
  return [...words, ...args];
}

/** The load generator in its own process. */
export class Generator {
  readonly #child = new Child(["run", "--allow-net=127.0.0.1", "bench/load.ts"]);

  async run(load: Load): Promise<Loaded> {
    await this.#child.send(JSON.stringify(load));
    const loaded: Loaded = JSON.parse(await this.#child.line());
    if (loaded.failed !== undefined) throw new Error(loaded.failed);
    return loaded;
  }
}
