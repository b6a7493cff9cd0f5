/** Servers between hosts by the command `openstack`: resize, migration, evacuation, the shelf. */
import { assert, assertEquals } from "@std/assert";
import { assertColumn, becomes, boot, hostOf } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

export async function moves(scene: Scene): Promise<void> {
  await boot(scene, "it");
  await resizes(scene);
  await coldMigrations(scene);
  await liveMigrations(scene);
  await records(scene);
  await evacuations(scene);
  await shelf(scene);
}

/** Fails unless a server has been moved away from a host; gives where it is. */
async function assertMoved(scene: Scene, name: string, from: string): Promise<string> {
  const to = await hostOf(scene, name);
  assert(to !== from, `${name} is still on ${from}`);
  return to;
}

async function resizes(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const flavor = async () => (await openstack.json("server show it", ADMIN)).flavor.original_name;
  await check("server resize, server resize revert", async () => {
    const from = await hostOf(scene, "it");
    await openstack.run("server resize --flavor m1.small it", ADMIN);
    await becomes(scene, "it", "VERIFY_RESIZE");
    assertEquals(await flavor(), "m1.small");
    await openstack.run("server resize revert it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals([await flavor(), await hostOf(scene, "it")], ["m1.tiny", from]);
  });
  await check("server resize, server resize --confirm, --revert", async () => {
    await openstack.run("server resize --flavor m1.small it", ADMIN);
    await becomes(scene, "it", "VERIFY_RESIZE");
    await openstack.run("server resize --confirm it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await flavor(), "m1.small");
    await openstack.run("server resize --flavor m1.tiny it", ADMIN);
    await openstack.refused("server resize --flavor m1.small it", "409", ADMIN);
    await becomes(scene, "it", "VERIFY_RESIZE");
    await openstack.run("server resize --revert it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await flavor(), "m1.small");
  });
  await check("server resize to the same flavor, to none, confirm of none", async () => {
    await openstack.refused("server resize --flavor m1.small it", "400", ADMIN);
    await openstack.refused("server resize --flavor none it", "none", ADMIN);
    await openstack.refused("server resize confirm it", "409", ADMIN);
  });
}

async function coldMigrations(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("server migrate, server migration confirm", async () => {
    const from = await hostOf(scene, "it");
    await openstack.run("server migrate it", ADMIN);
    await becomes(scene, "it", "VERIFY_RESIZE");
    await assertMoved(scene, "it", from);
    await openstack.run("server migration confirm it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    await assertMoved(scene, "it", from);
  });
  await check("server migrate --host, server migration revert", async () => {
    const from = await hostOf(scene, "it");
    const to = from === "compute-3" ? "compute-4" : "compute-3";
    await openstack.run(`server migrate --host ${to} it`, ADMIN);
    await becomes(scene, "it", "VERIFY_RESIZE");
    assertEquals(await hostOf(scene, "it"), to);
    await openstack.run("server migration revert it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await hostOf(scene, "it"), from);
  });
  await check("server migrate to where it is, to no host", async () => {
    const { id } = await openstack.json("server show it", ADMIN);
    const from = await hostOf(scene, "it");
    await openstack.refused(`server migrate --host ${from} ${id}`, "400", ADMIN);
    await openstack.refused(`server migrate --host nowhere ${id}`, "400", ADMIN);
  });
}

async function liveMigrations(scene: Scene): Promise<void> {
  const { openstack, check, server } = scene;
  await check("server migrate --live-migration --host", async () => {
    const from = await hostOf(scene, "it");
    const to = from === "compute-1" ? "compute-2" : "compute-1";
    await openstack.run(`server migrate --live-migration --host ${to} it`, ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await hostOf(scene, "it"), to);
  });
  // Below 2.25 this client's release calls its SDK with an argument that is not there.
  await check("server migrate --live-migration --block-migration at 2.25", async () => {
    const from = await hostOf(scene, "it");
    const migrate = "server migrate --live-migration --block-migration it";
    await openstack.run(migrate, { ...ADMIN, microversion: "2.25" });
    await becomes(scene, "it", "ACTIVE");
    await assertMoved(scene, "it", from);
  });
  const admin = await server.login("chronova-admin");
  /** Begins a live migration that lasts until it is told otherwise; gives its number. */
  const held = async () => {
    const fault = { driver: "ensureMovedLive", effect: "hang", times: 1 };
    const { status, text } = await admin.ask("POST", "/chronova/v1/faults", { body: { fault } });
    assertEquals(status, 201, text);
    await openstack.run("server migrate --live-migration it", ADMIN);
    const [row] = await openstack.until(
      "server migration list --server it --status running",
      (rows) => rows.length === 1,
      ADMIN,
    );
    return row;
  };
  await check("server migration show, force complete", async () => {
    const from = await hostOf(scene, "it");
    const { Id, UUID } = await held();
    // By its number this client's release asks for server <number>, migration <server>.
    const shown = await openstack.json(`server migration show it ${UUID}`, ADMIN);
    assertEquals([shown.ID, shown.UUID, shown.Status], [Id, UUID, "running"]);
    await openstack.run(`server migration force complete it ${Id}`, ADMIN);
    await becomes(scene, "it", "ACTIVE");
    await assertMoved(scene, "it", from);
    await openstack.refused(`server migration show it ${UUID}`, "not found", ADMIN);
  });
  await check("server migration abort", async () => {
    const from = await hostOf(scene, "it");
    const { Id, UUID } = await held();
    await openstack.run(`server migration abort it ${UUID}`, ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await hostOf(scene, "it"), from);
    const newest = (await openstack.json("server migration list --limit 1", ADMIN))[0];
    assertEquals([newest.Id, newest.Status], [Id, "cancelled"]);
    await openstack.refused(`server migration abort it ${Id}`, "409", ADMIN);
  });
}

async function records(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const LIVE = ["completed", "completed", "completed", "cancelled"];
  for (
    const [filter, statuses] of [
      ["--type resize", ["confirmed", "reverted", "reverted"]],
      ["--type cold-migration", ["confirmed", "reverted"]],
      ["--type live-migration", LIVE],
      ["--type evacuation", []],
      ["--server it --status confirmed", ["confirmed", "confirmed"]],
      ["--host nowhere", []],
      ["--limit 2", ["cancelled", "completed"]],
      ["--changes-since 2099-01-01T00:00:00Z", []],
      ["--changes-before 2001-01-01T00:00:00Z", []],
    ] as const
  ) {
    await check(`server migration list ${filter}`, async () => {
      await assertColumn(scene, `server migration list ${filter}`, {
        column: "Status",
        rows: statuses,
      });
    });
  }
  await check("server migration list --project, --user, --marker", async () => {
    const rows: readonly Json[] = await openstack.json(
      "server migration list --project admin --user admin",
      ADMIN,
    );
    assertEquals(rows.length, 9);
    await assertColumn(scene, `server migration list --marker ${rows[6].UUID}`, {
      column: "UUID",
      rows: rows.slice(7).map(({ UUID }) => UUID),
    });
    await assertColumn(scene, "server migration list --project demo", { column: "Id", rows: [] });
  });
  await check("server migration list before ids", async () => {
    const rows: readonly Json[] = await openstack.json("server migration list", {
      ...ADMIN,
      microversion: "2.1",
    });
    assertEquals([rows.length, "Id" in rows[0], "Type" in rows[0]], [9, false, false]);
    await openstack.refused("server migration list", "403");
  });
}

async function evacuations(scene: Scene): Promise<void> {
  const { openstack, check, server } = scene;
  const admin = await server.login("chronova-admin");
  /** What was evacuated is forced up only after its service was started anew. */
  const up = async (host: string) => {
    await admin.ask("GET", `/v2.1/os-hosts/${host}/reboot`);
    await openstack.until(
      "server migration list --type evacuation",
      (rows: readonly Json[]) => rows.every(({ Status }) => Status === "completed"),
      ADMIN,
    );
    await openstack.run(`compute service set --up ${host} nova-compute`, ADMIN);
  };
  await check("server evacuate from a host that is up", async () => {
    await openstack.refused("server evacuate it", "400", ADMIN);
  });
  await check("compute service set --down, server evacuate", async () => {
    const from = await hostOf(scene, "it");
    await openstack.run(`compute service set --down ${from} nova-compute`, ADMIN);
    await openstack.run("server evacuate --password secret-1 it", ADMIN);
    // From 2.95 on it is not started where it comes to.
    await becomes(scene, "it", "SHUTOFF");
    await assertMoved(scene, "it", from);
    await openstack.run("server start it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    await assertColumn(scene, "server migration list --type evacuation", {
      column: "Status",
      rows: ["done"],
    });
    await up(from);
  });
  await check("server evacuate --host, before 2.14 with --shared-storage", async () => {
    const from = await hostOf(scene, "it");
    const to = from === "compute-1" ? "compute-2" : "compute-1";
    await openstack.run(`compute service set --down ${from} nova-compute`, ADMIN);
    await openstack.run(`server evacuate --host ${to} it`, { ...ADMIN, microversion: "2.94" });
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await hostOf(scene, "it"), to);
    await up(from);
    await openstack.run(`compute service set --down ${to} nova-compute`, ADMIN);
    const older = { ...ADMIN, microversion: "2.13" };
    await openstack.run("server evacuate --shared-storage it", older);
    await becomes(scene, "it", "ACTIVE");
    await assertMoved(scene, "it", to);
    await up(to);
  });
}

async function shelf(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("server shelve, server unshelve --host", async () => {
    await openstack.run("server shelve it", ADMIN);
    await becomes(scene, "it", "SHELVED_OFFLOADED");
    assertEquals(await hostOf(scene, "it"), null);
    assert((await openstack.column("image list", "Name", ADMIN)).includes("it-shelved"));
    await openstack.run("server unshelve --host compute-4 it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    assertEquals(await hostOf(scene, "it"), "compute-4");
    assert(!(await openstack.column("image list", "Name", ADMIN)).includes("it-shelved"));
  });
  await check("server shelve --offload, server unshelve --availability-zone", async () => {
    await openstack.run("server shelve --offload it", ADMIN);
    await becomes(scene, "it", "SHELVED_OFFLOADED");
    await openstack.refused("server stop it", "409", ADMIN);
    await openstack.refused("server unshelve --availability-zone nowhere it", "400", ADMIN);
    await openstack.run("server unshelve --availability-zone nova it", ADMIN);
    await becomes(scene, "it", "ACTIVE");
    const { pinned_availability_zone: zone } = await openstack.json("server show it", ADMIN);
    assertEquals(zone, "nova");
  });
  await check("server unshelve --no-availability-zone", async () => {
    await openstack.run("server shelve it", ADMIN);
    await becomes(scene, "it", "SHELVED_OFFLOADED");
    await openstack.run("server unshelve --no-availability-zone it", ADMIN);
    const { pinned_availability_zone: zone } = await becomes(scene, "it", "ACTIVE");
    assertEquals(zone, null);
  });
}
