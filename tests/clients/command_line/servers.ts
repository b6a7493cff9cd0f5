/** Servers by the command `openstack`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ADMIN } from "./openstack.ts";
import type { Scene } from "./scene.ts";

const BOOT = "--image cirros --flavor m1.tiny --network private";

/** A server from create to delete, with all that can be done to it. */
export async function servers({ openstack, check }: Scene): Promise<void> {
  let id = "";
  await check("server create --wait", async () => {
    const server = await openstack.json(`server create --wait ${BOOT} web`);
    assertEquals([server.name, server.status], ["web", "ACTIVE"]);
    assertMatch(server.adminPass, /^\S{12,}$/);
    assertMatch(server.image, /^cirros \(/);
    assertEquals(server.addresses.private.length, 1);
    id = server.id;
  });
  await check(
    "server create as a reader",
    () =>
      openstack.refused(`server create ${BOOT} mine`, "os_compute_api:servers:create", {
        as: "chronova-reader",
      }),
  );
  await check("server list", async () => {
    const [server] = await openstack.json("server list");
    const { ID, Name, Status, Image, Flavor } = server;
    assertEquals([ID, Name, Status, Image, Flavor], [id, "web", "ACTIVE", "cirros", "m1.tiny"]);
    assertEquals(Object.keys(server.Networks), ["private"]);
  });
  await check("server list --long", async () => {
    const [server] = await openstack.json("server list --long");
    assertEquals(server["Image Name"], "cirros");
    assertEquals(server["Availability Zone"], "nova");
    assertEquals(server["Task State"], null);
  });
  await check("server list --name, --status, --flavor, --image", async () => {
    const all = "server list --name ^we --status ACTIVE --flavor m1.tiny --image cirros";
    assertEquals(await openstack.column(all, "ID"), [id]);
    assertEquals(await openstack.column("server list --name nobody", "ID"), []);
  });
  await check("server show", async () => {
    const server = await openstack.json("server show web");
    assertEquals([server.id, server.status], [id, "ACTIVE"]);
    assertEquals((await openstack.json(`server show ${id}`)).name, "web");
    await openstack.refused("server show nobody", "nobody");
  });
  await check("server set --name", async () => {
    await openstack.run("server set --name www web");
    assertEquals((await openstack.json(`server show ${id}`)).name, "www");
  });
  await check("server set --description", async () => {
    const options = { microversion: "2.90" };
    await openstack.run("server set --description 'two words' www", options);
    assertEquals((await openstack.json("server show www", options)).description, "two words");
  });
  await check("server set --property, server unset --property", async () => {
    await openstack.run("server set --property a=1 --property b=2 www");
    assertEquals((await openstack.json("server show www")).properties, { a: "1", b: "2" });
    await openstack.run("server unset --property a www");
    assertEquals((await openstack.json("server show www")).properties, { b: "2" });
  });
  await check("server set --tag, server unset --tag, server list --tags", async () => {
    const options = { microversion: "2.26" };
    await openstack.run("server set --tag red --tag blue www", options);
    assertEquals((await openstack.json("server show www", options)).tags, ["blue", "red"]);
    assertEquals(await openstack.column("server list --tags red", "ID", options), [id]);
    await openstack.run("server unset --tag red www", options);
    assertEquals((await openstack.json("server show www", options)).tags, ["blue"]);
    assertEquals(await openstack.column("server list --tags red", "ID", options), []);
  });
  await check("server lock --reason", async () => {
    const options = { microversion: "2.73" };
    await openstack.run("server lock --reason 'hands off' www", options);
    const server = await openstack.json("server show www", options);
    assertEquals([server.locked, server.locked_reason], [true, "hands off"]);
    assertEquals(await openstack.column("server list --locked", "ID", options), [id]);
  });
  await check("server delete of a locked server", async () => {
    await openstack.refused("server delete www", `Instance ${id} is locked`);
    await openstack.refused("server delete www", "409");
  });
  await check("server unlock", async () => {
    await openstack.run("server unlock www");
    const options = { microversion: "2.73" };
    assertEquals(await openstack.column("server list --locked", "ID", options), []);
  });
  for (
    const [command, status] of [
      ["stop", "SHUTOFF"],
      ["start", "ACTIVE"],
      ["pause", "PAUSED"],
      ["unpause", "ACTIVE"],
      ["suspend", "SUSPENDED"],
      ["resume", "ACTIVE"],
      ["rescue", "RESCUE"],
      ["unrescue", "ACTIVE"],
      ["reboot --wait --soft", "ACTIVE"],
      ["reboot --wait --hard", "ACTIVE"],
    ] as const
  ) {
    await check(`server ${command}`, async () => {
      await openstack.run(`server ${command} www`);
      await openstack.until("server show www", (server) => server.status === status);
    });
  }
  await check("server event list", async () => {
    const actions = await openstack.column("server event list www", "Action");
    assertEquals(actions.filter((action) => action === "reboot").length, 2);
    assert(actions.includes("create"), `create is not among ${actions}`);
  });
  await check("server list --all-projects as admin", async () => {
    assertEquals(await openstack.column("server list", "ID", ADMIN), []);
    assertEquals(await openstack.column("server list --all-projects", "ID", ADMIN), [id]);
  });
  await check("server create --min --max, server list --limit", async () => {
    await openstack.run(`server create --wait --min 2 --max 3 ${BOOT} batch`);
    const names = ["batch-1", "batch-2", "batch-3", "www"];
    assertEquals(await openstack.column("server list", "Name"), names);
    assertEquals((await openstack.column("server list --limit 2", "Name")).length, 2);
  });
  await check("server delete --wait", async () => {
    await openstack.run("server delete --wait www batch-1 batch-2 batch-3");
    assertEquals(await openstack.column("server list", "ID"), []);
    await openstack.refused("server delete www", "www");
  });
  await check("server list --deleted as admin", async () => {
    const deleted = await openstack.column("server list --deleted --all-projects", "ID", ADMIN);
    assertEquals([deleted.length, deleted.includes(id)], [4, true]);
  });
}
