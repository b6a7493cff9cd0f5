/** /os-simple-tenant-usage and /os-instance_usage_audit_log: figures, pages. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, ORIGIN, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

const PATH = "/v2.1/os-simple-tenant-usage";
const HOUR_MS = 3_600_000;
const BEGIN = Date.UTC(2026, 0, 10);

/** A cloud in which it is the tenth of January until it is told otherwise. */
async function atTime(
  work: (cloud: TestCloud, clock: { hours: number }) => Promise<void>,
): Promise<void> {
  const clock = { hours: 0 };
  await withCloud((cloud) => work(cloud, clock), {
    clock: () => BEGIN + clock.hours * HOUR_MS,
  });
}

const asking = (cloud: TestCloud, role: Role = "admin") => (path: string, asked: Asked = {}) =>
  cloud.ask(role, "GET", `${PATH}${path}`, asked);

Deno.test("hours are those within the period, by what the flavor takes", async () => {
  await atTime(async (cloud, clock) => {
    const ask = asking(cloud, "member");
    const path = `/${cloud.projectIds.demo}`;
    const gone = await cloud.create({ name: "gone", flavorRef: "2" });
    clock.hours = 1;
    const stays = await cloud.create({ name: "stays" });
    clock.hours = 2;
    await cloud.ask("member", "DELETE", `/v2.1/servers/${gone}`);
    await cloud.cloud.settled();
    clock.hours = 5;
    const { tenant_usage } = (await ask(
      `${path}?start=2026-01-10T01:30:00&end=2026-01-10T04:00:00`,
    )).json;
    const usage = (id: string) =>
      tenant_usage.server_usages.find((one: Json) => one.instance_id === id);
    const near = (hours: number, wanted: number) => assert(Math.abs(hours - wanted) < 0.001);
    near(usage(gone).hours, 0.5);
    near(usage(stays).hours, 2.5);
    near(tenant_usage.total_hours, 3);
    near(tenant_usage.total_memory_mb_usage, 0.5 * 2048 + 2.5 * 512);
    near(tenant_usage.total_vcpus_usage, 0.5 + 2.5);
    near(tenant_usage.total_local_gb_usage, 0.5 * 20 + 2.5);
    assertEquals(tenant_usage.start, "2026-01-10T01:30:00.000000");
    assertEquals(tenant_usage.stop, "2026-01-10T04:00:00.000000");
    assertEquals([usage(gone).state, usage(stays).state], ["terminated", "active"]);
    // Up for two hours in all, and for four until now.
    near(usage(gone).uptime / 3600, 2);
    near(usage(stays).uptime / 3600, 4);
    assertEquals(usage(stays).ended_at, null);
  });
});

Deno.test("who ended before a period, began after it or never began, is not in it", async () => {
  await atTime(async (cloud, clock) => {
    const ask = asking(cloud, "member");
    const gone = await cloud.create({ name: "gone" });
    await cloud.ask("member", "DELETE", `/v2.1/servers/${gone}`);
    await cloud.cloud.settled();
    clock.hours = 1;
    const later = await cloud.create({ name: "later" });
    clock.hours = 2;
    const path = `/${cloud.projectIds.demo}`;
    const ids = async (period: string) =>
      ((await ask(`${path}?${period}`)).json.tenant_usage.server_usages ?? [])
        .map((one: Json) => one.instance_id);
    assertEquals(await ids("start=2026-01-10T00:30:00&end=2026-01-10T00:40:00"), []);
    assertEquals(await ids("start=2026-01-10T00:30:00"), [later]);
    assertEquals(await ids("start=2026-01-09T00:00:00&end=2026-01-10T00:40:00"), [gone]);
    // A period without times is of this moment.
    assertEquals(await ids(""), [later]);
    assertEquals((await ask(`${path}?start=2025-01-01T00:00:00&end=2025-01-02T00:00:00`)).json, {
      tenant_usage: {},
    });
  });
});

Deno.test("pages follow one another by project and id, from 2.40 on", async () => {
  await atTime(async (cloud, clock) => {
    const ask = asking(cloud);
    const ids: string[] = [];
    for (const as of ["member", "member", "stranger", "member"] as const) {
      ids.push(await cloud.create({}, { as }));
    }
    await cloud.ask("member", "DELETE", `/v2.1/servers/${ids[1]}`);
    await cloud.cloud.settled();
    clock.hours = 1;
    const start = "start=2026-01-09T00:00:00";
    const seen: string[] = [];
    let url: string | undefined = `${PATH}?detailed=1&limit=2&${start}`;
    for (let pages = 0; url !== undefined; pages++) {
      assert(pages < 4, "pages without end");
      const { json }: Json = await cloud.ask("admin", "GET", url, { mv: "2.40" });
      for (const { tenant_id, server_usages } of json.tenant_usages) {
        for (const one of server_usages) {
          assertEquals(one.tenant_id, tenant_id);
          seen.push(`${tenant_id} ${one.instance_id}`);
        }
      }
      url = json.tenant_usages_links?.[0].href.replace(ORIGIN, "");
    }
    assertEquals(seen, [...seen].sort());
    assertEquals(seen.map((one) => one.split(" ")[1]).sort(), [...ids].sort());
    assertEquals((await ask(`?limit=2&${start}`, { mv: "2.39" })).json.tenant_usages.length, 2);
    assertEquals((await ask(`?limit=0&${start}`, { mv: "2.40" })).json, { tenant_usages: [] });
    const foreign = asking(cloud, "stranger");
    const own = `/${cloud.projectIds.other}?${start}&marker=`;
    assertEquals((await foreign(own + ids[2], { mv: "2.40" })).json, { tenant_usage: {} });
    for (const marker of [ids[0], "none"]) {
      assertEquals(
        (await foreign(own + marker, { mv: "2.40" })).json.badRequest.message,
        `Marker ${marker} could not be found.`,
      );
    }
  });
});

