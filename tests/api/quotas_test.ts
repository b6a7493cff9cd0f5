/** /limits, /os-quota-sets and /os-quota-class-sets: conversations. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";

function asking(cloud: TestCloud, as: Role = "admin") {
  return (method: string, path: string, asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1${path}`, asked);
}

const setOf = (cloud: TestCloud) => `/os-quota-sets/${cloud.projectIds.demo}`;

Deno.test("limits show what the project uses", async () => {
  await withCloud(async (cloud) => {
    await cloud.create({ name: "one" });
    const { absolute, rate } = (await asking(cloud, "member")("GET", "/limits")).json.limits;
    assertEquals(rate, []);
    assertEquals(
      [absolute.totalInstancesUsed, absolute.totalCoresUsed, absolute.totalRAMUsed],
      [1, 1, 512],
    );
    assertEquals([absolute.maxTotalInstances, absolute.maxTotalCores], [10, 20]);
  });
});

Deno.test("another project's limits are for administrators", async () => {
  await withCloud(async (cloud) => {
    await cloud.limit({ instances: 3 });
    const path = `/limits?tenant_id=${cloud.projectIds.demo}`;
    const shown = await asking(cloud)("GET", path);
    assertEquals(shown.json.limits.absolute.maxTotalInstances, 3);
    assertEquals(
      (await asking(cloud, "member")("GET", path)).json.forbidden.message,
      "Policy doesn't allow os_compute_api:limits:other_project to be performed.",
    );
    const ask = asking(cloud, "member");
    assertEquals((await ask("GET", "/limits?reserved=1", { mv: "2.74" })).status, 200);
    assertEquals((await ask("GET", "/limits?reserved=1", { mv: "2.75" })).status, 400);
  });
});

Deno.test("limits are set, shown, enforced, and taken back", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const path = setOf(cloud);
    await cloud.create({ name: "one" });
    const set = await ask("PUT", path, { mv: "2.90", body: { quota_set: { instances: "1" } } });
    assertEquals(set.json.quota_set, {
      cores: 20,
      instances: 1,
      key_pairs: 100,
      metadata_items: 128,
      ram: 51200,
      server_group_members: 10,
      server_groups: 10,
    });
    const detail = await ask("GET", `${path}/detail`, { mv: "2.90" });
    assertEquals(detail.json.quota_set.instances, { limit: 1, in_use: 1, reserved: 0 });
    const body = { server: await cloud.plain() };
    const refused = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    assertEquals(
      refused.json.forbidden.message,
      "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances",
    );
    assertEquals((await ask("DELETE", path)).status, 202);
    assertEquals((await ask("GET", path)).json.quota_set.instances, 10);
  });
});

Deno.test("limits below what is used need force", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const path = setOf(cloud);
    await cloud.create({ name: "one" });
    const refused = await ask("PUT", path, { body: { quota_set: { instances: 0, cores: 9 } } });
    assertEquals(
      refused.json.badRequest.message,
      "Quota limit 0 for instances must be greater than or equal to already used and reserved 1.",
    );
    assertEquals((await ask("GET", path)).json.quota_set.cores, 20);
    const forced = await ask("PUT", path, { body: { quota_set: { instances: 0, force: "True" } } });
    assertEquals(forced.json.quota_set.instances, 0);
  });
});

Deno.test("a user's limits stand within the project's", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const path = setOf(cloud);
    await cloud.create({ name: "one" });
    const put = (query: string, instances: number) =>
      ask("PUT", `${path}${query}`, { body: { quota_set: { instances } } });
    assertEquals((await put("?user_id=ann", 4)).json.quota_set.instances, 4);
    assertEquals(
      (await put("?user_id=bob", 7)).json.badRequest.message,
      "Quota limit 7 for instances must be less than or equal to 6.",
    );
    assertEquals((await ask("GET", path)).json.quota_set.instances, 10);
    assertEquals((await ask("GET", `${path}?user_id=ann`)).json.quota_set.instances, 4);
    const detail = await ask("GET", `${path}/detail?user_id=ann`);
    assertEquals(detail.json.quota_set.instances, { limit: 4, in_use: 0, reserved: 0 });
    const { user_id } = (await cloud.ask("member", "GET", "/v2.1/servers/detail")).json.servers[0];
    const own = await ask("GET", `${path}/detail?user_id=${user_id}`);
    assertEquals(own.json.quota_set.instances, { limit: 10, in_use: 1, reserved: 0 });
    assertEquals(own.json.quota_set.ram.in_use, 512);
    await ask("DELETE", `${path}?user_id=ann`);
    assertEquals((await ask("GET", `${path}?user_id=ann`)).json.quota_set.instances, 10);
  });
});

Deno.test("the class default is what projects have who have nothing of their own", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const put = (name: string, limits: object) =>
      ask("PUT", `/os-quota-class-sets/${name}`, { body: { quota_class_set: limits } });
    assertEquals((await put("default", { instances: 2, ram: "99" })).json.quota_class_set.ram, 99);
    assertEquals((await put("gold", { instances: 50 })).json.quota_class_set.instances, 50);
    await cloud.limit({ ram: 1000 });
    const { quota_set } = (await ask("GET", setOf(cloud))).json;
    assertEquals([quota_set.instances, quota_set.ram], [2, 1000]);
    assertEquals((await ask("GET", `${setOf(cloud)}/defaults`)).json.quota_set.instances, 2);
    assertEquals((await ask("GET", "/os-quota-class-sets/gold")).json.quota_class_set.id, "gold");
    assertEquals((await put("x".repeat(256), {})).status, 400);
    assertEquals((await put("default", { force: true })).status, 400);
  });
});

Deno.test("who may", async (t) => {
  await withCloud(async (cloud) => {
    const path = setOf(cloud);
    const body = { quota_set: {} };
    const classBody = { quota_class_set: {} };
    const ROWS: readonly (readonly [Role, string, string, number, object?])[] = [
      ["reader", "GET", path, 200],
      ["reader", "GET", `${path}/detail`, 200],
      ["stranger", "GET", path, 403],
      ["stranger", "GET", `${path}/detail`, 403],
      ["stranger", "GET", `${path}/defaults`, 200],
      ["member", "PUT", path, 403, body],
      ["member", "DELETE", path, 403],
      ["admin", "PUT", path, 200, body],
      ["member", "GET", "/os-quota-class-sets/default", 403],
      ["member", "PUT", "/os-quota-class-sets/default", 403, classBody],
    ];
    for (const [role, method, asked, status, sent] of ROWS) {
      await t.step(
        `${role}: ${method} ${asked.replace(cloud.projectIds.demo, "demo")}`,
        async () => {
          const answered = await asking(cloud, role)(method, asked, sent && { body: sent });
          assertEquals(answered.status, status, answered.text);
          if (status === 403) assert(answered.text.includes("Policy doesn't allow"));
        },
      );
    }
  });
});

Deno.test("the probes of a real Nova are answered alike", async (t) => {
  await withCloud(async (cloud) => {
    await cloud.limit({ instances: 1000, cores: 1000, ram: 100_000_000, server_groups: 1000 });
    const flavor = { id: "small", name: "small", ram: 64, vcpus: 1, disk: 1 };
    await asking(cloud)("POST", "/flavors", { body: { flavor } });
    for (const name of ["a", "b", "c"]) await cloud.create({ name, flavorRef: "small" });
    const file = new URL("../../fixtures/nova/observed.jsonl", import.meta.url);
    const probes = Deno.readTextFileSync(file).trim().split("\n").map((line) => JSON.parse(line));
    // Reading the quota was the last of them, when the limit set before had been taken back.
    for (const number of [453, 289, 290, 295]) {
      const { title, role, method, path, mv, request, status, body } = probes[number - 1];
      await t.step(`${number}. ${title}`, async () => {
        const ours = (text: string) =>
          text.replaceAll(/(?<=os-quota-sets\/|"id": ")[0-9a-f]{32}/g, cloud.projectIds.demo);
        const asked = { mv, ...(request && { body: ours(request) }) };
        const answered = await cloud.ask(role, method, ours(path), asked);
        assertEquals([answered.status, answered.json], [status, JSON.parse(ours(body))]);
      });
    }
  });
});
