/** A small cloud for the identity tests to talk to; no tests of its own. */
import { Hono } from "hono";
import { Committer } from "../../src/eventsourcing/committer.ts";
import { buildProjections } from "../../src/eventsourcing/projector.ts";
import {
  EmbeddedIdentity,
  hashPassword,
  identityAggregates,
  identityRoutes,
  seedIdentity,
  seedIds,
} from "../../src/facades/identity/mod.ts";
import type { EventLog } from "../../src/store/event_log.ts";
import { Secrets } from "../../src/store/secrets.ts";
import { openSqliteLog } from "../../src/store/sqlite.ts";

export const PASSWORDS = {
  admin: "correct horse",
  demo: "battery staple",
  reader: "reading only",
} as const;

export type Name = keyof typeof PASSWORDS;

const hashes = Promise.all(Object.values(PASSWORDS).map(hashPassword));

let made = 0;

/** The nth id of a test: 32 hex digits. */
function newId(): string {
  return (++made).toString(16).padStart(32, "0");
}

export interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- Tests look into answers of every shape.
  readonly body: any;
}

const KEY = new Uint8Array(32).fill(7);

/** An identity service on a log of its own, at a time that stands still. */
export class Cloud {
  readonly ids = seedIds(newId);
  /** Milliseconds since 1970. */
  now = Date.UTC(2026, 0, 2, 3, 4, 5);
  log!: EventLog;
  committer!: Committer;
  identity!: EmbeddedIdentity;
  #app!: Hono;

  constructor(readonly folder: string) {}

  async start(): Promise<void> {
    const clock = () => this.now;
    this.log = await openSqliteLog({ path: `${this.folder}/chronova.db`, clock });
    await buildProjections(this.log, identityAggregates);
    this.committer = new Committer(this.log);
    this.identity = new EmbeddedIdentity({
      log: this.log,
      committer: this.committer,
      tokenKey: KEY,
      secrets: new Secrets(KEY),
      clock,
      newId,
    });
    this.#app = new Hono();
    this.#app.route("/identity", identityRoutes(this.identity));
  }

  async seed(): Promise<void> {
    const [adminPasswordHash, demoPasswordHash, readerPasswordHash] = await hashes as [
      string,
      string,
      string,
    ];
    const actor = { userId: "", projectId: "", roles: [] };
    await this.committer.submit(
      { actor, requestId: "req-start", command: "SeedIdentity" },
      (unit) =>
        seedIdentity(unit, {
          adminPasswordHash,
          demoPasswordHash,
          readerPasswordHash,
          ids: this.ids,
        }),
    );
  }

  async stop(): Promise<void> {
    await this.committer.close();
    await this.log.close();
  }

  /** Sends a request to a path behind `/identity`. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Received> {
    const headers = new Headers(sent.headers);
    if (sent.token !== undefined) headers.set("x-auth-token", sent.token);
    const body = typeof sent.body === "string" ? sent.body : JSON.stringify(sent.body);
    if (body !== undefined && !headers.has("content-type")) {
      headers.set("content-type", "application/json");
    }
    const url = `http://cloud.example:8774/identity${path}`;
    const answer = await this.#app.request(url, { method, headers, body });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text && JSON.parse(text) };
  }

  /** Asks for a token with a password; `scope` as in the request, default: the project demo. */
  async logIn(name: string, scope: unknown = DEMO, password?: string): Promise<Received> {
    return await this.send("POST", "/v3/auth/tokens", {
      body: {
        auth: {
          ...passwordOf({
            name,
            domain: { id: "default" },
            password: password ?? PASSWORDS[name as Name],
          }),
          scope,
        },
      },
    });
  }

  /** The text of a token got with a password. */
  async token(name: string, scope: unknown = DEMO, password?: string): Promise<string> {
    const { status, headers, body } = await this.logIn(name, scope, password);
    if (status !== 201) throw new Error(`no token for ${name}: ${JSON.stringify(body)}`);
    return headers.get("x-subject-token")!;
  }
}

export const DEMO = { project: { name: "demo", domain: { name: "Default" } } };

export const SYSTEM = { system: { all: true } };

/** The `identity` of a request for a token. */
export function passwordOf(user: object): { readonly identity: object } {
  return { identity: { methods: ["password"], password: { user } } };
}

/** A test with a seeded cloud. */
export function withCloud(name: string, work: (cloud: Cloud) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    const cloud = new Cloud(folder);
    await cloud.start();
    try {
      await cloud.seed();
      await work(cloud);
    } finally {
      await cloud.stop();
      await Deno.remove(folder, { recursive: true });
    }
  });
}
