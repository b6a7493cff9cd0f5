import { assert, assertEquals } from "@std/assert";
import type { Port, PortsRequest } from "../../src/facades/network_service.ts";
import { type Neighbours, NETWORK_ID, withNeighbours } from "./networks_kit_test.ts";

function request(serverId: string, changes: Partial<PortsRequest> = {}): PortsRequest {
  return {
    serverId,
    projectId: "project-1",
    host: "host-1",
    securityGroups: [],
    nics: [{ networkId: NETWORK_ID }],
    ...changes,
  };
}

async function ensured(
  { networks }: Neighbours,
  serverId: string,
  changes: Partial<PortsRequest> = {},
): Promise<readonly Port[]> {
  const ports = await networks.ensurePorts(request(serverId, changes));
  assert(!("failed" in ports), JSON.stringify(ports));
  return ports;
}

function addressesOf(ports: readonly Port[]): string[] {
  return ports.flatMap(({ fixedIps }) => fixedIps.map(({ address }) => address));
}

Deno.test("300 servers at once get 300 ports with addresses and MACs of their own", () =>
  withNeighbours(async (cloud) => {
    const servers = Array.from({ length: 300 }, (_, i) => `server-${i}`);
    const ports = (await Promise.all(servers.map((id) => ensured(cloud, id)))).flat();
    assertEquals(new Set(addressesOf(ports)).size, 300);
    assertEquals(new Set(ports.map(({ macAddress }) => macAddress)).size, 300);
    assertEquals(addressesOf(ports).includes("10.0.0.1"), false, "the gateway's");
    assertEquals(addressesOf(ports).includes("10.0.1.45"), true, "no gaps");
    await Promise.all(servers.map((id) => cloud.networks.releasePorts(id)));
    assertEquals(addressesOf(await ensured(cloud, "server-new")), ["10.0.0.2"]);
  }));

Deno.test("asked again, also after a restart, a server has the same ports", () =>
  withNeighbours(async (cloud) => {
    const nics = [
      { networkId: NETWORK_ID },
      { networkId: NETWORK_ID, fixedIp: "10.0.0.77" },
      { networkId: NETWORK_ID },
    ];
    const first = await ensured(cloud, "server-1", { nics });
    assertEquals(addressesOf(first), ["10.0.0.2", "10.0.0.77", "10.0.0.3"]);
    assertEquals(await ensured(cloud, "server-1", { nics }), first);
    await cloud.stop();
    await cloud.start();
    assertEquals(await ensured(cloud, "server-1", { nics }), first);
  }));

Deno.test("nics asked for one by one, as after a crash, come out the same", () =>
  withNeighbours(async (cloud) => {
    const nics = [
      { networkId: NETWORK_ID },
      { networkId: NETWORK_ID, fixedIp: "10.0.0.9" },
      { networkId: NETWORK_ID },
    ];
    for (let known = 0; known <= nics.length; known++) {
      const ports = await ensured(cloud, "server-1", { nics: nics.slice(0, known) });
      assertEquals(addressesOf(ports), ["10.0.0.2", "10.0.0.9", "10.0.0.3"].slice(0, known));
    }
    await cloud.networks.releasePorts("server-1");
    await cloud.networks.releasePorts("server-1");
    const left = await cloud.ask("admin", "GET", "/network/v2.0/ports");
    assertEquals(left.body, { ports: [] });
  }));

Deno.test("a fixed IP that is taken fails and leaves nothing behind", () =>
  withNeighbours(async (cloud) => {
    await ensured(cloud, "server-1");
    const nics = [{ networkId: NETWORK_ID }, { networkId: NETWORK_ID, fixedIp: "10.0.0.2" }];
    assertEquals(await cloud.networks.ensurePorts(request("server-2", { nics })), {
      failed: "Fixed IP 10.0.0.2 is already in use.",
    });
    const ports = await cloud.ask("admin", "GET", "/network/v2.0/ports");
    assertEquals(ports.body.ports.length, 1);
    // deno-fmt-ignore
    const outside = await cloud.networks.ensurePorts(
      request("server-3", { nics: [{ networkId: NETWORK_ID, fixedIp: "192.0.2.1" }] }),
    );
    assertEquals(outside, {
      failed: "IP address 192.0.2.1 is not a valid IP for any of the subnets on the specified " +
        "network.",
    });
  }));

Deno.test("addresses that are taken are told, in the form they were asked in", () =>
  withNeighbours(async (cloud) => {
    await ensured(cloud, "server-1", { nics: [{ networkId: NETWORK_ID, fixedIp: "10.0.0.77" }] });
    const taken = [{ networkId: NETWORK_ID, address: "10.0.0.77", deviceId: "server-1" }];
    const asked = ["10.0.0.77", "10.0.0.78", "fd00::1"];
    assertEquals(await cloud.networks.takenAddresses(asked, "project-1"), taken);
    assertEquals(await cloud.networks.takenAddresses(asked, null), taken);
    assertEquals(await cloud.networks.takenAddresses(asked, "project-2"), []);
    await cloud.networks.releasePorts("server-1");
    assertEquals(await cloud.networks.takenAddresses(asked, null), []);
  }));

Deno.test("what cannot be: a network of others, a port that is not there", () =>
  withNeighbours(async (cloud) => {
    const missing = "99999999-9999-4999-8999-999999999999";
    assertEquals(
      await cloud.networks.ensurePorts(request("s", { nics: [{ networkId: missing }] })),
      { failed: `Network ${missing} could not be found.` },
    );
    assertEquals(
      await cloud.networks.ensurePorts(
        request("s", { nics: [{ networkId: NETWORK_ID, portId: missing }] }),
      ),
      { failed: `Port id ${missing} could not be found.` },
    );
  }));

Deno.test("what compute asks of networks and groups", () =>
  withNeighbours(async ({ networks }) => {
    assertEquals(await networks.networksFor("project-1"), [{ id: NETWORK_ID, name: "private" }]);
    const groups = await networks.securityGroupsFor("project-1");
    assertEquals(groups.map(({ name }) => name), ["default"]);
    assertEquals(await networks.securityGroupsFor("project-1"), groups);
    assertEquals((await networks.securityGroupsFor("project-2"))[0]!.id === groups[0]!.id, false);
  }));
