/** Trouble on demand: slow, failing and hanging builds, lies, lost replies, 429s; and its end. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Settings } from "../../src/config.ts";
import type { AskedFault } from "../../src/extensions/faults/requests.ts";
import { type Answered, ORIGIN, TestCloud } from "../kit/cloud.ts";
import { assertSound } from "./invariants.ts";
import { inFolder } from "./world.ts";

/** A cloud with a folder of its own that is sound at the end. */
async function withTrouble(
  work: (cloud: TestCloud, folder: string) => Promise<void>,
  settings: Partial<Settings> = {},
): Promise<void> {
  await inFolder(async (folder) => {
    const cloud = await TestCloud.open({ folder, settings, log: { write() {} } });
    try {
      await work(cloud, folder);
    } finally {
      await cloud.close();
    }
    await assertSound(folder);
  });
}

async function addFault(cloud: TestCloud, fault: AskedFault): Promise<string> {
  const added = await cloud.ask("admin", "POST", "/chronova/v1/faults", { body: { fault } });
  assertEquals(added.status, 201, added.text);
  return added.json.fault.id;
}

// deno-lint-ignore no-explicit-any -- JSON
async function faultOf(cloud: TestCloud, id: string): Promise<any> {
  return (await cloud.ask("admin", "GET", `/chronova/v1/faults/${id}`)).json.fault;
}

/** Asks for a server without waiting for it. */
async function begin(cloud: TestCloud, name = "x"): Promise<string> {
  const body = { server: { ...await cloud.plain(), name } };
  const created = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
  assertEquals(created.status, 202, created.text);
  return created.json.server.id;
}

// deno-lint-ignore no-explicit-any -- JSON
async function show(cloud: TestCloud, id: string): Promise<any> {
  return (await cloud.ask("member", "GET", `/v2.1/servers/${id}`, { mv: "2.90" })).json.server;
}

/** Waits until the fault has struck so often. */
async function untilStruck(cloud: TestCloud, id: string, times = 1): Promise<void> {
  while ((await faultOf(cloud, id)).struck < times) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

Deno.test("a build that hangs shows BUILD, for as long as the fault is there", () =>
  withTrouble(async (cloud) => {
    const id = await addFault(cloud, { driver: "ensureRunning", effect: "hang" });
    const server = await begin(cloud);
    await untilStruck(cloud, id);
    const building = await show(cloud, server);
    assertEquals([building.status, building["OS-EXT-STS:task_state"]], ["BUILD", "spawning"]);
    const lifted = await cloud.ask("admin", "DELETE", `/chronova/v1/faults/${id}`);
    assertEquals(lifted.status, 204);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, server)).status, "ACTIVE");
    assertEquals((await cloud.ask("admin", "GET", "/chronova/v1/faults")).json, { faults: [] });
  }));

Deno.test("a slow build takes its time, and others do not", () =>
  withTrouble(async (cloud) => {
    const slow = { driver: "prepareDisks", server_name_prefix: "slow-", delay_ms: 250 } as const;
    const id = await addFault(cloud, slow);
    const [held, free] = [await begin(cloud, "slow-1"), await begin(cloud, "quick")];
    await untilStruck(cloud, id);
    const began = performance.now();
    assertEquals((await show(cloud, held)).status, "BUILD");
    await cloud.cloud.settled();
    assert(performance.now() - began > 100, "it was not slow");
    for (const server of [held, free]) assertEquals((await show(cloud, server)).status, "ACTIVE");
    assertEquals((await faultOf(cloud, id)).struck, 1);
  }));

Deno.test("a build that fails ends in ERROR with the fault's words, as often as was asked", () =>
  withTrouble(async (cloud) => {
    const id = await addFault(cloud, {
      driver: ["ensureRunning"],
      effect: "fail",
      message: "no machine to be had",
      // A build that fails on a host is tried on two more.
      times: 3,
    });
    const [first, second] = [await cloud.create(), await cloud.create()];
    const failed = await show(cloud, first);
    assertEquals([failed.status, failed.fault.code], ["ERROR", 500]);
    assertStringIncludes(failed.fault.message, "Exceeded maximum number of retries.");
    assertStringIncludes(failed.fault.message, "no machine to be had");
    assertEquals((await show(cloud, second)).status, "ACTIVE");
    const { struck, active, times } = await faultOf(cloud, id);
    assertEquals([struck, active, times], [3, false, 3]);
    const events = await cloud.cloud.log.read({ stream: `fault-${id}` });
    assertEquals(events.map(({ type }) => type), [
      "FaultAdded",
      ...Array.from({ length: 3 }, () => "FaultStruck"),
    ]);
    assertEquals((events[1]!.data as { hits: string[] }).hits, [`ensureRunning ${first}`]);
  }));

