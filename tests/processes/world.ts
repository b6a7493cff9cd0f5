/** A cloud with a hypervisor that does as it is told, and what became of its servers. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { servers } from "../../src/compute/servers/aggregate.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Migration } from "../../src/compute/servers/moves.ts";
import type { Operation } from "../../src/compute/servers/operations.ts";
import { findServer } from "../../src/compute/servers/projection.ts";
import { listMigrations } from "../../src/compute/servers/projection_migrations.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { hostUsages, quotaUsages } from "../../src/compute/servers/tallies.ts";
import type { Settings } from "../../src/config.ts";
import type { Clock } from "../../src/eventsourcing/clock.ts";
import { TestCloud } from "../kit/cloud.ts";
import { type Hooks, Hypervisor } from "./hypervisor.ts";
import { assertAtRest, assertSound, serverPortsOf } from "./invariants.ts";
import { acceptedStatus, OPERATION_SETTINGS, requestOf } from "./operations.ts";

export type Machines = Hypervisor["machines"];

export interface WorldOptions {
  readonly settings?: Partial<Settings>;
  readonly clock?: Clock;
  /** A data folder to go on with; by default a new one, removed at the end. */
  readonly folder?: string;
  /** Machines to go on with. */
  readonly machines?: Machines;
  /** `at rest` (the default): nothing is under way at the end, which is checked. */
  readonly ends?: "at rest" | "in the middle";
}

/** What of a server is another in each run: times and random ids. */
const OF_ONE_RUN: ReadonlySet<string> = new Set(
  [
    "createdAt",
    "fault",
    "launchedAt",
    "migrations",
    "operation",
    "ports",
    "reservationId",
    "shelvedImageId",
    "taskBegan",
    "terminatedAt",
    "updatedAt",
    "volumes",
  ] satisfies (keyof Server)[],
);

/** Events that come of a start of the process, not of the work that it goes on with. */
const OF_A_START: ReadonlySet<string> = new Set<ServerEvent["type"]>(["ServerEvacuationCompleted"]);

/** What became of a server, whatever the run. */
export interface End {
  /** Types of its events, in order, without those that come of a start. */
  readonly events: readonly string[];
  readonly server: Readonly<Record<string, unknown>>;
  readonly fault: string | undefined;
  readonly addresses: readonly string[];
  readonly quota: unknown;
  readonly claims: unknown;
  readonly machines: unknown;
  /** Names and statuses. */
  readonly images: unknown;
  /** Statuses, and the devices that servers have them as. */
  readonly volumes: unknown;
  /** Names and statuses. */
  readonly snapshots: unknown;
}

/** Runs `work` in a world, and checks at the end that its folder is sound. */
export async function withWorld(
  hooks: Hooks,
  work: (world: World) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const run = async (folder: string) => {
    const world = await World.open(hooks, { ...options, folder });
    try {
      await work(world);
    } finally {
      await world.close();
    }
    assertEquals(world.hypervisor.overlaps, []);
    await assertSound(folder);
    if (options.ends !== "in the middle") await assertAtRest(folder);
  };
  await (options.folder === undefined ? inFolder(run) : run(options.folder));
}

export class World {
  private constructor(readonly cloud: TestCloud, readonly hypervisor: Hypervisor) {}

  static async open(
    hooks: Hooks,
    { settings, clock, folder, machines }: WorldOptions,
  ): Promise<World> {
    const hypervisor = new Hypervisor(hooks, machines);
    const cloud = await TestCloud.open({
      folder,
      settings: { ...OPERATION_SETTINGS, ...settings },
      clock,
      driver: hypervisor,
      // Answers that are lost on purpose are nobody's mistake.
      log: { write: () => {} },
    });
    return new World(cloud, hypervisor);
  }

  settled(): Promise<void> {
    return unlessStuck(this.cloud.cloud.settled());
  }

  close(): Promise<void> {
    return unlessStuck(this.cloud.close());
  }

  /** Asks for a server on the network; gives its id without waiting. */
  async create(fixedIp?: string, more: object = {}): Promise<string> {
    const nic = { uuid: await this.cloud.networkId(), ...(fixedIp && { fixed_ip: fixedIp }) };
    const body = { server: { ...await this.cloud.plain(), networks: [nic], ...more } };
    const answer = await this.cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    assertEquals(answer.status, 202, answer.text);
    return answer.json.server.id;
  }

  async operate(id: string, operation: Operation): Promise<void> {
    if (operation !== "evacuate") return await this.#ask(id, operation);
    // For as long as it takes to ask, its host is down.
    const { host } = (await this.server(id)).placement!;
    await this.#force(host, "down");
    await this.#ask(id, operation);
    await this.#force(host, "up");
  }

