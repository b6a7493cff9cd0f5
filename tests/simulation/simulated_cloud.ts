/** A cloud on a fake clock and an unreliable hypervisor, that lives through a history. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { beginningOf, nextStep } from "../../src/compute/servers/processes/mod.ts";
import { type Operation, rowOf } from "../../src/compute/servers/operations.ts";
import { exists, type Server } from "../../src/compute/servers/state.ts";
import { type Answered, TestCloud } from "../kit/cloud.ts";
import { crashImage } from "../processes/crash_image.ts";
import { type Call, hang, Hypervisor } from "../processes/hypervisor.ts";
import { OPERATION_NAMES, requestOf as operationRequestOf } from "../processes/operations.ts";
import { serversOf } from "../processes/invariants.ts";
import type { FakeTime } from "./fake_time.ts";
import type { Ask, Fortune, History, Step } from "./history.ts";

/** Small enough that histories run into every limit. */
export const SETTINGS = {
  simulatedHosts: 2,
  simulatedHostRamMib: 3000,
  stepTimeoutMs: 300_000,
  reclaimInstanceSeconds: 600,
};
export const QUOTA = { instances: 6, cores: -1, ram: -1 };

/** What injected faults say of themselves. */
const ON_PURPOSE = "on purpose";
/** Errors that come of them: any other is a bug. */
const FORESEEN = /on purpose|which was given up and has not ended/;

export interface Surroundings {
  readonly time: FakeTime;
  /** A seeded folder to begin with. */
  readonly seeded: string;
  readonly imageId: string;
  readonly networkId: string;
  /** Volumes of the members' project. */
  readonly volumeIds: readonly string[];
  /** Server groups of the members' project. */
  readonly groupIds: readonly string[];
  /** Compute hosts, and their services in the same order. */
  readonly hosts: readonly string[];
  readonly serviceIds: readonly string[];
  /** Where this history's folders may lie. */
  readonly parent: string;
}

/** All that outlives a crash, as it was at one moment. */
interface Disk {
  readonly folder: string;
  readonly machines: Hypervisor["machines"];
  /** How many creates had been answered by then. */
  readonly known: number;
}

export class SimulatedCloud {
  /** Servers whose creation was answered. */
  readonly #acknowledged: string[] = [];
  /** Calls of the hypervisor's so far. */
  #calls = 0;
  readonly #fortuneOf = new WeakMap<Call, Fortune>();
  #commits = 0;
  #openedAt = 0;
  /** Errors that nobody foresaw. */
  readonly #bugs: string[] = [];
  /** Undefined while it is closed. */
  #cloud: TestCloud | undefined;
  #hypervisor!: Hypervisor;
  #folder: string;

  private constructor(
    private readonly surroundings: Surroundings,
    private readonly fortunes: readonly Fortune[],
  ) {
    this.#folder = crashImage(surroundings.seeded, surroundings.parent);
  }

  /** Lives through a history until nothing moves any more; gives the closed cloud's folder. */
  static async live(
    { steps, fortunes }: History,
    surroundings: Surroundings,
  ): Promise<{ folder: string; machines: Hypervisor["machines"] }> {
    const cloud = new SimulatedCloud(surroundings, fortunes);
    await cloud.#open();
    try {
      for (const step of steps) {
        await cloud.#take(step);
        await cloud.#check();
      }
      // Every task has its deadline, and clearing up after a failed one has as long again.
      await cloud.#pass(3 * SETTINGS.stepTimeoutMs);
      await cloud.#check();
      // What machines do by themselves is looked at now and then, and may call for a stop just now.
      for (let waited = 0; waited < 20 && await cloud.#isBusy(); waited++) {
        await cloud.#pass(60_000);
      }
    } finally {
      await cloud.#close();
    }
    return { folder: cloud.#folder, machines: cloud.#hypervisor.machines };
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case "ask":
        return await this.#askAll(step.asks);
      case "pass":
        return await this.#pass(step.seconds * 1000);
      case "close":
        await this.#close();
        return await this.#openLater(step.downSeconds);
      case "crash":
        await this.#crash(step.asks, step.behindCommit);
        return await this.#openLater(step.downSeconds);
    }
  }

