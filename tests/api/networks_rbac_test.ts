/** RBAC policies: what one project lets another use. */
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

const create = (cloud: Neighbours, policy: object, name: Name = "member") =>
  cloud.ask(name, "POST", `${BASE}/rbac-policies`, {
    body: { rbac_policy: { action: "access_as_shared", target_tenant: "project-2", ...policy } },
  });

const share = async (cloud: Neighbours, object_type: string, object_id: string) => {
  const made = await create(cloud, { object_type, object_id });
  assertEquals(made.status, 201, made.text);
  return `rbac-policies/${made.body.rbac_policy.id}`;
};

const statusFor = async (cloud: Neighbours, path: string, name: Name = "other") =>
  (await cloud.ask(name, "GET", `${BASE}/${path}`)).status;

Deno.test("a network that is shared with a project is its to use, as long as it is shared", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: { name: "mine" } });
    const subnet = await make(cloud, "subnets", {
      subnet: { network_id: id, ip_version: 4, cidr: "10.1.0.0/24" },
    });
    assertEquals(await statusFor(cloud, `networks/${id}`), 404);
    const made = await create(cloud, { object_type: "network", object_id: id });
    const policy = made.body.rbac_policy;
    assertEquals(policy, {
      id: policy.id,
      tenant_id: "project-1",
      project_id: "project-1",
      object_type: "network",
      object_id: id,
      target_tenant: "project-2",
      action: "access_as_shared",
    });
    const seen = await cloud.ask("other", "GET", `${BASE}/networks/${id}`);
    assertEquals([seen.status, seen.body.network?.shared], [200, true]);
    const mine = await cloud.ask("member", "GET", `${BASE}/networks/${id}`);
    assertEquals(mine.body.network.shared, false);
    assertEquals(await statusFor(cloud, `subnets/${subnet.id}`), 200);
    assertEquals((await drop(cloud, `networks/${id}`, "other")).status, 403);
    assertEquals(
      (await cloud.networks.networksFor("project-2")).map((one) => one.id).includes(id),
      true,
    );
    const port = await make(cloud, "ports", { port: { network_id: id } }, "other");
    const path = `rbac-policies/${policy.id}`;
    assertEquals(await statusFor(cloud, path), 404);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [409, "RbacPolicyInUse"]);
    const away = { rbac_policy: { target_tenant: "project-3" } };
    assertEquals((await put(cloud, path, away)).status, 409);
    assertEquals((await drop(cloud, `ports/${port.id}`, "other")).status, 204);
    assertEquals((await put(cloud, path, away)).body.rbac_policy.target_tenant, "project-3");
    assertEquals(await statusFor(cloud, `networks/${id}`), 404);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [404, "RbacPolicyNotFound"]);
  }));

Deno.test("a server of another project is put on a network that is shared with it", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} });
    await make(cloud, "subnets", {
      subnet: { network_id: id, ip_version: 4, cidr: "10.1.0.0/24" },
    });
    const ports = () =>
      cloud.networks.ensurePorts({
        serverId: "11111111-0000-4000-8000-000000000001",
        projectId: "project-2",
        host: "compute-1",
        nics: [{ networkId: id }],
        securityGroups: [],
      });
    assertEquals("rejected" in await ports() || "failed" in await ports(), true);
    await share(cloud, "network", id);
    assertEquals(Array.isArray(await ports()), true);
  }));

Deno.test("only admins share with all, and what is not theirs", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} });
    const all = { object_type: "network", object_id: id, target_tenant: "*" };
    assertEquals((await create(cloud, all)).status, 403);
    assertEquals((await create(cloud, all, "reader")).status, 403);
    assertEquals((await create(cloud, all, "admin")).status, 201);
    assertEquals(refusalOf(await create(cloud, all, "admin")), [
      409,
      "DuplicateRbacPolicy",
      "An RBAC policy already exists with those values.",
    ]);
    const seen = await cloud.ask("other", "GET", `${BASE}/networks?shared=true`);
    assertEquals(seen.body.networks.map((one: { id: string }) => one.id).includes(id), true);
    assertEquals(
      (await create(cloud, { object_type: "network", object_id: id }, "other")).status,
      400,
    );
    const unknown = await create(cloud, {
      object_type: "network",
      object_id: crypto.randomUUID(),
    });
    assertEquals(refusalOf(unknown).slice(0, 2), [404, "NetworkNotFound"]);
    for (
      const [policy, type] of [
        [{ object_type: "server" }, "InvalidInput"],
        [{ action: "access_as_owner" }, "InvalidActionForType"],
        [{ object_id: "x" }, "HTTPBadRequest"],
        [{ target_tenant: "" }, "HTTPBadRequest"],
      ] as const
    ) {
      const refused = await create(cloud, { object_type: "network", object_id: id, ...policy });
      assertEquals(refusalOf(refused).slice(0, 2), [400, type], JSON.stringify(policy));
    }
    assertEquals((await drop(cloud, `networks/${id}`)).status, 204);
    const left = await cloud.ask("admin", "GET", `${BASE}/rbac-policies`);
    assertEquals(left.body.rbac_policies, []);
  }));

Deno.test("pools, scopes and groups are shared too", () =>
  withNeighbours(async (cloud) => {
    const scope = await make(cloud, "address-scopes", { address_scope: { ip_version: 4 } });
    const pool = await make(cloud, "subnetpools", {
      subnetpool: { name: "pool", prefixes: ["10.100.0.0/24"] },
    });
    const addresses = await make(cloud, "address-groups", { address_group: { name: "hosts" } });
    const group = await make(cloud, "security-groups", { security_group: { name: "web" } });
    const theirs = await make(cloud, "networks", { network: {} }, "other");
    const body = { port: { network_id: theirs.id, security_groups: [group.id] } };
    assertEquals((await cloud.ask("other", "POST", `${BASE}/ports`, { body })).status, 404);
    for (
      const [type, path] of [
        ["address_scope", `address-scopes/${scope.id}`],
        ["subnetpool", `subnetpools/${pool.id}`],
        ["address_group", `address-groups/${addresses.id}`],
        ["security_group", `security-groups/${group.id}`],
      ] as const
    ) {
      assertEquals(await statusFor(cloud, path), 404);
      await share(cloud, type, path.split("/")[1]!);
      assertEquals(await statusFor(cloud, path), 200);
      assertEquals((await drop(cloud, path, "other")).status, 403);
    }
    assertEquals((await cloud.ask("other", "POST", `${BASE}/ports`, { body })).status, 201);
    const found = await cloud.ask("member", "GET", `${BASE}/rbac-policies?object_type=subnetpool`);
    assertEquals(found.body.rbac_policies.length, 1);
  }));

Deno.test("a network leads out of the cloud for those that an admin names", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} }, "admin");
    await make(cloud, "subnets", {
      subnet: { network_id: id, ip_version: 4, cidr: "203.0.113.0/24", enable_dhcp: false },
    }, "admin");
    const router = { router: { external_gateway_info: { network_id: id } } };
    const made = () => cloud.ask("member", "POST", `${BASE}/routers`, { body: router });
    assertEquals((await made()).status, 404);
    const policy = {
      object_type: "network",
      object_id: id,
      target_tenant: "project-1",
      action: "access_as_external",
    };
    assertEquals((await create(cloud, policy, "admin")).status, 201);
    const seen = await cloud.ask("member", "GET", `${BASE}/networks/${id}`);
    assertEquals([seen.body.network["router:external"], seen.body.network.shared], [true, false]);
    assertEquals((await made()).status, 201);
    assertEquals(await statusFor(cloud, `networks/${id}`), 404);
  }));
