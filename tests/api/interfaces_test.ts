/** /servers/{id}/os-interface: conversations, and Tempest's schemas. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import { HeldDriver, type Json } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const MV = "2.70";

function asking(cloud: TestCloud, server: string, as: Role = "member") {
  return (method: string, path = "", asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1/servers/${server}/os-interface${path}`, { mv: MV, ...asked });
}

function attachment(interfaceAttachment: Json): { readonly body: Json } {
  return { body: { interfaceAttachment } };
}

async function makePort(cloud: TestCloud, port: Json = {}, as: Role = "member"): Promise<Json> {
  const body = { port: { network_id: await cloud.networkId(), ...port } };
  const made = await cloud.ask(as, "POST", "/network/v2.0/ports", { body });
  assertEquals(made.status, 201, made.text);
  return made.json.port;
}

async function portsOf(cloud: TestCloud, server: string): Promise<readonly Json[]> {
  const path = `/network/v2.0/ports?device_id=${server}`;
  return (await cloud.ask("member", "GET", path)).json.ports;
}

async function shown(cloud: TestCloud, server: string): Promise<Json> {
  return (await cloud.ask("member", "GET", `/v2.1/servers/${server}`, { mv: "2.90" })).json.server;
}

/** The addresses that a server shows on the network `private`. */
async function addressesOf(cloud: TestCloud, server: string): Promise<readonly string[]> {
  const { addresses } = await shown(cloud, server);
  return (addresses.private ?? []).map(({ addr }: Json) => addr);
}

function messageOf({ json }: { readonly json: Json }): string {
  return (Object.values(json)[0] as Json).message;
}

Deno.test("a new port is made for the server, shows at once, and goes again", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    const ask = asking(cloud, server);
    const net_id = await cloud.networkId();
    const made = await ask("POST", "", attachment({ net_id, tag: "blue" }));
    assertEquals(made.status, 200, made.text);
    const { interfaceAttachment: one } = made.json;
    const [port] = await portsOf(cloud, server);
    assertEquals(one, {
      net_id,
      port_id: port!.id,
      mac_addr: port!.mac_address,
      port_state: "ACTIVE",
      fixed_ips: port!.fixed_ips,
      tag: "blue",
    });
    assertEquals(port!.device_owner, "compute:nova");
    assertEquals((await ask("GET")).json, { interfaceAttachments: [one] });
    assertEquals((await ask("GET", `/${one.port_id}`)).json, made.json);
    const address = one.fixed_ips[0].ip_address;
    assertEquals(await addressesOf(cloud, server), [address]);
    assertEquals((await shown(cloud, server)).security_groups, [{ name: "default" }]);
    const listed = await cloud.ask("member", "GET", `/v2.1/servers?ip=${address}`);
    assertEquals(listed.json.servers.map(({ id }: Json) => id), [server]);

    assertEquals((await ask("DELETE", `/${one.port_id}`)).status, 202);
    await cloud.cloud.settled();
    assertEquals(await portsOf(cloud, server), []);
    assertEquals((await ask("GET")).json, { interfaceAttachments: [] });
    assertEquals((await shown(cloud, server)).addresses, {});
  });
});

Deno.test("a port that is there is bound, and free afterwards", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const port = await makePort(cloud, { name: "mine" });
    const ask = asking(cloud, server);
    const made = await ask("POST", "", attachment({ port_id: port.id }));
    assertEquals(made.json.interfaceAttachment.port_id, port.id);
    assertEquals((await addressesOf(cloud, server)).length, 2);
    // Both ports are in the default group: it shows as often.
    assertEquals((await shown(cloud, server)).security_groups.length, 2);
    await ask("DELETE", `/${port.id}`);
    await cloud.cloud.settled();
    const path = `/network/v2.0/ports/${port.id}`;
    assertEquals((await cloud.ask("member", "GET", path)).json.port.device_id, "");
    assertEquals((await addressesOf(cloud, server)).length, 1);
  });
});

