/** What becomes of a server: images, the shelf, rebuilds, volumes and ports; and the hosts. */
import { assert, assertEquals } from "@std/assert";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

const BOOT = "--flavor m1.tiny --image cirros --network private";

/** What has a status, and the status that it is to come to. */
const ACTIONS = [
  ["server shelve --wait it", "SHELVED_OFFLOADED"],
  ["server unshelve --wait it", "ACTIVE"],
  ["server rebuild --wait --image cirros --name it it", "ACTIVE"],
] as const;

/** Where consoles are seen unless settings say otherwise. */
const CONSOLES = [
  ["novnc", "http://127.0.0.1:6080/vnc_auto.html?path=%3Ftoken%3DTOKEN"],
  ["spice", "http://127.0.0.1:6082/spice_auto.html?token=TOKEN"],
  ["serial", "ws://127.0.0.1:6083/?token=TOKEN"],
  ["mks", "http://127.0.0.1:6090/?token=TOKEN"],
] as const;

export async function machines(scene: Scene): Promise<void> {
  const { check, openstack } = scene;
  await check("server create --wait", async () => {
    await openstack.run(`server create --wait ${BOOT} it`);
  });
  await check("server image create, server backup create", async () => {
    await openstack.run("server image create --wait --name snap it");
    await openstack.run("server backup create --wait --name bak --type daily --rotate 1 it");
    const names = await openstack.column("image list --status active", "Name");
    assertEquals(names, ["bak", "cirros", "snap"]);
  });
  for (const [command, status] of ACTIONS) {
    await check(command, async () => {
      await openstack.run(command);
      await openstack.until("server show it", (server) => server.status === status);
    });
  }
  await check("server add volume, server volume list, server remove volume", async () => {
    await openstack.run("volume create --size 1 data");
    await openstack.run("server add volume it data");
    await openstack.until("volume show data", ({ status }) => status === "in-use");
    assertEquals((await openstack.column("server volume list it", "Device")).length, 1);
    await openstack.run("server remove volume it data");
    await openstack.until("volume show data", ({ status }) => status === "available");
  });
  await check("server create --boot-from-volume", async () => {
    const boot = "--flavor m1.tiny --image cirros --boot-from-volume 1 --network private";
    await openstack.run(`server create --wait ${boot} on-volume`);
    assertEquals((await openstack.column("server volume list on-volume", "Device")).length, 1);
    await openstack.run("server delete --wait on-volume");
  });
  await check("server add port, server remove port", async () => {
    await openstack.run("port create --network private second");
    await openstack.run("server add port it second");
    assertEquals((await openstack.column("port list --server it", "ID")).length, 2);
    await openstack.run("server remove port it second");
    await openstack.until(
      "port list --server it",
      (ports) => (ports as unknown as readonly unknown[]).length === 1,
    );
  });
  await addresses(scene);
  await check("server resize, server resize confirm", async () => {
    await openstack.run("server resize --wait --flavor m1.small it");
    await openstack.run("server resize confirm it");
    await openstack.until(
      "server show it",
      ({ status, flavor }) => status === "ACTIVE" && JSON.stringify(flavor).includes("m1.small"),
    );
  });
  await check("server migrate, server migrate revert", async () => {
    const { id } = await openstack.json("server show it");
    await openstack.run(`server migrate --wait ${id}`, ADMIN);
    await openstack.run(`server migrate revert ${id}`, ADMIN);
    await openstack.until("server show it", ({ status }) => status === "ACTIVE");
  });
  await check("server migrate --live-migration, server migration list", async () => {
    const { id } = await openstack.json("server show it");
    await openstack.run(`server migrate --live-migration --wait ${id}`, ADMIN);
    const types = await openstack.column(`server migration list --server ${id}`, "Type", ADMIN);
    assertEquals(types, ["live-migration", "migration", "resize"]);
  });
  await check("console log show", async () => {
    const { out } = await openstack.run("console log show it");
    assert(out.includes("login:"), out);
  });
  for (const [type, url] of CONSOLES) {
    await check(`console url show --${type}`, async () => {
      const shown = await openstack.json(`console url show --${type} it`);
      assertEquals(String(shown.url).replace(/[0-9a-f-]{36}$/, "TOKEN"), url);
    });
  }
  await check("compute service list, hypervisor list", async () => {
    const hosts = await openstack.column("hypervisor list", "Hypervisor Hostname", ADMIN);
    const computes = "compute service list --service nova-compute";
    assertEquals(await openstack.column(computes, "Host", ADMIN), hosts);
  });
  await check("aggregate create, add host, set, delete", async () => {
    await openstack.run("aggregate create --zone fast fast", ADMIN);
    await openstack.run("aggregate add host fast compute-4", ADMIN);
    await openstack.run("aggregate set --property ssd=true fast", ADMIN);
    const zones = await openstack.column("availability zone list --compute", "Zone Name");
    assertEquals([...new Set(zones)], ["fast", "nova"]);
    await openstack.run("aggregate remove host fast compute-4", ADMIN);
    await openstack.run("aggregate delete fast", ADMIN);
  });
  await check("server delete --wait", async () => {
    await openstack.run("server delete --wait it");
  });
}

