/** /os-hosts, which ended with 2.42: list, show, update, power. */
import { assertEquals } from "@std/assert";
import { type Answered, type TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const PATH = "/v2.1/os-hosts";

function ask(
  cloud: TestCloud,
  method: string,
  path: string,
  { mv = "2.42", body }: { readonly mv?: string; readonly body?: Json } = {},
): Promise<Answered> {
  return cloud.ask("admin", method, `${PATH}${path}`, { mv, body });
}

const ROWS: readonly (readonly [schema: string, method: string, path: string])[] = [
  ["list_hosts", "GET", ""],
  ["get_host_detail", "GET", "/compute-1"],
  ["update_host", "PUT", "/compute-1"],
  ["reboot_host", "GET", "/compute-1/reboot"],
  ["shutdown_host", "GET", "/compute-1/shutdown"],
  ["startup_host", "GET", "/compute-1/startup"],
];

Deno.test("every answer is by Tempest's schemas up to 2.42; then there is nothing", async () => {
  await withCloud(async (cloud) => {
    for (const minor of EVERY_MINOR) {
      for (const [schema, method, path] of ROWS) {
        const body = method === "PUT" ? { status: "enable" } : undefined;
        const answered = await ask(cloud, method, path, { mv: `2.${minor}`, body });
        if (minor > 42) assertEquals(answered.status, 404);
        else assertEquals(replyProblems("hosts", schema, minor, answered), []);
      }
    }
  });
});

Deno.test("only administrators may", async () => {
  await withCloud(async (cloud) => {
    const rules = ["list", "show", "update", "reboot", "shutdown", "start"];
    for (const [place, [, method, path]] of ROWS.entries()) {
      const body = method === "PUT" ? { status: "enable" } : undefined;
      const refused = await cloud.ask("member", method, `${PATH}${path}`, { body });
      assertEquals(
        refused.json.forbidden.message,
        `Policy doesn't allow os_compute_api:os-hosts:${rules[place]} to be performed.`,
      );
    }
  });
});

Deno.test("a host that is not there is a 404, whatever is asked of it", async () => {
  await withCloud(async (cloud) => {
    for (const [, method, path] of ROWS.slice(1)) {
      const body = method === "PUT" ? { maintenance_mode: "enable" } : undefined;
      const nowhere = path.replace("compute-1", "nowhere");
      const refused = await ask(cloud, method, nowhere, { body });
      assertEquals(
        [refused.status, refused.json.itemNotFound?.message],
        [404, "Host 'nowhere' is not mapped to any cell"],
      );
    }
  });
});

Deno.test("hosts are listed by service and zone, those that are enabled", async () => {
  await withCloud(async (cloud) => {
    const list = async (query = "") => (await ask(cloud, "GET", query)).json.hosts;
    assertEquals(await list(), [
      { host_name: "chronova", service: "scheduler", zone: "internal" },
      { host_name: "chronova", service: "conductor", zone: "internal" },
      { host_name: "compute-1", service: "compute", zone: "nova" },
      { host_name: "compute-2", service: "compute", zone: "nova" },
    ]);
    const answered = await ask(cloud, "PUT", "/compute-2", { body: { status: "Disable" } });
    assertEquals(answered.json, { host: "compute-2", status: "disabled" });
    assertEquals((await list("?zone=nova")).map((one: Json) => one.host_name), ["compute-1"]);
  }, { settings: { simulatedHosts: 2 } });
});

Deno.test("a host shows all of it, what is claimed, and what each project has", async () => {
  await withCloud(async (cloud) => {
    await cloud.create();
    await cloud.create({}, { as: "stranger" });
    const { json } = await ask(cloud, "GET", "/compute-1");
    const one = { cpu: 1, memory_mb: 512, disk_gb: 1, host: "compute-1" };
    const two = { cpu: 2, memory_mb: 1024, disk_gb: 2, host: "compute-1" };
    assertEquals(json.host.map((each: Json) => each.resource), [
      { host: "compute-1", project: "(total)", cpu: 64, memory_mb: 262144, disk_gb: 4096 },
      { ...two, project: "(used_now)" },
      { ...two, project: "(used_max)" },
      { ...one, project: cloud.projectIds.demo },
      { ...one, project: cloud.projectIds.other },
    ]);
  }, { settings: { simulatedHosts: 1 } });
});
