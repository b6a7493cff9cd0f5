import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  BASE,
  drop,
  make,
  type Name,
  type Neighbours,
  NETWORK_ID,
  put,
  refusalOf,
  SUBNET_ID,
  withNeighbours,
} from "./networks_kit_test.ts";

/** A network of project-1 with one subnet. */
async function subnetOf(cloud: Neighbours, cidr: string, more: object = {}) {
  const network = await make(cloud, "networks", { network: { name: "mine" } });
  const subnet = await make(cloud, "subnets", {
    subnet: { network_id: network.id, ip_version: 4, cidr, ...more },
  });
  return { network, subnet };
}

/** An external network with 8 addresses. */
async function externalNetwork(cloud: Neighbours): Promise<string> {
  const network = await make(cloud, "networks", {
    network: { "name": "public", "router:external": true },
  }, "admin");
  await make(cloud, "subnets", {
    subnet: { network_id: network.id, ip_version: 4, cidr: "203.0.113.0/28", enable_dhcp: false },
  }, "admin");
  return network.id;
}

Deno.test("a network from create to delete", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: { name: "mine" } });
    assertEquals(
      [network.name, network.project_id, network.shared, network.mtu, network.revision_number],
      ["mine", "project-1", false, 1500, 1],
    );
    const path = `networks/${network.id}`;
    const updated = await put(cloud, path, { network: { name: "ours", admin_state_up: false } });
    assertEquals([updated.status, updated.body.network.name], [200, "ours"]);
    assertEquals(updated.body.network.revision_number, 2);
    assertEquals((await cloud.ask("other", "GET", `${BASE}/${path}`)).status, 404);
    assertEquals((await put(cloud, path, { network: { name: "x" } }, "other")).status, 404);
    assertEquals(refusalOf(await put(cloud, path, { network: { name: "x" } }, "reader")), [
      403,
      "PolicyNotAuthorized",
      "rule:update_network is disallowed by policy",
    ]);
    assertEquals((await drop(cloud, path, "reader")).status, 403);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals((await drop(cloud, path)).status, 404);
  }));

