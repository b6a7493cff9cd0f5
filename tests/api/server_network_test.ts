/** What the network service does for servers by their actions: conversations in Nova's words. */
import { assert, assertEquals } from "@std/assert";
import { type Answered, type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor } from "../kit/samples.ts";
import { makeWayOut, neutron } from "../kit/networks.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const LAST = "2.43";

/** Asks for actions on a server, and settles. */
function acting(cloud: TestCloud, server: string, as: Role = "member") {
  return async (action: string, value: Json, asked: Asked = {}): Promise<Answered> => {
    const path = `/v2.1/servers/${server}/action`;
    const answered = await cloud.ask(as, "POST", path, {
      mv: LAST,
      body: { [action]: value },
      ...asked,
    });
    await cloud.cloud.settled();
    return answered;
  };
}

async function makeGroup(cloud: TestCloud, name: string, as: Role = "member"): Promise<string> {
  const body = { security_group: { name } };
  return (await neutron(cloud, "POST", "security-groups", body, as)).security_group.id;
}

async function portsOf(cloud: TestCloud, server: string): Promise<readonly Json[]> {
  return (await neutron(cloud, "GET", `ports?device_id=${server}`)).ports;
}

async function shown(cloud: TestCloud, server: string): Promise<Json> {
  return (await cloud.ask("member", "GET", `/v2.1/servers/${server}`, { mv: "2.90" })).json.server;
}

async function addressesOf(cloud: TestCloud, server: string): Promise<readonly string[]> {
  const { addresses } = await shown(cloud, server);
  return (addresses.private ?? []).map(({ addr }: Json) => addr);
}

async function groupsOf(cloud: TestCloud, server: string): Promise<readonly string[]> {
  const { security_groups } = await shown(cloud, server);
  return (security_groups ?? []).map(({ name }: Json) => name);
}

async function actionsOf(cloud: TestCloud, server: string): Promise<readonly string[]> {
  const path = `/v2.1/servers/${server}/os-instance-actions`;
  const { json } = await cloud.ask("member", "GET", path);
  return json.instanceActions.map(({ action }: Json) => action);
}

function told({ status, json }: Answered): readonly [number, string | undefined] {
  const [fault] = Object.values(json ?? {}) as Json[];
  return [status, fault?.message];
}

Deno.test("security groups come to all ports of a server, and go, by name and by id", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const act = acting(cloud, server);
    const id = await makeGroup(cloud, "web");
    for (const mv of ["2.1", "2.104"]) {
      assertEquals((await act("addSecurityGroup", { name: "web" }, { mv })).status, 202);
      assertEquals(await groupsOf(cloud, server), ["default", "web"]);
      // It is in there already.
      assertEquals((await act("addSecurityGroup", { name: id }, { mv })).status, 202);
      assertEquals(await groupsOf(cloud, server), ["default", "web"]);
      assertEquals((await act("removeSecurityGroup", { name: id }, { mv })).status, 202);
      assertEquals(await groupsOf(cloud, server), ["default"]);
    }
    const [port] = await portsOf(cloud, server);
    assertEquals(port!.security_groups.length, 1);
    assertEquals(await actionsOf(cloud, server), ["create"]);
  });
});

Deno.test("security groups: two requests at once lose nothing", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const names = ["a", "b", "c", "d"];
    for (const name of names) await makeGroup(cloud, name);
    const act = acting(cloud, server);
    await Promise.all(names.map((name) => act("addSecurityGroup", { name })));
    assertEquals((await groupsOf(cloud, server)).toSorted(), [...names, "default"]);
  });
});

Deno.test("security groups: neither locks nor states matter", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    await makeGroup(cloud, "web");
    const act = acting(cloud, server);
    await act("suspend", null);
    await act("lock", null);
    assertEquals((await act("addSecurityGroup", { name: "web" })).status, 202);
    assertEquals((await act("removeSecurityGroup", { name: "web" })).status, 202);
  });
});

