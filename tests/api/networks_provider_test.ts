/** Networks of providers: how frames travel, which only admins say and see. */
import { assertEquals } from "@std/assert";
import {
  BASE,
  make,
  type Neighbours,
  put,
  type Received,
  refusalOf,
  withNeighbours,
} from "./networks_kit_test.ts";

type Provider = readonly [type: string, physical?: string | null, segment?: number | null];

const body = ([type, physical, segment]: Provider) => ({
  network: {
    "provider:network_type": type,
    ...(physical !== undefined && { "provider:physical_network": physical }),
    ...(segment !== undefined && { "provider:segmentation_id": segment }),
  },
});

const providerOf = (network: Received["body"]) => [
  network["provider:network_type"],
  network["provider:physical_network"],
  network["provider:segmentation_id"],
];

const create = (cloud: Neighbours, ...provider: Provider) =>
  cloud.ask("admin", "POST", `${BASE}/networks`, { body: body(provider) });

Deno.test("an admin makes networks of every type, each segment once", () =>
  withNeighbours(async (cloud) => {
    for (
      const [asked, made] of [
        [["flat", "public"], ["flat", "public", null]],
        [["vlan", "physnet", 5], ["vlan", "physnet", 5]],
        [["vlan", "physnet"], ["vlan", "physnet", 1]],
        [["vlan", "other", 5], ["vlan", "other", 5]],
        [["vxlan", null, 1], ["vxlan", null, 1]],
        [["vxlan"], ["vxlan", null, 2]],
        [["geneve"], ["geneve", null, 1]],
        [["local"], ["local", null, null]],
      ] as readonly (readonly [Provider, readonly unknown[]])[]
    ) {
      const { status, body, text } = await create(cloud, ...asked);
      assertEquals([status, providerOf(body.network ?? {})], [201, [...made]], text);
    }
    for (
      const [asked, refusal] of [
        [["flat", "public"], [409, "FlatNetworkInUse"]],
        [["vlan", "physnet", 5], [409, "VlanIdInUse"]],
        [["vxlan", null, 2], [409, "TunnelIdInUse"]],
        [["flat"], [400, "InvalidInput"]],
        [["flat", "x", 5], [400, "InvalidInput"]],
        [["vlan"], [400, "InvalidInput"]],
        [["vlan", "x", 4095], [400, "InvalidInput"]],
        [["vxlan", "x", 5], [400, "InvalidInput"]],
        [["vxlan", null, 2 ** 24], [400, "InvalidInput"]],
        [["local", "x"], [400, "InvalidInput"]],
        [["token-ring"], [400, "InvalidInput"]],
      ] as readonly (readonly [Provider, readonly [number, string]])[]
    ) {
      assertEquals(
        refusalOf(await create(cloud, ...asked)).slice(0, 2),
        [...refusal],
        String(asked),
      );
    }
    const found = async (query: string) =>
      (await cloud.ask("admin", "GET", `${BASE}/networks?${query}`)).body.networks.length;
    assertEquals(await found("provider:network_type=vlan"), 3);
    assertEquals(await found("provider:physical_network=physnet"), 2);
    assertEquals(await found("provider:network_type=vxlan&provider:segmentation_id=2"), 1);
  }));

Deno.test("a segment is free again with its network, and stays as it is until then", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", body(["flat", "public"]), "admin");
    const path = `networks/${id}`;
    const same = await put(cloud, path, body(["flat", "public"]), "admin");
    assertEquals([same.status, same.body.network.revision_number], [200, 1]);
    assertEquals(refusalOf(await put(cloud, path, body(["vlan", "public", 3]), "admin")), [
      400,
      "InvalidInput",
      "Invalid input for operation: Plugin does not support updating provider attributes.",
    ]);
    assertEquals((await cloud.ask("admin", "DELETE", `${BASE}/${path}`)).status, 204);
    assertEquals((await create(cloud, "flat", "public")).status, 201);
  }));

Deno.test("others neither say nor see how frames travel", () =>
  withNeighbours(async (cloud) => {
    const { status } = await cloud.ask("member", "POST", `${BASE}/networks`, {
      body: body(["flat", "public"]),
    });
    assertEquals(status, 403);
    const mine = await make(cloud, "networks", { network: {} });
    assertEquals("provider:network_type" in mine, false);
  }));

Deno.test("one external network is the default", () =>
  withNeighbours(async (cloud) => {
    const external = (more: object) =>
      cloud.ask("admin", "POST", `${BASE}/networks`, {
        body: { network: { "router:external": true, ...more } },
      });
    const first = await external({ is_default: true });
    assertEquals(first.body.network.is_default, true);
    const { id } = first.body.network;
    assertEquals(refusalOf(await external({ is_default: true })), [
      409,
      "DefaultExternalNetworkExists",
      `A default external network already exists: ${id}.`,
    ]);
    const second = (await external({})).body.network;
    assertEquals(second.is_default, false);
    const change = (id: string, is_default: boolean) =>
      put(cloud, `networks/${id}`, { network: { is_default } }, "admin");
    assertEquals((await change(second.id, true)).status, 409);
    assertEquals((await change(id, true)).status, 200);
    assertEquals((await change(id, false)).body.network.is_default, false);
    assertEquals((await change(second.id, true)).body.network.is_default, true);
    const found = await cloud.ask("admin", "GET", `${BASE}/networks?is_default=true`);
    assertEquals(found.body.networks.map((one: { id: string }) => one.id), [second.id]);
  }));