  /** What holds at every moment. */
  async #check(): Promise<void> {
    await this.#quiet();
    assertEquals(this.#bugs, []);
    assertEquals(this.#hypervisor.overlaps, []);
    const now = this.surroundings.time.clock();
    const servers = await serversOf(this.#cloud!.cloud.log.reader);
    for (const id of this.#acknowledged) assert(servers.has(id), `server ${id} is lost`);
    for (const [id, server] of servers) {
      if (nextStep(server) === undefined) continue;
      // While nobody was there to do anything, no time was lost; clearing up has as long again.
      const since = Math.max(Date.parse(beginningOf(server).at), this.#openedAt);
      const late = now - since - 2 * SETTINGS.stepTimeoutMs;
      assert(late < 5000, `server ${id} is ${late} ms past all deadlines in ${server.taskState}`);
    }
  }

  async #isBusy(): Promise<boolean> {
    const servers = await serversOf(this.#cloud!.cloud.log.reader);
    return [...servers.values()].some((server) => nextStep(server) !== undefined);
  }

  async #open(): Promise<void> {
    const { time } = this.surroundings;
    this.#openedAt = time.clock();
    this.#hypervisor = new Hypervisor({
      before: (call) => this.#before(call),
      after: (call) => this.#after(call),
    }, this.#hypervisor?.machines);
    this.#cloud = await TestCloud.open({
      folder: this.#folder,
      settings: SETTINGS,
      clock: time.clock,
      driver: this.#hypervisor,
      log: {
        write: (level, fields) => {
          const line = JSON.stringify(fields);
          if (level === "error" && !FORESEEN.test(line)) this.#bugs.push(line);
        },
      },
    });
    this.#cloud!.cloud.committer.onCommit(() => this.#commits++);
  }

