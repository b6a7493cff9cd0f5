/** Address scopes, subnet pools, and subnets of pools. */
import { assertEquals } from "@std/assert";
import {
  BASE,
  drop,
  make,
  type Name,
  type Neighbours,
  put,
  refusalOf,
  withNeighbours,
} from "./networks_kit_test.ts";

const POOL = { name: "pool", prefixes: ["10.100.0.0/24"] };

const makePool = (cloud: Neighbours, more: object = {}, name?: Name) =>
  make(cloud, "subnetpools", { subnetpool: { ...POOL, ...more } }, name);

const create = (cloud: Neighbours, path: string, body: object, name: Name = "member") =>
  cloud.ask(name, "POST", `${BASE}/${path}`, { body });

const show = async (cloud: Neighbours, path: string, name: Name = "member") =>
  (await cloud.ask(name, "GET", `${BASE}/${path}`)).body;

Deno.test("an address scope from create to delete", () =>
  withNeighbours(async (cloud) => {
    const scope = await make(cloud, "address-scopes", {
      address_scope: { name: "mine", ip_version: 4 },
    });
    assertEquals(scope, {
      id: scope.id,
      name: "mine",
      tenant_id: "project-1",
      project_id: "project-1",
      shared: false,
      ip_version: 4,
    });
    const path = `address-scopes/${scope.id}`;
    const rename = { address_scope: { name: "ours" } };
    assertEquals((await put(cloud, path, rename)).body.address_scope.name, "ours");
    assertEquals((await put(cloud, path, rename, "other")).status, 404);
    assertEquals((await show(cloud, "address-scopes?name=ours")).address_scopes.length, 1);
    assertEquals((await show(cloud, "address-scopes", "other")).address_scopes, []);
    const share = { address_scope: { shared: true } };
    assertEquals((await put(cloud, path, share)).status, 403);
    assertEquals((await put(cloud, path, share, "admin")).body.address_scope.shared, true);
    assertEquals((await show(cloud, "address-scopes", "other")).address_scopes.length, 1);
    assertEquals((await put(cloud, path, rename, "other")).status, 403);
    assertEquals(refusalOf(await put(cloud, path, { address_scope: { shared: false } }, "admin")), [
      400,
      "AddressScopeUpdateError",
      `Unable to update address scope ${scope.id} : Shared address scope can't be unshared.`,
    ]);
    const pool = await makePool(cloud, { address_scope_id: scope.id });
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [409, "AddressScopeInUse"]);
    assertEquals((await drop(cloud, `subnetpools/${pool.id}`)).status, 204);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [404, "AddressScopeNotFound"]);
  }));

Deno.test("a pool: what it is made of, and what follows", () =>
  withNeighbours(async (cloud) => {
    const pool = await makePool(cloud, {
      prefixes: ["10.101.0.0/24", "10.100.1.0/24", "10.100.0.0/24", "10.100.0.0/26"],
      default_prefixlen: 26,
      default_quota: 512,
      description: "for all",
    });
    assertEquals({ ...pool, created_at: 0, updated_at: 0 }, {
      id: pool.id,
      name: "pool",
      tenant_id: "project-1",
      project_id: "project-1",
      prefixes: ["10.100.0.0/23", "10.101.0.0/24"],
      default_prefixlen: "26",
      min_prefixlen: "8",
      max_prefixlen: "32",
      ip_version: 4,
      default_quota: 512,
      address_scope_id: null,
      is_default: false,
      shared: false,
      description: "for all",
      tags: [],
      created_at: 0,
      updated_at: 0,
      revision_number: 1,
    });
    const six = await makePool(cloud, { prefixes: ["fd00::/48"] });
    assertEquals([six.min_prefixlen, six.default_prefixlen, six.max_prefixlen], [
      "64",
      "64",
      "128",
    ]);
    const path = `subnetpools/${pool.id}`;
    const change = (changes: object) => put(cloud, path, { subnetpool: changes });
    assertEquals((await change({ name: "ours" })).body.subnetpool.name, "ours");
    const grown = await change({ prefixes: ["10.100.0.0/23", "10.101.0.0/24", "10.102.0.0/24"] });
    assertEquals(grown.body.subnetpool.prefixes.length, 3);
    assertEquals(refusalOf(await change({ prefixes: ["10.100.0.0/23"] })), [
      400,
      "IllegalSubnetPoolPrefixUpdate",
      "Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.",
    ]);
    assertEquals((await change({ shared: true })).status, 400);
    assertEquals((await change({ is_default: true })).status, 403);
    assertEquals((await show(cloud, "subnetpools?ip_version=6")).subnetpools.length, 1);
    assertEquals((await put(cloud, `${path}/tags`, { tags: ["blue"] })).status, 200);
    assertEquals((await show(cloud, "subnetpools?tags=blue")).subnetpools.length, 1);
    assertEquals((await show(cloud, path, "other")).NeutronError.type, "SubnetPoolNotFound");
  }));

