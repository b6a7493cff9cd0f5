/** What projects have used and may use, by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { assertHas } from "./life.ts";
import { BOOT, boot, gone } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

export async function usage(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const { id: admin } = await openstack.json("project show admin", ADMIN);
  const { id: demo } = await openstack.json("project show demo", ADMIN);
  await boot(scene, "one");
  await boot(scene, "gone");
  await gone(scene, "gone");
  await openstack.run(`server create ${BOOT} theirs`);
  await openstack.until("server show theirs", ({ status }) => status === "ACTIVE");
  await check("usage list", async () => {
    const rows: readonly Json[] = await openstack.json("usage list", ADMIN);
    assertEquals(rows.map(({ Project }) => Project).sort(), [admin, demo].sort());
    const mine = rows.find(({ Project }) => Project === admin);
    assert(mine["CPU Hours"] > 0 && mine["RAM MB-Hours"] > mine["CPU Hours"], JSON.stringify(mine));
    await openstack.refused("usage list", "403");
  });
  await check("usage list --start --end", async () => {
    const past = "usage list --start 2001-01-01 --end 2001-02-01";
    assertEquals(await openstack.json(past, ADMIN), []);
    await openstack.refused("usage list --start 2001-02-01 --end 2001-01-01", "400", ADMIN);
  });
  await check("usage show", async () => {
    const mine = await openstack.json("usage show");
    assertHas(mine, { Project: demo });
    assertEquals(mine.Servers.map(({ name }: Json) => name), ["theirs"]);
    const theirs = await openstack.json("usage show --project admin", ADMIN);
    assertEquals(theirs.Servers.map(({ state }: Json) => state).sort(), ["active", "terminated"]);
  });
  await check("usage show at 2.1", async () => {
    const options = { microversion: "2.1" };
    assertEquals((await openstack.json("usage show", options)).Servers.length, 1);
    await openstack.refused("usage show --project admin", "");
  });
  await limits(scene);
  await quotas(scene, admin);
}

async function limits({ openstack, check }: Scene): Promise<void> {
  for (const microversion of ["2.1", "2.36", "2.57", "2.74"]) {
    await check(`limits show --absolute at ${microversion}`, async () => {
      const rows: readonly Json[] = await openstack.json("limits show --absolute", {
        microversion,
      });
      const value = (name: string) => rows.find(({ Name }) => Name === name)?.Value;
      const names = ["instances_used", "total_cores_used", "total_ram_used", "max_total_cores"];
      assertEquals(names.map(value), [1, 1, 512, 20]);
    });
  }
  await check("limits show --rate", async () => {
    assertEquals(await openstack.json("limits show --rate"), []);
  });
}

async function quotas({ openstack, check }: Scene, admin: string): Promise<void> {
  const rows = async (command: string): Promise<readonly Json[]> =>
    await openstack.json(command, ADMIN);
  await check("quota list --compute lists what is not the default", async () => {
    assertEquals(await rows("quota list --compute"), []);
    await openstack.run("quota set --instances 7 admin", ADMIN);
    const [row] = await rows("quota list --compute");
    assertEquals([row["Project ID"], row.Instances, row.Cores], [admin, 7, 20]);
  });
  await check("quota show --usage", async () => {
    const shown = await rows("quota show --compute --usage admin");
    const instances = shown.find(({ Resource }) => Resource === "instances");
    assertHas(instances, { Limit: 7, "In Use": 1, Reserved: 0 });
  });
  await check("quota set --server-groups --server-group-members --properties", async () => {
    await openstack.run(
      "quota set --server-groups 2 --server-group-members 3 --properties 4 --cores -1 admin",
      ADMIN,
    );
    const shown = await rows("quota show --compute admin");
    const limit = (name: string) => shown.find(({ Resource }) => Resource === name)?.Limit;
    const names = ["server-groups", "server-group-members", "properties", "cores"];
    assertEquals(names.map(limit), [2, 3, 4, -1]);
    await openstack.refused("quota set --instances -2 admin", "400", ADMIN);
  });
  await check("quota delete", async () => {
    await openstack.run("quota delete --compute admin", ADMIN);
    assertEquals(await rows("quota list --compute"), []);
  });
}