Deno.test("security groups: what Nova refuses", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const bare = await cloud.create();
    await makeGroup(cloud, "web");
    await makeGroup(cloud, "twice");
    await makeGroup(cloud, "twice");
    const theirs = await makeGroup(cloud, "theirs", "stranger");
    const project = cloud.projectIds.demo;
    const notFound = (name: string) => `Security group ${name} is not found for project ${project}`;
    const ROWS: readonly (readonly [string, string, number, string])[] = [
      [server, "missing", 404, notFound("missing")],
      [server, theirs, 404, notFound(theirs)],
      [server, "theirs", 404, notFound("theirs")],
      [server, " ", 400, "Security group name cannot be empty"],
      [
        server,
        "twice",
        409,
        "Multiple security_group matches found for name 'twice', use an ID to be more specific.",
      ],
      [bare, "web", 404, `instance_id ${bare} could not be found as device id on any ports`],
    ];
    for (const [id, name, status, message] of ROWS) {
      for (const action of ["addSecurityGroup", "removeSecurityGroup"]) {
        await t.step(`${action}: ${message}`, async () => {
          assertEquals(told(await acting(cloud, id)(action, { name })), [status, message]);
        });
      }
    }
    await t.step("a group that the server is not in", async () => {
      const answered = await acting(cloud, server)("removeSecurityGroup", { name: "web" });
      assertEquals(told(answered), [
        404,
        `Security group web not associated with the instance ${server}`,
      ]);
    });
    await t.step("a port without security", async () => {
      const [port] = await portsOf(cloud, server);
      const open = { port: { port_security_enabled: false, security_groups: [] } };
      await neutron(cloud, "PUT", `ports/${port!.id}`, open, "admin");
      assertEquals(told(await acting(cloud, server)("addSecurityGroup", { name: "web" })), [
        400,
        "Network requires port_security_enabled and subnet associated in order to apply " +
        "security groups.",
      ]);
    });
  });
});

Deno.test("the security groups of a server, once for each port, with their rules", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const path = `/v2.1/servers/${server}/os-security-groups`;
    const id = await makeGroup(cloud, "app");
    const rule = {
      security_group_id: id,
      direction: "ingress",
      protocol: "tcp",
      port_range_min: 80,
      port_range_max: 81,
    };
    await neutron(cloud, "POST", "security-group-rules", { security_group_rule: rule });
    await acting(cloud, server)("addSecurityGroup", { name: "app" });
    const names = (answered: Answered) =>
      answered.json.security_groups.map(({ name }: Json) => name);
    const all = await cloud.ask("reader", "GET", path);
    assertEquals(names(all), ["app", "default"]);
    const [app, standard] = all.json.security_groups;
    assertEquals(app.rules.map(({ id: _, ...rule }: Json) => rule), [{
      parent_group_id: id,
      ip_protocol: "tcp",
      from_port: 80,
      to_port: 81,
      group: {},
      ip_range: { cidr: "0.0.0.0/0" },
    }]);
    assertEquals(standard.rules[0].group, { name: "default", tenant_id: cloud.projectIds.demo });
    await t.step("of two ports", async () => {
      await cloud.ask("member", "POST", `/v2.1/servers/${server}/os-interface`, { body: {} });
      assertEquals(names(await cloud.ask("member", "GET", path)), ["app", "default", "default"]);
    });
    await t.step("of none", async () => {
      const bare = await cloud.create();
      const answered = await cloud.ask("member", "GET", path.replace(server, bare));
      assertEquals(answered.json, { security_groups: [] });
    });
    await t.step("not of others", async () => {
      assertEquals(told(await cloud.ask("stranger", "GET", path)), [
        404,
        `Instance ${server} could not be found.`,
      ]);
    });
    for (const minor of EVERY_MINOR) {
      await t.step(`2.${minor}`, async () => {
        const mv = `2.${minor}`;
        const reply = await cloud.ask("member", "GET", path, { mv });
        assertEquals(replyProblems("security_groups", "list_security_groups", minor, reply), []);
        const strict = await cloud.ask("member", "GET", `${path}?colour=red`, { mv });
        assertEquals(strict.status, minor >= 102 ? 400 : 200);
      });
    }
  });
});

Deno.test("a fixed address more, and one less, show at once", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const act = acting(cloud, server);
    const [first] = await addressesOf(cloud, server);
    const added = await act("addFixedIp", { networkId: await cloud.networkId() });
    assertEquals([added.status, added.text], [202, ""]);
    const addresses = await addressesOf(cloud, server);
    assertEquals(addresses.length, 2);
    const { updated } = await shown(cloud, server);
    assertEquals((await act("removeFixedIp", { address: first })).status, 202);
    assertEquals(await addressesOf(cloud, server), addresses.slice(1));
    assert((await shown(cloud, server)).updated >= updated);
    const [port] = await portsOf(cloud, server);
    assertEquals(port!.fixed_ips.map(({ ip_address }: Json) => ip_address), addresses.slice(1));
    assertEquals(await actionsOf(cloud, server), ["create"]);
  });
});

