/** Quotas, limits and availability zones by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** What a project may have, what it has, and where. */
export async function quotas(scene: Scene): Promise<void> {
  await projectQuota(scene);
  await limitsAndZones(scene);
}

async function projectQuota({ openstack, check }: Scene): Promise<void> {
  const limits = async (args: string, ...names: string[]) => {
    const rows: readonly Json[] = await openstack.json(`quota show ${args}`, ADMIN);
    return names.map((name) => rows.find(({ Resource }) => Resource === name)?.Limit);
  };
  await check("quota show", async () => {
    const rows: readonly Json[] = await openstack.json("quota show");
    assertEquals(rows.find(({ Resource }) => Resource === "instances").Limit, 10);
    assertEquals(await limits("--compute demo", "cores", "ram"), [20, 51200]);
  });
  await check("quota set", async () => {
    await openstack.run("quota set --instances 1 --cores 3 --ram 2048 --key-pairs 2 demo", ADMIN);
    const names = ["instances", "cores", "ram", "key-pairs"];
    assertEquals(await limits("--compute demo", ...names), [1, 3, 2048, 2]);
    await openstack.refused("quota set --instances 99 demo", "403");
  });
  await check("quota list --compute", async () => {
    assertEquals((await openstack.json("quota list --compute", ADMIN))[0].Instances, 1);
  });
  await check("quota show --default, quota set --class", async () => {
    assertEquals(await limits("--compute --default demo", "cores"), [20]);
    await openstack.run("quota set --class --cores 24 default", ADMIN);
    assertEquals(await limits("--compute --default demo", "cores"), [24]);
    assertEquals(await limits("--compute demo", "cores"), [3]);
    assertEquals(await limits("--compute admin", "cores"), [24]);
  });
  await check("server create beyond quota", async () => {
    const boot = "server create --image cirros --flavor m1.tiny --network private";
    await openstack.run(`${boot} --wait one`);
    await openstack.refused(`${boot} two`, "Quota exceeded for instances");
    const rows: readonly Json[] = await openstack.json("quota show --usage");
    const { "In Use": used } = rows.find(({ Resource }) => Resource === "instances");
    assertEquals(used, 1);
  });
  await check("quota set below what is used", async () => {
    await openstack.refused("quota set --no-force --instances 0 demo", "400", ADMIN);
    await openstack.run("quota set --force --instances 0 demo", ADMIN);
  });
  await check("quota delete --compute", async () => {
    await openstack.run("quota delete --compute demo", ADMIN);
    assertEquals(await limits("--compute demo", "instances", "cores"), [10, 24]);
  });
}

async function limitsAndZones({ openstack, check }: Scene): Promise<void> {
  await check("limits show --absolute", async () => {
    const rows: readonly Json[] = await openstack.json("limits show --absolute");
    const limits = Object.fromEntries(rows.map(({ Name, Value }) => [Name, Value]));
    const shown = [
      limits.max_total_instances,
      limits.total_instances_used ?? limits.instances_used,
    ];
    assertEquals(shown, [10, 1]);
  });
  await check("limits show --absolute --project", async () => {
    const rows: readonly Json[] = await openstack.json(
      "limits show --absolute --project demo",
      ADMIN,
    );
    assert(rows.length > 5);
  });
  await check("availability zone list", async () => {
    const zones = await openstack.column("availability zone list --compute", "Zone Name");
    assertEquals([...new Set(zones)], ["nova"]);
    const rows: readonly Json[] = await openstack.json(
      "availability zone list --compute --long",
      ADMIN,
    );
    assert(rows.some((row) => row["Host Name"] === "compute-1"), JSON.stringify(rows));
  });
}