  async #openLater(downSeconds: number): Promise<void> {
    this.surroundings.time.jump(downSeconds * 1000);
    await this.#open();
  }

  async #close(): Promise<void> {
    const cloud = this.#cloud;
    if (!cloud) return;
    this.#cloud = undefined;
    let isClosed = false;
    const closing = cloud.close().then(() => isClosed = true);
    // What does not listen is waited for; how long is the cloud's to say, but not for ever.
    for (let waited = 0; !isClosed; waited += 1000) {
      assert(waited < 2 * SETTINGS.stepTimeoutMs, "it does not close");
      await this.#pass(1000);
    }
    await closing;
    this.#hypervisor.leave();
  }

  /** Goes on with what was on the disk at one moment; what was done behind it comes to nothing. */
  async #crash(asks: readonly Ask[], behindCommit: number): Promise<void> {
    let after: Disk | undefined;
    const wanted = this.#commits + behindCommit;
    this.#cloud!.cloud.committer.onCommit(() => {
      if (this.#commits === wanted) after = this.#disk();
    });
    await this.#askAll(asks);
    const { folder, machines, known } = after ?? this.#disk();
    await this.#close();
    await Deno.remove(this.#folder, { recursive: true });
    this.#folder = folder;
    this.#hypervisor = new Hypervisor({}, machines);
    // Whatever was answered later nobody has heard.
    this.#acknowledged.length = known;
  }

  #disk(): Disk {
    return {
      folder: crashImage(this.#folder, this.surroundings.parent),
      machines: new Map(this.#hypervisor.machines),
      known: this.#acknowledged.length,
    };
  }

  async #pass(ms: number): Promise<void> {
    await this.surroundings.time.pass(ms, () => this.#quiet());
  }

  /** Resolves when nothing goes on without time passing. */
  #quiet(): Promise<void> {
    return this.#until(() => false, { looks: 4 });
  }

  /** Resolves when something is so, or will not be so without time passing. */
  async #until(isSo: () => boolean, { looks = 40 } = {}): Promise<void> {
    const activity = () => this.#commits + this.#calls + this.surroundings.time.started;
    for (let still = 0; still < looks && !isSo(); still++) {
      const before = activity();
      await new Promise((resolve) => setImmediate(resolve));
      if (activity() !== before) still = 0;
    }
  }

  async #before(call: Call): Promise<{ failed: string } | void> {
    const fortune = this.fortunes[this.#calls++ % this.fortunes.length]!;
    this.#fortuneOf.set(call, fortune);
    switch (fortune) {
      case "slow":
        return await Promise.race([
          this.surroundings.time.sleep(SETTINGS.stepTimeoutMs / 3),
          hang(call, { obeys: true }),
        ]);
      case "late":
        return await this.surroundings.time.sleep(SETTINGS.stepTimeoutMs * 1.3);
      case "much too late":
        return await this.surroundings.time.sleep(SETTINGS.stepTimeoutMs * 3);
      case "fails":
        return { failed: `it fails ${ON_PURPOSE}` };
      case "breaks":
        throw new Error(`it breaks ${ON_PURPOSE}`);
      case "hangs":
        return await hang(call, { obeys: true });
      case "deaf":
        return await hang(call, { obeys: false });
    }
  }

  #after(call: Call): Promise<void> {
    if (this.#fortuneOf.get(call) !== "lost") return Promise.resolve();
    return Promise.reject(new Error(`its answer is lost ${ON_PURPOSE}`));
  }

  /** Asks for all at once; an answer that waits for the hypervisor may come much later. */
  async #askAll(asks: readonly Ask[]): Promise<void> {
    let waiting = asks.length;
    for (const ask of asks) {
      const cloud = this.#cloud;
      this.#ask(ask).catch((error) => {
        // Of a cloud that is closed nobody hears any more.
        if (cloud === this.#cloud) this.#bugs.push(String(error));
      }).finally(() => waiting--);
    }
    await this.#until(() => waiting === 0);
  }

  async #ask(ask: Ask): Promise<void> {
    const { surroundings } = this;
    if (ask.what === "create") return await this.#create(ask);
    // Of those that are there, if any is: what is gone answers to nothing.
    const all = [...await serversOf(this.#cloud!.cloud.log.reader)];
    const living = all.filter(([, server]) => exists(server));
    const servers = living.length > 0 ? living : all;
    const [id, server] = servers[ask.target % servers.length] ?? [crypto.randomUUID()];
    if (ask.what === "lose its host") return await this.#loseHost(id, server);
    const [method, path, body] = requestOf(ask, { id, server, surroundings });
    const as = "as" in ask ? ask.as : "admin";
    const answer = await this.#cloud!.ask(as, method, `/v2.1${path}`, { mv: "2.90", body });
    // Nova says so when a machine does not take an interface.
    if (ask.what === "attach a new interface" && answer.status === 500) {
      return assertMatch(answer.text, /Failed to attach network adapter device/);
    }
    this.#expectAnswer(answer);
  }

  async #loseHost(id: string, server: Server | undefined): Promise<void> {
    const { serviceIds, hosts, imageId } = this.surroundings;
    const place = hosts.indexOf(server?.placement?.host ?? "");
    if (place < 0) return;
    const requests = [
      ["PUT", `/os-services/${serviceIds[place]}`, { forced_down: true }],
      ["POST", ...operationRequestOf("evacuate", { id, imageId })],
    ] as const;
    for (const [method, path, body] of requests) {
      this.#expectAnswer(
        await this.#cloud!.ask("admin", method, `/v2.1${path}`, { mv: "2.90", body }),
      );
    }
  }

  async #create(
    { as, count, onNetwork, flavorRef, group, volume }: Ask & { what: "create" },
  ): Promise<void> {
    const { networkId, imageId, groupIds } = this.surroundings;
    const server = {
      name: "simulated",
      flavorRef,
      imageRef: imageId,
      networks: onNetwork ? [{ uuid: networkId }] : "none",
      max_count: count,
      ...(volume !== "none" && { block_device_mapping_v2: devices(imageId, volume) }),
    };
    const hints = group === null
      ? {}
      : { "os:scheduler_hints": { group: groupIds[group % groupIds.length] } };
    const answer = await this.#cloud!.ask(as, "POST", "/v2.1/servers", {
      mv: "2.90",
      body: { server, ...hints },
    });
    this.#expectAnswer(answer);
    if (answer.status === 202) this.#acknowledged.push(answer.json.server.id);
  }

  /** Nothing that is asked makes a mistake of the server's. */
  #expectAnswer({ status, text }: Answered): void {
    assert(status < 500, `${status} ${text}`);
  }
}

