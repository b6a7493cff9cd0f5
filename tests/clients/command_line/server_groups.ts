/** Server groups by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { live } from "./life.ts";
import { becomes, BOOT, boot, gone, hostOf } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

export async function serverGroups(scene: Scene): Promise<void> {
  for (
    const [microversion, policy] of [
      ["2.1", "affinity"],
      ["2.15", "soft-anti-affinity"],
      ["2.64", "anti-affinity --rule max_server_per_host=2"],
    ] as const
  ) {
    await live(scene, {
      noun: "server group",
      name: "apart",
      create: `--policy ${policy}`,
      is: { name: "apart" },
      by: { microversion },
    });
  }
  await members(scene);
  await refusals(scene);
  await lists(scene);
}

async function members(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const group = async (name: string, policy: string) =>
    (await openstack.json(`server group create --policy ${policy} ${name}`, ADMIN)).id;
  const hosts = async (...names: string[]) =>
    new Set(await Promise.all(names.map((name) => hostOf(scene, name)))).size;
  await check("server create --hint group=, --server-group: apart", async () => {
    const apart = await group("apart", "anti-affinity");
    const ids = [
      await boot(scene, "left", `${BOOT} --hint group=${apart}`),
      await boot(scene, "right", `${BOOT} --server-group apart`),
    ];
    const { members } = await openstack.json("server group show apart", ADMIN);
    assertEquals([...members].sort(), ids.sort());
    assertEquals(await hosts("left"), 1);
    assert(await hostOf(scene, "left") !== await hostOf(scene, "right"), "both are on one host");
  });
  await check("server create --hint group=: together", async () => {
    const together = await group("together", "affinity");
    await boot(scene, "first", `${BOOT} --hint group=${together}`);
    await boot(scene, "second", `${BOOT} --hint group=${together}`);
    assertEquals(await hostOf(scene, "first"), await hostOf(scene, "second"));
  });
  await check("server create in a group that has no host left", async () => {
    const names = ["third", "fourth"];
    for (const name of names) await boot(scene, name, `${BOOT} --server-group apart`);
    await openstack.run(`server create ${BOOT} --server-group apart fifth`, ADMIN);
    const { fault } = await becomes(scene, "fifth", "ERROR");
    assert(fault.message.startsWith("No valid host was found."), fault.message);
  });
  await check("server show tells the group, server delete leaves it", async () => {
    const { id, members } = await openstack.json("server group show together", ADMIN);
    const shown = await openstack.json(`server show ${members[0]}`, ADMIN);
    assertEquals(shown.server_groups, [id]);
    await gone(scene, members[0]);
    const left = await openstack.json("server group show together", ADMIN);
    assertEquals(left.members, members.slice(1));
  });
}

async function refusals({ openstack, check }: Scene): Promise<void> {
  await check("server group create with what cannot be", async () => {
    await openstack.refused("server group create --policy affinity --rule a=1 no", "400");
    await openstack.refused("server group create --policy nonsense no", "nonsense");
    await openstack.refused("server group show none", "none");
    await openstack.refused("server group delete none", "1 of 1");
    assertEquals(await openstack.column("server group list", "Name"), []);
  });
  await check("server group create beyond quota", async () => {
    await openstack.run("quota set --server-groups 1 demo", ADMIN);
    await openstack.run("server group create --policy affinity theirs");
    await openstack.refused("server group create --policy affinity no", "403");
  });
}

async function lists({ openstack, check }: Scene): Promise<void> {
  await check("server group list --all-projects --long", async () => {
    assertEquals(await openstack.column("server group list", "Name", ADMIN), [
      "apart",
      "together",
    ]);
    const rows: readonly Json[] = await openstack.json(
      "server group list --all-projects --long",
      ADMIN,
    );
    assertEquals(rows.map(({ Name, Policy }) => [Name, Policy]).sort(), [
      ["apart", "anti-affinity"],
      ["theirs", "affinity"],
      ["together", "affinity"],
    ]);
    assertEquals((await openstack.json("server group list --max-items 1", ADMIN)).length, 1);
  });
}
