/** What `openstack server list` may be asked. */
import { assert, assertEquals } from "@std/assert";
import { BOOT, boot, gone } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** Options, and the names of who is listed. */
type Row = readonly [options: string, names: readonly string[], microversion?: string];

const ALL = ["alpha", "beta", "gamma"];

const ROWS: readonly Row[] = [
  ["", ALL],
  ["--name a$", ALL],
  ["--name ^[ab]", ["alpha", "beta"]],
  ["--name nobody", []],
  ["--status ACTIVE", ["alpha", "beta"]],
  ["--status SHUTOFF", ["gamma"]],
  ["--status ERROR", []],
  ["--vm-state stopped", ["gamma"]],
  ["--power-state shutdown", ["gamma"]],
  ["--power-state running", ["alpha", "beta"]],
  ["--flavor m1.small", ["beta"]],
  ["--image cirros", ALL],
  ["--ip 10.0.0.", ALL],
  ["--ip 10.9.", []],
  ["--ip6 fd00", []],
  ["--host compute-1", ["alpha"]],
  ["--availability-zone nova", ALL],
  ["--tags red", ["alpha", "beta"]],
  ["--tags red --tags blue", ["beta"]],
  ["--not-tags red", ["gamma"]],
  ["--not-tags red --not-tags blue", ["alpha", "gamma"]],
  ["--locked", ["alpha"]],
  ["--unlocked", ["beta", "gamma"]],
  ["--user admin", ALL],
  ["--project admin", ALL],
  ["--project demo", ["other"]],
  ["--all-projects", [...ALL, "other"]],
  // The client always says which it wants, the deleted ones or the others.
  ["--changes-since 2001-01-01T00:00:00Z", ALL],
  ["--changes-since 2099-01-01T00:00:00Z", []],
  ["--changes-before 2001-01-01T00:00:00Z", []],
  ["--deleted", ["gone"]],
  ["--all-projects --name ^o", ["other"]],
  ["--limit 2", ["beta", "gamma"]],
  ["--marker beta", ["alpha"]],
  ["--limit 1 --marker gamma", ["beta"]],
  ["--status ACTIVE --flavor m1.tiny", ["alpha"], "2.1"],
  ["--name ^b --no-name-lookup", ["beta"], "2.46"],
];

export async function serverLists(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await people(scene);
  for (const [options, names, microversion] of ROWS) {
    const at = microversion === undefined ? "" : ` at ${microversion}`;
    await check(`server list ${options}${at}`, async () => {
      const found = await openstack.column(`server list ${options}`, "Name", {
        ...ADMIN,
        microversion,
      });
      assertEquals(found, names);
    });
  }
  await columns(scene);
  await asMember(scene);
}

/** Three servers of admin's, one that is deleted, and one of somebody else's. */
async function people(scene: Scene): Promise<void> {
  const { openstack } = scene;
  await openstack.run(`server create ${BOOT} other`);
  await boot(scene, "gone");
  await gone(scene, "gone");
  await boot(scene, "alpha", `${BOOT} --host compute-1 --tag red --property a=1`);
  const small = "--flavor m1.small --image cirros --network private";
  await boot(scene, "beta", `${small} --host compute-2 --tag red --tag blue`);
  await boot(scene, "gamma", `${BOOT} --host compute-3`);
  await openstack.run("server lock --reason busy alpha", ADMIN);
  await openstack.run("server stop gamma", ADMIN);
  await openstack.until("server show gamma", ({ status }) => status === "SHUTOFF", ADMIN);
}

async function columns({ openstack, check }: Scene): Promise<void> {
  await check("server list --long", async () => {
    const [alpha] = await openstack.json("server list --long --name alpha", ADMIN);
    assertEquals(
      [alpha.Host, alpha["Power State"], alpha.Properties, alpha["Host Status"]],
      ["compute-1", 1, { a: "1" }, "UP"],
    );
  });
  await check("server list -c 'Created At' -c 'Security Groups' -c 'User ID'", async () => {
    const wanted = "-c 'Created At' -c 'Security Groups' -c 'User ID' -c 'Project ID'";
    const [row] = await openstack.json(`server list --name alpha ${wanted}`, ADMIN);
    assert(!Number.isNaN(Date.parse(row["Created At"])), row["Created At"]);
    assertEquals(row["Security Groups"], ["default"]);
    const { user_id, project_id } = await openstack.json("server show alpha", ADMIN);
    assertEquals([row["User ID"], row["Project ID"]], [user_id, project_id]);
  });
  await check("server list --sort-column", async () => {
    const rows: readonly Json[] = await openstack.json(
      "server list --sort-column Name --sort-descending",
      ADMIN,
    );
    assertEquals(rows.map(({ Name }) => Name), ALL.toReversed());
  });
  await check("server list --name-lookup-one-by-one", async () => {
    const rows: readonly Json[] = await openstack.json(
      "server list --name-lookup-one-by-one",
      { ...ADMIN, microversion: "2.46" },
    );
    assertEquals(rows.map(({ Flavor }) => Flavor).sort(), ["m1.small", "m1.tiny", "m1.tiny"]);
    assertEquals(rows.map(({ Image }) => Image), ["cirros", "cirros", "cirros"]);
  });
}

async function asMember({ openstack, check }: Scene): Promise<void> {
  await check("server list as a member", async () => {
    assertEquals(await openstack.column("server list", "Name"), ["other"]);
    // Filters of administrators' are passed over.
    assertEquals(await openstack.column("server list --host nowhere", "Name"), ["other"]);
    await openstack.refused("server list --all-projects", "403");
    await openstack.refused("server list --name [", "400");
    await openstack.refused("server list --marker none", "none");
  });
}
