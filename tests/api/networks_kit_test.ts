/** The image and the network service on a log of their own, to talk to; no tests of its own. */
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import type { AnyAggregate } from "../../src/eventsourcing/aggregate.ts";
import { Committer } from "../../src/eventsourcing/committer.ts";
import { buildProjections, replay } from "../../src/eventsourcing/projector.ts";
import {
  EmbeddedImages,
  imageAggregates,
  ImageContent,
  imageRoutes,
  seedImages,
} from "../../src/facades/images/mod.ts";
import {
  EmbeddedNetworks,
  networkAggregates,
  networkRoutes,
  seedNetworks,
} from "../../src/facades/networks/mod.ts";
import type { Caller } from "../../src/http/auth.ts";
import { routedPath } from "../../src/http/paths.ts";
import type { EventLog } from "../../src/store/event_log.ts";
import type { Reader } from "../../src/store/query.ts";
import { openSqliteLog } from "../../src/store/sqlite.ts";

export const ORIGIN = "http://cloud.test:8774";

/** Who asks: the token is the name. */
export type Name = "admin" | "member" | "reader" | "other" | "nobody";

const CALLERS: Readonly<Record<Name, readonly [projectId: string, ...roles: string[]]>> = {
  admin: ["project-admin", "admin", "manager", "member", "reader"],
  member: ["project-1", "member", "reader"],
  reader: ["project-1", "reader"],
  other: ["project-2", "member", "reader"],
  nobody: ["project-3"],
};

/** The caller that a name stands for. */
export function callerOf(name: Name): Caller {
  const [projectId, ...roles] = CALLERS[name];
  return {
    userId: `user-${name}`,
    projectId,
    roles: new Set(roles),
    isAdmin: roles.includes("admin"),
  };
}

export const IMAGE_ID = "11111111-1111-4111-8111-111111111111";
export const NETWORK_ID = "22222222-2222-4222-8222-222222222222";
export const SUBNET_ID = "33333333-3333-4333-8333-333333333333";

export const METADATA = {
  actor: { userId: "user-admin", projectId: "project-admin", roles: ["admin"] },
  requestId: "req-00000000-0000-4000-8000-000000000000",
  command: "Example",
};

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape.
  readonly body: any;
}

/** Both services, seeded, at a time that goes on by one second at every look. */
export class Neighbours {
  log!: EventLog;
  committer!: Committer;
  networks!: EmbeddedNetworks;
  images!: EmbeddedImages;
  readonly errors: unknown[] = [];
  #app!: Hono;
  #now = Date.UTC(2026, 0, 2, 3, 4, 5);

  constructor(readonly folder: string) {}

  get imageFolder(): string {
    return `${this.folder}/images`;
  }

  /** Opens the log, or opens it again after `stop`. */
  async start(): Promise<this> {
    this.log = await openSqliteLog({
      path: `${this.folder}/log.sqlite`,
      clock: () => this.#now += 1000,
    });
    await buildProjections(this.log, aggregates);
    this.committer = new Committer(this.log);
    const { log: { reader }, committer } = this;
    this.networks = new EmbeddedNetworks({ reader, committer });
    const content = new ImageContent(this.imageFolder);
    this.images = new EmbeddedImages(reader, { committer, content });
    await committer.submit(METADATA, async (unit) => {
      await seedImages(unit, { imageId: IMAGE_ID });
      await seedNetworks(unit, {
        networkId: NETWORK_ID,
        subnetId: SUBNET_ID,
        projectId: "project-admin",
      });
    });
    const common = {
      tokens: {
        check: (token: string) =>
          Promise.resolve(token in CALLERS ? callerOf(token as Name) : undefined),
      },
      identityUrl: (url: string) => `${new URL(url).origin}/identity/v3`,
      onError: (error: unknown) => this.errors.push(error),
      reader,
      committer,
    };
    this.#app = new Hono({ getPath: (request) => routedPath(request.url) });
    this.#app.route(
      "/image",
      imageRoutes({ ...common, content, imageSizeLimitBytes: 1_000_000, now: () => this.#now }),
    );
    this.#app.route("/network", networkRoutes(common));
    return this;
  }

  async stop(): Promise<void> {
    await this.committer.close();
    await this.log.close();
  }

  /** Sends a request; a body that is no text, bytes or stream is sent as JSON. */
  async ask(
    name: Name | undefined,
    method: string,
    path: string,
    { body, headers = {} }: {
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Received> {
    const sent = new Headers(headers);
    if (name !== undefined) sent.set("x-auth-token", name);
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
      body instanceof ReadableStream;
    if (!isRaw && !sent.has("content-type")) sent.set("content-type", "application/json");
    const response = await this.#app.request(`${ORIGIN}${path}`, {
      method,
      headers: sent,
      body: isRaw ? body as BodyInit : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
    const bytes = await response.bytes();
    const text = new TextDecoder().decode(bytes);
    const { status, headers: received } = response;
    return { status, headers: received, bytes, text, body: readJson(text) };
  }

  /** Fails unless tables rebuilt from the log equal those that were written as it grew. */
  async checkRebuild(): Promise<void> {
    const tables = aggregates.flatMap(({ projection }) => projection.tables);
    await this.log.transaction(async (tx) => {
      const live = await Promise.all(tables.map((table) => rowsOf(tx, table)));
      for (const table of tables) await tx.execute((db) => db.deleteFrom(table as never));
      await replay(this.log, aggregates, tx);
      for (const [place, table] of tables.entries()) {
        const rebuilt = await rowsOf(tx, table);
        assertEquals(sorted(rebuilt), sorted(live[place]!), table);
      }
    });
  }
}

const aggregates: readonly AnyAggregate[] = [...imageAggregates, ...networkAggregates];

function rowsOf(reader: Reader, table: string): Promise<readonly object[]> {
  return reader.select<Record<string, Record<string, unknown>>, object>((db) =>
    db.selectFrom(table).selectAll()
  );
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs `work` with services of their own; fails when they met an error nobody foresaw. */
export async function withNeighbours(
  work: (neighbours: Neighbours) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  const neighbours = await new Neighbours(folder).start();
  try {
    await work(neighbours);
    assertEquals(neighbours.errors, []);
    await neighbours.checkRebuild();
  } finally {
    await neighbours.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where the network service is. */
export const BASE = "/network/v2.0";

/** Makes something and gives its JSON. */
export async function make(
  cloud: Neighbours,
  path: string,
  body: object,
  name: Name = "member",
): Promise<Received["body"]> {
  const [key] = Object.keys(body);
  const answer = await cloud.ask(name, "POST", `${BASE}/${path}`, { body });
  assertEquals(answer.status, 201, answer.text);
  return answer.body[key!];
}

export function put(cloud: Neighbours, path: string, body: unknown, name: Name = "member") {
  return cloud.ask(name, "PUT", `${BASE}/${path}`, { body });
}

export function drop(cloud: Neighbours, path: string, name: Name = "member") {
  return cloud.ask(name, "DELETE", `${BASE}/${path}`);
}

export function refusalOf({ status, body }: Received): [number, string, string] {
  return [status, body.NeutronError?.type, body.NeutronError?.message];
}