Deno.test("without a word the only network is meant", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    const ask = asking(cloud, server);
    const made = await ask("POST", "", { body: {} });
    assertEquals(made.json.interfaceAttachment.net_id, await cloud.networkId());
    const body = { network: { name: "second" } };
    await cloud.ask("member", "POST", "/network/v2.0/networks", { body });
    const ambiguous = await ask("POST", "", { body: {} });
    assertEquals(ambiguous.status, 400);
    assertEquals(
      messageOf(ambiguous),
      "Multiple possible networks found, use a Network ID to be more specific.",
    );
  });
});

Deno.test("what Nova refuses, and nothing is left behind", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const ask = asking(cloud, server);
    const net_id = await cloud.networkId();
    const unknown = crypto.randomUUID();
    const [own] = await portsOf(cloud, server);
    const taken = own!.fixed_ips[0].ip_address;
    const theirs = await makePort(cloud, {}, "stranger");
    const external = await cloud.ask("admin", "POST", "/network/v2.0/networks", {
      body: { network: { name: "public", "router:external": true } },
    });
    const bare = await cloud.ask("member", "POST", "/network/v2.0/networks", {
      body: { network: { name: "bare" } },
    });
    const externalId = external.json.network.id;
    const bareId = bare.json.network.id;
    const at = (ip_address: string) => ({ fixed_ips: [{ ip_address }] });
    const ROWS: readonly (readonly [Json, number, string])[] = [
      [{ net_id, port_id: own!.id }, 400, "Must not input both network_id and port_id"],
      [at("10.0.0.9"), 400, "Must input network_id when request IP address"],
      [{ port_id: unknown }, 404, `Port id ${unknown} could not be found.`],
      [{ port_id: theirs.id }, 404, `Port id ${theirs.id} could not be found.`],
      [{ port_id: own!.id }, 409, `Port ${own!.id} is still in use.`],
      [{ net_id: unknown }, 404, `Network ${unknown} could not be found.`],
      [{ net_id, ...at(taken) }, 409, `Fixed IP ${taken} is already in use.`],
      [
        { net_id, ...at("192.0.2.1") },
        400,
        "Invalid input received: Fixed IP 192.0.2.1 is not a valid ip address for network " +
        `${net_id}.`,
      ],
      [
        { net_id: externalId },
        403,
        `It is not allowed to create an interface on external network ${externalId}`,
      ],
      [
        { net_id: bareId },
        400,
        `Network ${bareId} requires a subnet in order to boot instances on.`,
      ],
    ];
    for (const [asked, status, message] of ROWS) {
      await t.step(message, async () => {
        const answered = await ask("POST", "", attachment(asked));
        assertEquals([answered.status, messageOf(answered)], [status, message]);
        assertEquals((await portsOf(cloud, server)).length, 1);
      });
    }
    await t.step("a tag before 2.49", async () => {
      const asked = attachment({ net_id, tag: "blue" });
      assertEquals((await ask("POST", "", { ...asked, mv: "2.48" })).status, 400);
      assertEquals((await ask("POST", "", { ...asked, mv: "2.49" })).status, 200);
    });
    await t.step("more ports than the quota", async () => {
      const quota = { quota: { port: 0, force: true } };
      const path = `/network/v2.0/quotas/${cloud.projectIds.demo}`;
      await cloud.ask("admin", "PUT", path, { body: quota });
      const answered = await ask("POST", "", attachment({ net_id }));
      assertEquals(
        [answered.status, messageOf(answered)],
        [403, "Maximum number of ports exceeded"],
      );
    });
  });
});

