/** Where addresses come from, and who may use them, by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { assertHas, live } from "./life.ts";
import { ADMIN, type Options } from "./openstack.ts";
import type { Scene } from "./scene.ts";

const READER: Options = { as: "chronova-reader" };

/** Address scopes, subnet pools and their subnets, address groups, RBAC policies, extra routes. */
export async function addresses(scene: Scene): Promise<void> {
  await pools(scene);
  await groups(scene);
  await sharing(scene);
  await routes(scene);
  await providers(scene);
  await quality(scene);
}

async function pools(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "address scope",
    name: "scope",
    create: "--ip-version 4",
    is: { name: "scope", ip_version: 4, shared: false },
    meanwhile: () =>
      live(scene, {
        noun: "subnet pool",
        name: "pool",
        create: "--pool-prefix 10.200.0.0/16 --default-prefix-length 24 --min-prefix-length 20 \
          --address-scope scope --description d",
        is: { name: "pool", ip_version: 4, description: "d", shared: false, is_default: false },
        changes: [
          ["set --description e --pool-prefix 10.201.0.0/16", {
            description: "e",
            prefixes: ["10.200.0.0/15"],
          }],
          ["set --default-prefix-length 26 --tag a", { tags: ["a"] }],
        ],
        meanwhile: () => subnets(scene),
      }).then(() => {}),
  });
  await check("subnet pool create --share as a member", async () => {
    await openstack.refused("subnet pool create --share --pool-prefix 10.0.0.0/8 no", "403");
  });
}

async function subnets({ openstack, check }: Scene): Promise<void> {
  await check("subnet create --subnet-pool", async () => {
    await openstack.run("network create net");
    const create = "subnet create --network net --subnet-pool pool";
    const one = await openstack.json(`${create} one`);
    assertHas(one, { cidr: "10.200.0.0/26", gateway_ip: "10.200.0.1" });
    const two = await openstack.json(`${create} --prefix-length 28 two`);
    assertHas(two, { cidr: "10.200.0.64/28", subnetpool_id: one.subnetpool_id });
    const network = await openstack.json("network show net");
    const scope = await openstack.json("address scope show scope");
    assertEquals(network.ipv4_address_scope, scope.id);
    await openstack.refused(`${create} --prefix-length 19 no`, "minimum allowed prefix");
    await openstack.refused("subnet pool delete pool", "existing allocations");
  });
  await check("ip availability list, show", async () => {
    await openstack.run("port create --network net p");
    const used = "ip availability list --ip-version 4";
    const rows = await openstack.json(used, ADMIN);
    const row = rows.find((row: Record<string, unknown>) => row["Network Name"] === "net");
    assertEquals([row["Total IPs"], row["Used IPs"]], [61 + 13, 1]);
    assertHas(await openstack.json("ip availability show net", ADMIN), { used_ips: 1 });
    await openstack.run("port delete p");
    await openstack.run("network delete net");
  });
}

async function groups(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "address group",
    name: "hosts",
    create: "--address 10.0.0.0/24 --address 2001:db8::/32",
    is: { name: "hosts", addresses: ["10.0.0.0/24", "2001:db8::/32"] },
    changes: [
      ["set --description d --address 192.0.2.0/24", { description: "d" }],
      ["unset --address 10.0.0.0/24", { addresses: ["2001:db8::/32", "192.0.2.0/24"] }],
    ],
    meanwhile: () =>
      check("security group rule create --remote-address-group", async () => {
        await openstack.run("security group create web");
        const create = "security group rule create --protocol tcp --remote-address-group hosts web";
        const rule = await openstack.json(create);
        const group = await openstack.json("address group show hosts");
        assertEquals(rule.remote_address_group_id, group.id);
        await openstack.refused("address group delete hosts", "");
        await openstack.run("security group delete web");
      }),
  });
}