Deno.test("a fixed address that cannot be had is accepted, and the server's fault", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const act = acting(cloud, server);
    const addresses = await addressesOf(cloud, server);
    const unknown = crypto.randomUUID();
    const ROWS: readonly (readonly [string, Json, string])[] = [
      [
        "addFixedIp",
        { networkId: unknown },
        `Network could not be found for instance ${server}.`,
      ],
      ["addFixedIp", { networkId: 1 }, `Network could not be found for instance ${server}.`],
      [
        "removeFixedIp",
        { address: "192.0.2.1" },
        `Instance ${server} does not have fixed IP '192.0.2.1'.`,
      ],
    ];
    for (const [action, value, message] of ROWS) {
      await t.step(message, async () => {
        assertEquals((await act(action, value)).status, 202);
        assertEquals(await addressesOf(cloud, server), addresses);
        assertEquals((await shown(cloud, server)).fault, undefined);
        const reset = acting(cloud, server, "padmin");
        await reset("os-resetState", { state: "error" });
        const { fault } = await shown(cloud, server);
        assertEquals([fault.code, fault.message], [404, message]);
        await reset("os-resetState", { state: "active" });
      });
    }
  });
});

Deno.test("fixed addresses: a lock stops all but administrators, and a host must be there", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const networkId = await cloud.networkId();
    await acting(cloud, server)("lock", null);
    const asked = [["addFixedIp", { networkId }], ["removeFixedIp", {
      address: "1.2.3.4",
    }]] as const;
    for (const [action, value] of asked) {
      assertEquals(told(await acting(cloud, server)(action, value)), [
        409,
        `Instance ${server} is locked`,
      ]);
      assertEquals((await acting(cloud, server, "padmin")(action, value)).status, 202);
    }
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const nowhere = await cloud.create({ flavorRef: "huge" });
    for (const [action, value] of asked) {
      assertEquals(told(await acting(cloud, nowhere)(action, value)), [
        409,
        `Instance ${nowhere} is not ready`,
      ]);
    }
  });
});

Deno.test("a floating IP leads to a server, then to another, then nowhere", async () => {
  await withCloud(async (cloud) => {
    const [one, other] = [
      await cloud.create({ networks: "auto" }),
      await cloud.create({ networks: "auto" }),
    ];
    const [{ floating_ip_address: address }] = await makeWayOut(cloud, 1) as [Json];
    const fixed = (await addressesOf(cloud, one))[0]!;
    const led = await acting(cloud, one)("addFloatingIp", { address });
    assertEquals([led.status, led.text], [202, ""]);
    assertEquals(led.headers.get("content-type"), "text/html; charset=UTF-8");
    assertEquals(await addressesOf(cloud, one), [fixed, address]);

    const fixed_address = (await addressesOf(cloud, other))[0]!;
    const moved = await acting(cloud, other)("addFloatingIp", { address, fixed_address });
    assertEquals(moved.status, 202, moved.text);
    assertEquals(await addressesOf(cloud, one), [fixed]);
    assertEquals(await addressesOf(cloud, other), [fixed_address, address]);

    assertEquals(told(await acting(cloud, one)("removeFloatingIp", { address })), [
      409,
      `Floating IP ${address} is not associated with instance ${one}.`,
    ]);
    assertEquals((await acting(cloud, other)("removeFloatingIp", { address })).status, 202);
    assertEquals(await addressesOf(cloud, other), [fixed_address]);
    assertEquals(await actionsOf(cloud, other), ["create"]);
  });
});

