/** What routers do besides being there: extra routes, kinds of routers, who provides them. */
import { assertEquals } from "@std/assert";
import {
  BASE,
  make,
  type Neighbours,
  put,
  refusalOf,
  withNeighbours,
} from "./networks_kit_test.ts";

/** A router on a subnet of project-1. */
async function routerOnSubnet(cloud: Neighbours) {
  const network = await make(cloud, "networks", { network: {} });
  const subnet = await make(cloud, "subnets", {
    subnet: { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24" },
  });
  const router = await make(cloud, "routers", { router: {} });
  const path = `routers/${router.id}`;
  const added = await put(cloud, `${path}/add_router_interface`, { subnet_id: subnet.id });
  assertEquals(added.status, 200);
  return { path, subnet };
}

const route = (destination: string, nexthop: string) => ({ destination, nexthop });

Deno.test("extra routes come and go beside those that are there", () =>
  withNeighbours(async (cloud) => {
    const { path, subnet } = await routerOnSubnet(cloud);
    const change = (action: string, ...routes: readonly unknown[]) =>
      put(cloud, `${path}/${action}`, { router: { routes } });
    const one = route("192.0.2.0/24", "10.1.0.9");
    const two = route("198.51.100.0/24", "10.1.0.9");
    const added = await change("add_extraroutes", one);
    assertEquals([added.status, added.body.router.routes], [200, [one]]);
    assertEquals(added.body.router.id, path.split("/")[1]);
    assertEquals((await change("add_extraroutes", two, one)).body.router.routes, [one, two]);
    const removed = await change("remove_extraroutes", one, route("203.0.113.0/24", "10.1.0.9"));
    assertEquals([removed.status, removed.body.router.routes], [200, [two]]);
    const inUse = await put(cloud, `${path}/remove_router_interface`, { subnet_id: subnet.id });
    assertEquals(refusalOf(inUse), [
      409,
      "RouterInterfaceInUseByRoute",
      `Router interface for subnet ${subnet.id} on router ${path.split("/")[1]} cannot be ` +
      "deleted, as it is required by one or more routes.",
    ]);
    const astray = await change("add_extraroutes", route("192.0.2.0/24", "10.9.0.1"));
    assertEquals(refusalOf(astray).slice(0, 2), [400, "InvalidRoutes"]);
  }));

Deno.test("extra routes: bodies that are none, and callers who may not", () =>
  withNeighbours(async (cloud) => {
    const { path } = await routerOnSubnet(cloud);
    const add = `${path}/add_extraroutes`;
    for (const body of [{}, { router: {} }, { router: { routes: 1 } }, { router: 5 }, []]) {
      assertEquals((await put(cloud, add, body)).status, 400, JSON.stringify(body));
    }
    const body = { router: { routes: [] } };
    assertEquals((await put(cloud, add, body, "reader")).status, 403);
    assertEquals((await put(cloud, add, body, "other")).status, 404);
    assertEquals((await put(cloud, `routers/unknown/add_extraroutes`, body)).status, 404);
  }));

Deno.test("service providers are those of routers", () =>
  withNeighbours(async (cloud) => {
    const all = await cloud.ask("member", "GET", `${BASE}/service-providers`);
    assertEquals(all.status, 200);
    assertEquals(
      all.body.service_providers.map(({ name }: { name: string }) => name),
      ["dvrha", "dvr", "ha", "single_node"],
    );
    const one = await cloud.ask("member", "GET", `${BASE}/service-providers?name=ha&fields=name`);
    assertEquals(one.body, { service_providers: [{ name: "ha" }] });
    const wrong = await cloud.ask("member", "GET", `${BASE}/service-providers?colour=red`);
    assertEquals(refusalOf(wrong).slice(0, 2), [400, "HTTPBadRequest"]);
  }));

Deno.test("an admin makes distributed routers, and changes routers that are down", () =>
  withNeighbours(async (cloud) => {
    const router = await make(cloud, "routers", { router: { distributed: true } }, "admin");
    assertEquals([router.distributed, router.ha], [true, false]);
    const member = await cloud.ask("member", "POST", `${BASE}/routers`, {
      body: { router: { distributed: true } },
    });
    assertEquals(member.status, 403);
    const network = await make(cloud, "networks", { network: {} }, "admin");
    const subnet = await make(cloud, "subnets", {
      subnet: { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24" },
    }, "admin");
    const path = `routers/${router.id}`;
    const change = (changes: object) => put(cloud, path, { router: changes }, "admin");
    const { body } = await put(
      cloud,
      `${path}/add_router_interface`,
      { subnet_id: subnet.id },
      "admin",
    );
    const owner = async () => {
      const port = await cloud.ask("admin", "GET", `${BASE}/ports/${body.port_id}`);
      return port.body.port.device_owner;
    };
    assertEquals(await owner(), "network:router_interface_distributed");
    assertEquals((await cloud.ask("admin", "DELETE", `${BASE}/ports/${body.port_id}`)).status, 409);
    assertEquals(refusalOf(await change({ distributed: false })), [
      400,
      "BadRequest",
      "Bad router request: Cannot change the 'distributed' attribute of active routers. Please " +
      "set router admin_state_up to False prior to upgrade.",
    ]);
    assertEquals(refusalOf(await change({ ha: true })).slice(0, 2), [400, "BadRequest"]);
    const changed = await change({ admin_state_up: false, distributed: false, ha: true });
    const { distributed, ha } = changed.body.router;
    assertEquals([changed.status, distributed, ha], [200, false, true]);
    assertEquals(await owner(), "network:ha_router_replicated_interface");
    const found = await cloud.ask("admin", "GET", `${BASE}/routers?ha=true`);
    assertEquals(found.body.routers.length, 1);
    assertEquals(refusalOf(await cloud.ask("admin", "DELETE", `${BASE}/${path}`))[0], 409);
  }));
