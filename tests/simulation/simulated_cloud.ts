/** A cloud on a fake clock and an unreliable hypervisor, that lives through a history. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { beginningOf, nextStep } from "../../src/compute/servers/processes/mod.ts";
import { type Answered, type Role, TestCloud } from "../kit/cloud.ts";
import { crashImage } from "../processes/crash_image.ts";
import { type Call, hang, Hypervisor } from "../processes/hypervisor.ts";
import { serversOf } from "../processes/invariants.ts";
import { type Asked, asked, ASKS, type Known, waysOn } from "./asks.ts";
import type { FakeTime } from "./fake_time.ts";
import type { Ask, Fortune, History, Step } from "./history.ts";

/** Small enough that histories run into every limit. */
export const SETTINGS = {
  simulatedHosts: 2,
  simulatedHostRamMib: 4200,
  stepTimeoutMs: 300_000,
  reclaimInstanceSeconds: 600,
  shelvedOffloadSeconds: 600,
};
export const QUOTA = { instances: 6, cores: -1, ram: -1 };

/** How long a machine's memory takes to another host, while all is well. */
const COPYING_MS = 20_000;

/** What injected faults say of themselves. */
const ON_PURPOSE = "on purpose";
/** Errors that come of them: any other is a bug. */
const FORESEEN = /on purpose|which was given up and has not ended|the start of a host.*timed out/;

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
  readonly places: Hypervisor["places"];
  /** How many creates had been answered by then. */
  readonly known: number;
}