Deno.test("floating IPs: what Nova refuses", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const bare = await cloud.create();
    const [first, second] = await makeWayOut(cloud, 2);
    const address = first.floating_ip_address;
    const unknown = "172.24.4.250";
    const [fixed] = await addressesOf(cloud, server);
    await acting(cloud, server)("addFloatingIp", { address });
    const ROWS: readonly (readonly [string, string, Json, number, string, Role?])[] = [
      [bare, "addFloatingIp", { address }, 400, "Instance network is not ready yet"],
      [
        server,
        "addFloatingIp",
        { address, fixed_address: "10.9.9.9" },
        400,
        "Specified fixed address not assigned to instance",
      ],
      [server, "addFloatingIp", { address: unknown }, 404, "floating IP not found"],
      [
        server,
        "addFloatingIp",
        { address: second.floating_ip_address },
        400,
        `Cannot associate floating IP ${second.floating_ip_address} (${second.id}) with port ` +
        `${(await portsOf(cloud, server))[0]!.id} using fixed IP ${fixed}, as that fixed IP ` +
        `already has a floating IP on external network ${second.floating_network_id}.`,
      ],
      [
        server,
        "removeFloatingIp",
        { address: unknown },
        404,
        `Floating IP not found for address ${unknown}.`,
      ],
      [
        server,
        "removeFloatingIp",
        { address: second.floating_ip_address },
        403,
        "Policy doesn't allow os_compute_api:os-floating-ips:remove to be performed.",
      ],
      [
        server,
        "removeFloatingIp",
        { address: second.floating_ip_address },
        409,
        `Floating IP ${second.floating_ip_address} is not associated with instance ${server}.`,
        "padmin",
      ],
      [
        "unknown",
        "removeFloatingIp",
        { address },
        409,
        `Floating IP ${address} is not associated with instance unknown.`,
      ],
    ];
    for (const [id, action, value, status, message, as] of ROWS) {
      await t.step(`${action}: ${message}`, async () => {
        assertEquals(told(await acting(cloud, id, as)(action, value)), [status, message]);
      });
    }
    await t.step("no way out", async () => {
      const { routers } = await neutron(cloud, "GET", "routers", undefined, "admin");
      await neutron(cloud, "PUT", `floatingips/${first.id}`, { floatingip: { port_id: null } });
      const { router } = await neutron(
        cloud,
        "GET",
        `routers/${routers[0].id}`,
        undefined,
        "admin",
      );
      const [port] = await portsOf(cloud, server);
      const [{ subnet_id }] = port!.fixed_ips;
      await neutron(
        cloud,
        "PUT",
        `routers/${router.id}/remove_router_interface`,
        { subnet_id },
        "admin",
      );
      assertEquals(told(await acting(cloud, server)("addFloatingIp", { address })), [
        400,
        `Unable to associate floating IP ${address} to fixed IP ${fixed} for instance ${server}. ` +
        `Error: External network ${first.floating_network_id} is not reachable from subnet ` +
        `${subnet_id}.  Therefore, cannot associate Port ${port!.id} with a Floating IP.`,
      ]);
    });
  });
});

Deno.test("who may: members of the project, not readers; strangers find nothing", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const [{ floating_ip_address: address }] = await makeWayOut(cloud, 1) as [Json];
    await acting(cloud, server)("addFloatingIp", { address });
    const networkId = await cloud.networkId();
    const ROWS = [
      ["addSecurityGroup", { name: "default" }, "os-security-groups:add"],
      ["removeSecurityGroup", { name: "default" }, "os-security-groups:remove"],
      ["addFixedIp", { networkId }, "os-multinic:add"],
      ["removeFixedIp", { address: "10.0.0.9" }, "os-multinic:remove"],
      ["addFloatingIp", { address }, "os-floating-ips:add"],
      ["removeFloatingIp", { address }, "os-floating-ips:remove"],
    ] as const;
    for (const [action, value, rule] of ROWS) {
      assertEquals(told(await acting(cloud, server, "reader")(action, value)), [
        403,
        `Policy doesn't allow os_compute_api:${rule} to be performed.`,
      ]);
      const missing = action === "removeFloatingIp"
        ? `Floating IP not found for address ${address}.`
        : `Instance ${server} could not be found.`;
      assertEquals(told(await acting(cloud, server, "stranger")(action, value)), [404, missing]);
    }
  });
});

Deno.test("addresses end with 2.43; security groups do not", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const act = acting(cloud, server);
    const address = "10.0.0.9";
    const networkId = await cloud.networkId();
    const values: Readonly<Record<string, Json>> = {
      addFixedIp: { networkId },
      removeFixedIp: { address },
      addFloatingIp: { address },
      removeFloatingIp: { address },
    };
    for (const [action, value] of Object.entries(values)) {
      assertEquals(told(await act(action, value, { mv: "2.44" })), [
        404,
        "The resource could not be found.",
      ]);
      assert(!(await act(action, value, { mv: "2.43" })).text.includes("The resource could"));
    }
  });
});
