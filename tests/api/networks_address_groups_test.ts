/** Address groups, and rules of security groups that name them. */
import { assertEquals } from "@std/assert";
import { BASE, drop, make, put, refusalOf, withNeighbours } from "./networks_kit_test.ts";

Deno.test("an address group from create to delete", () =>
  withNeighbours(async (cloud) => {
    const group = await make(cloud, "address-groups", {
      address_group: { name: "hosts", addresses: ["10.0.0.7/24", "2001:db8::/32"] },
    });
    assertEquals({ ...group, created_at: 0, updated_at: 0 }, {
      id: group.id,
      name: "hosts",
      description: "",
      tenant_id: "project-1",
      project_id: "project-1",
      addresses: ["10.0.0.0/24", "2001:db8::/32"],
      created_at: 0,
      updated_at: 0,
      revision_number: 1,
    });
    const path = `address-groups/${group.id}`;
    const change = (action: string, addresses: unknown) =>
      put(cloud, `${path}/${action}`, { addresses });
    const added = await change("add_addresses", ["127.0.0.1/32", "fe80::/10"]);
    assertEquals([added.status, added.body.address_group.addresses.length], [200, 4]);
    assertEquals(refusalOf(await change("add_addresses", ["fe80::/10"])), [
      400,
      "AddressesAlreadyExist",
      `Addresses ['fe80::/10'] already exist in the address group ${group.id}.`,
    ]);
    const removed = await change("remove_addresses", ["127.0.0.1/32", "fe80::/10"]);
    assertEquals(removed.body.address_group.addresses, ["10.0.0.0/24", "2001:db8::/32"]);
    assertEquals(refusalOf(await change("remove_addresses", ["fe80::/10"])), [
      404,
      "AddressesNotFound",
      `Addresses ['fe80::/10'] not found in the address group ${group.id}.`,
    ]);
    for (const wrong of [undefined, "x", ["x"], [1], ["10.0.0.0"]]) {
      assertEquals((await change("add_addresses", wrong)).status, 400, JSON.stringify(wrong));
    }
    const renamed = await put(cloud, path, { address_group: { name: "all", description: "d" } });
    assertEquals([renamed.body.address_group.name, renamed.status], ["all", 200]);
    const wrong = await put(cloud, path, { address_group: { addresses: [] } });
    assertEquals(wrong.status, 400);
    const list = await cloud.ask("member", "GET", `${BASE}/address-groups?name=all`);
    assertEquals(list.body.address_groups.length, 1);
    assertEquals((await cloud.ask("other", "GET", `${BASE}/${path}`)).status, 404);
    assertEquals((await drop(cloud, path, "reader")).status, 403);
    assertEquals((await drop(cloud, path)).status, 204);
    assertEquals(refusalOf(await drop(cloud, path)).slice(0, 2), [404, "AddressGroupNotFound"]);
  }));

Deno.test("a rule lets the addresses of a group through, which stays for that long", () =>
  withNeighbours(async (cloud) => {
    const addresses = await make(cloud, "address-groups", { address_group: { name: "hosts" } });
    assertEquals(addresses.addresses, []);
    const group = await make(cloud, "security-groups", { security_group: { name: "web" } });
    const rule = (more: object) =>
      cloud.ask("member", "POST", `${BASE}/security-group-rules`, {
        body: {
          security_group_rule: {
            security_group_id: group.id,
            direction: "ingress",
            remote_address_group_id: addresses.id,
            ...more,
          },
        },
      });
    const made = await rule({});
    const { id, remote_address_group_id } = made.body.security_group_rule;
    assertEquals([made.status, remote_address_group_id], [201, addresses.id]);
    assertEquals((await rule({})).status, 409);
    assertEquals((await rule({ remote_ip_prefix: "10.0.0.0/8" })).status, 400);
    const unknown = await rule({ remote_address_group_id: crypto.randomUUID() });
    assertEquals(refusalOf(unknown).slice(0, 2), [404, "AddressGroupNotFound"]);
    const found = await cloud.ask(
      "member",
      "GET",
      `${BASE}/security-group-rules?remote_address_group_id=${addresses.id}`,
    );
    assertEquals(found.body.security_group_rules.length, 1);
    assertEquals(refusalOf(await drop(cloud, `address-groups/${addresses.id}`)), [
      409,
      "AddressGroupInUse",
      `Address group ${addresses.id} is in use on one or more security group rules.`,
    ]);
    assertEquals((await drop(cloud, `security-group-rules/${id}`)).status, 204);
    assertEquals((await drop(cloud, `address-groups/${addresses.id}`)).status, 204);
  }));
