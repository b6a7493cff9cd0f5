/**
 * The real process under load, killed with `kill -9` again and again: nothing that was acknowledged
 * is lost, and nothing is left half done.
 *
 * `CHRONOVA_CRASH_ROUNDS` sets how often it is killed, `CHRONOVA_SEED` repeats a run's choices.
 */
import { assert, assertEquals } from "@std/assert";
import { type Client, runTask, ServerProcess } from "../kit/process.ts";
import { TestCloud } from "../kit/cloud.ts";
import { assertAtRest, assertSound, eventsOf } from "./invariants.ts";
import { numberFrom, Random, runSeed } from "./random.ts";

/** A write that was answered with success: what must be in the log for ever. */
interface Acknowledged {
  /** The event, or one of the events, that it led to. */
  readonly what: readonly string[];
  readonly serverId: string;
  readonly requestId: string;
}

/** A server as the client that made it knows it; nobody else touches it. */
interface Mine {
  readonly id: string;
  isLocked: boolean;
}

const CLIENTS = 6;
const MOST_SERVERS = 8;

Deno.test("kill -9 under load loses nothing acknowledged and leaves nothing half done", async () => {
  const seed = runSeed();
  const rounds = numberFrom("CHRONOVA_CRASH_ROUNDS", 25);
  console.log(`seed ${seed}: repeat with CHRONOVA_SEED=${seed}`);
  const random = new Random(seed);
  const server = await startRoomy();
  try {
    const crowd = await Crowd.of(server, random);
    for (let round = 1; round <= rounds; round++) {
      const work = crowd.work();
      // Until so much is done, not so much time has passed: machines are more or less busy.
      await crowd.told(random.between(1, 100), work);
      await pause(random.between(0, 20));
      await server.kill();
      await work;
      // Slow machines in one round and fast ones in the next: the kill meets every step.
      await server.start({
        "simulated-disks-ms": random.between(0, 40),
        "simulated-spawn-ms": random.between(0, 80),
        "simulated-power-ms": random.between(0, 60),
        "simulated-destroy-ms": random.between(0, 40),
      });
      await crowd.settled();
      await assertNothingLost(server.folder, crowd.acknowledged);
      await assertSound(server.folder);
      await assertAtRest(server.folder);
      await crowd.assertAgrees();
    }
    assert(crowd.acknowledged.length > rounds, "hardly anything was acknowledged");
    assertEquals(await server.stop(), 0);
    for (const name of ["replay", "verify"] as const) {
      const { code, out, errors } = await runTask(name, [`--data-dir=${server.folder}`]);
      assertEquals(code, 0, out + errors);
    }
  } finally {
    await server.close();
  }
});

/** A server whose project may have all the servers it likes. */
async function startRoomy(): Promise<ServerProcess> {
  const server = await ServerProcess.start();
  await server.stop();
  const cloud = await TestCloud.open({ folder: server.folder });
  await cloud.limit({ instances: -1, cores: -1, ram: -1 });
  await cloud.close();
  await server.start();
  return server;
}

async function assertNothingLost(
  folder: string,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const events = await eventsOf(folder);
  const known = new Set(
    events.map(({ stream, metadata, type }) => `${stream} ${metadata.requestId} ${type}`),
  );
  for (const { what, serverId, requestId } of acknowledged) {
    assert(
      what.some((type) => known.has(`server-${serverId} ${requestId} ${type}`)),
      `${
        what.join(" or ")
      } of server ${serverId} was acknowledged to ${requestId} and is not in the log`,
    );
  }
}

/** Several clients at once, each with servers of its own. */
class Crowd {
  private constructor(
    private readonly admin: Client,
    private readonly users: readonly User[],
    /** All that any of them was ever told. */
    readonly acknowledged: readonly Acknowledged[],
  ) {}

  static async of(server: ServerProcess, random: Random): Promise<Crowd> {
    const client = await server.login("chronova");
    const first = async (path: string, list: string): Promise<string> =>
      (await client.ask("GET", path)).json[list][0].id;
    const imageRef = await first("/image/v2/images", "images");
    const networkId = await first("/network/v2.0/networks?name=private", "networks");
    const acknowledged: Acknowledged[] = [];
    const users = Array.from({ length: CLIENTS }, (_, number) =>
      new User({
        client,
        random: new Random(random.between(0, 2 ** 31)),
        name: `client-${number}`,
        imageRef,
        networkId,
        acknowledged,
      }));
    return new Crowd(await server.login("chronova-admin"), users, acknowledged);
  }

  /** Works until the server is gone. */
  async work(): Promise<void> {
    await Promise.all(this.users.map((user) => user.work()));
  }

  /** Resolves when so many more writes were acknowledged, or the work is over. */
  async told(more: number, work: Promise<void>): Promise<void> {
    const wanted = this.acknowledged.length + more;
    let isOver = false;
    const end = () => void (isOver = true);
    work.then(end, end);
    while (!isOver && this.acknowledged.length < wanted) await pause(1);
  }

  /** Resolves when no server is in a task any more; fails when none gets on for long. */
  async settled(): Promise<void> {
    let before = "";
    for (let same = 0; same < 1000; same++) {
      const { json } = await this.admin.ask("GET", "/v2.1/servers/detail?all_tenants=1");
      const busy = json.servers.filter((one: Record<string, unknown>) =>
        one["OS-EXT-STS:task_state"] !== null
      );
      if (busy.length === 0) return;
      const now = JSON.stringify(busy);
      if (now !== before) same = 0;
      before = now;
      await pause(20);
    }
    throw new Error(`still under way: ${before}`);
  }

