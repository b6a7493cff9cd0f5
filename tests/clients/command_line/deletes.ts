/** Servers that can be restored, by the command `openstack`. */
import { assertEquals } from "@std/assert";
import { becomes, boot } from "./machine.ts";
import { ADMIN } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** Settings of a cloud that keeps deleted servers for an hour. */
export const KEEPS_DELETED = { "reclaim-instance-seconds": 3600 };

export async function deletes(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const id = await boot(scene, "it");
  const names = (options: string, by = ADMIN) =>
    openstack.column(`server list ${options}`, "Name", by);
  await check("server delete, server list --status SOFT_DELETED", async () => {
    await openstack.run("server delete it", ADMIN);
    const { status } = await openstack.until(
      `server show ${id}`,
      (server) => server["OS-EXT-STS:task_state"] === null,
      ADMIN,
    );
    assertEquals(status, "SOFT_DELETED");
    assertEquals(await names("--status SOFT_DELETED"), []);
    assertEquals(await names("--status SOFT_DELETED --deleted"), ["it"]);
    assertEquals((await openstack.json(`server show ${id}`, ADMIN)).status, "SOFT_DELETED");
    await openstack.refused(`server start ${id}`, "409", ADMIN);
  });
  await check("server restore", async () => {
    await openstack.run(`server restore ${id}`, ADMIN);
    await becomes(scene, id, "ACTIVE");
    assertEquals(await names(""), ["it"]);
    await openstack.refused(`server restore ${id}`, "409", ADMIN);
  });
  await check("server event list of what was restored", async () => {
    const actions = await openstack.column(`server event list ${id}`, "Action", ADMIN);
    assertEquals(actions, ["create", "delete", "restore"]);
  });
  await check("server delete --force", async () => {
    await openstack.run(`server delete ${id}`, ADMIN);
    await openstack.until(
      `server show ${id}`,
      ({ status }) => status === "SOFT_DELETED",
      ADMIN,
    );
    await openstack.run(`server delete --force --wait ${id}`, ADMIN);
    assertEquals(await names("--status SOFT_DELETED --deleted"), []);
    assertEquals(await names("--deleted"), ["it"]);
    await openstack.refused(`server restore ${id}`, id, ADMIN);
  });
  await check("server delete --force of one that runs", async () => {
    const second = await boot(scene, "second");
    await openstack.run(`server delete --force --wait ${second}`, ADMIN);
    assertEquals(await names(""), []);
  });
  await check("server delete --all-projects, of several, of none", async () => {
    const demo = "--flavor m1.tiny --image cirros --network private";
    const { id: theirs } = await openstack.json(`server create ${demo} theirs`);
    await openstack.until("server show theirs", ({ status }) => status === "ACTIVE");
    await openstack.refused("server delete theirs", "theirs", ADMIN);
    await openstack.refused("server delete --all-projects theirs none", "1 of 2 servers", ADMIN);
    await openstack.until(
      `server show ${theirs}`,
      ({ status }) => status === "SOFT_DELETED",
      ADMIN,
    );
    assertEquals(await names("--all-projects"), []);
  });
}