Deno.test("pools that are refused", () =>
  withNeighbours(async (cloud) => {
    for (
      const [asked, status, type] of [
        [{ name: "" }, 400, "HTTPBadRequest"],
        [{ name: undefined }, 400, "HTTPBadRequest"],
        [{ prefixes: undefined }, 400, "HTTPBadRequest"],
        [{ prefixes: [] }, 400, "EmptySubnetPoolPrefixList"],
        [{ prefixes: ["10.0.0.0"] }, 400, "HTTPBadRequest"],
        [{ prefixes: ["10.0.0.0/24", "10.0.0.0/24"] }, 400, "HTTPBadRequest"],
        [{ prefixes: "10.0.0.0/24" }, 400, "HTTPBadRequest"],
        [{ prefixes: ["10.0.0.0/24", "fd00::/64"] }, 400, "PrefixVersionMismatch"],
        [{ min_prefixlen: 30, max_prefixlen: 24 }, 400, "IllegalSubnetPoolPrefixBounds"],
        [{ max_prefixlen: 33 }, 400, "IllegalSubnetPoolPrefixBounds"],
        [{ default_prefixlen: 4 }, 400, "IllegalSubnetPoolPrefixBounds"],
        [{ default_prefixlen: 28, max_prefixlen: 26 }, 400, "IllegalSubnetPoolPrefixBounds"],
        [{ default_quota: -1 }, 400, "HTTPBadRequest"],
        [{ shared: true }, 403, "PolicyNotAuthorized"],
        [{ is_default: true }, 403, "PolicyNotAuthorized"],
        [{ address_scope_id: crypto.randomUUID() }, 404, "AddressScopeNotFound"],
      ] as const
    ) {
      const refused = await create(cloud, "subnetpools", { subnetpool: { ...POOL, ...asked } });
      assertEquals(refusalOf(refused).slice(0, 2), [status, type], JSON.stringify(asked));
    }
    await makePool(cloud, { is_default: true }, "admin");
    const second = await create(
      cloud,
      "subnetpools",
      { subnetpool: { ...POOL, is_default: true } },
      "admin",
    );
    assertEquals(refusalOf(second).slice(0, 2), [400, "InvalidInput"]);
  }));

Deno.test("pools of one address scope share its family and no prefixes", () =>
  withNeighbours(async (cloud) => {
    const scope = (ip_version: number) =>
      make(cloud, "address-scopes", { address_scope: { ip_version } });
    const [four, six] = [await scope(4), await scope(6)];
    await makePool(cloud, { address_scope_id: four.id });
    const attempt = (more: object) =>
      create(cloud, "subnetpools", { subnetpool: { ...POOL, ...more } });
    assertEquals(refusalOf(await attempt({ address_scope_id: six.id })).slice(0, 2), [
      400,
      "IllegalSubnetPoolIpVersionAssociationToAddressScope",
    ]);
    assertEquals(refusalOf(await attempt({ address_scope_id: four.id })), [
      409,
      "AddressScopePrefixConflict",
      "Failed to associate address scope: subnetpools within an address scope must have unique " +
      "prefixes.",
    ]);
    const free = await makePool(cloud);
    const path = `subnetpools/${free.id}`;
    const join = { subnetpool: { address_scope_id: four.id } };
    assertEquals((await put(cloud, path, join)).status, 409);
    const apart = await makePool(cloud, { prefixes: ["10.200.0.0/24"] });
    assertEquals((await put(cloud, `subnetpools/${apart.id}`, join)).status, 200);
    const leave = { subnetpool: { address_scope_id: null } };
    const left = await put(cloud, `subnetpools/${apart.id}`, leave);
    assertEquals(left.body.subnetpool.address_scope_id, null);
  }));