Deno.test("states and locks in Nova's order; what is not attached is accepted and comes to nothing", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    const ask = asking(cloud, server);
    const act = async (body: Json, as: Role = "member") => {
      const path = `/v2.1/servers/${server}/action`;
      assert((await cloud.ask(as, "POST", path, { mv: "2.90", body })).status < 300);
      await cloud.cloud.settled();
    };
    const both = async () => [
      messageOf(await ask("POST", "", { body: {} })),
      messageOf(await ask("DELETE", "/1")),
    ];
    await act({ suspend: null });
    assertEquals(await both(), [
      `Cannot 'attach_interface' instance ${server} while it is in vm_state suspended`,
      `Cannot 'detach_interface' instance ${server} while it is in vm_state suspended`,
    ]);
    await act({ lock: null });
    const locked = `Instance ${server} is locked`;
    assertEquals(await both(), [locked, locked]);
    await act({ unlock: null });
    await act({ resume: null });
    assertEquals((await ask("DELETE", "/1")).status, 202);
    await cloud.cloud.settled();
    const path = `/v2.1/servers/${server}/os-instance-actions`;
    const { json } = await cloud.ask("padmin", "GET", path, { mv: "2.84" });
    const [last] = json.instanceActions;
    assertEquals([last.action, last.message], ["detach_interface", "Error"]);
    const one = await cloud.ask("padmin", "GET", `${path}/${last.request_id}`, { mv: "2.84" });
    const [event] = one.json.instanceAction.events;
    assertEquals(
      [event.event, event.result, event.details],
      ["compute_detach_interface", "Error", "Port 1 is not attached"],
    );
  });
});

Deno.test("who may: readers look, members change, strangers see nothing", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const [port] = await portsOf(cloud, server);
    const reader = asking(cloud, server, "reader");
    const stranger = asking(cloud, server, "stranger");
    assertEquals((await reader("GET")).status, 200);
    assertEquals((await reader("GET", `/${port!.id}`)).status, 200);
    assertEquals((await reader("POST", "", { body: {} })).status, 403);
    assertEquals((await reader("DELETE", `/${port!.id}`)).status, 403);
    for (const [method, path] of [["GET", ""], ["GET", "/1"], ["DELETE", "/1"]] as const) {
      assertEquals((await stranger(method, path)).status, 404);
    }
    const other = await cloud.create();
    const wrong = await asking(cloud, other)("GET", `/${port!.id}`);
    assertEquals(
      messageOf(wrong),
      `Instance ${other} does not have a port with id ${port!.id}`,
    );
    assertEquals(messageOf(await reader("GET", "/1")), "Port id 1 could not be found.");
  });
});

Deno.test("actions of the history", async () => {
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    await asking(cloud, server)("POST", "", { body: {} });
    const path = `/v2.1/servers/${server}/os-instance-actions`;
    const { json } = await cloud.ask("padmin", "GET", path, { mv: "2.84" });
    const [last] = json.instanceActions;
    assertEquals(last.action, "attach_interface");
    const one = await cloud.ask("padmin", "GET", `${path}/${last.request_id}`, { mv: "2.84" });
    const [event] = one.json.instanceAction.events;
    assertEquals([event.event, event.result], ["compute_attach_interface", "Success"]);
  });
});

