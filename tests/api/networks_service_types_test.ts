/** Subnets for devices of certain kinds, ports that are trusted. */
import { assertEquals } from "@std/assert";
import {
  BASE,
  make,
  type Neighbours,
  put,
  refusalOf,
  withNeighbours,
} from "./networks_kit_test.ts";

const subnetOn = (cloud: Neighbours, network_id: string, cidr: string, service_types: unknown) =>
  cloud.ask("member", "POST", `${BASE}/subnets`, {
    body: { subnet: { network_id, ip_version: 4, cidr, service_types } },
  });

const portOn = async (cloud: Neighbours, network_id: string, device_owner: string) => {
  const body = { port: { network_id, device_owner } };
  return await cloud.ask("member", "POST", `${BASE}/ports`, { body });
};

Deno.test("ports have addresses of the subnets that are for them, those first", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} });
    const routers = await subnetOn(cloud, id, "10.1.0.0/24", ["network:router_gateway"]);
    assertEquals(routers.body.subnet.service_types, ["network:router_gateway"]);
    assertEquals(refusalOf(await portOn(cloud, id, "compute:nova")), [
      409,
      "IpAddressGenerationFailureNoMatchingSubnet",
      `No valid service subnet for the given device owner, network ${id}, service type ` +
      "compute:nova.",
    ]);
    const all = await subnetOn(cloud, id, "10.2.0.0/24", []);
    await subnetOn(cloud, id, "10.3.0.0/24", ["compute:nova"]);
    const addressFor = async (owner: string) =>
      (await portOn(cloud, id, owner)).body.port.fixed_ips[0].ip_address;
    assertEquals(await addressFor("compute:nova"), "10.3.0.2");
    assertEquals(await addressFor("compute:other"), "10.2.0.2");
    const path = `subnets/${all.body.subnet.id}`;
    const changed = await put(cloud, path, { subnet: { service_types: ["compute:other"] } });
    assertEquals(changed.body.subnet.service_types, ["compute:other"]);
    assertEquals(await addressFor("compute:other"), "10.2.0.3");
    assertEquals((await portOn(cloud, id, "")).status, 409);
  }));

Deno.test("service types that are none", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} });
    for (
      const [types, type] of [
        ["compute:nova", "HTTPBadRequest"],
        [[1], "InvalidInputSubnetServiceType"],
        [["nova"], "InvalidSubnetServiceType"],
      ] as const
    ) {
      const refused = await subnetOn(cloud, id, "10.1.0.0/24", types);
      assertEquals(refusalOf(refused).slice(0, 2), [400, type]);
    }
  }));

Deno.test("an admin trusts a port", () =>
  withNeighbours(async (cloud) => {
    const { id: network_id } = await make(cloud, "networks", { network: {} });
    const port = await make(cloud, "ports", { port: { network_id, trusted: true } }, "admin");
    assertEquals([port.trusted, port["binding:profile"]], [true, { trusted: true }]);
    const path = `ports/${port.id}`;
    const changed = await put(cloud, path, { port: { trusted: false } }, "admin");
    assertEquals(changed.body.port.trusted, false);
    const untold = await make(cloud, "ports", { port: { network_id } }, "admin");
    assertEquals([untold.trusted, untold["binding:profile"]], [null, {}]);
    const member = await cloud.ask("member", "POST", `${BASE}/ports`, {
      body: { port: { network_id, trusted: true } },
    });
    assertEquals(member.status, 403);
    assertEquals("trusted" in await make(cloud, "ports", { port: { network_id } }), false);
  }));