/** What is left of a history. */
export interface Lived {
  /** The closed cloud's. */
  readonly folder: string;
  readonly machines: Hypervisor["machines"];
  readonly places: Hypervisor["places"];
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
    private fortunes: readonly Fortune[],
  ) {
    this.#folder = crashImage(surroundings.seeded, surroundings.parent);
  }

  /** Lives through a history until all is well again and nothing moves any more. */
  static async live({ steps, fortunes }: History, surroundings: Surroundings): Promise<Lived> {
    const cloud = new SimulatedCloud(surroundings, fortunes);
    await cloud.#open();
    try {
      for (const step of steps) {
        await cloud.#take(step);
        await cloud.#check();
      }
      await cloud.#comeToRest();
      await cloud.#recover();
    } finally {
      await cloud.#close();
    }
    const { machines, places } = cloud.#hypervisor;
    return { folder: cloud.#folder, machines, places };
  }

  /** Resolves when nothing is under way any more. */
  async #comeToRest(): Promise<void> {
    // Every task has its deadline, and clearing up after a failed one has as long again.
    await this.#pass(3 * SETTINGS.stepTimeoutMs);
    await this.#check();
    // What machines do by themselves is looked at now and then, and may call for a stop just now.
    for (let waited = 0; waited < 20 && await this.#isBusy(); waited++) await this.#pass(60_000);
    assert(!await this.#isBusy(), "it does not come to rest");
  }

  /** The hypervisor does again what it is told, the process begins anew, and all hosts are back. */
  async #recover(): Promise<void> {
    this.fortunes = ["fine"];
    await this.#close();
    await this.#open();
    await this.#pass(0);
    for (const serviceId of this.surroundings.serviceIds) {
      const { status, text } = await this.#forceDown(serviceId, false);
      assertEquals(status, 200, text);
    }
    await this.#comeToRest();
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
    this.#hypervisor = new Hypervisor(
      {
        before: (call) => this.#before(call),
        after: (call) => this.#after(call),
      },
      this.#hypervisor?.machines,
      this.#hypervisor?.places,
    );
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
    const { folder, machines, places, known } = after ?? this.#disk();
    await this.#close();
    await Deno.remove(this.#folder, { recursive: true });
    this.#folder = folder;
    this.#hypervisor = new Hypervisor({}, machines, places);
    // Whatever was answered later nobody has heard.
    this.#acknowledged.length = known;
  }

  #disk(): Disk {
    return {
      folder: crashImage(this.#folder, this.surroundings.parent),
      machines: new Map(this.#hypervisor.machines),
      places: new Set(this.#hypervisor.places),
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
      case "fine":
        // Memory is never copied at once.
        return call.inHaste === false ? await this.#takeTime(call, COPYING_MS) : undefined;
      case "slow":
        return await this.#takeTime(call, SETTINGS.stepTimeoutMs / 3);
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

  #takeTime(call: Call, ms: number): Promise<void> {
    return Promise.race([this.surroundings.time.sleep(ms), hang(call, { obeys: true })]);
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
    switch (ask.what) {
      case "create":
        return await this.#create(ask);
      case "host down":
      case "host up":
      case "host back":
        return await this.#askOfHost(ask);
      case "lose its host":
        return await this.#loseHost(ask);
      case "go on":
        return await this.#goOn(ask);
      case "turn itself off":
        return await this.#turnOff(ask);
      default:
        return await this.#askOfServer(ask);
    }
  }

  async #askOfServer({ what, as, target, volume, fits }: ServerAskOf): Promise<void> {
    const { surroundings: { volumeIds, imageId, networkId } } = this;
    const row = ASKS[what];
    const servers = asked(row, await this.#servers(), { fits });
    if (servers.length === 0 && row.isOnlyWhereItFits) return;
    const [id, server] = pick(servers, target) ?? [crypto.randomUUID()];
    const about = { id, server, imageId, networkId, volumeId: pick(volumeIds, volume)! };
    const by = row.isAdmins && fits && as === "member" ? "padmin" : as;
    for (const [place, request] of row.requests.entries()) {
      // What was asked first has begun by then.
      if (place > 0) await this.#quiet();
      const now = place === 0 ? server : new Map(await this.#servers()).get(id);
      const answer = await this.#send(by, request({ ...about, server: now }));
      // Nova says so when a machine does not take an interface.
      if (what === "attach a new interface" && answer.status === 500) {
        return assertMatch(answer.text, /Failed to attach network adapter device/);
      }
      this.#expectAnswer(answer);
      if (answer.status >= 400) return;
    }
  }

  async #servers(): Promise<readonly Known[]> {
    return [...await serversOf(this.#cloud!.cloud.log.reader)];
  }

  #send(as: Role, { method, path, body, headers, mv = "2.90" }: Asked): Promise<Answered> {
    const ofCompute = path.startsWith("/v2.1") ? { mv } : {};
    return this.#cloud!.ask(as, method, path, { ...ofCompute, body, headers });
  }

  async #askOfHost({ what, target }: HostAsk): Promise<void> {
    const { hosts, serviceIds } = this.surroundings;
    const path = `/v2.1/os-hosts/${pick(hosts, target)}/reboot`;
    if (what === "host back") {
      this.#expectAnswer(await this.#send("admin", { method: "GET", path, mv: "2.42" }));
    }
    const forcedDown = what === "host down";
    this.#expectAnswer(await this.#forceDown(pick(serviceIds, target)!, forcedDown));
  }

  #forceDown(serviceId: string, forcedDown: boolean): Promise<Answered> {
    const path = `/v2.1/os-services/${serviceId}`;
    return this.#send("admin", { method: "PUT", path, body: { forced_down: forcedDown } });
  }

  async #loseHost({ target }: HostAsk): Promise<void> {
    const { serviceIds, hosts, imageId, networkId } = this.surroundings;
    const [id, server] =
      pick(asked(ASKS.evacuate, await this.#servers(), { fits: true }), target) ??
        [];
    const place = hosts.indexOf(server?.placement?.host ?? "");
    if (id === undefined || place < 0) return;
    this.#expectAnswer(await this.#forceDown(serviceIds[place]!, true));
    const about = { id, server, imageId, networkId, volumeId: "" };
    const [evacuate] = ASKS.evacuate.requests;
    this.#expectAnswer(await this.#send("admin", evacuate!(about)));
  }

  async #goOn({ as, target, operation }: GoOnAsk): Promise<void> {
    const waiting = (await this.#servers()).filter(([, server]) => waysOn(server).length > 0);
    const [, server] = pick(waiting, target) ?? [];
    if (server === undefined) return;
    const what = pick(waysOn(server), operation)!;
    await this.#askOfServer({ what, as, target, volume: 0, fits: true });
  }

  async #turnOff({ target }: HostAsk): Promise<void> {
    const { machines } = this.#hypervisor;
    const running = (await this.#servers()).filter(([id, { vmState, taskState }]) =>
      vmState === "active" && taskState === null && machines.get(id) === "running"
    );
    const [id] = pick(running, target) ?? [];
    if (id !== undefined) machines.set(id, "stopped");
  }

  async #create(
    { as, count, onNetwork, flavorRef, group, volume }: CreateAsk,
  ): Promise<void> {
    const { networkId, imageId, groupIds } = this.surroundings;
    const server = {
      name: "simulated",
      flavorRef,
      ...(!volume.startsWith("root") && { imageRef: imageId }),
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

type CreateAsk = Extract<Ask, { readonly what: "create" }>;
type GoOnAsk = Extract<Ask, { readonly what: "go on" }>;
type HostAsk = Exclude<Ask, { readonly as: Role }>;
type ServerAskOf = Exclude<Ask, CreateAsk | GoOnAsk | HostAsk>;

/** One of them; undefined where there are none. */
function pick<T>(among: readonly T[], place: number): T | undefined {
  return among[place % among.length];
}

/** The image on the host's disk and a volume beside it, or a volume made of the image. */
function devices(
  imageId: string,
  volume: Exclude<CreateAsk["volume"], "none">,
): readonly unknown[] {
  const onVolume = {
    destination_type: "volume",
    volume_size: 1,
    delete_on_termination: volume.endsWith("that goes"),
  };
  const image = { boot_index: 0, uuid: imageId, source_type: "image" };
  if (volume.startsWith("root")) return [{ ...image, ...onVolume }];
  return [{ ...image, destination_type: "local" }, { ...onVolume, source_type: "blank" }];
}