Deno.test("a hang ends at the step's deadline", () =>
  withTrouble(async (cloud) => {
    await addFault(cloud, { driver: "ensureRunning", effect: "hang" });
    const server = await cloud.create();
    const { status, fault } = await show(cloud, server);
    assertEquals(status, "ERROR");
    assertStringIncludes(fault.message, "EnsureRunning did not end within 0.2 seconds");
  }, { stepTimeoutMs: 200 }));

Deno.test("a reply that is lost is asked for again; a lie is believed", () =>
  withTrouble(async (cloud) => {
    const lost = await addFault(cloud, { driver: "ensurePower", effect: "lose_reply", times: 1 });
    const server = await cloud.create();
    const act = (body: unknown) =>
      cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { mv: "2.90", body });
    assertEquals((await act({ "os-stop": null })).status, 202);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, server)).status, "SHUTOFF");
    assertEquals((await faultOf(cloud, lost)).struck, 1);

    const failing = await addFault(cloud, { driver: "*", effect: "fail", server });
    const lying = await addFault(cloud, { driver: "ensurePower", effect: "lie" });
    await cloud.ask("admin", "DELETE", `/chronova/v1/faults/${failing}`);
    assertEquals((await act({ "os-start": null })).status, 202);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, server)).status, "ACTIVE");
    assertEquals((await faultOf(cloud, lying)).struck, 1);
  }));

