/** A whole cloud in a temporary folder, asked without a socket. */
import { type Chronova, openChronova } from "../../src/app.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../src/config.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import type { Clock } from "../../src/eventsourcing/clock.ts";
import { decideIn } from "../../src/eventsourcing/command_handler.ts";
import { quotas } from "../../src/compute/quotas/aggregate.ts";
import type { QuotaEvent } from "../../src/compute/quotas/state.ts";
import type { QuotaLimits } from "../../src/compute/quotas/limits.ts";
import type { Log } from "../../src/http/log.ts";
import { findProjectByName, projects } from "../../src/facades/identity/projects/projection.ts";
import { createProject } from "../../src/facades/identity/projects/decider.ts";
import { findRoleByName } from "../../src/facades/identity/roles/projection.ts";
import { newAuditId } from "../../src/facades/identity/tokens/claims.ts";
import { createUser, grantRole } from "../../src/facades/identity/users/decider.ts";
import { findUserByName, users } from "../../src/facades/identity/users/projection.ts";

/**
 * Who asks. `admin`: admin of another project; `padmin`: the same user in project demo; `member`
 * and `reader`: of project demo; `stranger`: a member of project other.
 */
export type Role = "admin" | "padmin" | "member" | "reader" | "stranger";

export interface TestCloudOptions {
  readonly settings?: Partial<Settings>;
  readonly clock?: Clock;
  readonly driver?: Driver;
  /** Where log lines go; by default errors are shown. */
  readonly log?: Log;
  /** Variables of the environment, for passwords of a seed file. */
  readonly environment?: (name: string) => string | undefined;
  /** A folder to open again; by default a new one, removed at the end. */
  readonly folder?: string;
}

export interface Asked {
  /** The microversion, as the header says it: `2.53`. */
  readonly mv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly token?: string;
}

/** An answer, its body read. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape.
  readonly json: any;
}

const METADATA = {
  actor: { userId: "test", projectId: "", roles: [] },
  requestId: "req-00000000-0000-0000-0000-000000000000",
  command: "Test",
};

/** The base URL that tests send requests to. */
export const ORIGIN = "http://cloud.test:8774";

export class TestCloud {
  readonly tokens = new Map<Role, string>();
  readonly #ownsFolder: boolean;

  private constructor(
    readonly cloud: Chronova,
    readonly folder: string,
    ownsFolder: boolean,
    readonly projectIds: { readonly demo: string; readonly other: string; readonly admin: string },
  ) {
    this.#ownsFolder = ownsFolder;
  }

  /** Opens a cloud whose simulated machines take no time. */
  static async open(options: TestCloudOptions = {}): Promise<TestCloud> {
    const folder = options.folder ?? await Deno.makeTempDir({ prefix: "chronova-test-" });
    const cloud = await openChronova({
      ...DEFAULT_SETTINGS,
      simulatedDisksMs: 0,
      simulatedSpawnMs: 0,
      simulatedDestroyMs: 0,
      simulatedPowerMs: 0,
      simulatedSnapshotMs: 0,
      simulatedMoveMs: 0,
      adminPassword: "admin-password",
      demoPassword: "demo-password",
      readerPassword: "reader-password",
      ...options.settings,
      dataDir: folder,
    }, {
      clock: options.clock ?? Date.now,
      log: options.log ?? { write: logUnforeseen },
      driver: options.driver,
      environment: options.environment,
      keepPasswords: () => Promise.resolve(),
    });
    const projectIds = {
      demo: await projectId(cloud, "demo"),
      admin: await projectId(cloud, "admin"),
      other: await otherProject(cloud),
    };
    const test = new TestCloud(cloud, folder, options.folder === undefined, projectIds);
    const now = (options.clock ?? Date.now)();
    for (
      const [role, user, project] of [
        ["admin", "admin", projectIds.admin],
        ["padmin", "admin", projectIds.demo],
        ["member", "demo", projectIds.demo],
        ["reader", "reader", projectIds.demo],
        ["stranger", "stranger", projectIds.other],
      ] as const
    ) {
      test.tokens.set(role, await tokenOf(cloud, user, project, now));
    }
    return test;
  }

