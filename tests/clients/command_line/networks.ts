/** Networks by the command `openstack`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ADMIN } from "./openstack.ts";
import { assertHas, live } from "./life.ts";
import type { Scene } from "./scene.ts";

/** Networks with subnets, ports, routers, floating IPs, security groups; and what there is of it. */
export async function networks(scene: Scene): Promise<void> {
  await what(scene);
  await securityGroups(scene);
  await subnetsAndPorts(scene);
  await routers(scene);
  await floatingIps(scene);
  await quota(scene);
}

async function what({ openstack, check }: Scene): Promise<void> {
  await check("network list", async () => {
    assertEquals(await openstack.column("network list --name private", "Name"), ["private"]);
  });
  await check("extension list --network", async () => {
    const aliases = await openstack.column("extension list --network", "Alias");
    for (const alias of ["router", "security-group", "port-security", "standard-attr-tag"]) {
      assert(aliases.includes(alias), `${alias} is not among ${aliases}`);
    }
    assertEquals((await openstack.json("extension show router")).alias, "router");
  });
  await check("availability zone list --network", async () => {
    const zones = await openstack.column("availability zone list --network", "Zone Name");
    assertEquals([...new Set(zones)], ["nova"]);
  });
  await check(
    "network agent list",
    async () => assert(Array.isArray(await openstack.json("network agent list", ADMIN))),
  );
}

async function securityGroups(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("security group list", async () => {
    assertEquals(await openstack.column("security group list", "Name"), ["default"]);
  });
  await live(scene, {
    noun: "security group",
    name: "web",
    create: "--description d --tag a",
    is: { name: "web", description: "d" },
    changes: [
      ["set --description e --tag b", { description: "e" }],
      ["set --stateless", { stateful: false }],
      ["unset --all-tag", { tags: [] }],
    ],
    meanwhile: () => rules(scene),
  });
}

async function rules(scene: Scene): Promise<void> {
  for (
    const [create, is] of [
      ["--protocol tcp --dst-port 80:443 --remote-ip 10.0.0.0/8", {
        direction: "ingress",
        protocol: "tcp",
        port_range_min: 80,
        port_range_max: 443,
        remote_ip_prefix: "10.0.0.0/8",
      }],
      ["--protocol icmp --icmp-type 8 --icmp-code 0 --egress", {
        direction: "egress",
        port_range_min: 8,
        port_range_max: 0,
      }],
      ["--ethertype IPv6 --remote-group default", { ether_type: "IPv6" }],
    ] as const
  ) {
    await live(scene, { noun: "security group rule", create: `${create} web`, is, list: "web" });
  }
  const { openstack, check } = scene;
  await check("security group rule create of one that is there", async () => {
    await openstack.run("security group rule create --protocol udp web");
    await openstack.refused("security group rule create --protocol udp web", "409");
  });
}

async function subnetsAndPorts(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "network",
    name: "net",
    create: "--description d --mtu 1400 --tag a",
    is: { name: "net", description: "d", mtu: 1400, shared: false, "router:external": false },
    changes: [
      ["set --description e --disable", { description: "e", admin_state_up: false }],
      ["set --enable --disable-port-security", {
        admin_state_up: true,
        port_security_enabled: false,
      }],
      ["set --enable-port-security --tag b", { port_security_enabled: true }],
      ["unset --tag a", { tags: ["b"] }],
    ],
    meanwhile: async (network) => {
      await live(scene, {
        noun: "subnet",
        name: "sub",
        create: "--network net --subnet-range 10.9.0.0/24 --gateway 10.9.0.254 --dns-nameserver \
          9.9.9.9 --allocation-pool start=10.9.0.10,end=10.9.0.20 --tag a",
        is: { name: "sub", cidr: "10.9.0.0/24", gateway_ip: "10.9.0.254", network_id: network },
        changes: [
          ["set --description d --no-dhcp", { description: "d", enable_dhcp: false }],
          ["set --dns-nameserver 8.8.8.8", { dns_nameservers: ["8.8.8.8", "9.9.9.9"] }],
          ["unset --dns-nameserver 9.9.9.9", { dns_nameservers: ["8.8.8.8"] }],
          ["set --host-route destination=10.8.0.0/16,gateway=10.9.0.1", {
            host_routes: [{ destination: "10.8.0.0/16", nexthop: "10.9.0.1" }],
          }],
          ["set --gateway none", { gateway_ip: null }],
        ],
        meanwhile: () => ports(scene),
      });
      await check("subnet create --ip-version 6", async () => {
        const subnet = await openstack.json(
          "subnet create --network net --ip-version 6 --subnet-range fd00:9::/64 six",
        );
        assertHas(subnet, { cidr: "fd00:9::/64", ip_version: 6 });
        await openstack.run("subnet delete six");
      });
      await check("subnet create of what overlaps", async () => {
        await openstack.run("subnet create --network net --subnet-range 10.7.0.0/24 a");
        await openstack.refused(
          "subnet create --network net --subnet-range 10.7.0.128/25 b",
          "overlaps",
        );
        await openstack.run("subnet delete a");
      });
    },
  });
  await check("network create --external, --share as a member", async () => {
    await openstack.refused("network create --external no", "403");
    await openstack.refused("network create --share no", "403");
  });
}

