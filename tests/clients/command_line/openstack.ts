/** The command `openstack`, as a user types it; its answers are read as JSON. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CloudName, ServerProcess } from "../../kit/process.ts";
import { lines } from "../lines.ts";
import type { StockClients } from "../stock_clients.ts";

/** How a command ended. */
export interface Output {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

// deno-lint-ignore no-explicit-any -- every command's answer has another shape.
export type Json = any;

export interface Options {
  /** Who asks; by default the user of project demo; null when the command itself says who. */
  readonly as?: CloudName | null;
  readonly microversion?: string;
}

/** By the cloud's admin. */
export const ADMIN: Options = { as: "chronova-admin" };

/** By whom the command itself says. */
export const NOBODY: Options = { as: null };

const SCRIPT = new URL("openstack_commands.py", import.meta.url).pathname;

/** Runs `openstack` commands against one server, one after another; see openstack_commands.py. */
export class OpenStack {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncIterator<string>;

  constructor({ python, server }: StockClients & { readonly server: ServerProcess }) {
    this.#process = new Deno.Command(python, {
      args: [SCRIPT],
      env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#answers = lines(this.#process.stdout);
  }

  /** Runs a command that must succeed. */
  async run(args: string, options?: Options): Promise<Output> {
    const output = await this.try(args, options);
    assertEquals(output.code, 0, output.errors || output.out);
    return output;
  }

  /** The same for one that prints; gives what it printed. */
  async json(args: string, options?: Options): Promise<Json> {
    return JSON.parse((await this.run(`${args} -f json`, options)).out);
  }

  /** Fails unless the command fails, in these words. */
  async refused(args: string, words: string, options?: Options): Promise<void> {
    const { code, out, errors } = await this.try(args, options);
    assert(code !== 0, `was not refused: ${out}`);
    assertStringIncludes(errors, words);
  }

  /** `'…'` keeps words together. */
  async try(args: string, { as = "chronova", microversion }: Options = {}): Promise<Output> {
    const words = [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    const pinned = microversion === undefined ? [] : ["--os-compute-api-version", microversion];
    const cloud = as === null ? [] : ["--os-cloud", as];
    const command = { args: [...cloud, ...pinned, ...words] };
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    const answer = await this.#answers.next();
    if (answer.done) throw new Error("the process that runs `openstack` has ended");
    return JSON.parse(answer.value);
  }

  /** Asks again until the answer is as wanted; gives it. */
  async until(
    args: string,
    isWanted: (answer: Json) => boolean,
    options?: Options,
  ): Promise<Json> {
    for (let left = 30;; left--) {
      const answer = await this.json(args, options);
      if (isWanted(answer)) return answer;
      assert(left > 0, `still ${JSON.stringify(answer)}`);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  /** A column of a list, sorted. */
  async column(args: string, name: string, options?: Options): Promise<readonly string[]> {
    const rows: Json[] = await this.json(args, options);
    return rows.map((row) => row[name]).sort();
  }

  /** Ends the process that runs the commands. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#process.status;
  }
}