  /** Sends a request; `as`: `none` sends no token, `bad` a wrong one. */
  async ask(
    as: Role | "none" | "bad",
    method: string,
    path: string,
    { mv, headers = {}, body, token }: Asked = {},
  ): Promise<Answered> {
    const sent = new Headers(headers);
    const known = token ??
      (as === "bad" ? "gAAAA" : as === "none" ? undefined : this.tokens.get(as));
    if (known !== undefined && !sent.has("x-auth-token")) sent.set("x-auth-token", known);
    if (mv !== undefined) sent.set("openstack-api-version", `compute ${mv}`);
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    if (body !== undefined && typeof body !== "string" && !sent.has("content-type")) {
      sent.set("content-type", "application/json");
    }
    const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
    const request = new Request(`${ORIGIN}${path}`, { method, headers: sent, body: bytes });
    const response = await this.cloud.fetch(request);
    return read(response);
  }

  /** Creates a server and waits until nothing moves; gives its id. */
  async create(
    server: Readonly<Record<string, unknown>> = {},
    { as = "member", mv = "2.90" }: { readonly as?: Role; readonly mv?: string } = {},
  ): Promise<string> {
    const body = { server: { ...await this.plain(), ...server } };
    const created = await this.ask(as, "POST", "/v2.1/servers", { mv, body });
    if (created.status !== 202) throw new Error(`create: ${created.status} ${created.text}`);
    await this.cloud.settled();
    return created.json.server.id;
  }

  /** The least a create needs at every microversion from 2.37 on. */
  async plain(): Promise<Record<string, unknown>> {
    return { name: "x", flavorRef: "1", imageRef: await this.imageId(), networks: "none" };
  }

  async imageId(): Promise<string> {
    return (await this.ask("member", "GET", "/image/v2/images?name=cirros")).json.images[0].id;
  }

  async networkId(): Promise<string> {
    const path = "/network/v2.0/networks?name=private";
    return (await this.ask("member", "GET", path)).json.networks[0].id;
  }

  /** Sets limits of a project. */
  async limit(limits: Partial<QuotaLimits>, project = this.projectIds.demo): Promise<void> {
    const event: QuotaEvent = { type: "QuotaLimitsSet", data: { limits } };
    await this.cloud.committer.submit(
      METADATA,
      (unit) => decideIn(unit, quotas, project, () => [event]),
    );
  }

  async close(): Promise<void> {
    await this.cloud.close();
    if (this.#ownsFolder) await Deno.remove(this.folder, { recursive: true });
  }
}

/** Runs `work` with a cloud of its own. */
export async function withCloud(
  work: (cloud: TestCloud) => Promise<void>,
  options: TestCloudOptions = {},
): Promise<void> {
  const cloud = await TestCloud.open(options);
  try {
    await work(cloud);
  } finally {
    await cloud.close();
  }
}

async function read(response: Response): Promise<Answered> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

function logUnforeseen(level: string, fields: Readonly<Record<string, unknown>>): void {
  if (level === "error") console.error(JSON.stringify(fields));
}

async function projectId({ log }: Chronova, name: string): Promise<string> {
  return (await findProjectByName(log.reader, name, "default"))!.id;
}

/** Project `other` with its member `stranger`, made unless it is there. */
async function otherProject(cloud: Chronova): Promise<string> {
  const { reader } = cloud.log;
  const found = await findProjectByName(reader, "other", "default");
  if (found) return found.id;
  const id = crypto.randomUUID().replaceAll("-", "");
  const user = crypto.randomUUID().replaceAll("-", "");
  const member = (await findRoleByName(reader, "member"))!.id;
  await cloud.committer.submit(METADATA, async (unit) => {
    await decideIn(unit, projects, id, (state) =>
      createProject({
        type: "CreateProject",
        id,
        project: {
          name: "other",
          domainId: "default",
          parentId: "default",
          description: "",
          enabled: true,
          tags: [],
        },
      }, state));
    await decideIn(unit, users, user, (state) =>
      createUser({
        type: "CreateUser",
        id: user,
        user: {
          name: "stranger",
          domainId: "default",
          enabled: true,
          description: null,
          email: null,
          defaultProjectId: null,
          passwordHash: "scrypt$16384$8$1$AAAA$AAAA",
        },
      }, state));
    await decideIn(unit, users, user, (state) =>
      grantRole({
        type: "GrantRole",
        id: user,
        grant: { roleId: member, target: { on: "project", id } },
      }, state));
  });
  return id;
}

async function tokenOf(
  cloud: Chronova,
  name: string,
  project: string,
  now: number,
): Promise<string> {
  const user = await findUserByName(cloud.log.reader, name, "default");
  const issued = await cloud.identity.issue({
    userId: user!.id,
    scope: { on: "project", id: project },
    methods: ["password"],
    issuedAt: now,
    expiresAt: now + 365 * 24 * 3600 * 1000,
    auditIds: [newAuditId()],
    generation: user!.state.tokenGeneration,
  });
  return issued!.id;
}
