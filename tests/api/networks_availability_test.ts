/** How many addresses networks have, and how many are taken: for admins. */
import { assertEquals } from "@std/assert";
import { BASE, make, withNeighbours } from "./networks_kit_test.ts";

Deno.test("an admin sees how many addresses there are, and how many are taken", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: { name: "mine" } });
    const subnet = (name: string, ip_version: number, cidr: string) =>
      make(cloud, "subnets", { subnet: { network_id: network.id, name, ip_version, cidr } });
    const four = await subnet("four", 4, "10.1.0.0/24");
    const six = await subnet("six", 6, "fd00::/64");
    await make(cloud, "ports", { port: { network_id: network.id } });
    await make(cloud, "ports", {
      port: { network_id: network.id, fixed_ips: [{ subnet_id: four.id }] },
    });
    const path = `${BASE}/network-ip-availabilities`;
    const shown = await cloud.ask("admin", "GET", `${path}/${network.id}`);
    assertEquals(shown.status, 200);
    const { subnet_ip_availability: subnets, ...whole } = shown.body.network_ip_availability;
    assertEquals({ ...whole, total_ips: 0 }, {
      network_id: network.id,
      network_name: "mine",
      tenant_id: "project-1",
      project_id: "project-1",
      total_ips: 0,
      used_ips: 3,
    });
    assertEquals(subnets[0], {
      subnet_id: four.id,
      subnet_name: "four",
      ip_version: 4,
      cidr: "10.1.0.0/24",
      total_ips: 253,
      used_ips: 2,
    });
    assertEquals([subnets[1].subnet_id, subnets[1].used_ips], [six.id, 1]);
    // As a double it would be another number.
    assertEquals(shown.text.includes('"total_ips":18446744073709551614'), true, shown.text);
    const ids = async (query: string) =>
      (await cloud.ask("admin", "GET", `${path}?${query}`)).body.network_ip_availabilities;
    assertEquals((await ids("network_name=mine")).length, 1);
    assertEquals((await ids(`network_id=${network.id}&ip_version=6`))[0].used_ips, 1);
    assertEquals((await ids("project_id=project-2")).length, 0);
    assertEquals(await ids("fields=network_name&network_name=mine"), [{ network_name: "mine" }]);
    const empty = await make(cloud, "networks", { network: {} });
    const none = await cloud.ask("admin", "GET", `${path}/${empty.id}`);
    assertEquals(none.body.network_ip_availability.total_ips, 0);
  }));

Deno.test("others see nothing of it", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: {} });
    const path = `${BASE}/network-ip-availabilities`;
    assertEquals((await cloud.ask("member", "GET", path)).body.network_ip_availabilities, []);
    assertEquals((await cloud.ask("member", "GET", `${path}/${network.id}`)).status, 404);
    assertEquals((await cloud.ask("admin", "GET", `${path}?colour=red`)).status, 400);
  }));
