/** Ports' DHCP options, and addresses on subnets that are not there. */
import { assertEquals } from "@std/assert";
import { type Neighbours, NETWORK_ID, type Received, withNeighbours } from "./networks_kit_test.ts";

const BASE = "/network/v2.0";

async function make(cloud: Neighbours, port: object): Promise<Received> {
  const body = { port: { network_id: NETWORK_ID, ...port } };
  return await cloud.ask("admin", "POST", `${BASE}/ports`, { body });
}

Deno.test("DHCP options: those a change does not name stay, and those without a value go", () =>
  withNeighbours(async (cloud) => {
    const asked = [
      { opt_name: "bootfile-name", opt_value: "pxelinux.0" },
      { opt_name: "server-ip-address", opt_value: "192.0.2.1", ip_version: "4" },
      { opt_name: "router", opt_value: "" },
      { opt_name: "nothing", opt_value: null },
    ];
    const { body } = await make(cloud, { extra_dhcp_opts: asked });
    assertEquals(body.port.extra_dhcp_opts, [
      { opt_name: "bootfile-name", opt_value: "pxelinux.0", ip_version: 4 },
      { opt_name: "server-ip-address", opt_value: "192.0.2.1", ip_version: 4 },
      { opt_name: "router", opt_value: "", ip_version: 4 },
    ]);
    const path = `${BASE}/ports/${body.port.id}`;
    const change = async (extra_dhcp_opts: unknown) => {
      const answer = await cloud.ask("admin", "PUT", path, { body: { port: { extra_dhcp_opts } } });
      assertEquals(answer.status, 200, answer.text);
      return answer.body.port.extra_dhcp_opts;
    };
    const changed = await change([
      { opt_name: "bootfile-name", opt_value: "grub" },
      { opt_name: "bootfile-name", opt_value: "grub6", ip_version: 6 },
      { opt_name: "router", opt_value: null },
      { opt_name: "server-ip-address", opt_value: null, ip_version: 6 },
    ]);
    const after = [
      { opt_name: "bootfile-name", opt_value: "grub", ip_version: 4 },
      { opt_name: "server-ip-address", opt_value: "192.0.2.1", ip_version: 4 },
      { opt_name: "bootfile-name", opt_value: "grub6", ip_version: 6 },
    ];
    assertEquals(changed, after);
    for (const nothing of [[], null]) assertEquals(await change(nothing), after);
  }));

Deno.test("DHCP options of no form that is known are refused", () =>
  withNeighbours(async (cloud) => {
    for (
      const [option, shown] of [
        [{ opt_name: "a" }, "{'opt_name': 'a'}"],
        [{ opt_name: "a", opt_value: "" }, "{'opt_name': 'a', 'opt_value': ''}"],
        [{ opt_name: "", opt_value: "b" }, "{'opt_name': '', 'opt_value': 'b'}"],
        [
          { opt_name: "a", opt_value: "b", ip_version: 5 },
          "{'opt_name': 'a', 'opt_value': 'b', 'ip_version': 5}",
        ],
        [
          { opt_name: "a", opt_value: "b", more: 1 },
          "{'opt_name': 'a', 'opt_value': 'b', 'more': 1}",
        ],
        ["a", "a"],
      ] as const
    ) {
      const { status, body } = await make(cloud, { extra_dhcp_opts: [option] });
      assertEquals([status, body.NeutronError.type, body.NeutronError.message], [
        400,
        "InvalidInput",
        `Invalid input for operation: No valid key specs matched for: ${shown}.`,
      ]);
    }
  }));

Deno.test("a subnet that is not there is a 404, one of another network a 400", () =>
  withNeighbours(async (cloud) => {
    const network = await cloud.ask("admin", "POST", `${BASE}/networks`, { body: { network: {} } });
    const elsewhere = await cloud.ask("admin", "POST", `${BASE}/subnets`, {
      body: {
        subnet: { network_id: network.body.network.id, ip_version: 4, cidr: "10.7.0.0/24" },
      },
    });
    const missing = "77777777-7777-4777-8777-777777777777";
    for (
      const [id, status, type] of [
        [missing, 404, "SubnetNotFound"],
        [elsewhere.body.subnet.id, 400, "InvalidInput"],
      ] as const
    ) {
      const answer = await make(cloud, { fixed_ips: [{ subnet_id: id }] });
      assertEquals([answer.status, answer.body.NeutronError.type], [status, type]);
    }
  }));