  /** Says of a host that it is down, or that it is not. */
  async #force(host: string, to: "down" | "up"): Promise<void> {
    const mv = "2.90";
    const { json } = await this.cloud.ask("admin", "GET", `/v2.1/os-services?host=${host}`, { mv });
    const path = `/v2.1/os-services/${json.services[0].id}`;
    const body = { forced_down: to === "down" };
    const { status, text } = await this.cloud.ask("admin", "PUT", path, { mv, body });
    assertEquals(status, 200, text);
  }

  /** Resolves when a server's events include one of a type. */
  happens(type: string): Promise<void> {
    return new Promise((resolve) => this.onEvents((types) => types.includes(type) && resolve()));
  }

  async #ask(id: string, operation: Operation): Promise<void> {
    const [path, body] = requestOf(operation, { id, imageId: await this.cloud.imageId() });
    const { status, text } = await this.cloud.ask("padmin", "POST", `/v2.1${path}`, {
      mv: "2.90",
      body,
    });
    assertEquals(status, acceptedStatus(operation), text);
  }

  async delete(id: string): Promise<void> {
    const { status, text } = await this.cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
    assertEquals(status, 204, text);
  }

  async status(id: string): Promise<number> {
    return (await this.cloud.ask("member", "GET", `/v2.1/servers/${id}`)).status;
  }

  /** Hears of each transaction's events on servers. */
  onEvents(listener: (types: readonly string[], id: string) => void): void {
    this.cloud.cloud.committer.onCommit((changes) => {
      for (const { aggregate, after, events } of changes) {
        if (aggregate === servers) listener(events.map(({ type }) => type), after.id);
      }
    });
  }

  async server(id: string): Promise<Server> {
    return (await findServer(this.cloud.cloud.log.reader, id))!.state;
  }

  /** The records of its moves, oldest first. */
  async migrations(serverId: string): Promise<readonly Migration[]> {
    const wanted = { serverId, order: "oldest first", limit: 1000 } as const;
    const found = await listMigrations(this.cloud.cloud.log.reader, wanted);
    return found.map(({ migration }) => migration);
  }

  async events(id: string): Promise<readonly string[]> {
    const events = await this.cloud.cloud.log.read({ stream: `server-${id}` });
    return events.map(({ type }) => type);
  }

  async endOf(id: string): Promise<End> {
    const { reader } = this.cloud.cloud.log;
    const ports = await serverPortsOf(reader);
    return {
      events: (await this.events(id)).filter((type) => !OF_A_START.has(type)),
      server: Object.fromEntries(
        Object.entries(await this.server(id)).filter(([name]) => !OF_ONE_RUN.has(name)),
      ),
      fault: (await this.server(id)).fault?.message,
      addresses: [...ports.values()]
        .flatMap(({ fixedIps }) => fixedIps.map(({ address }) => address)),
      quota: await quotaUsages.all(reader),
      claims: await hostUsages.all(reader),
      machines: [...this.hypervisor.machines.values()],
      images: await this.images(),
      volumes: await this.volumes(),
      snapshots: await this.snapshots(),
    };
  }

  /** Statuses of the volumes there are, each with its device where it is attached. */
  async volumes(): Promise<readonly string[]> {
    const { json } = await this.cloud.ask("member", "GET", "/volume/v3/volumes/detail");
    return json.volumes.map((
      { status, attachments: [attached] }: {
        readonly status: string;
        readonly attachments: readonly { readonly device: string }[];
      },
    ) => `${status} ${attached?.device ?? ""}`.trim()).sort();
  }

  /** Names and statuses of the snapshots of volumes there are. */
  async snapshots(): Promise<readonly string[]> {
    const { json } = await this.cloud.ask("member", "GET", "/volume/v3/snapshots");
    return json.snapshots.map((snapshot: { name: string; status: string }) =>
      `${snapshot.name}: ${snapshot.status}`
    ).sort();
  }

  /** Names and statuses of the images there are. */
  async images(): Promise<readonly string[]> {
    const { json } = await this.cloud.ask("member", "GET", "/image/v2/images");
    return json.images.map((image: { name: string; status: string }) =>
      `${image.name}: ${image.status}`
    ).sort();
  }

  /** Fails unless a build has ended in an error that says so, and holds nothing but its quota. */
  async assertFailed(id: string, message: string): Promise<void> {
    const { json } = await this.cloud.ask("member", "GET", `/v2.1/servers/${id}`);
    assertEquals(json.server.status, "ERROR");
    assertStringIncludes(json.server.fault.message, message);
    const { addresses, claims, quota } = await this.endOf(id);
    assertEquals([addresses, claims], [[], []]);
    assertEquals((quota as readonly unknown[]).length, 1, "a server in error counts");
  }

  async assertNothingLeft(id: string): Promise<void> {
    assertEquals(await this.status(id), 404);
    const { events, addresses, claims, quota, machines } = await this.endOf(id);
    assertEquals(events.filter((type) => type === "ServerDeleted").length, 1);
    assertEquals([addresses, claims, quota, machines], [[], [], [], []]);
  }
}

/** Fails when something takes so long that it will not come to an end. */
async function unlessStuck<T>(work: Promise<T>): Promise<T> {
  const stuck = Promise.withResolvers<never>();
  const timer = setTimeout(() => stuck.reject(new Error("it is stuck")), 30_000);
  try {
    return await Promise.race([work, stuck.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-world-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