/** What a server has of its networks. */
async function addresses({ check, openstack }: Scene): Promise<void> {
  /** Those of the server on the network `private`. */
  const there = async (): Promise<readonly string[]> =>
    (await openstack.json("server show it")).addresses.private ?? [];
  await check("server add security group, server remove security group", async () => {
    const groups = async () => {
      const { security_groups: all } = await openstack.json("server show it");
      return (all as readonly { readonly name: string }[]).map(({ name }) => name).sort();
    };
    await openstack.run("security group create web");
    await openstack.run("security group create db");
    await openstack.run("server add security group it web db");
    assertEquals(await groups(), ["db", "default", "web"]);
    await openstack.run("server remove security group it web db");
    assertEquals(await groups(), ["default"]);
    await openstack.refused("server remove security group it web", "not associated");
    await openstack.refused("server add security group it missing", "missing");
  });
  await check("server add fixed ip, server remove fixed ip", async () => {
    const first = (await there())[0]!;
    const { "Fixed IPs": added } = await openstack.json("server add fixed ip it private");
    const [{ ip_address: address }] = added;
    assertEquals([...await there()].sort(), [first, address].sort());
    await openstack.run(`server remove fixed ip it ${address}`, { microversion: "2.43" });
    assertEquals(await there(), [first]);
    await openstack.refused(`server remove fixed ip it ${first}`, "404", { microversion: "2.44" });
    // The port that it was on is left without any: nothing to lead a floating IP to.
    const ports: readonly Json[] = await openstack.json("port list --server it");
    const empty = ports.filter((port) => port["Fixed IP Addresses"].length === 0);
    assertEquals([ports.length, empty.length], [2, 1]);
    await openstack.run(`server remove port it ${empty[0].ID}`);
    await openstack.until("port list --server it", (left: readonly Json[]) => left.length === 1);
  });
  await check("server add floating ip, server remove floating ip", async () => {
    await openstack.run("network create --external public", ADMIN);
    await openstack.run("subnet create --network public --subnet-range 203.0.113.0/24 p", ADMIN);
    await openstack.run("router create way-out", ADMIN);
    await openstack.run("router set --external-gateway public way-out", ADMIN);
    const [subnet] = await openstack.column("subnet list --network private --ip-version 4", "ID");
    await openstack.run(`router add subnet way-out ${subnet}`, ADMIN);
    const { floating_ip_address: address } = await openstack.json("floating ip create public");
    await openstack.run(`server add floating ip it ${address}`);
    assert((await there()).includes(address));
    await openstack.run(`server remove floating ip it ${address}`);
    assert(!(await there()).includes(address));
  });
}