Deno.test("times of other forms, and periods that end before they begin, are 400", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const form = "Invalid datetime string: Datetime is in invalid format";
    const order = "Invalid start time. The start time cannot occur after the end time.";
    const ROWS: readonly (readonly [string, string | undefined])[] = [
      ["?start=yesterday", form],
      ["?end=2026-13-01T00:00:00", form],
      ["?start=2026-01-01", form],
      ["?start=2026-01-01 00:00:00", form],
      ["?start=2026-01-01T00:00:00Z", form],
      ["?start=2026-01-01 00:00:00.000001", undefined],
      ["?start=2026-1-1T0:0:0.1", undefined],
      ["?start=&end=", undefined],
      ["?start=2999-01-01T00:00:00", order],
      ["?start=2020-01-01T00:00:00&end=2020-01-01T00:00:00", order],
      ["?start=0001-01-01T00:00:00&end=9999-12-31T23:59:59.999999", undefined],
    ];
    for (const [query, message] of ROWS) {
      const answered = await ask(query);
      assertEquals(answered.json.badRequest?.message, message, query);
      assertEquals(answered.status, message === undefined ? 200 : 400);
    }
    assertEquals((await ask("?x=1", { mv: "2.74" })).status, 200);
    assertEquals((await ask("?x=1", { mv: "2.75" })).status, 400);
    assertEquals((await ask("?limit=-1", { mv: "2.40" })).status, 400);
  });
});

Deno.test("who may", async () => {
  await withCloud(async (cloud) => {
    const own = `/${cloud.projectIds.demo}`;
    const ROWS: readonly (readonly [Role, string, number])[] = [
      ["admin", "", 200],
      ["padmin", "", 200],
      ["member", "", 403],
      ["reader", own, 200],
      ["stranger", own, 403],
      ["admin", own, 200],
    ];
    for (const [role, path, status] of ROWS) {
      assertEquals((await asking(cloud, role)(path)).status, status, `${role} ${path}`);
    }
  });
});

Deno.test("no host has run an audit of any month", async () => {
  await atTime(async (cloud) => {
    const path = "/v2.1/os-instance_usage_audit_log";
    const get = (before: string) => cloud.ask("admin", "GET", `${path}/${before}`);
    const log = (await cloud.ask("admin", "GET", path)).json.instance_usage_audit_logs;
    assertEquals(log.period_beginning, "2025-12-01 00:00:00");
    assertEquals(log.period_ending, "2026-01-01 00:00:00");
    assertEquals(log.num_hosts_not_run, log.num_hosts);
    assertEquals(log.overall_status, `0 of ${log.num_hosts} hosts done. 0 errors.`);
    assertEquals(log.hosts_not_run.length, log.num_hosts);
    const PERIODS: readonly (readonly [string, string])[] = [
      ["2012-07-05 10:00:00", "2012-06-01 00:00:00"],
      ["2012-07-01 00:00:00", "2012-05-01 00:00:00"],
      ["2012-07-01 00:00:00.5", "2012-06-01 00:00:00"],
      ["2012-01-15 00:00:00.123456", "2011-12-01 00:00:00"],
    ];
    for (const [before, begin] of PERIODS) {
      const found = (await get(before)).json.instance_usage_audit_log;
      assertEquals(found.period_beginning, begin, before);
    }
    for (const bad of ["foo", "2012-07-05", "2012-02-30 00:00:00", "0001-01-01 00:00:00"]) {
      assertEquals(
        (await get(bad)).json.badRequest.message,
        `Invalid timestamp for date ${bad}`,
      );
    }
    assertEquals((await cloud.ask("member", "GET", path)).status, 403);
  });
});

Deno.test("no volume's snapshot can be assisted, and only services may ask", async () => {
  await withCloud(async (cloud) => {
    const path = "/v2.1/os-assisted-volume-snapshots";
    const create_info = { snapshot_id: "s", type: "qcow2", new_file: "f" };
    const body = { snapshot: { volume_id: "v", create_info } };
    for (const role of ["member", "admin"] as const) {
      const answered = await cloud.ask(role, "POST", path, { body });
      assertEquals([answered.status, answered.json.forbidden.message], [
        403,
        "Policy doesn't allow os_compute_api:os-assisted-volume-snapshots:create to be performed.",
      ]);
    }
    const wrong = { snapshot: { volume_id: "v", create_info: { ...create_info, type: "raw" } } };
    assertEquals((await cloud.ask("admin", "POST", path, { body: wrong })).status, 400);
    assertEquals((await cloud.ask("admin", "DELETE", `${path}/s`)).status, 403);
  });
});