Deno.test("what the network service does to ports shows in their server", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create({ networks: "auto" });
    const [port] = await portsOf(cloud, server);
    const path = `/network/v2.0/ports/${port!.id}`;
    const neutron = async (method: string, path: string, body?: Json) => {
      const answered = await cloud.ask("admin", method, `/network/v2.0/${path}`, { body });
      assert(answered.status < 300, answered.text);
      return answered.json;
    };

    await t.step("other addresses", async () => {
      const fixed_ips = [{ ip_address: "10.0.7.7" }];
      await cloud.ask("admin", "PUT", path, { body: { port: { fixed_ips } } });
      assertEquals(await addressesOf(cloud, server), ["10.0.7.7"]);
      const listed = await cloud.ask("member", "GET", "/v2.1/servers?ip=10.0.7.7");
      assertEquals(listed.json.servers.length, 1);
      const ips = await cloud.ask("member", "GET", `/v2.1/servers/${server}/ips`);
      assertEquals(ips.json.addresses.private, [{ version: 4, addr: "10.0.7.7" }]);
    });

    await t.step("other security groups, and their new names", async () => {
      const named = { security_group: { name: "web" } };
      const made = await cloud.ask("member", "POST", "/network/v2.0/security-groups", {
        body: named,
      });
      const { id } = made.json.security_group;
      const port = { security_groups: [id] };
      await cloud.ask("member", "PUT", path, { body: { port } });
      assertEquals((await shown(cloud, server)).security_groups, [{ name: "web" }]);
      await neutron("PUT", `security-groups/${id}`, { security_group: { name: "db" } });
      assertEquals((await shown(cloud, server)).security_groups, [{ name: "db" }]);
    });

    await t.step("floating addresses", async () => {
      const { network } = await neutron("POST", "networks", {
        network: { name: "public", "router:external": true },
      });
      const subnet = { network_id: network.id, ip_version: 4, cidr: "172.24.4.0/24" };
      await neutron("POST", "subnets", { subnet });
      const { router } = await neutron("POST", "routers", {
        router: { external_gateway_info: { network_id: network.id } },
      });
      const [{ subnet_id }] = port!.fixed_ips;
      await neutron("PUT", `routers/${router.id}/add_router_interface`, { subnet_id });
      const { floatingip } = await neutron("POST", "floatingips", {
        floatingip: {
          floating_network_id: network.id,
          port_id: port!.id,
          project_id: cloud.projectIds.demo,
        },
      });
      const ip = floatingip.floating_ip_address;
      const addresses = async () => (await shown(cloud, server)).addresses.private;
      assertEquals((await addresses())[1], {
        version: 4,
        addr: ip,
        "OS-EXT-IPS:type": "floating",
        "OS-EXT-IPS-MAC:mac_addr": port!.mac_address,
      });
      await neutron("PUT", `floatingips/${floatingip.id}`, { floatingip: { port_id: null } });
      assertEquals((await addresses()).length, 1);
    });

    await t.step("a port that is deleted", async () => {
      await neutron("DELETE", `ports/${port!.id}`);
      assertEquals((await shown(cloud, server)).addresses, {});
      await cloud.cloud.settled();
      const { log } = cloud.cloud;
      const events = await log.read({ stream: `server-${server}`, limit: 100 });
      assertEquals(events.slice(-2).map(({ type }) => type), [
        "ServerInterfaceLost",
        "ServerInterfaceDetached",
      ]);
    });
  });
});

Deno.test("a delete ends an attach under way", async () => {
  const driver = new HeldDriver();
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    driver.ensureInterface = (_id, _port, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const attaching = asking(cloud, server)("POST", "", { body: {} });
    while ((await portsOf(cloud, server)).length === 0) {
      await new Promise((go) => setTimeout(go, 5));
    }
    await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`);
    assertEquals((await attaching).status, 409);
    await cloud.cloud.settled();
    assertEquals(await portsOf(cloud, server), []);
  }, { driver });
});

Deno.test("every answer is by the schemas, at every microversion", async (t) => {
  await withCloud(async (cloud) => {
    const server = await cloud.create();
    const ask = asking(cloud, server);
    for (const minor of EVERY_MINOR) {
      await t.step(`2.${minor}`, async () => {
        const mv = `2.${minor}`;
        const check = (name: string, reply: Awaited<ReturnType<typeof ask>>) =>
          assertEquals(replyProblems("interfaces", name, minor, reply), [], name);
        const made = await ask("POST", "", { mv, body: {} });
        check("get_create_interfaces", made);
        const { port_id } = made.json.interfaceAttachment;
        check("get_create_interfaces", await ask("GET", `/${port_id}`, { mv }));
        check("list_interfaces", await ask("GET", "", { mv }));
        check("delete_interface", await ask("DELETE", `/${port_id}`, { mv }));
        await cloud.cloud.settled();
        const strict = await ask("GET", "?colour=red", { mv });
        assertEquals(strict.status, minor >= 102 ? 400 : 200);
      });
    }
  });
});