Deno.test("several at once are made all or not at all", () =>
  withNeighbours(async (cloud) => {
    const made = await cloud.ask("member", "POST", `${BASE}/networks`, {
      body: { networks: [{ name: "a" }, { network: { name: "b" } }] },
    });
    assertEquals(made.status, 201);
    assertEquals(made.body.networks.map(({ name }: { name: string }) => name), ["a", "b"]);
    const networkId = made.body.networks[0].id;
    const refused = await cloud.ask("member", "POST", `${BASE}/subnets`, {
      body: {
        subnets: [
          { network_id: networkId, ip_version: 4, cidr: "10.1.0.0/24" },
          { network_id: networkId, ip_version: 4, cidr: "10.1.0.0/25" },
        ],
      },
    });
    assertEquals(refused.status, 400);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/subnets?cidr=10.1.0.0/24`)).body, {
      subnets: [],
    });
  }));

Deno.test("creates that are refused before anything is looked up", () =>
  withNeighbours(async (cloud) => {
    for (
      const [path, body, message] of [
        ["networks", "{", /malformed/],
        ["networks", "", /Resource body required/],
        ["networks", [], /Body contains invalid data/],
        ["networks", { net: {} }, /Unable to find 'network' in request body/],
        ["networks", { network: 1 }, /Object 'network' contains invalid data/],
        ["networks", { networks: [] }, /Resources required/],
        ["networks", { networks: 5 }, /Body contains invalid data/],
        ["networks", { network: { colour: 1 } }, /Unrecognized attribute\(s\) 'colour'/],
        [
          "networks",
          { network: { name: 5 } },
          /Invalid input for name. Reason: '5' is not a valid string./,
        ],
        ["networks", { network: { name: "x".repeat(256) } }, /exceeds maximum length of 255/],
        [
          "networks",
          { network: { admin_state_up: "maybe" } },
          /'maybe' cannot be converted to boolean/,
        ],
        ["networks", { network: { project_id: "project-2" } }, /not allowed for the current user/],
        ["networks", { network: { project_id: "a", tenant_id: "b" } }, /do not match/],
        ["networks", { network: { rejected: "x" } }, /Unrecognized attribute/],
        ["subnets", { subnet: { ip_version: 4 } }, /Required attribute 'network_id' not specified/],
        [
          "subnets",
          { subnet: { network_id: NETWORK_ID, ip_version: 5, cidr: "10.9.0.0/24" } },
          /5 is not in \[4, 6\]/,
        ],
        [
          "subnets",
          { subnet: { network_id: NETWORK_ID, ip_version: 4, cidr: "10.9.0/24" } },
          /10.9.0\/24 is not in a CIDR format/,
        ],
        ["ports", { port: { network_id: "x" } }, /'x' is not a valid UUID/],
        [
          "ports",
          { port: { network_id: NETWORK_ID, mac_address: "x" } },
          /not a valid MAC address/,
        ],
        [
          "ports",
          { port: { network_id: NETWORK_ID, fixed_ips: {} } },
          /Invalid data format for fixed IP/,
        ],
        [
          "ports",
          { port: { network_id: NETWORK_ID, fixed_ips: [{ ip_address: "10.0.0.300" }] } },
          /'10.0.0.300' is not a valid IP address/,
        ],
      ] as const
    ) {
      const answer = await cloud.ask("member", "POST", `${BASE}/${path}`, {
        body,
        headers: { "content-type": "application/json" },
      });
      assertEquals(answer.status, 400, answer.text);
      assertMatch(answer.body.NeutronError.message, message);
    }
    for (
      const [body, message] of [
        [{ network: { shared: true } }, "(rule:create_network and rule:create_network:shared)"],
        [
          { network: { "router:external": true } },
          "(rule:create_network and rule:create_network:router:external)",
        ],
      ] as const
    ) {
      const answer = await cloud.ask("member", "POST", `${BASE}/networks`, { body });
      assertEquals(refusalOf(answer), [
        403,
        "PolicyNotAuthorized",
        `${message} is disallowed by policy`,
      ]);
    }
    let deep: unknown = 1;
    for (let i = 0; i < 5000; i++) deep = [deep];
    const answer = await cloud.ask("member", "POST", `${BASE}/ports`, { body: { port: deep } });
    assertEquals(answer.status, 400);
  }));

Deno.test("a subnet's gateway and pools, unless told otherwise", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await subnetOf(cloud, "10.1.0.5/24");
    assertEquals([subnet.cidr, subnet.gateway_ip], ["10.1.0.0/24", "10.1.0.1"]);
    assertEquals(subnet.allocation_pools, [{ start: "10.1.0.2", end: "10.1.0.254" }]);
    const middle = await make(cloud, "subnets", {
      subnet: {
        network_id: network.id,
        ip_version: 4,
        cidr: "10.2.0.0/29",
        gateway_ip: "10.2.0.3",
      },
    });
    assertEquals(middle.allocation_pools, [
      { start: "10.2.0.1", end: "10.2.0.2" },
      { start: "10.2.0.4", end: "10.2.0.6" },
    ]);
    const v6 = await make(cloud, "subnets", {
      subnet: { network_id: network.id, ip_version: 6, cidr: "2001:DB8::/64", gateway_ip: null },
    });
    assertEquals([v6.cidr, v6.gateway_ip], ["2001:db8::/64", null]);
    assertEquals(v6.allocation_pools, [{
      start: "2001:db8::1",
      end: "2001:db8::ffff:ffff:ffff:ffff",
    }]);
    const shown = await cloud.ask("member", "GET", `${BASE}/networks/${network.id}`);
    assertEquals(shown.body.network.subnets, [subnet.id, middle.id, v6.id]);
  }));

Deno.test("subnets that are refused", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/24");
    const attempt = (changes: object) =>
      cloud.ask("member", "POST", `${BASE}/subnets`, {
        body: {
          subnet: { network_id: network.id, ip_version: 4, cidr: "10.2.0.0/24", ...changes },
        },
      });
    for (
      const [changes, status, type, message] of [
        [{ cidr: undefined }, 400, "BadRequest", /a subnetpool must be specified/],
        [{ cidr: "10.1.0.128/25" }, 400, "InvalidInput", /overlaps with another subnet/],
        [{ ip_version: 6 }, 400, "InvalidInput", /does not match the ip_version '6'/],
        [{ cidr: "10.2.0.0/31" }, 400, "InvalidInput", /incompatible with DHCP/],
        [{ cidr: "224.0.0.0/8" }, 400, "InvalidInput", /Multicast/],
        [{ cidr: "127.0.0.0/24" }, 400, "InvalidInput", /Loopback/],
        [{ cidr: "0.0.0.0/0", enable_dhcp: false }, 400, "InvalidInput", /0 is not allowed/],
        [{ gateway_ip: "10.2.0.255" }, 400, "InvalidInput", /Gateway is not valid on subnet/],
        [{ gateway_ip: "::1" }, 400, "InvalidInput", /does not match the ip_version '4'/],
        [
          { allocation_pools: [{ start: "10.2.0.1", end: "10.2.0.9" }] },
          409,
          "GatewayConflictWithAllocationPools",
          /Gateway ip 10.2.0.1 conflicts with allocation pool 10.2.0.1-10.2.0.9/,
        ],
        [
          { allocation_pools: [{ start: "10.2.0.9", end: "10.2.0.5" }] },
          400,
          "InvalidAllocationPool",
          /The allocation pool 10.2.0.9-10.2.0.5 is not valid/,
        ],
        [
          { allocation_pools: [{ start: "10.2.0.9", end: "10.3.0.5" }] },
          400,
          "OutOfBoundsAllocationPool",
          /spans beyond the subnet cidr 10.2.0.0\/24/,
        ],
        [
          {
            allocation_pools: [
              { start: "10.2.0.5", end: "10.2.0.9" },
              { start: "10.2.0.9", end: "10.2.0.12" },
            ],
          },
          409,
          "OverlappingAllocationPools",
          /10.2.0.5-10.2.0.9 10.2.0.9-10.2.0.12/,
        ],
        [
          { dns_nameservers: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5", "1.1.1.6"] },
          400,
          "DNSNameServersExhausted",
          /exceeds the limit 5/,
        ],
        [{ ipv6_ra_mode: "slaac" }, 400, "InvalidInput", /not valid when ip_version is 4/],
        [
          {
            ip_version: 6,
            cidr: "2001:db8::/64",
            ipv6_ra_mode: "slaac",
            ipv6_address_mode: "dhcpv6-stateful",
          },
          400,
          "InvalidInput",
          /must be the same value/,
        ],
        [
          { ip_version: 6, cidr: "2001:db8::/60", ipv6_address_mode: "slaac" },
          400,
          "InvalidInput",
          /requires the prefix to be \/64/,
        ],
      ] as const
    ) {
      const refused = refusalOf(await attempt(changes));
      assertEquals(refused.slice(0, 2), [status, type], JSON.stringify(changes));
      assertMatch(refused[2], message);
    }
    const onShared = await attempt({ network_id: NETWORK_ID });
    assertEquals(refusalOf(onShared).slice(0, 2), [403, "PolicyNotAuthorized"]);
    const path = `subnets/${subnet.id}`;
    assertEquals((await put(cloud, path, { subnet: { cidr: "10.5.0.0/24" } })).status, 400);
    const renamed = await put(cloud, path, { subnet: { name: "s", gateway_ip: null } });
    assertEquals([renamed.status, renamed.body.subnet.gateway_ip], [200, null]);
    const pools = [{ start: "10.1.0.10", end: "10.1.0.20" }];
    const pooled = await put(cloud, path, { subnet: { allocation_pools: pools } });
    assertEquals(pooled.body.subnet.allocation_pools, pools);
  }));

Deno.test("a pool of three addresses gives three, and those given back", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/29", {
      allocation_pools: [{ start: "10.1.0.2", end: "10.1.0.3" }, {
        start: "10.1.0.6",
        end: "10.1.0.6",
      }],
    });
    const attempt = () =>
      cloud.ask("member", "POST", `${BASE}/ports`, { body: { port: { network_id: network.id } } });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(attempt));
    const made = answers.filter(({ status }) => status === 201).map(({ body }) => body.port);
    assertEquals(
      made.map((port) => port.fixed_ips[0].ip_address).sort(),
      ["10.1.0.2", "10.1.0.3", "10.1.0.6"],
    );
    const [full] = answers.filter(({ status }) => status !== 201);
    assertEquals(refusalOf(full!), [
      409,
      "IpAddressGenerationFailure",
      `No more IP addresses available on network ${network.id}.`,
    ]);
    assertEquals(
      await cloud.networks.ensurePorts({
        serverId: "server-1",
        projectId: "project-1",
        host: "host-1",
        securityGroups: [],
        nics: [{ networkId: network.id }],
      }),
      { failed: `No fixed IP addresses available for network: ${network.id}` },
    );
    const second = made.find((port) => port.fixed_ips[0].ip_address === "10.1.0.3");
    assertEquals((await drop(cloud, `ports/${second.id}`)).status, 204);
    const again = await attempt();
    assertEquals(again.body.port.fixed_ips, [{ subnet_id: subnet.id, ip_address: "10.1.0.3" }]);
    assertEquals(refusalOf(await drop(cloud, `subnets/${subnet.id}`)).slice(0, 2), [
      409,
      "SubnetInUse",
    ]);
    const inUse = refusalOf(await drop(cloud, `networks/${network.id}`));
    assertEquals(inUse.slice(0, 2), [409, "NetworkInUse"]);
  }));

Deno.test("ports: what they are made of, and changes of addresses", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/24");
    const slaac = await make(cloud, "subnets", {
      subnet: {
        network_id: network.id,
        ip_version: 6,
        cidr: "2001:db8::/64",
        ipv6_ra_mode: "slaac",
        ipv6_address_mode: "slaac",
      },
    });
    const port = await make(cloud, "ports", {
      port: {
        network_id: network.id,
        mac_address: "FA-16-3E-00-00-01",
        fixed_ips: [{ ip_address: "10.1.0.50" }, { subnet_id: subnet.id }],
        allowed_address_pairs: [{ ip_address: "192.0.2.0/24" }],
        tags: ["blue"],
      },
    });
    assertEquals(port.fixed_ips, [
      { subnet_id: subnet.id, ip_address: "10.1.0.50" },
      { subnet_id: subnet.id, ip_address: "10.1.0.2" },
      { subnet_id: slaac.id, ip_address: "2001:db8::f816:3eff:fe00:1" },
    ]);
    assertEquals(port.allowed_address_pairs, [
      { ip_address: "192.0.2.0/24", mac_address: "fa:16:3e:00:00:01" },
    ]);
    assertEquals([port.status, port.tags, port.security_groups.length], ["DOWN", ["blue"], 1]);

    const path = `ports/${port.id}`;
    const moved = await put(cloud, path, {
      port: { fixed_ips: [{ subnet_id: subnet.id }, { ip_address: "10.1.0.60" }] },
    });
    assertEquals(moved.body.port.fixed_ips.map((ip: { ip_address: string }) => ip.ip_address), [
      "10.1.0.50",
      "10.1.0.60",
    ]);
    const twin = await cloud.ask("member", "POST", `${BASE}/ports`, {
      body: { port: { network_id: network.id, mac_address: "fa:16:3e:00:00:01" } },
    });
    assertEquals(refusalOf(twin).slice(0, 2), [409, "MacAddressInUse"]);
    const taken = await cloud.ask("member", "POST", `${BASE}/ports`, {
      body: { port: { network_id: network.id, fixed_ips: [{ ip_address: "10.1.0.60" }] } },
    });
    assertEquals(refusalOf(taken), [
      409,
      "IpAddressAlreadyAllocated",
      `IP address 10.1.0.60 already allocated in subnet ${subnet.id}`,
    ]);
    for (
      const [fixedIps, type] of [
        [[{ ip_address: "10.9.0.1" }], "InvalidIpForNetwork"],
        [[{ ip_address: "10.1.0.255" }], "InvalidIpForNetwork"],
        [[{ ip_address: "10.9.0.1", subnet_id: subnet.id }], "InvalidIpForSubnet"],
        [[{ subnet_id: SUBNET_ID }], "InvalidInput"],
        [[{}], "InvalidInput"],
      ] as const
    ) {
      const answer = await cloud.ask("member", "POST", `${BASE}/ports`, {
        body: { port: { network_id: network.id, fixed_ips: fixedIps } },
      });
      assertEquals(refusalOf(answer).slice(0, 2), [400, type]);
    }
    const bare = await make(cloud, "ports", { port: { network_id: network.id, fixed_ips: [] } });
    assertEquals(bare.fixed_ips, []);
    const unsecured = await put(cloud, path, { port: { port_security_enabled: false } });
    assertEquals(refusalOf(unsecured).slice(0, 2), [409, "PortSecurityPortHasSecurityGroup"]);
    const open = await put(cloud, path, {
      port: { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] },
    });
    assertEquals([open.status, open.body.port.port_security_enabled], [200, false]);
  }));

Deno.test("on a network of others, only its owner chooses addresses", () =>
  withNeighbours(async (cloud) => {
    const attempt = (more: object, name: Name = "member") =>
      cloud.ask(name, "POST", `${BASE}/ports`, {
        body: { port: { network_id: NETWORK_ID, ...more } },
      });
    for (
      const [more, attribute] of [
        [{ mac_address: "fa:16:3e:00:00:01" }, "mac_address"],
        [{ fixed_ips: [{ ip_address: "10.0.0.9" }] }, "fixed_ips:ip_address"],
        [{ port_security_enabled: false }, "port_security_enabled"],
        [{ device_owner: "network:dhcp" }, "device_owner"],
        [{ "binding:host_id": "h" }, "binding:host_id"],
      ] as const
    ) {
      assertEquals(refusalOf(await attempt(more)), [
        403,
        "PolicyNotAuthorized",
        `(rule:create_port and rule:create_port:${attribute}) is disallowed by policy`,
      ]);
    }
    assertEquals((await attempt({ fixed_ips: [{ subnet_id: SUBNET_ID }] })).status, 201);
    assertEquals((await attempt({ fixed_ips: [{ ip_address: "10.0.0.9" }] }, "admin")).status, 201);
    assertEquals((await attempt({}, "reader")).status, 403);
    const foreign = await attempt({ security_groups: ["44444444-4444-4444-8444-444444444444"] });
    assertEquals(refusalOf(foreign).slice(0, 2), [404, "SecurityGroupNotFound"]);
  }));

Deno.test("a port that was there is bound to a server, and free again afterwards", () =>
  withNeighbours(async (cloud) => {
    const port = await make(cloud, "ports", { port: { network_id: NETWORK_ID, name: "mine" } });
    const request = {
      serverId: "server-1",
      projectId: "project-1",
      host: "host-1",
      securityGroups: [],
      nics: [{ networkId: NETWORK_ID, portId: port.id }, { networkId: NETWORK_ID }],
    };
    const first = await cloud.networks.ensurePorts(request);
    assert(!("failed" in first));
    assertEquals(first[0]!.id, port.id);
    assertEquals(await cloud.networks.ensurePorts(request), first);
    const bound = (await cloud.ask("member", "GET", `${BASE}/ports/${port.id}`)).body.port;
    assertEquals([bound.device_id, bound.status], ["server-1", "ACTIVE"]);
    assertEquals(await cloud.networks.ensurePorts({ ...request, serverId: "server-2" }), {
      failed: `Port ${port.id} is still in use.`,
    });
    assertEquals(await cloud.networks.ensurePorts({ ...request, projectId: "project-2" }), {
      failed: `Port id ${port.id} could not be found.`,
    });
    assertEquals((await cloud.networks.ports([port.id], "project-1"))[0]?.deviceId, "server-1");
    assertEquals(await cloud.networks.ports([port.id], "project-2"), []);
    await cloud.networks.releasePorts("server-1");
    const { body } = await cloud.ask("member", "GET", `${BASE}/ports`);
    assertEquals(
      body.ports.map((left: { id: string; device_id: string; status: string }) => [
        left.id,
        left.device_id,
        left.status,
      ]),
      [[port.id, "", "DOWN"]],
    );
  }));

Deno.test("security groups and rules", () =>
  withNeighbours(async (cloud) => {
    const group = await make(cloud, "security-groups", { security_group: { name: "web" } });
    assertEquals(group.security_group_rules.length, 2);
    const rule = await make(cloud, "security-group-rules", {
      security_group_rule: {
        security_group_id: group.id,
        direction: "ingress",
        protocol: "TCP",
        port_range_min: 80,
        port_range_max: "80",
        remote_ip_prefix: "10.0.0.5",
      },
    });
    assertEquals(
      [rule.protocol, rule.port_range_max, rule.remote_ip_prefix, rule.ethertype, rule.project_id],
      ["tcp", 80, "10.0.0.5/32", "IPv4", "project-1"],
    );
    const attempt = (changes: object, name: Name = "member") =>
      cloud.ask(name, "POST", `${BASE}/security-group-rules`, {
        body: {
          security_group_rule: { security_group_id: group.id, direction: "ingress", ...changes },
        },
      });
    const missing = "99999999-9999-4999-8999-999999999999";
    for (
      const [changes, status, type] of [
        [
          { protocol: 6, port_range_min: 80, port_range_max: 80, remote_ip_prefix: "10.0.0.5/32" },
          409,
          "SecurityGroupRuleExists",
        ],
        [{ port_range_min: 1, port_range_max: 2 }, 400, "SecurityGroupProtocolRequiredWithPorts"],
        [
          { protocol: "tcp", port_range_min: 90, port_range_max: 80 },
          400,
          "SecurityGroupInvalidPortRange",
        ],
        [{ protocol: "tcp", port_range_min: 90 }, 400, "SecurityGroupInvalidPortRange"],
        [
          { protocol: "tcp", port_range_min: 0, port_range_max: 9 },
          400,
          "SecurityGroupInvalidPortValue",
        ],
        [{ protocol: "icmp", port_range_min: 256 }, 400, "SecurityGroupInvalidIcmpValue"],
        [{ protocol: "icmp", port_range_max: 0 }, 400, "SecurityGroupMissingIcmpType"],
        [{ protocol: "ah", port_range_min: 1 }, 400, "SecurityGroupInvalidProtocolForPort"],
        [{ protocol: "carrier-pigeon" }, 400, "SecurityGroupRuleInvalidProtocol"],
        [{ ethertype: "IPX" }, 400, "SecurityGroupRuleInvalidEtherType"],
        [{ protocol: "ipv6-icmp" }, 400, "SecurityGroupEthertypeConflictWithProtocol"],
        [{ remote_ip_prefix: "::/0" }, 400, "SecurityGroupRuleParameterConflict"],
        [{ remote_ip_prefix: "all" }, 400, "InvalidCIDR"],
        [
          { remote_ip_prefix: "10.0.0.0/8", remote_group_id: group.id },
          400,
          "SecurityGroupMultipleRemoteEntites",
        ],
        [{ remote_group_id: missing }, 404, "SecurityGroupNotFound"],
        [{ security_group_id: missing }, 404, "SecurityGroupNotFound"],
        [{ direction: "up" }, 400, "HTTPBadRequest"],
      ] as const
    ) {
      assertEquals(
        refusalOf(await attempt(changes)).slice(0, 2),
        [status, type],
        JSON.stringify(changes),
      );
    }
    assertEquals((await attempt({}, "other")).status, 404);
    assertEquals((await attempt({}, "reader")).status, 403);
    assertEquals(
      (await put(cloud, `security-group-rules/${rule.id}`, {
        security_group_rule: { direction: "egress" },
      })).status,
      400,
    );
    assertEquals((await drop(cloud, `security-group-rules/${rule.id}`)).status, 204);
    assertEquals((await drop(cloud, `security-group-rules/${rule.id}`)).status, 404);

    const port = await make(cloud, "ports", {
      port: { network_id: NETWORK_ID, security_groups: [group.id] },
    });
    assertEquals(refusalOf(await drop(cloud, `security-groups/${group.id}`)), [
      409,
      "SecurityGroupInUse",
      `Security Group ${group.id} in use.`,
    ]);
    const { body } = await cloud.ask("member", "GET", `${BASE}/ports?security_groups=${group.id}`);
    assertEquals(body.ports.length, 1);
    await drop(cloud, `ports/${port.id}`);
    assertEquals((await drop(cloud, `security-groups/${group.id}`)).status, 204);
  }));

Deno.test("the default group is spared", () =>
  withNeighbours(async (cloud) => {
    const { body } = await cloud.ask("member", "GET", `${BASE}/security-groups`);
    const path = `security-groups/${body.security_groups[0].id}`;
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [
      409,
      "SecurityGroupCannotRemoveDefault",
    ]);
    assertEquals(
      refusalOf(await put(cloud, path, { security_group: { name: "x" } })).slice(0, 2),
      [409, "SecurityGroupCannotUpdateDefault"],
    );
    const second = await cloud.ask("member", "POST", `${BASE}/security-groups`, {
      body: { security_group: { name: "Default" } },
    });
    assertEquals(refusalOf(second).slice(0, 2), [409, "SecurityGroupDefaultAlreadyExists"]);
    assertEquals((await drop(cloud, path, "admin")).status, 204);
    const again = await cloud.ask("member", "GET", `${BASE}/security-groups`);
    assertEquals(again.body.security_groups.map((g: { name: string }) => g.name), ["default"]);
  }));

Deno.test("a router between a subnet and the outside, and a floating IP through it", () =>
  withNeighbours(async (cloud) => {
    const external = await externalNetwork(cloud);
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/24");
    const port = await make(cloud, "ports", { port: { network_id: network.id } });
    const router = await make(cloud, "routers", {
      router: { name: "r", external_gateway_info: { network_id: external } },
    });
    assertEquals(router.external_gateway_info.enable_snat, true);
    assertEquals(
      router.external_gateway_info.external_fixed_ips[0].ip_address,
      "203.0.113.2",
    );
    const unreachable = await cloud.ask("member", "POST", `${BASE}/floatingips`, {
      body: { floatingip: { floating_network_id: external, port_id: port.id } },
    });
    assertEquals(refusalOf(unreachable).slice(0, 2), [404, "ExternalGatewayForFloatingIPNotFound"]);
    const add = `routers/${router.id}/add_router_interface`;
    const remove = `routers/${router.id}/remove_router_interface`;
    const added = await put(cloud, add, { subnet_id: subnet.id });
    assertEquals([added.status, added.body.subnet_id], [200, subnet.id]);
    assertEquals(refusalOf(await put(cloud, add, { subnet_id: subnet.id })).slice(0, 2), [
      400,
      "BadRequest",
    ]);
    assertEquals(refusalOf(await drop(cloud, `ports/${added.body.port_id}`)), [
      409,
      "ServicePortInUse",
      `Port ${added.body.port_id} cannot be deleted directly via the port API: has device owner ` +
      "network:router_interface.",
    ]);

    const floating = await make(cloud, "floatingips", {
      floatingip: { floating_network_id: external, port_id: port.id },
    });
    assertEquals(
      [
        floating.floating_ip_address,
        floating.fixed_ip_address,
        floating.status,
        floating.router_id,
      ],
      ["203.0.113.3", "10.1.0.2", "ACTIVE", router.id],
    );
    const second = await make(cloud, "floatingips", {
      floatingip: { floating_network_id: external },
    });
    const floatingPath = `floatingips/${second.id}`;
    assertEquals(
      refusalOf(await put(cloud, floatingPath, { floatingip: { port_id: port.id } })).slice(0, 2),
      [409, "FloatingIPPortAlreadyAssociated"],
    );
    for (
      const [path, body, type] of [
        [remove, { subnet_id: subnet.id }, "RouterInterfaceInUseByFloatingIP"],
        [
          `routers/${router.id}`,
          { router: { external_gateway_info: null } },
          "RouterExternalGatewayInUseByFloatingIp",
        ],
        [
          `subnets/${subnet.id}`,
          { subnet: { gateway_ip: "10.1.0.254" } },
          "GatewayIpInUse",
        ],
      ] as const
    ) {
      assertEquals(refusalOf(await put(cloud, path, body)).slice(0, 2), [409, type]);
    }
    assertEquals(refusalOf(await drop(cloud, `routers/${router.id}`)), [
      409,
      "RouterInUse",
      `Router ${router.id} still has ports`,
    ]);
    // The port goes, and the floating IP leads nowhere.
    assertEquals((await drop(cloud, `ports/${port.id}`)).status, 204);
    const left = (await cloud.ask("member", "GET", `${BASE}/floatingips/${floating.id}`)).body;
    assertEquals([left.floatingip.port_id, left.floatingip.status], [null, "DOWN"]);
    assertEquals((await put(cloud, remove, { subnet_id: subnet.id })).status, 200);
    assertEquals((await drop(cloud, `floatingips/${floating.id}`)).status, 204);
    assertEquals((await drop(cloud, floatingPath)).status, 204);
    assertEquals((await drop(cloud, `routers/${router.id}`)).status, 204);
    const external2 = await cloud.ask("admin", "GET", `${BASE}/ports?network_id=${external}`);
    assertEquals(external2.body, { ports: [] });
  }));

Deno.test("floating IPs of a server that is gone lead nowhere", () =>
  withNeighbours(async (cloud) => {
    const external = await externalNetwork(cloud);
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/24");
    const router = await make(cloud, "routers", {
      router: { external_gateway_info: { network_id: external } },
    });
    await put(cloud, `routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
    const [port] = await cloud.networks.ensurePorts({
      serverId: "server-1",
      projectId: "project-1",
      host: "h",
      securityGroups: [],
      nics: [{ networkId: network.id }],
    }) as readonly { readonly id: string }[];
    const floating = await make(cloud, "floatingips", {
      floatingip: { floating_network_id: external },
    });
    assertEquals([floating.status, floating.port_id], ["DOWN", null]);
    const path = `floatingips/${floating.id}`;
    const led = await put(cloud, path, { floatingip: { port_id: port!.id } });
    assertEquals(led.body.floatingip.port_details.device_id, "server-1");
    const noop = await put(cloud, path, { floatingip: {} });
    assertEquals(noop.body.floatingip.port_id, port!.id);
    await cloud.networks.releasePorts("server-1");
    const after = (await cloud.ask("member", "GET", `${BASE}/${path}`)).body.floatingip;
    assertEquals([after.port_id, after.router_id, after.fixed_ip_address], [null, null, null]);
  }));

