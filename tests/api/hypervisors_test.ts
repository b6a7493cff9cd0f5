/** /os-hypervisors: who may, what shows at which microversion, and paging. */
import { assertEquals, assertMatch } from "@std/assert";
import { type Answered, type TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

const PATH = "/v2.1/os-hypervisors";

function get(cloud: TestCloud, path: string, mv: string): Promise<Answered> {
  return cloud.ask("admin", "GET", `${PATH}${path}`, { mv });
}

async function idOf(cloud: TestCloud, mv: string): Promise<string> {
  return (await get(cloud, "", mv)).json.hypervisors[0].id;
}

function message({ json }: Answered): string {
  return Object.values<Json>(json)[0].message;
}

Deno.test("only administrators may", async () => {
  await withCloud(async (cloud) => {
    const id = await idOf(cloud, "2.52");
    for (
      const [path, rule] of [
        ["", "list"],
        ["/detail", "list-detail"],
        ["/statistics", "statistics"],
        [`/${id}`, "show"],
        [`/${id}/uptime`, "uptime"],
        ["/compute/search", "search"],
        ["/compute/servers", "servers"],
      ]
    ) {
      const refused = await cloud.ask("reader", "GET", `${PATH}${path}`, { mv: "2.52" });
      assertEquals(
        [refused.status, message(refused)],
        [403, `Policy doesn't allow os_compute_api:os-hypervisors:${rule} to be performed.`],
      );
    }
  });
});

Deno.test("a hypervisor shows what is claimed of it", async () => {
  await withCloud(async (cloud) => {
    await cloud.create();
    await cloud.create({ flavorRef: "2" });
    const { json: { hypervisor } } = await get(cloud, `/${await idOf(cloud, "2.53")}`, "2.87");
    const { cpu_info, id, service, ...rest } = hypervisor;
    assertEquals(rest, {
      hypervisor_hostname: "compute-1",
      state: "up",
      status: "enabled",
      hypervisor_type: "fake",
      hypervisor_version: 1000,
      host_ip: "127.0.0.1",
      vcpus: 8,
      memory_mb: 16384,
      local_gb: 100,
      vcpus_used: 2,
      memory_mb_used: 2560,
      local_gb_used: 21,
      free_ram_mb: 13824,
      free_disk_gb: 79,
      current_workload: 0,
      running_vms: 2,
      disk_available_least: 79,
    });
    assertEquals(cpu_info.topology, { cores: 8, threads: 1, sockets: 1 });
    assertEquals([service.host, service.disabled_reason], ["compute-1", null]);
    const old = (await get(cloud, "/detail", "2.27")).json.hypervisors[0];
    assertEquals(JSON.parse(old.cpu_info), cpu_info);
    assertEquals([typeof old.id, typeof old.service.id, typeof id], ["number", "number", "string"]);
    const { hypervisor_statistics: sums } = (await get(cloud, "/statistics", "2.87")).json;
    assertEquals([sums.count, sums.running_vms, sums.free_ram_mb], [1, 2, 13824]);
  }, {
    settings: {
      simulatedHosts: 1,
      simulatedHostVcpus: 8,
      simulatedHostRamMib: 16384,
      simulatedHostDiskGib: 100,
    },
  });
});

Deno.test("from 2.88 on the time it is up takes the figures' place, and operations are gone", async () => {
  await withCloud(async (cloud) => {
    const id = await idOf(cloud, "2.88");
    const { json: { hypervisor } } = await get(cloud, `/${id}`, "2.88");
    assertEquals(Object.keys(hypervisor).sort(), [
      "host_ip",
      "hypervisor_hostname",
      "hypervisor_type",
      "hypervisor_version",
      "id",
      "service",
      "state",
      "status",
      "uptime",
    ]);
    assertMatch(hypervisor.uptime, /^ \d\d:\d\d:\d\d up .+, {2}0 users, {2}load average: 0.00/);
    for (const path of ["/statistics", `/${id}/uptime`]) {
      assertEquals((await get(cloud, path, "2.87")).status, 200);
      assertEquals((await get(cloud, path, "2.88")).status, 404);
    }
    for (const path of ["/compute/search", "/compute/servers"]) {
      assertEquals((await get(cloud, path, "2.52")).status, 200);
      assertEquals((await get(cloud, path, "2.53")).status, 404);
    }
  });
});

Deno.test("a host that is down does not tell how long it is up", async () => {
  await withCloud(async (cloud) => {
    const body = { host: "compute-1", binary: "nova-compute", forced_down: true };
    await cloud.ask("admin", "PUT", "/v2.1/os-services/force-down", { mv: "2.11", body });
    const id = await idOf(cloud, "2.53");
    const refused = await get(cloud, `/${id}/uptime`, "2.87");
    assertEquals([refused.status, message(refused)], [
      400,
      "Compute service of compute-1 is unavailable at this time.",
    ]);
    const { hypervisor } = (await get(cloud, `/${id}`, "2.88")).json;
    assertEquals([hypervisor.state, hypervisor.uptime], ["down", null]);
  });
});

Deno.test("what is not there is refused in Nova's words", async () => {
  await withCloud(async (cloud) => {
    const unknown = crypto.randomUUID();
    const paging =
      "Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.";
    for (
      const [path, mv, status, words] of [
        ["/x", "2.52", 404, "Hypervisor with ID 'x' could not be found."],
        ["/99999", "2.52", 404, "Hypervisor with ID '99999' could not be found."],
        ["/1", "2.53", 400, "Invalid uuid 1"],
        [`/${unknown}`, "2.53", 404, `Hypervisor with ID '${unknown}' could not be found.`],
        [`/${unknown}/uptime`, "2.87", 404, `Hypervisor with ID '${unknown}' could not be found.`],
        ["/x/search", "2.52", 404, "No hypervisor matching 'x' could be found."],
        ["/x/servers", "2.52", 404, "No hypervisor matching 'x' could be found."],
        [
          "?hypervisor_hostname_pattern=x",
          "2.53",
          404,
          "No hypervisor matching 'x' could be found.",
        ],
        ["?hypervisor_hostname_pattern=compute&limit=1", "2.53", 400, paging],
        ["?hypervisor_hostname_pattern=compute&marker=1", "2.53", 400, paging],
        ["?marker=99999", "2.33", 400, "marker [99999] not found"],
        [`?marker=${unknown}`, "2.53", 400, `marker [${unknown}] not found`],
      ] as const
    ) {
      const refused = await get(cloud, path, mv);
      assertEquals([refused.status, message(refused)], [status, words]);
    }
  });
});

Deno.test("names are searched by a part of them, without regard to case", async () => {
  await withCloud(async (cloud) => {
    const names = async (pattern: string) =>
      (await get(cloud, `?hypervisor_hostname_pattern=${pattern}`, "2.53")).json.hypervisors
        .map((one: Json) => one.hypervisor_hostname);
    assertEquals(await names("E-2"), ["compute-2"]);
    assertEquals(await names("compute_3"), ["compute-3"]);
    const { json } = await get(cloud, "/e-4/search", "2.52");
    assertEquals(json.hypervisors.map((one: Json) => one.hypervisor_hostname), ["compute-4"]);
  });
});

Deno.test("servers show by the name of their machine; without any, from 2.75 on, as none", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ host: "compute-1" }, { as: "padmin" });
    const serversOf = async (path: string, mv: string) =>
      (await get(cloud, path, mv)).json.hypervisors.map((one: Json) => one.servers);
    const [[shown], ...others] = await serversOf("?with_servers=true", "2.75");
    assertEquals(shown.uuid, server);
    assertMatch(shown.name, /^instance-[0-9a-f]{8}$/);
    assertEquals(others, [[], [], []]);
    assertEquals((await serversOf("?with_servers=1", "2.74")).slice(1), [
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals((await serversOf("", "2.75"))[0], undefined);
    assertEquals((await serversOf("/compute-1/servers", "2.52"))[0][0].uuid, server);
    const { hypervisor } =
      (await get(cloud, `/${await idOf(cloud, "2.53")}?with_servers=yes`, "2.53")).json;
    assertEquals(hypervisor.servers[0].uuid, server);
  });
});

Deno.test("from 2.33 on there are pages, each with a link to the next", async () => {
  for (const mv of ["2.33", "2.53", "2.88"]) {
    await withCloud(async (cloud) => {
      const seen: string[] = [];
      let path: string | undefined = "/detail?limit=2";
      while (path !== undefined) {
        const { json }: Answered = await get(cloud, path, mv);
        seen.push(...json.hypervisors.map((one: Json) => one.hypervisor_hostname));
        path = json.hypervisors_links?.[0].href.split("os-hypervisors")[1];
      }
      assertEquals(seen, ["compute-1", "compute-2", "compute-3"]);
    }, { settings: { simulatedHosts: 3 } });
  }
  await withCloud(async (cloud) => {
    const { json } = await get(cloud, "?limit=1", "2.32");
    assertEquals([json.hypervisors.length, "hypervisors_links" in json], [4, false]);
  });
});