Deno.test("subnets of a pool: the next free ones, certain ones, and none when it is empty", () =>
  withNeighbours(async (cloud) => {
    const scope = await make(cloud, "address-scopes", { address_scope: { ip_version: 4 } });
    const pool = await makePool(cloud, { default_prefixlen: 26, address_scope_id: scope.id });
    const network = await make(cloud, "networks", { network: {} });
    const ask = (more: object) =>
      create(cloud, "subnets", {
        subnet: { network_id: network.id, ip_version: 4, subnetpool_id: pool.id, ...more },
      });
    const first = await ask({ prefixlen: 28 });
    const { cidr, gateway_ip, subnetpool_id, allocation_pools } = first.body.subnet;
    assertEquals([cidr, gateway_ip, subnetpool_id], ["10.100.0.0/28", "10.100.0.1", pool.id]);
    assertEquals(allocation_pools, [{ start: "10.100.0.2", end: "10.100.0.14" }]);
    assertEquals((await ask({})).body.subnet.cidr, "10.100.0.64/26");
    assertEquals((await ask({ prefixlen: 28 })).body.subnet.cidr, "10.100.0.16/28");
    assertEquals((await ask({ cidr: "10.100.0.128/26" })).body.subnet.cidr, "10.100.0.128/26");
    const failed = "Failed to allocate subnet: ";
    assertEquals(refusalOf(await ask({ cidr: "10.100.0.0/28" })), [
      409,
      "SubnetAllocationError",
      `${failed}Cannot allocate requested subnet from the available set of prefixes.`,
    ]);
    assertEquals(refusalOf(await ask({ prefixlen: 25 })), [
      409,
      "SubnetAllocationError",
      `${failed}Insufficient prefix space to allocate subnet size /25.`,
    ]);
    for (
      const [more, type] of [
        [{ prefixlen: 28, cidr: "10.100.0.32/28" }, "BadRequest"],
        [{ prefixlen: 33 }, "MaxPrefixSubnetAllocationError"],
        [{ prefixlen: 4 }, "MinPrefixSubnetAllocationError"],
        [{ ip_version: 6 }, "BadRequest"],
        [{ use_default_subnetpool: true }, "BadRequest"],
        [{ allocation_pools: [{ start: "10.100.0.2", end: "10.100.0.3" }] }, "BadRequest"],
      ] as const
    ) {
      assertEquals(refusalOf(await ask(more)).slice(0, 2), [400, type], JSON.stringify(more));
    }
    assertEquals((await ask({ subnetpool_id: crypto.randomUUID() })).status, 404);
    const shown = (await show(cloud, `networks/${network.id}`)).network;
    assertEquals([shown.ipv4_address_scope, shown.ipv6_address_scope], [scope.id, null]);
    assertEquals((await show(cloud, `subnets?subnetpool_id=${pool.id}`)).subnets.length, 4);
    assertEquals(refusalOf(await drop(cloud, `subnetpools/${pool.id}`)), [
      400,
      "SubnetPoolDeleteError",
      "Unable to delete subnet pool: Subnet pool has existing allocations.",
    ]);
    assertEquals((await drop(cloud, `subnets/${first.body.subnet.id}`)).status, 204);
    assertEquals((await ask({ prefixlen: 28 })).body.subnet.cidr, "10.100.0.0/28");
  }));

Deno.test("subnets of the default pool, within the pool's quota", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: {} }, "admin");
    const ask = (more: object) =>
      create(cloud, "subnets", {
        subnet: { network_id: network.id, ip_version: 4, use_default_subnetpool: true, ...more },
      }, "admin");
    assertEquals(refusalOf(await ask({})), [
      400,
      "BadRequest",
      "Bad subnets request: No default subnetpool found for IPv4.",
    ]);
    const pool = await makePool(cloud, {
      is_default: true,
      shared: true,
      default_prefixlen: 28,
      default_quota: 16,
    }, "admin");
    assertEquals((await ask({})).body.subnet.subnetpool_id, pool.id);
    assertEquals(refusalOf(await ask({})), [
      409,
      "SubnetPoolQuotaExceeded",
      "Per-project subnet pool prefix quota exceeded.",
    ]);
  }));

Deno.test("subnets of one network and family come from one pool, or one scope", () =>
  withNeighbours(async (cloud) => {
    const [one, two] = [await makePool(cloud), await makePool(cloud)];
    const network = await make(cloud, "networks", { network: {} });
    const ask = (more: object) =>
      create(cloud, "subnets", {
        subnet: { network_id: network.id, ip_version: 4, prefixlen: 28, ...more },
      });
    assertEquals((await ask({ subnetpool_id: one.id })).status, 201);
    const affinity = [400, "NetworkSubnetPoolAffinityError"];
    assertEquals(refusalOf(await ask({ subnetpool_id: two.id })).slice(0, 2), affinity);
    const plain = await create(cloud, "subnets", {
      subnet: { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24" },
    });
    assertEquals(refusalOf(plain).slice(0, 2), affinity);
  }));

Deno.test("prefixes are added to a pool and taken from it", () =>
  withNeighbours(async (cloud) => {
    const pool = await makePool(cloud);
    const path = `subnetpools/${pool.id}`;
    const change = (action: string, prefixes: unknown, name?: Name) =>
      put(cloud, `${path}/${action}`, { prefixes }, name);
    const added = await change("add_prefixes", ["10.100.1.0/24"]);
    assertEquals([added.status, added.body], [200, { prefixes: ["10.100.0.0/23"] }]);
    const network = await make(cloud, "networks", { network: {} });
    await make(cloud, "subnets", {
      subnet: {
        network_id: network.id,
        ip_version: 4,
        subnetpool_id: pool.id,
        cidr: "10.100.0.0/25",
      },
    });
    assertEquals(refusalOf(await change("remove_prefixes", ["10.100.0.0/24"])).slice(0, 2), [
      400,
      "IllegalSubnetPoolPrefixUpdate",
    ]);
    const removed = await change("remove_prefixes", ["10.100.1.0/24", "10.9.0.0/24"]);
    assertEquals(removed.body, { prefixes: ["10.100.0.0/24"] });
    assertEquals((await change("add_prefixes", "x")).status, 400);
    assertEquals((await change("add_prefixes", [])).status, 400);
    assertEquals((await change("add_prefixes", ["10.0.0.0/8"], "reader")).status, 403);
    assertEquals((await change("add_prefixes", ["10.0.0.0/8"], "other")).status, 404);
  }));
