/** The network proxies: conversations, and Tempest's schemas. */
import { assertEquals } from "@std/assert";
import { type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";
import { replyProblems } from "../kit/schemas.ts";

const LAST = "2.35";
const GONE = "This resource is no longer available. No forwarding address is given.";

function asking(cloud: TestCloud, as: Role = "member") {
  return (method: string, path: string, asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1${path}`, { mv: LAST, ...asked });
}

/** A network that leads out, with room for so many addresses. */
async function makeExternal(
  cloud: TestCloud,
  name = "public",
  last = "172.24.4.20",
): Promise<Json> {
  const { json } = await cloud.ask("admin", "POST", "/network/v2.0/networks", {
    body: { network: { name, "router:external": true } },
  });
  await cloud.ask("admin", "POST", "/network/v2.0/subnets", {
    body: {
      subnet: {
        network_id: json.network.id,
        ip_version: 4,
        cidr: "172.24.4.0/24",
        allocation_pools: [{ start: "172.24.4.10", end: last }],
      },
    },
  });
  return json.network;
}

function messageOf({ json }: { readonly json: Json }): string {
  return (Object.values(json)[0] as Json).message;
}

Deno.test("networks show their ids and names, and to admins more that is null", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.networkId();
    const [network] = (await asking(cloud)("GET", "/os-networks")).json.networks;
    assertEquals([network.id, network.label, network.cidr], [id, "private", null]);
    assertEquals(Object.keys(network).length, 11);
    const one = await asking(cloud, "padmin")("GET", `/os-networks/${id}`);
    assertEquals(Object.keys(one.json.network).length, 32);
    assertEquals((await asking(cloud)("GET", `/os-tenant-networks/${id}`)).json, {
      network: { id, cidr: "None", label: "private" },
    });
    assertEquals((await asking(cloud)("GET", "/os-tenant-networks")).json.networks.length, 1);
    for (const path of ["/os-networks/unknown", "/os-tenant-networks/unknown"]) {
      assertEquals(messageOf(await asking(cloud)("GET", path)), "Network not found");
    }
  });
});

Deno.test("floating IPs come from pools, and go", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const none = await ask("POST", "/os-floating-ips", { body: null });
    assertEquals([none.status, messageOf(none)], [404, "Floating IP pool not found."]);
    await makeExternal(cloud, "public", "172.24.4.10");
    const pools = await ask("GET", "/os-floating-ip-pools");
    assertEquals(pools.json, { floating_ip_pools: [{ name: "public" }] });
    const made = await ask("POST", "/os-floating-ips", { body: { pool: "public" } });
    assertEquals(replyProblems("floating_ips", "create_get_floating_ip", 35, made), []);
    const { id, ip } = made.json.floating_ip;
    assertEquals(made.json.floating_ip, {
      fixed_ip: null,
      id,
      instance_id: null,
      ip: "172.24.4.10",
      pool: "public",
    });
    const full = await ask("POST", "/os-floating-ips", { body: { pool: "public" } });
    assertEquals([full.status, messageOf(full)], [404, "No more floating IPs in pool public."]);
    assertEquals((await ask("GET", `/os-floating-ips/${id}`)).json.floating_ip.ip, ip);
    assertEquals((await ask("GET", "/os-floating-ips")).json.floating_ips.length, 1);
    const theirs = asking(cloud, "stranger");
    assertEquals((await theirs("GET", "/os-floating-ips")).json, { floating_ips: [] });
    assertEquals((await theirs("DELETE", `/os-floating-ips/${id}`)).status, 404);
    assertEquals((await ask("DELETE", `/os-floating-ips/${id}`)).status, 202);
    const gone = await ask("DELETE", `/os-floating-ips/${id}`);
    assertEquals(messageOf(gone), `Floating IP not found for ID ${id}`);
  });
});

Deno.test("security groups show only rules for what comes in", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const body = { security_group: { name: "web", description: "for all" } };
    const made = await ask("POST", "/os-security-groups", { body });
    assertEquals(replyProblems("security_groups", "create_security_group", 35, made), []);
    const { id } = made.json.security_group;
    const project = cloud.projectIds.demo;
    const about = { id, tenant_id: project, rules: [] };
    assertEquals(made.json.security_group, { ...about, name: "web", description: "for all" });
    const renamed = { security_group: { name: "new", description: "" } };
    assertEquals(
      (await ask("PUT", `/os-security-groups/${id}`, { body: renamed })).json.security_group,
      { ...about, name: "new", description: "" },
    );
    const { security_groups: all } = (await ask("GET", "/os-security-groups")).json;
    assertEquals(all.map(({ name }: Json) => name), ["default", "new"]);
    // Members of the default group may reach each other, by IPv4 and by IPv6.
    assertEquals(all[0].rules.map(({ group }: Json) => group.name), ["default", "default"]);
    const page = await ask("GET", "/os-security-groups?limit=1&offset=1");
    assertEquals(page.json.security_groups.length, 1);
    assertEquals((await ask("GET", "/os-security-groups?limit=x")).status, 400);
    assertEquals((await asking(cloud, "stranger")("GET", `/os-security-groups/${id}`)).status, 404);
    assertEquals((await ask("GET", `/os-security-groups/${id}`)).status, 200);
    assertEquals((await ask("DELETE", `/os-security-groups/${id}`)).status, 202);
  });
});

Deno.test("what Nova refuses of security groups", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const group = (name: string) => ({ security_group: { name, description: "" } });
    const all = (await ask("GET", "/os-security-groups")).json.security_groups;
    const id = all[0].id;
    const unknown = crypto.randomUUID();
    const ROWS: readonly (readonly [string, string, Json, number, string])[] = [
      ["GET", "/os-security-groups/1", undefined, 400, "Security group id should be uuid"],
      [
        "GET",
        `/os-security-groups/${unknown}`,
        undefined,
        404,
        `Security group ${unknown} does not exist`,
      ],
      [
        "POST",
        "/os-security-groups",
        group("default"),
        403,
        "Default security group already exists.",
      ],
      [
        "PUT",
        `/os-security-groups/${id}`,
        group("x"),
        400,
        "Updating default security group not allowed.",
      ],
      [
        "DELETE",
        `/os-security-groups/${id}`,
        undefined,
        400,
        "Insufficient rights for removing default security group.",
      ],
      ["DELETE", "/os-security-group-rules/1", undefined, 400, "Security group id should be uuid"],
      [
        "DELETE",
        `/os-security-group-rules/${unknown}`,
        undefined,
        404,
        `Security group rule ${unknown} does not exist`,
      ],
    ];
    for (const [method, path, body, status, message] of ROWS) {
      const answered = await ask(method, path, { body });
      assertEquals([answered.status, messageOf(answered)], [status, message]);
    }
  });
});

Deno.test("rules of security groups", async (t) => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const body = { security_group: { name: "web", description: "" } };
    const { id } = (await ask("POST", "/os-security-groups", { body })).json.security_group;
    const add = (rule: Json) =>
      ask("POST", "/os-security-group-rules", {
        body: { security_group_rule: { parent_group_id: id, ...rule } },
      });
    const ssh = { ip_protocol: "tcp", from_port: 22, to_port: "22", cidr: "10.0.0.0/24" };

    await t.step("are made and taken away", async () => {
      const made = await add(ssh);
      assertEquals(replyProblems("security_groups", "create_security_group_rule", 35, made), []);
      const { id: ruleId } = made.json.security_group_rule;
      assertEquals(made.json.security_group_rule, {
        id: ruleId,
        parent_group_id: id,
        ip_protocol: "tcp",
        from_port: 22,
        to_port: 22,
        group: {},
        ip_range: { cidr: "10.0.0.0/24" },
      });
      const twice = await add(ssh);
      assertEquals(
        [twice.status, messageOf(twice)],
        [400, `This rule already exists in group ${id}`],
      );
      assertEquals((await ask("DELETE", `/os-security-group-rules/${ruleId}`)).status, 202);
    });

    await t.step("from a group open all ports when none is named", async () => {
      const made = (await add({ ip_protocol: "udp", group_id: id })).json.security_group_rule;
      assertEquals([made.from_port, made.to_port, made.group.name], [1, 65535, "web"]);
      const anything = (await add({ group_id: id })).json.security_group_rule;
      assertEquals([anything.ip_protocol, anything.from_port], [null, null]);
    });

    const REFUSED: readonly (readonly [Json, string])[] = [
      [{ ip_protocol: "tcp" }, "Not enough parameters to build a valid rule."],
      [{ ...ssh, cidr: "nonsense" }, "nonsense is not a valid IP network."],
      [{ ...ssh, cidr: "10.0.0.0/0" }, "Bad prefix for network in cidr 10.0.0.0/0"],
      [{ ...ssh, ip_protocol: "sctp" }, "Invalid IP protocol sctp."],
      [{ ...ssh, from_port: "a" }, "Invalid input received: To and From ports must be integers"],
      [
        { ...ssh, ip_protocol: "icmp", from_port: "a" },
        "Invalid input received: Type and Code must be integers for ICMP protocol type",
      ],
      [
        { ...ssh, from_port: 23 },
        "Invalid port range 23:22. Former value cannot be greater than the later",
      ],
      [
        { ...ssh, to_port: 65536 },
        "Invalid port range 22:65536. Valid TCP ports should be between 1-65535",
      ],
      [
        { ...ssh, ip_protocol: "icmp", from_port: 256 },
        "Invalid port range 256:22. For ICMP, the type:code must be valid",
      ],
    ];
    for (const [rule, message] of REFUSED) {
      await t.step(message, async () => {
        const answered = await add(rule);
        assertEquals([answered.status, messageOf(answered)], [400, message]);
      });
    }
  });
});

Deno.test("proxies end with 2.35; what is gone is gone at every microversion", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const PROXIES = [
      "/os-networks",
      "/os-networks/1",
      "/os-tenant-networks",
      "/os-floating-ips",
      "/os-floating-ip-pools",
      "/os-security-groups",
    ];
    for (const path of PROXIES) {
      const ended = await ask("GET", path, { mv: "2.36" });
      assertEquals([ended.status, messageOf(ended)], [404, "The resource could not be found."]);
    }
    const server = await cloud.create();
    for (const mv of ["2.1", "2.35", "2.104"]) {
      for (
        const [method, path, body] of [
          ["GET", "/os-fping", undefined],
          ["GET", "/os-floating-ips-bulk", undefined],
          ["POST", "/os-networks", {}],
          ["POST", "/os-networks/1/action", { disassociate: null }],
          ["GET", `/servers/${server}/os-virtual-interfaces`, undefined],
        ] as const
      ) {
        const gone = await ask(method, path, { mv, body });
        assertEquals([gone.status, messageOf(gone)], [410, GONE], `${method} ${path}`);
      }
    }
    const unknown = await ask("POST", "/os-networks/1/action", { body: { fly: null } });
    assertEquals(messageOf(unknown), "There is no such action: fly");
    assertEquals((await ask("POST", "/os-networks", { body: "{" })).status, 400);
  });
});