Deno.test("routers: routes, ports of their own, and what is refused", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await subnetOf(cloud, "10.1.0.0/24");
    const router = await make(cloud, "routers", { router: { name: "r" } });
    const path = `routers/${router.id}`;
    const add = `${path}/add_router_interface`;
    for (
      const [body, message] of [
        [{}, "Either subnet_id or port_id must be specified"],
        [{ subnet_id: "x" }, "'x' is not a valid UUID"],
        [
          { subnet_id: subnet.id, port_id: subnet.id },
          "Cannot specify both subnet-id and port-id",
        ],
      ] as const
    ) {
      assertEquals(refusalOf(await put(cloud, add, body)), [
        400,
        "BadRequest",
        `Bad router request: ${message}.`,
      ]);
    }
    const shared = await put(cloud, add, { subnet_id: SUBNET_ID });
    assertEquals(refusalOf(shared).slice(0, 2), [400, "BadRequest"]);
    const port = await make(cloud, "ports", { port: { network_id: network.id } });
    assertEquals((await put(cloud, add, { port_id: port.id })).status, 200);
    assertEquals(refusalOf(await put(cloud, add, { port_id: port.id })).slice(0, 2), [
      409,
      "PortInUse",
    ]);
    const routes = [{ destination: "192.0.2.0/24", nexthop: "10.1.0.77" }];
    const routed = await put(cloud, path, { router: { routes } });
    assertEquals(routed.body.router.routes, routes);
    for (const nexthop of ["10.9.0.1", "10.1.0.2"]) {
      const refused = await put(cloud, path, {
        router: { routes: [{ destination: "192.0.2.0/24", nexthop }] },
      });
      assertEquals(refusalOf(refused).slice(0, 2), [400, "InvalidRoutes"]);
    }
    const notExternal = await put(cloud, path, {
      router: { external_gateway_info: { network_id: network.id } },
    });
    assertEquals(refusalOf(notExternal).slice(0, 2), [400, "BadRequest"]);
    const remove = `${path}/remove_router_interface`;
    assertEquals((await put(cloud, path, { router: { routes: [] } })).status, 200);
    assertEquals((await put(cloud, remove, { port_id: port.id })).status, 200);
    assertEquals(refusalOf(await put(cloud, remove, { port_id: port.id })).slice(0, 2), [
      404,
      "RouterInterfaceNotFound",
    ]);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/ports/${port.id}`)).status, 404);
    assertEquals((await put(cloud, add, { subnet_id: subnet.id }, "other")).status, 404);
  }));

Deno.test("quotas: limits below what is used, checked and forced, as openstackclient asks", () =>
  withNeighbours(async (cloud) => {
    const path = "quotas/project-1";
    await make(cloud, "networks", { network: { name: "one" } });
    const set = (quota: object) => put(cloud, path, { quota }, "admin");
    for (const how of [{}, { check_limit: true }, { force: false }]) {
      assertEquals(refusalOf(await set({ network: 0, ...how })), [
        400,
        "HTTPBadRequest",
        "Quota limit 0 for network must be greater than or equal to already used 1",
      ]);
    }
    assertEquals((await set({ network: 1, check_limit: true })).body.quota.network, 1);
    const forced = await set({ network: 0, force: true });
    assertEquals([forced.status, forced.body.quota.network], [200, 0]);
    assertEquals("force" in forced.body.quota, false);
    assertEquals((await set({ network: 0, force: "x" })).status, 400);
  }));

Deno.test("quotas: the defaults, an admin's limits, and exact under a race", () =>
  withNeighbours(async (cloud) => {
    const path = "quotas/project-1";
    const limits = { network: 2, port: 3 };
    assertEquals((await put(cloud, path, { quota: limits })).status, 403);
    const set = await put(cloud, path, { quota: limits }, "admin");
    assertEquals([set.body.quota.network, set.body.quota.subnet], [2, 100]);
    const answers = await Promise.all(
      [1, 2, 3, 4].map((i) =>
        cloud.ask("member", "POST", `${BASE}/networks`, { body: { network: { name: `n${i}` } } })
      ),
    );
    assertEquals(answers.map(({ status }) => status).sort(), [201, 201, 409, 409]);
    assertEquals(refusalOf(answers.find(({ status }) => status === 409)!), [
      409,
      "OverQuota",
      "Quota exceeded for resources: ['network'].",
    ]);
    const details = await cloud.ask("reader", "GET", `${BASE}/${path}/details`);
    assertEquals(details.body.quota.network, { limit: 2, used: 2, reserved: 0 });
    const nics = Array.from({ length: 4 }, () => ({ networkId: NETWORK_ID }));
    assertEquals(
      await cloud.networks.ensurePorts({
        serverId: "s",
        projectId: "project-1",
        host: "h",
        securityGroups: [],
        nics,
      }),
      { failed: "Maximum number of ports exceeded" },
    );
    assertEquals((await cloud.ask("admin", "GET", `${BASE}/quotas`)).body.quotas.length, 1);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/quotas`)).status, 403);
    assertEquals((await cloud.ask("other", "GET", `${BASE}/${path}`)).status, 403);
    assertEquals((await put(cloud, path, { quota: { network: -2 } }, "admin")).status, 400);
    assertEquals((await put(cloud, path, { quota: { colour: 1 } }, "admin")).status, 400);
    assertEquals((await drop(cloud, path, "admin")).status, 204);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/${path}`)).body.quota.network, 100);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/${path}/default`)).status, 200);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/quotas/tenant`)).body, {
      tenant: { tenant_id: "project-1" },
    });
  }));

Deno.test("tags of every kind of resource", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: { name: "mine" } });
    const path = `networks/${network.id}/tags`;
    assertEquals((await put(cloud, `${path}/red`, undefined)).status, 201);
    assertEquals((await put(cloud, path, { tags: ["blue", "a,b"] })).body, {
      tags: ["blue", "a,b"],
    });
    assertEquals((await cloud.ask("member", "GET", `${BASE}/${path}/blue`)).status, 204);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/${path}/red`)).status, 404);
    const found = async (query: string) =>
      (await cloud.ask("member", "GET", `${BASE}/networks?project_id=project-1&${query}`)).body
        .networks
        .length;
    assertEquals(
      [await found("tags=blue"), await found("tags=a"), await found("tags-any=red,blue")],
      [1, 0, 1],
    );
    assertEquals([await found("not-tags=blue"), await found("not-tags-any=red")], [0, 1]);
    assertEquals((await drop(cloud, `${path}/red`)).status, 404);
    assertEquals((await drop(cloud, `${path}/blue`)).status, 204);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals((await put(cloud, `${path}/x`, undefined, "other")).status, 404);
    assertEquals((await put(cloud, `${path}/x`, undefined, "reader")).status, 403);
    for (const body of [{}, { tags: "x" }, { tags: [1] }, { tags: ["x", "x"] }, null]) {
      assertEquals((await put(cloud, path, body)).status, 400);
    }
    const many = Array.from({ length: 51 }, (_, i) => `t${i}`);
    assertEquals((await put(cloud, path, { tags: many })).status, 400);
    assertEquals((await cloud.ask("member", "GET", `${BASE}/networks?tags=${many}`)).status, 400);
  }));

Deno.test("a network that others use stays shared, and one that is a way out stays one", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, "ports", { port: { network_id: NETWORK_ID } });
    const path = `networks/${NETWORK_ID}`;
    assertEquals(refusalOf(await put(cloud, path, { network: { shared: false } }, "admin")), [
      409,
      "InvalidSharedSetting",
      "Unable to reconfigure sharing settings for network private. Multiple projects are using it.",
    ]);
    assertEquals(
      refusalOf(await put(cloud, path, { network: { mtu: 60 } }, "admin")).slice(0, 2),
      [409, "NetworkMTUSubnetConflict"],
    );
    const external = await externalNetwork(cloud);
    await make(cloud, "routers", { router: { external_gateway_info: { network_id: external } } });
    const closed = await put(cloud, `networks/${external}`, {
      network: { "router:external": false },
    }, "admin");
    assertEquals(refusalOf(closed).slice(0, 2), [409, "ExternalNetworkInUse"]);
  }));
