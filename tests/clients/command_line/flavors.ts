/** Flavors by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { ADMIN } from "./openstack.ts";
import { live } from "./life.ts";
import type { Scene } from "./scene.ts";

/** Flavors, their properties, and who may use one that is not public. */
export async function flavors(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("flavor list", async () => {
    const names = await openstack.column("flavor list", "Name");
    assertEquals(names, ["m1.large", "m1.medium", "m1.small", "m1.tiny", "m1.xlarge"]);
    const [first] = await openstack.json("flavor list --long --sort-column RAM");
    assertEquals([first.Name, first.RAM, first.VCPUs, first.Disk], ["m1.tiny", 512, 1, 1]);
    assertEquals(await openstack.column("flavor list --min-ram 8192 --min-disk 160", "Name"), [
      "m1.xlarge",
    ]);
  });
  for (const microversion of ["2.1", "2.55", "2.100"]) {
    await live(scene, {
      noun: "flavor",
      name: "c1",
      create: "--id 100 --ram 1024 --vcpus 2 --disk 5 --ephemeral 3 --swap 64 --rxtx-factor 2",
      is: { id: "100", name: "c1", ram: 1024, vcpus: 2, disk: 5, swap: 64 },
      changes: [
        ["set --property hw:cpu_policy=dedicated --property quota:cpu_shares=1", {
          properties: { "hw:cpu_policy": "dedicated", "quota:cpu_shares": "1" },
        }],
        ["unset --property quota:cpu_shares", { properties: { "hw:cpu_policy": "dedicated" } }],
        ["set --no-property", { properties: {} }],
        ...(microversion === "2.1"
          ? []
          : [["set --description words", { description: "words" }]] as const),
      ],
      by: { ...ADMIN, microversion },
    });
  }
  await check("flavor create --private, flavor set --project", async () => {
    await openstack.run("flavor create --private --ram 64 --vcpus 1 --disk 1 own", ADMIN);
    assert(!(await openstack.column("flavor list --all", "Name")).includes("own"));
    await openstack.refused("flavor show own", "own");
    await openstack.run("flavor set --project demo own", ADMIN);
    const { access_project_ids } = await openstack.json("flavor show own", ADMIN);
    assertEquals(access_project_ids.length, 1);
    assert((await openstack.column("flavor list", "Name")).includes("own"));
    await openstack.run(
      "server create --flavor own --image cirros --network private --wait one",
    );
  });
  await check("flavor unset --project", async () => {
    await openstack.run("flavor unset --project demo own", ADMIN);
    assert(!(await openstack.column("flavor list", "Name")).includes("own"));
    assertEquals((await openstack.json("server show one")).status, "ACTIVE");
  });
  await check("flavor create of one that is there, as a member, delete of none", async () => {
    await openstack.refused("flavor create m1.tiny", "409", ADMIN);
    await openstack.refused("flavor create mine", "403");
    await openstack.refused("flavor delete none", "none", ADMIN);
  });
}