  /** Fails unless every client sees what it was told. */
  async assertAgrees(): Promise<void> {
    for (const user of this.users) await user.assertAgrees();
  }
}

interface UserOptions {
  readonly client: Client;
  readonly random: Random;
  readonly name: string;
  readonly imageRef: string;
  readonly networkId: string;
  readonly acknowledged: Acknowledged[];
}

/** One client: creates, changes and deletes servers, one request after another. */
class User {
  readonly #servers: Mine[] = [];
  readonly #deleted: string[] = [];
  #count = 0;

  constructor(private readonly options: UserOptions) {}

  async work(): Promise<void> {
    try {
      for (;;) await this.#doSomething();
    } catch (error) {
      // What `fetch` rejects with once the server is gone.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async assertAgrees(): Promise<void> {
    const { client } = this.options;
    for (const { id } of this.#servers) {
      const { status, json } = await client.ask("GET", `/v2.1/servers/${id}`);
      assertEquals([status, json?.server?.status], [200, "ACTIVE"], `server ${id}`);
    }
    for (const id of this.#deleted) {
      assertEquals((await client.ask("GET", `/v2.1/servers/${id}`)).status, 404, `server ${id}`);
    }
    // They stay so; the next round looks at its own.
    this.#deleted.length = 0;
  }

  async #doSomething(): Promise<void> {
    const { random } = this.options;
    if (this.#servers.length < random.between(1, MOST_SERVERS)) return await this.#create();
    const server = random.pick(this.#servers);
    switch (random.pick(["rename", "lock", "tag", "metadata", "reboot", "delete"] as const)) {
      case "rename":
        return await this.#rename(server);
      case "lock":
        return await this.#lock(server);
      case "tag":
        return await this.#tag(server);
      case "metadata":
        return await this.#setMetadata(server);
      case "reboot":
        return await this.#reboot(server);
      case "delete":
        return await this.#delete(server);
    }
  }

  async #create(): Promise<void> {
    const { client, random, imageRef, networkId } = this.options;
    const networks = random.pick(["none", [{ uuid: networkId }]]);
    const answer = await client.ask("POST", "/v2.1/servers", {
      mv: "2.90",
      body: { server: { name: this.#newName(), flavorRef: "1", imageRef, networks } },
    });
    assertEquals(answer.status, 202, answer.text);
    const { id } = answer.json.server;
    this.#acknowledge(["ServerCreated"], id, answer.headers);
    this.#servers.push({ id, isLocked: false });
  }

  async #rename({ id }: Mine): Promise<void> {
    const body = { server: { name: this.#newName() } };
    await this.#change("ServerUpdated", id, { method: "PUT", path: `/v2.1/servers/${id}`, body });
  }

  async #lock(server: Mine): Promise<void> {
    const { id, isLocked } = server;
    const [what, body] = isLocked
      ? ["ServerUnlocked", { unlock: null }]
      : ["ServerLocked", { lock: null }];
    // When the answer never comes nobody knows whether it is locked: it is left alone from then on.
    this.#forget(server);
    const path = `/v2.1/servers/${id}/action`;
    await this.#change(what, id, { method: "POST", path, body });
    this.#servers.push({ id, isLocked: !isLocked });
  }

  async #tag({ id }: Mine): Promise<void> {
    const path = `/v2.1/servers/${id}/tags/${this.#newName()}`;
    await this.#change("ServerTagsChanged", id, { method: "PUT", path });
  }

  async #setMetadata({ id }: Mine): Promise<void> {
    const body = { metadata: { note: this.#newName() } };
    const path = `/v2.1/servers/${id}/metadata`;
    await this.#change("ServerMetadataChanged", id, { method: "POST", path, body });
  }

  async #reboot({ id }: Mine): Promise<void> {
    const body = { reboot: { type: "HARD" } };
    const path = `/v2.1/servers/${id}/action`;
    await this.#change("ServerHardRebootRequested", id, { method: "POST", path, body });
  }

  async #delete(server: Mine): Promise<void> {
    const { client } = this.options;
    const { id, isLocked } = server;
    if (isLocked) return;
    this.#forget(server);
    const answer = await client.ask("DELETE", `/v2.1/servers/${id}`);
    assertEquals(answer.status, 204, answer.text);
    this.#deleted.push(id);
    this.#acknowledge(["ServerDeleteRequested", "ServerDeleted"], id, answer.headers);
  }

  async #change(
    what: string,
    id: string,
    { method, path, body }: { method: string; path: string; body?: unknown },
  ): Promise<void> {
    const answer = await this.options.client.ask(method, path, { mv: "2.90", body });
    if (answer.status < 300) return this.#acknowledge([what], id, answer.headers);
    // A server that is building or locked refuses: that is an answer as well.
    assertEquals(answer.status, 409, `${method} ${path}: ${answer.text}`);
  }

  #acknowledge(what: Acknowledged["what"], serverId: string, headers: Headers): void {
    const requestId = headers.get("x-openstack-request-id")!;
    this.options.acknowledged.push({ what, serverId, requestId });
  }

  #forget(server: Mine): void {
    this.#servers.splice(this.#servers.indexOf(server), 1);
  }

  #newName(): string {
    return `${this.options.name}-${this.#count++}`;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
