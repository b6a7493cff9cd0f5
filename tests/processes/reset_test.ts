/** A test cloud is brought back to its seed: nothing of the old is left, and the log holds together. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { verifyFolder } from "../../src/cli/verify.ts";
import type { Settings } from "../../src/config.ts";
import { reachCell } from "../kit/cell.ts";
import { type Answered, TestCloud, type TestCloudOptions } from "../kit/cloud.ts";
import { runTask, withProcess } from "../kit/process.ts";
import { Hypervisor } from "./hypervisor.ts";
import { assertAtRest, assertSound } from "./invariants.ts";
import { inFolder } from "./world.ts";

function open(
  folder: string,
  settings: Partial<Settings> = {},
  options: TestCloudOptions = {},
): Promise<TestCloud> {
  const data = `${folder}/data`;
  return TestCloud.open({ ...options, folder: data, settings: { allowReset: true, ...settings } });
}

function reset(cloud: TestCloud, as: "admin" | "member" = "admin"): Promise<Answered> {
  return cloud.ask(as, "POST", "/chronova/v1/reset");
}

async function serversIn(cloud: TestCloud): Promise<number> {
  const { json } = await cloud.ask("admin", "GET", "/v2.1/servers?all_tenants=1");
  return json.servers.length;
}

function oldLogs(folder: string): readonly string[] {
  return [...Deno.readDirSync(`${folder}/data`)].map(({ name }) => name)
    .filter((name) => /^chronova\..+\.db$/.test(name)).toSorted();
}

Deno.test("after a reset the cloud is as its seed, tokens stay good, and the old log is kept", () =>
  inFolder(async (folder) => {
    const cloud = await open(folder);
    const network = await cloud.networkId();
    await cloud.create({ networks: "auto" });
    await cloud.ask("admin", "POST", "/chronova/v1/faults", {
      body: { fault: { driver: "reboot", effect: "hang" } },
    });
    const before = await cloud.cloud.log.head();
    const answered = await reset(cloud);
    assertEquals(answered.status, 200, answered.text);
    assertEquals(answered.json.reset.number, 1);
    assertEquals(answered.json.reset.before, {
      position: before.position,
      hash: before.hash,
      file: oldLogs(folder)[0],
    });
    assertEquals(await serversIn(cloud), 0);
    assertEquals(await cloud.networkId(), network, "the seed has its ids");
    assertEquals((await cloud.ask("admin", "GET", "/chronova/v1/faults")).json.faults, []);
    assertEquals((await cloud.ask("stranger", "GET", "/v2.1/servers")).status, 401, "not seeded");

    // It lives on, and can be reset again.
    const server = await cloud.create({ networks: "auto" });
    assertEquals((await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).status, 200);
    assertEquals((await reset(cloud)).json.reset.number, 2);
    await cloud.close();
    await assertSound(`${folder}/data`);

    // The old logs are whole, and end where the events say.
    assertEquals(oldLogs(folder).length, 2);
    const old = `${folder}/old`;
    await Deno.mkdir(old);
    await Deno.copyFile(`${folder}/data/${oldLogs(folder)[0]}`, `${old}/chronova.db`);
    await assertSound(old);
    assertEquals((await verifyFolder(old)).head, before.hash);
  }));

Deno.test("a cloud that was reset is found so at the next start, its cell in reach", () =>
  inFolder(async (folder) => {
    let cloud = await open(folder);
    await cloud.create();
    await reachCell(cloud, false);
    await reset(cloud);
    const { json } = await cloud.ask("admin", "GET", "/chronova/v1/cell");
    assertEquals(json, { cell: { reachable: true } });
    await cloud.close();
    cloud = await open(folder);
    assertEquals(await serversIn(cloud), 0);
    assertEquals((await reset(cloud)).json.reset.number, 2);
    await cloud.close();
  }));

Deno.test("only admins reset, and only a cloud that was started for it", () =>
  inFolder(async (folder) => {
    let cloud = await open(folder);
    assertEquals((await reset(cloud, "member")).status, 403);
    assertEquals((await cloud.ask("none", "POST", "/chronova/v1/reset")).status, 401);
    await cloud.create();
    await cloud.close();
    cloud = await open(folder, { allowReset: false });
    const refused = await reset(cloud);
    assertEquals(refused.status, 403);
    assertMatch(refused.json.error.message, /start it with --allow-reset/);
    assertEquals(await serversIn(cloud), 1);
    await cloud.close();
    // A cloud that was not made for it can be reset all the same, once it is allowed.
    await Deno.remove(`${folder}/data/seed.db`);
    cloud = await open(folder, { oldLogs: "remove" });
    assertEquals((await reset(cloud)).json.reset.before.file, null);
    assertEquals([await serversIn(cloud), oldLogs(folder)], [0, []]);
    await cloud.close();
  }));

Deno.test("machines of old servers are destroyed, and steps under way come to nothing", () =>
  inFolder(async (folder) => {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const driver = new Hypervisor({
      before({ operation, signal }) {
        if (operation !== "reboot") return Promise.resolve();
        resolve();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject("ended")));
      },
    });
    const cloud = await open(folder, {}, { driver, log: { write() {} } });
    const server = await cloud.create();
    await cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, {
      body: { reboot: { type: "HARD" } },
    });
    await reached;
    assertEquals(driver.machines.size, 1);
    assertEquals((await reset(cloud)).status, 200);
    assertEquals(driver.machines.size, 0);
    await cloud.cloud.settled();
    await cloud.close();
    await assertSound(`${folder}/data`);
    await assertAtRest(`${folder}/data`);
  }));

Deno.test("a reset under load leaves nothing of the old, and fails nobody but cleanly", () =>
  inFolder(async (folder) => {
    const cloud = await open(folder, { simulatedSpawnMs: 5 });
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    const body = { server: await cloud.plain() };
    const statuses = new Set<number>();
    let isOver = false;
    const clients = Array.from({ length: 16 }, async (_, n) => {
      while (!isOver) {
        const { status } = n % 2 === 0
          ? await cloud.ask("member", "GET", "/v2.1/servers?limit=10")
          : await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
        statuses.add(status);
        // As over a socket, everybody else has a turn in between.
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    for (let n = 1; n <= 3; n++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const answered = await reset(cloud);
      assertEquals([answered.status, answered.json.reset?.number], [200, n], answered.text);
    }
    isOver = true;
    await Promise.all(clients);
    assertEquals([...statuses].filter((status) => ![200, 202, 403, 503].includes(status)), []);
    assert(statuses.has(202), "nobody got a server");
    const last = await reset(cloud);
    assertEquals(await serversIn(cloud), 0);
    assertEquals(
      (await cloud.ask("member", "GET", "/v2.1/limits")).json.limits.absolute
        .totalInstancesUsed,
      0,
    );
    const head = await cloud.cloud.log.head();
    assert(head.position < last.json.reset.before.position);
    await cloud.close();
    await assertSound(`${folder}/data`);
    assertEquals(oldLogs(folder).length, 4);
  }));

Deno.test("resets asked for at once are one, or one after another", () =>
  inFolder(async (folder) => {
    const cloud = await open(folder);
    const answers = await Promise.all(Array.from({ length: 5 }, () => reset(cloud)));
    assertEquals(new Set(answers.map(({ status }) => status)), new Set([200]));
    await cloud.close();
    await assertSound(`${folder}/data`);
  }));

Deno.test("images of the seed come back with their bytes", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/disk.img`, "bytes of a disk");
    await Deno.writeTextFile(
      `${folder}/seed.yaml`,
      "images: [{ name: mine, id: 11111111-2222-4333-8444-555555555555, file: disk.img }]",
    );
    const cloud = await open(folder, { seedFile: `${folder}/seed.yaml` });
    const path = "/image/v2/images/11111111-2222-4333-8444-555555555555";
    assertEquals((await cloud.ask("admin", "DELETE", path)).status, 204);
    assertEquals((await cloud.ask("admin", "GET", path)).status, 404);
    await reset(cloud);
    assertEquals((await cloud.ask("member", "GET", `${path}/file`)).text, "bytes of a disk");
    await cloud.close();
  }));

Deno.test("a reset waits for nobody who is reading the log from elsewhere", () =>
  withProcess(async (server) => {
    const admin = await server.login("chronova-admin");
    const answers = await Promise.all([
      runTask("verify", [`--data-dir=${server.folder}`]),
      admin.ask("POST", "/chronova/v1/reset"),
    ]);
    assert([200, 409].includes(answers[1].status), answers[1].text);
    const again = await admin.ask("POST", "/chronova/v1/reset");
    assertEquals(again.status, 200, again.text);
    const demo = await server.login("chronova");
    assertEquals((await demo.ask("GET", "/v2.1/servers")).status, 200, "passwords are the seed's");
    await server.kill();
    await server.start({ "allow-reset": "true" });
    assertEquals((await demo.ask("GET", "/v2.1/servers")).status, 200);
    assertEquals(await server.stop(), 0);
    await assertSound(server.folder);
  }, { settings: { "allow-reset": "true" } }));