async function ports(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "port",
    name: "one",
    create: "--network net --fixed-ip subnet=sub,ip-address=10.9.0.77 --description d \
      --mac-address 02:00:00:00:00:01 --security-group default",
    is: {
      name: "one",
      description: "d",
      mac_address: "02:00:00:00:00:01",
      status: "DOWN",
      device_id: "",
    },
    changes: [
      ["set --description e --disable", { description: "e", admin_state_up: false }],
      ["set --no-security-group --disable-port-security", {
        port_security_enabled: false,
        security_group_ids: [],
      }],
      ["set --enable-port-security --security-group default", { port_security_enabled: true }],
      ["set --allowed-address ip-address=10.9.0.99", {}],
      ["set --tag a", { tags: ["a"] }],
      ["unset --tag a", { tags: [] }],
    ],
    meanwhile: () =>
      check("port set --fixed-ip, port unset --fixed-ip", async () => {
        const addresses = async () => {
          const { fixed_ips } = await openstack.json("port show one");
          return fixed_ips.map(({ ip_address }: { ip_address: string }) => ip_address).sort();
        };
        assertEquals(await addresses(), ["10.9.0.77"]);
        await openstack.run("port set --fixed-ip subnet=sub,ip-address=10.9.0.78 one");
        assertEquals(await addresses(), ["10.9.0.77", "10.9.0.78"]);
        await openstack.run("port unset --fixed-ip subnet=sub,ip-address=10.9.0.77 one");
        assertEquals(await addresses(), ["10.9.0.78"]);
      }),
  });
  await check("port list --network, --fixed-ip, --mac-address", async () => {
    await openstack.run("port create --network net --fixed-ip ip-address=10.9.0.30 two");
    for (const filter of ["--network net", "--fixed-ip ip-address=10.9.0.30", "--name two"]) {
      assert((await openstack.column(`port list ${filter}`, "Name")).includes("two"), filter);
    }
    await openstack.refused("subnet delete sub", "409");
    await openstack.run("port delete two");
  });
}

async function routers(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await openstack.run("network create --external ext", ADMIN);
  await openstack.run(
    "subnet create --network ext --subnet-range 203.0.113.0/24 --no-dhcp ext",
    ADMIN,
  );
  await openstack.run("network create inner");
  await openstack.run("subnet create --network inner --subnet-range 10.5.0.0/24 inner");
  await live(scene, {
    noun: "router",
    name: "edge",
    create: "--description d",
    is: { name: "edge", description: "d", status: "ACTIVE", external_gateway_info: null },
    changes: [
      ["set --description e --disable", { description: "e", admin_state_up: false }],
      ["set --enable --tag a", { admin_state_up: true, tags: ["a"] }],
      ["unset --tag a", { tags: [] }],
    ],
    meanwhile: async () => {
      await check("router set --external-gateway", async () => {
        await openstack.run("router set --external-gateway ext edge");
        const { external_gateway_info: gateway } = await openstack.json("router show edge");
        assertMatch(gateway.external_fixed_ips[0].ip_address, /^203\.0\.113\./);
      });
      await check("router add subnet", async () => {
        await openstack.run("router add subnet edge inner");
        const { interfaces_info } = await openstack.json("router show edge");
        assertEquals(interfaces_info[0].ip_address, "10.5.0.1");
        assertEquals((await openstack.json("port list --router edge")).length, 1);
        await openstack.refused("router delete edge", "409");
        await openstack.refused("router add subnet edge inner", "400");
      });
      await check("router remove subnet", async () => {
        await openstack.run("router remove subnet edge inner");
        assertEquals((await openstack.json("router show edge")).interfaces_info, []);
      });
      await check("router add port, router remove port", async () => {
        await openstack.run("port create --network inner leg");
        await openstack.run("router add port edge leg");
        assertEquals((await openstack.json("router show edge")).interfaces_info.length, 1);
        await openstack.run("router remove port edge leg");
        await openstack.refused("port show leg", "leg");
      });
      await check("router unset --external-gateway", async () => {
        await openstack.run("router unset --external-gateway edge");
        assertEquals((await openstack.json("router show edge")).external_gateway_info, null);
      });
    },
  });
}

async function floatingIps(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await openstack.run("router create edge");
  await openstack.run("router set --external-gateway ext edge");
  await openstack.run("router add subnet edge inner");
  await openstack.run("port create --network inner host");
  await live(scene, {
    noun: "floating ip",
    create: "--description d --tag a ext",
    is: { description: "d", status: "DOWN", port_id: null, fixed_ip_address: null },
    meanwhile: async (id) => {
      await check("floating ip set --port, floating ip unset --port", async () => {
        await openstack.run(`floating ip set --port host ${id}`);
        const one = await openstack.json(`floating ip show ${id}`);
        assertMatch(one.fixed_ip_address, /^10\.5\.0\./);
        assertEquals(await openstack.column("floating ip list --port host", "ID"), [id]);
        await openstack.run(`floating ip unset --port ${id}`);
        assertEquals((await openstack.json(`floating ip show ${id}`)).port_id, null);
      });
      await check("floating ip show by address", async () => {
        const { floating_ip_address: address } = await openstack.json(`floating ip show ${id}`);
        assertEquals((await openstack.json(`floating ip show ${address}`)).id, id);
      });
    },
  });
}

async function quota({ openstack, check }: Scene): Promise<void> {
  const limit = async (name: string) => {
    const rows: readonly { Resource: string; Limit: number }[] = await openstack.json(
      "quota show --network demo",
      ADMIN,
    );
    return rows.find(({ Resource }) => Resource === name)?.Limit;
  };
  await check("quota set --networks, --ports", async () => {
    await openstack.run("quota set --networks 3 --ports 7 demo", ADMIN);
    assertEquals([await limit("networks"), await limit("ports")], [3, 7]);
  });
  await check("network create beyond quota", async () => {
    await openstack.run("network create second");
    await openstack.run("network create third");
    await openstack.refused("network create fourth", "409");
  });
  await check("quota delete --network", async () => {
    await openstack.run("quota delete --network demo", ADMIN);
    assertEquals(await limit("networks"), 100);
  });
}