async function sharing(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("network rbac create, list, show, set, delete", async () => {
    await openstack.run("network create --project admin theirs", ADMIN);
    await openstack.refused("network show theirs", "");
    const create = "network rbac create --type network --action access_as_shared";
    const policy = await openstack.json(`${create} --target-project demo theirs`, ADMIN);
    assertHas(policy, { object_type: "network", action: "access_as_shared" });
    assertEquals((await openstack.json("network show theirs")).shared, true);
    assertEquals((await openstack.json("network show theirs", READER)).shared, true);
    const listed = await openstack.column("network rbac list", "ID", ADMIN);
    assert(listed.includes(policy.id));
    await openstack.run(`network rbac set --target-project admin ${policy.id}`, ADMIN);
    await openstack.refused("network show theirs", "");
    await openstack.run(`network rbac delete ${policy.id}`, ADMIN);
    await openstack.run("network delete theirs", ADMIN);
  });
}

async function routes({ openstack, check }: Scene): Promise<void> {
  await check("router add route, remove route", async () => {
    await openstack.run("network create net");
    await openstack.run("subnet create --network net --subnet-range 10.9.0.0/24 sub");
    await openstack.run("router create way");
    await openstack.run("router add subnet way sub");
    const route = "--route destination=10.8.0.0/16,gateway=10.9.0.77 way";
    await openstack.run(`router add route ${route}`);
    const shown = async () => (await openstack.json("router show way")).routes;
    assertEquals(await shown(), [{ destination: "10.8.0.0/16", nexthop: "10.9.0.77" }]);
    await openstack.refused("router remove subnet way sub", "routes");
    await openstack.run(`router remove route ${route}`);
    assertEquals(await shown(), []);
    await openstack.run("router remove subnet way sub");
    await openstack.run("router delete way");
    await openstack.run("network delete net");
  });
  await check("router create --distributed, set --centralized", async () => {
    const router = await openstack.json("router create --distributed far", ADMIN);
    assertEquals(router.distributed, true);
    await openstack.run("router set --disable far", ADMIN);
    await openstack.run("router set --centralized far", ADMIN);
    assertEquals((await openstack.json("router show far", ADMIN)).distributed, false);
    await openstack.run("router delete far", ADMIN);
  });
}

async function providers({ openstack, check }: Scene): Promise<void> {
  await check("network create --provider-network-type", async () => {
    const vlan = "network create --provider-network-type vlan --provider-physical-network wires";
    const network = await openstack.json(`${vlan} --provider-segment 5 wired`, ADMIN);
    assertHas(network, {
      "provider:network_type": "vlan",
      "provider:physical_network": "wires",
      "provider:segmentation_id": 5,
    });
    await openstack.refused(`${vlan} --provider-segment 5 other`, "in use", ADMIN);
    await openstack.run("network delete wired", ADMIN);
  });
  await check("network service provider list", async () => {
    const names = await openstack.column("network service provider list", "Name");
    assertEquals(names, ["dvr", "dvrha", "ha", "single_node"]);
  });
}

async function quality(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "network qos policy",
    name: "gold",
    create: "--share --description d",
    is: { name: "gold", description: "d", shared: true, is_default: false },
    changes: [["set --description e --default", { description: "e", is_default: true }]],
    by: ADMIN,
    meanwhile: () =>
      check("network qos rule create, list, set, delete", async () => {
        const create = "network qos rule create gold --type bandwidth-limit --max-kbps 1000";
        const rule = await openstack.json(`${create} --egress`, ADMIN);
        assertHas(rule, { max_kbps: 1000, direction: "egress" });
        await openstack.refused(`${create} --egress`, "conflicts", ADMIN);
        assertEquals(await openstack.column("network qos rule list gold", "ID"), [rule.id]);
        await openstack.run(`network qos rule set gold ${rule.id} --max-kbps 2000`, ADMIN);
        const shown = await openstack.json(`network qos rule show gold ${rule.id}`);
        assertEquals(shown.max_kbps, 2000);
        const network = await openstack.json("network create --qos-policy gold net");
        assert(network.qos_policy_id);
        await openstack.refused("network qos policy delete gold", "is used by network", ADMIN);
        await openstack.run("network delete net");
        await openstack.run(`network qos rule delete gold ${rule.id}`, ADMIN);
      }),
  });
}