Deno.test("a host that dies in the middle of a build has nothing left of it in the end", () =>
  withTrouble(async (cloud) => {
    await addFault(cloud, {
      driver: ["ensureRunning", "ensureAbsent"],
      effect: "die_halfway",
      message: "power failure",
      times: 2,
    });
    const server = await cloud.create();
    const { status, fault } = await show(cloud, server);
    // What the first host has made cannot be cleared away: no other one may try.
    assertEquals(status, "ERROR");
    assertStringIncludes(fault.message, "power failure");
    assertEquals((await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`)).status, 204);
    await cloud.cloud.settled();
    assertEquals((await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).status, 404);
  }));

Deno.test("a machine that a reboot leaves off half-way is noticed, and started again", () =>
  withTrouble(async (cloud) => {
    const server = await cloud.create();
    await addFault(cloud, { driver: "reboot", effect: "die_halfway", times: 1 });
    const act = (body: unknown) =>
      cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { mv: "2.90", body });
    assertEquals((await act({ reboot: { type: "HARD" } })).status, 202);
    await cloud.cloud.settled();
    await cloud.cloud.lookAround();
    await cloud.cloud.settled();
    const { status, "OS-EXT-STS:power_state": power } = await show(cloud, server);
    assertEquals([status, power], ["ERROR", 4]);
    assertEquals((await act({ reboot: { type: "HARD" } })).status, 202);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, server)).status, "ACTIVE");
  }));

Deno.test("faults are for a project, or one server", () =>
  withTrouble(async (cloud) => {
    const { other } = cloud.projectIds;
    await addFault(cloud, { driver: "ensureRunning", effect: "fail", project: other });
    const mine = await cloud.create();
    const theirs = await cloud.create({}, { as: "stranger" });
    assertEquals((await show(cloud, mine)).status, "ACTIVE");
    const shown = await cloud.ask("stranger", "GET", `/v2.1/servers/${theirs}`);
    assertEquals(shown.json.server.status, "ERROR");
    await addFault(cloud, { http: { method: "GET" }, server: mine, status: 503 });
    const list = await cloud.ask("member", "GET", "/v2.1/servers");
    const one = await cloud.ask("member", "GET", `/v2.1/servers/${mine.toUpperCase()}`);
    assertEquals([list.status, one.status], [200, 503]);
    await addFault(cloud, { http: { service: "network" }, project: other, status: 500 });
    const asked = (as: "member" | "stranger" | "none") =>
      cloud.ask(as, "GET", "/network/v2.0/networks");
    assertEquals([(await asked("member")).status, (await asked("stranger")).status], [200, 500]);
    assertEquals((await asked("none")).status, 401);
  }));

Deno.test("a client is told 429 with Retry-After so often, and then served", () =>
  withTrouble(async (cloud) => {
    const id = await addFault(cloud, {
      http: { method: "POST", path: "/v2.1/servers" },
      status: 429,
      retry_after: 2,
      message: "Slow down.",
      times: 2,
    });
    const body = { server: await cloud.plain() };
    const ask = () => cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    const answers: Answered[] = [];
    for (let n = 0; n < 3; n++) answers.push(await ask());
    assertEquals(answers.map(({ status }) => status), [429, 429, 202]);
    assertEquals(answers[0]!.headers.get("retry-after"), "2");
    assertEquals(answers[0]!.json, {
      overLimit: { code: 429, message: "Slow down.", retryAfter: "2" },
    });
    await cloud.cloud.settled();
    assertEquals((await faultOf(cloud, id)).struck, 2);
  }));

Deno.test("of many requests at once exactly as many are struck as was asked", () =>
  withTrouble(async (cloud) => {
    const id = await addFault(cloud, { http: { path: "/v2.1/flavors" }, status: 500, times: 20 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => cloud.ask("member", "GET", "/v2.1/flavors")),
    );
    assertEquals(answers.filter(({ status }) => status === 500).length, 20);
    assertEquals((await faultOf(cloud, id)).struck, 20);
    const events = await cloud.cloud.log.read({ stream: `fault-${id}` });
    assert(events.length < 20, "strikes at once do not share their events");
  }));

Deno.test("what a fault has left survives a restart, and so do its draws", () =>
  inFolder(async (folder) => {
    let cloud = await TestCloud.open({ folder });
    const counted = await addFault(cloud, {
      http: { path: "/v2.1/flavors" },
      status: 503,
      times: 3,
    });
    const drawn = await addFault(cloud, {
      http: { path: "/v2.1/os-keypairs" },
      status: 500,
      probability: 0.5,
      seed: 5,
    });
    const statuses = async (path: string, count: number) => {
      const found: number[] = [];
      for (let n = 0; n < count; n++) found.push((await cloud.ask("member", "GET", path)).status);
      return found;
    };
    assertEquals(await statuses("/v2.1/flavors", 2), [503, 503]);
    const before = await statuses("/v2.1/os-keypairs", 12);
    await cloud.close();
    cloud = await TestCloud.open({ folder });
    assertEquals(await statuses("/v2.1/flavors", 2), [503, 200]);
    assertEquals((await faultOf(cloud, counted)).active, false);
    assert(before.includes(500) && before.includes(200), String(before));
    await cloud.ask("admin", "DELETE", `/chronova/v1/faults/${drawn}`);
    await addFault(cloud, {
      http: { path: "/v2.1/os-keypairs" },
      status: 500,
      probability: 0.5,
      seed: 5,
    });
    assertEquals(await statuses("/v2.1/os-keypairs", 12), before, "a seed does not repeat");
    await cloud.close();
    await assertSound(folder);
  }));

Deno.test("a request whose answer is lost has been carried out", () =>
  withTrouble(async (cloud) => {
    await addFault(cloud, {
      http: { method: "POST", path: "/v2.1/servers" },
      effect: "lose_reply",
      times: 1,
    });
    const body = { server: await cloud.plain() };
    const lost = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    assertEquals(lost.status, 504);
    await cloud.cloud.settled();
    const list = await cloud.ask("member", "GET", "/v2.1/servers");
    assertEquals(list.json.servers.length, 1);
  }));

Deno.test("patterns of paths, forms of answers, and who is spared", () =>
  withTrouble(async (cloud) => {
    await addFault(cloud, { http: { path: "/v2.1/servers/*/metadata/**" }, status: 409 });
    const server = await cloud.create();
    const status = async (path: string) => (await cloud.ask("member", "GET", path)).status;
    assertEquals(await status(`/v2.1/servers/${server}/metadata/a/b`), 409);
    assertEquals(await status(`/v2.1/${cloud.projectIds.demo}/servers/${server}/metadata/a`), 409);
    assertEquals(await status(`/v2.1/servers/${server}/metadata`), 200);
    await addFault(cloud, { http: {}, status: 503 });
    const bodies = await Promise.all(
      ["/v2.1/servers", "/identity/v3/users", "/network/v2.0/ports", "/image/v2/images"].map(
        async (path) => (await cloud.ask("admin", "GET", path)).text,
      ),
    );
    assertEquals(bodies.map((body) => body.slice(0, 20)), [
      '{"serviceUnavailable',
      '{"error":{"code":503',
      '{"NeutronError":{"ty',
      "503 Service Unavaila",
    ]);
    assertEquals((await cloud.ask("none", "GET", "/healthcheck")).status, 200);
    assertEquals((await cloud.ask("admin", "DELETE", "/chronova/v1/faults")).status, 204);
    assertEquals(await status("/v2.1/servers"), 200);
  }));

Deno.test("a delay ends when the cloud is to stop, with a 503", () =>
  withTrouble(async (cloud) => {
    const id = await addFault(cloud, { http: { path: "/v2.1/servers" }, delay_ms: 60_000 });
    const headers = { "x-auth-token": cloud.tokens.get("member")! };
    const waiting = cloud.cloud.fetch(new Request(`${ORIGIN}/v2.1/servers`, { headers }));
    await untilStruck(cloud, id);
    cloud.cloud.release();
    assertEquals((await waiting).status, 503);
  }));