/** The image on the host's disk, and a volume that is made beside it. */
function devices(imageId: string, volume: "that stays" | "that goes"): readonly unknown[] {
  return [
    { boot_index: 0, uuid: imageId, source_type: "image", destination_type: "local" },
    {
      source_type: "blank",
      destination_type: "volume",
      volume_size: 1,
      delete_on_termination: volume === "that goes",
    },
  ];
}

/** The operation that is asked for. */
function operationIn({ operation, fits }: Ask & { what: "operate" }, server?: Server): Operation {
  const fitting = OPERATION_NAMES.filter((name) =>
    rowOf(name).vmStates.includes(server?.vmState ?? "active")
  );
  const among = fits && fitting.length > 0 ? fitting : OPERATION_NAMES;
  return among[operation % among.length]!;
}

/** Method, path and body. */
function requestOf(
  ask: Exclude<Ask, { what: "create" | "lose its host" }>,
  { id, server: state, surroundings }: {
    readonly id: string;
    readonly server: Server | undefined;
    readonly surroundings: Surroundings;
  },
): readonly [method: string, path: string, body?: unknown] {
  const { imageId, networkId, volumeIds, serviceIds } = surroundings;
  const server = `/servers/${id}`;
  const migration = state?.migrations.at(-1)?.number ?? 0;
  switch (ask.what) {
    case "operate":
      return ["POST", ...operationRequestOf(operationIn(ask, state), { id, imageId })];
    case "rename":
      return ["PUT", server, { server: { name: "renamed" } }];
    case "lock":
      return ["POST", `${server}/action`, { lock: { locked_reason: "mine" } }];
    case "unlock":
      return ["POST", `${server}/action`, { unlock: null }];
    case "tag":
      return ["PUT", `${server}/tags/blue`];
    case "untag":
      return ["DELETE", `${server}/tags/blue`];
    case "set metadata":
      return ["POST", `${server}/metadata`, { metadata: { key: "value" } }];
    case "unset metadata":
      return ["DELETE", `${server}/metadata/key`];
    case "abort the move":
      return ["DELETE", `${server}/migrations/${migration}`];
    case "complete the move":
      return ["POST", `${server}/migrations/${migration}/action`, { force_complete: null }];
    case "delete":
      return ["DELETE", server];
    case "restore":
      return ["POST", `${server}/action`, { restore: null }];
    case "delete for good":
      return ["POST", `${server}/action`, { forceDelete: null }];
    case "attach a new interface":
      return ["POST", `${server}/os-interface`, { interfaceAttachment: { net_id: networkId } }];
    case "detach its first interface":
      return ["DELETE", `${server}/os-interface/${state?.ports[0]?.id ?? crypto.randomUUID()}`];
    case "attach a volume": {
      const volumeId = volumeIds[ask.volume % volumeIds.length];
      return ["POST", `${server}/os-volume_attachments`, { volumeAttachment: { volumeId } }];
    }
    case "detach a volume":
      return [
        "DELETE",
        `${server}/os-volume_attachments/${volumeIds[ask.volume % volumeIds.length]}`,
      ];
    case "host down":
    case "host up": {
      const path = `/os-services/${serviceIds[ask.target % serviceIds.length]}`;
      return ["PUT", path, { forced_down: ask.what === "host down" }];
    }
    case "show":
      return ["GET", server];
    case "list":
      return ["GET", "/servers/detail"];
  }
}
