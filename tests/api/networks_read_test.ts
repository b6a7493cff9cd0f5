import { assertEquals } from "@std/assert";
import {
  type Neighbours,
  NETWORK_ID,
  ORIGIN,
  SUBNET_ID,
  withNeighbours,
} from "./networks_kit_test.ts";

const BASE = "/network/v2.0";

async function makePorts({ networks }: Neighbours, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await networks.ensurePorts({
      serverId: `server-${i}`,
      projectId: "project-1",
      host: "host-1",
      securityGroups: [],
      nics: [{ networkId: NETWORK_ID }],
    });
  }
}

Deno.test("the version document needs no token, everything else does", () =>
  withNeighbours(async (cloud) => {
    for (const path of ["/network", "/network/"]) {
      const { status, body } = await cloud.ask(undefined, "GET", path);
      assertEquals(status, 200);
      assertEquals(body, {
        versions: [{
          id: "v2.0",
          status: "CURRENT",
          links: [{ rel: "self", href: `${ORIGIN}/network/v2.0/` }],
        }],
      });
    }
    for (const path of ["", "/", "/networks", "/nowhere"]) {
      assertEquals((await cloud.ask(undefined, "GET", BASE + path)).status, 401, path);
    }
    assertEquals((await cloud.ask("member", "GET", `${BASE}/`)).body.resources.length, 3);
    const nowhere = await cloud.ask("member", "GET", `${BASE}/nowhere`);
    assertEquals([nowhere.status, nowhere.body], [404, {
      NeutronError: {
        type: "HTTPNotFound",
        message: "The resource could not be found.",
        detail: "",
      },
    }]);
  }));

Deno.test("the seeded network and subnet, for a member and an admin", () =>
  withNeighbours(async (cloud) => {
    const { body } = await cloud.ask("member", "GET", `${BASE}/networks`);
    assertEquals(body.networks.length, 1);
    const [network] = body.networks;
    assertEquals([network.id, network.name, network.shared], [NETWORK_ID, "private", true]);
    assertEquals(network.subnets, [SUBNET_ID]);
    assertEquals("provider:network_type" in network, false);
    const forAdmin = await cloud.ask("admin", "GET", `${BASE}/networks/${NETWORK_ID}`);
    assertEquals(forAdmin.body.network["provider:network_type"], "local");
    const subnet = (await cloud.ask("member", "GET", `${BASE}/subnets/${SUBNET_ID}`)).body.subnet;
    assertEquals(
      [subnet.cidr, subnet.gateway_ip, subnet.enable_dhcp, subnet.ip_version],
      ["10.0.0.0/16", "10.0.0.1", true, 4],
    );
    assertEquals(subnet.allocation_pools, [{ start: "10.0.0.2", end: "10.0.255.254" }]);
  }));

Deno.test("what is not there", () =>
  withNeighbours(async (cloud) => {
    for (
      const [path, type, message] of [
        ["networks", "NetworkNotFound", "Network x could not be found."],
        ["subnets", "SubnetNotFound", "Subnet x could not be found."],
        ["ports", "PortNotFound", "Port x could not be found."],
        ["security-groups", "SecurityGroupNotFound", "Security group x does not exist"],
        [
          "security-group-rules",
          "SecurityGroupRuleNotFound",
          "Security group rule x does not exist",
        ],
      ]
    ) {
      const { status, body } = await cloud.ask("member", "GET", `${BASE}/${path}/x`);
      assertEquals([status, body], [404, { NeutronError: { type, message, detail: "" } }]);
    }
  }));

Deno.test("a project's default security group is there at the first look", () =>
  withNeighbours(async (cloud) => {
    const { body } = await cloud.ask("reader", "GET", `${BASE}/security-groups?name=default`);
    const [group] = body.security_groups;
    assertEquals([group.name, group.project_id], ["default", "project-1"]);
    assertEquals(group.security_group_rules.length, 4);
    const rules = await cloud.ask(
      "member",
      "GET",
      `${BASE}/security-group-rules?security_group_id=${group.id}&direction=ingress`,
    );
    assertEquals(
      rules.body.security_group_rules.map((rule: Record<string, string>) => rule.remote_group_id),
      [group.id, group.id],
    );
    const others = await cloud.ask("other", "GET", `${BASE}/security-groups/${group.id}`);
    assertEquals(others.status, 404);
    assertEquals(
      (await cloud.ask("admin", "GET", `${BASE}/security-groups/${group.id}`)).status,
      200,
    );
  }));

