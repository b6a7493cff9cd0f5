/** The real server as a process of its own: started in a temporary folder, killed, started again. */
import { join } from "node:path";
import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import type { Answered, Asked } from "./cloud.ts";

export interface ProcessOptions {
  /** Flags with their values: `{ "simulated-spawn-ms": 20 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A data folder to serve; by default a new one, removed at the end. */
  readonly folder?: string;
}

/** The clouds of `clouds.yaml`. */
export type CloudName = "chronova" | "chronova-reader" | "chronova-admin";

const REPOSITORY = new URL("../../", import.meta.url);

/** `deno task serve` on a free port, as a child that is gone when it is killed. */
export class ServerProcess {
  readonly folder: string;
  readonly #ownsFolder: boolean;
  #child: Deno.ChildProcess | undefined;
  #url = "";
  #errors = "";
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, ownsFolder: boolean) {
    this.folder = folder;
    this.#ownsFolder = ownsFolder;
  }

  /** Starts a server and waits until it is ready. */
  static async start({ settings, folder }: ProcessOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(
      folder ?? await Deno.makeTempDir({ prefix: "chronova-process-" }),
      folder === undefined,
    );
    await server.start(settings);
    return server;
  }

  /** `http://127.0.0.1:<port>`; another after each start. */
  get url(): string {
    return this.#url;
  }

  /** All that its processes have written to standard error so far. */
  get errors(): string {
    return this.#errors;
  }

  get cloudsYaml(): string {
    return join(this.folder, "clouds.yaml");
  }

  /** Starts the server again on the same folder; throws with its words when it does not get ready. */
  async start(settings: ProcessOptions["settings"] = {}): Promise<void> {
    const flags = { ...settings, port: 0, "data-dir": this.folder };
    const child = taskCommand(
      "serve",
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    ).spawn();
    const ready = Promise.withResolvers<string>();
    let out = "";
    this.#reading = Promise.all([
      drain(child.stderr, (text) => this.#errors += text),
      drain(child.stdout, (text) => {
        out += text;
        const url = /^chronova serves (\S+)\s/m.exec(out)?.[1];
        if (url !== undefined) ready.resolve(url);
      }),
    ]);
    this.#child = child;
    const ended = child.status.then(({ code }) => {
      throw new Error(`the server ended with code ${code} before it was ready:\n${this.#errors}`);
    });
    try {
      this.#url = await Promise.race([ready.promise, ended]);
    } finally {
      ended.catch(() => {});
    }
  }

  /** `kill -9`: it has no chance to do anything more. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to stop, and gives its exit code. */
  async stop(): Promise<number> {
    return await this.#end("SIGTERM");
  }

  async #end(signal: Deno.Signal): Promise<number> {
    const child = this.#child;
    if (!child) return 0;
    this.#child = undefined;
    child.kill(signal);
    const { code } = await child.status;
    await this.#reading;
    return code;
  }

  /** Logs in with what `clouds.yaml` says of a cloud. */
  async login(name: CloudName): Promise<Client> {
    // deno-lint-ignore no-explicit-any -- the file's shape is openstacksdk's.
    const { clouds } = parse(await Deno.readTextFile(this.cloudsYaml)) as any;
    const { auth } = clouds[name];
    const anonymous = new Client(this, undefined);
    const issued = await anonymous.ask("POST", "/identity/v3/auth/tokens", {
      body: {
        auth: {
          identity: {
            methods: ["password"],
            password: {
              user: {
                name: auth.username,
                password: auth.password,
                domain: { id: auth.user_domain_id },
              },
            },
          },
          scope: {
            project: { name: auth.project_name, domain: { id: auth.project_domain_id } },
          },
        },
      },
    });
    const token = issued.headers.get("x-subject-token");
    if (token === null) throw new Error(`no token: ${issued.status} ${issued.text}`);
    return new Client(this, token);
  }

  /** Ends it and removes its folder. */
  async close(): Promise<void> {
    await this.kill();
    if (this.#ownsFolder) await Deno.remove(this.folder, { recursive: true });
  }
}

/** Someone who asks a server, also after it was started again. */
export class Client {
  constructor(
    private readonly server: ServerProcess,
    readonly token: string | undefined,
  ) {}

  /** Sends a request; rejects when the server is gone before it has answered. */
  async ask(method: string, path: string, { mv, body }: Asked = {}): Promise<Answered> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: {
        ...(this.token !== undefined && { "x-auth-token": this.token }),
        ...(mv !== undefined && { "openstack-api-version": `compute ${mv}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const json = text.startsWith("{") ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  }
}

/** Runs `work` with a server process of its own. */
export async function withProcess(
  work: (server: ServerProcess) => Promise<void>,
  options: ProcessOptions = {},
): Promise<void> {
  const server = await ServerProcess.start(options);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** Runs `deno task <name>` to its end. */
export async function runTask(
  name: keyof typeof config.tasks,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly errors: string }> {
  const { code, stdout, stderr } = await taskCommand(name, args).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), errors: text.decode(stderr) };
}

/** A task's own command, with the permissions it has there, and no shell around it to outlive. */
function taskCommand(name: keyof typeof config.tasks, args: readonly string[]): Deno.Command {
  const [, ...words] = config.tasks[name].split(" ");
  // The settings of whoever runs the tests are not the server's.
  const env = Object.entries(Deno.env.toObject())
    .filter(([variable]) => !variable.startsWith("CHRONOVA_"));
  return new Deno.Command(Deno.execPath(), {
    args: [...words, ...args],
    cwd: REPOSITORY,
    clearEnv: true,
    env: Object.fromEntries(env),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function drain(
  stream: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}
