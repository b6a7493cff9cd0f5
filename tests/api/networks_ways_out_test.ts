/** Routers' gateways and floating IPs as gophercloud's acceptance tests use them. */
import { assertEquals } from "@std/assert";
import { type Name, type Neighbours, type Received, withNeighbours } from "./networks_kit_test.ts";

const BASE = "/network/v2.0";

async function make(
  cloud: Neighbours,
  path: string,
  body: object,
  name: Name = "admin",
): Promise<Received["body"]> {
  const [key] = Object.keys(body);
  const answer = await cloud.ask(name, "POST", `${BASE}/${path}`, { body });
  assertEquals(answer.status, 201, answer.text);
  return answer.body[key!];
}

/** A network that leads out, with addresses from 203.0.113.2 to 203.0.113.14. */
async function externalNetwork(cloud: Neighbours): Promise<{ network: string; subnet: string }> {
  const network = await make(cloud, "networks", {
    network: { "name": "public", "router:external": true },
  });
  const subnet = await make(cloud, "subnets", {
    subnet: { network_id: network.id, ip_version: 4, cidr: "203.0.113.0/28", enable_dhcp: false },
  });
  return { network: network.id, subnet: subnet.id };
}

Deno.test("a gateway's addresses change when others are named, and only then", () =>
  withNeighbours(async (cloud) => {
    const { network, subnet } = await externalNetwork(cloud);
    const router = await make(cloud, "routers", {
      router: { external_gateway_info: { network_id: network } },
    });
    const first = { subnet_id: subnet, ip_address: "203.0.113.2" };
    assertEquals(router.external_gateway_info.external_fixed_ips, [first]);
    const gateways = async () =>
      (await cloud.ask("admin", "GET", `${BASE}/ports?device_id=${router.id}`)).body.ports;
    const [before] = await gateways();
    const set = async (external_fixed_ips: readonly object[]) => {
      const answer = await cloud.ask("admin", "PUT", `${BASE}/routers/${router.id}`, {
        body: { router: { external_gateway_info: { network_id: network, external_fixed_ips } } },
      });
      assertEquals(answer.status, 200, answer.text);
      return answer.body.router.external_gateway_info.external_fixed_ips;
    };
    // The subnets and the named addresses are those it has: l3_db.py, `_check_for_external_ip_change`.
    assertEquals(await set([first]), [first]);
    assertEquals(await set([first, { subnet_id: subnet }]), [first]);
    assertEquals(await gateways(), [before]);
    const other = { subnet_id: subnet, ip_address: "203.0.113.9" };
    assertEquals(await set([other]), [other]);
  }));

Deno.test("a floating IP may lead to a router's interface, and not to the port of a DHCP server", () =>
  withNeighbours(async (cloud) => {
    const external = await externalNetwork(cloud);
    const network = await make(cloud, "networks", { network: { name: "mine" } });
    const subnet = await make(cloud, "subnets", {
      subnet: { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24" },
    });
    const router = await make(cloud, "routers", {
      router: { external_gateway_info: { network_id: external.network } },
    });
    const port = await make(cloud, "ports", { port: { network_id: network.id } });
    const added = await cloud.ask(
      "admin",
      "PUT",
      `${BASE}/routers/${router.id}/add_router_interface`,
      { body: { port_id: port.id } },
    );
    assertEquals(added.status, 200, added.text);
    const floating = await make(cloud, "floatingips", {
      floatingip: { floating_network_id: external.network, port_id: port.id },
    });
    assertEquals([floating.fixed_ip_address, floating.router_id], ["10.1.0.2", router.id]);
    const dhcp = await make(cloud, "ports", {
      port: {
        network_id: network.id,
        device_owner: "network:dhcp",
        fixed_ips: [{ subnet_id: subnet.id }],
      },
    });
    const refused = await cloud.ask("admin", "POST", `${BASE}/floatingips`, {
      body: { floatingip: { floating_network_id: external.network, port_id: dhcp.id } },
    });
    assertEquals([refused.status, refused.body.NeutronError.type], [400, "BadRequest"]);
  }));

Deno.test("a path may end in .json", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: { name: "mine" } }, "member");
    for (const path of ["networks", `networks/${network.id}`, "quotas/project-1/details"]) {
      const plain = await cloud.ask("member", "GET", `${BASE}/${path}`);
      const ended = await cloud.ask("member", "GET", `${BASE}/${path}.json`);
      assertEquals(plain.status, 200, plain.text);
      assertEquals([ended.status, ended.body], [200, plain.body]);
    }
    const unknown = await cloud.ask("member", "GET", `${BASE}/nothing.json`);
    assertEquals(unknown.status, 404);
  }));