Deno.test("ports: filters, fields, and whose they are", () =>
  withNeighbours(async (cloud) => {
    await makePorts(cloud, 3);
    const list = async (query: string, who: "member" | "other" | "admin" = "member") =>
      (await cloud.ask(who, "GET", `${BASE}/ports?${query}`)).body.ports;
    assertEquals((await list("")).length, 3);
    assertEquals((await list("", "other")).length, 0);
    assertEquals((await list("", "admin")).length, 3);
    for (
      const [query, count] of [
        ["device_id=server-1", 1],
        ["device_id=server-1&device_id=server-2", 2],
        ["device_owner=compute:nova&status=ACTIVE", 3],
        [`network_id=${NETWORK_ID}`, 3],
        ["fixed_ips=ip_address=10.0.0.3", 1],
        ["fixed_ips=ip_address=10.0.0.3&fixed_ips=ip_address=10.0.0.4", 2],
        [`fixed_ips=subnet_id=${SUBNET_ID}`, 3],
        ["fixed_ips=ip_address_substr=0.0.4", 1],
        ["admin_state_up=True", 3],
        ["admin_state_up=0", 0],
        ["tags=red", 0],
        ["not-tags=red", 3],
      ] as const
    ) {
      assertEquals((await list(query)).length, count, query);
    }
    assertEquals(Object.keys((await list("fields=id&fields=name"))[0]), ["id", "name"]);
    const [port] = await list("device_id=server-0");
    assertEquals(port.fixed_ips, [{ subnet_id: SUBNET_ID, ip_address: "10.0.0.2" }]);
    assertEquals("binding:host_id" in port, false);
    assertEquals((await list("binding:host_id=host-1", "admin"))[0]["binding:host_id"], "host-1");
  }));

Deno.test("pages of ports, forwards and backwards", () =>
  withNeighbours(async (cloud) => {
    await makePorts(cloud, 5);
    const all = (await cloud.ask("member", "GET", `${BASE}/ports`)).body.ports
      .map(({ id }: { id: string }) => id).sort();
    const seen: string[] = [];
    let path = `${BASE}/ports?limit=2`;
    let last: { rel: string; href: string }[] = [];
    for (let i = 0; i < 3; i++) {
      const { body } = await cloud.ask("member", "GET", path);
      seen.push(...body.ports.map(({ id }: { id: string }) => id));
      last = body.ports_links;
      path = last[0]!.href.slice(ORIGIN.length);
    }
    assertEquals(seen, all);
    assertEquals(last.map(({ rel }) => rel), ["previous"]);
    const before = await cloud.ask("member", "GET", last[0]!.href.slice(ORIGIN.length));
    assertEquals(before.body.ports.map(({ id }: { id: string }) => id), all.slice(2, 4));
  }));

Deno.test("queries that are refused", () =>
  withNeighbours(async (cloud) => {
    for (
      const [query, message] of [
        ["colour=red&size=1", "['colour', 'size'] is invalid attribute for filtering"],
        ["sort_key=name", "The number of sort_keys and sort_dirs must be same"],
        ["sort_key=colour&sort_dir=asc", "['colour'] is invalid attribute for sort_keys"],
        [
          "sort_key=name&sort_dir=up",
          "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'",
        ],
        ["limit=x", "Bad limit request: Limit must be an integer 0 or greater and not 'x'."],
        [
          "shared=maybe",
          "Invalid input for operation: 'maybe' cannot be converted to boolean.",
        ],
      ]
    ) {
      const { status, body } = await cloud.ask("member", "GET", `${BASE}/networks?${query}`);
      assertEquals([status, body.NeutronError?.message], [400, message], query);
    }
    const marker = await cloud.ask("member", "GET", `${BASE}/networks?limit=1&marker=missing`);
    assertEquals([marker.status, marker.body.NeutronError.type], [404, "NetworkNotFound"]);
  }));

Deno.test("the small collections", () =>
  withNeighbours(async (cloud) => {
    const get = async (path: string) => (await cloud.ask("member", "GET", BASE + path)).body;
    assertEquals(await get("/agents"), { agents: [] });
    assertEquals(await get("/routers"), { routers: [] });
    assertEquals(await get("/floatingips"), { floatingips: [] });
    assertEquals((await get("/availability_zones")).availability_zones.length, 2);
    assertEquals((await get("/extensions/security-group")).extension.alias, "security-group");
    assertEquals((await get("/quotas/project-1")).quota.network, 100);
    const aliases = (await get("/extensions")).extensions.map((e: { alias: string }) => e.alias);
    assertEquals(new Set(aliases).size, aliases.length);
  }));
