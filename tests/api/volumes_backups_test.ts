/** Backups of volumes, and what is made of them. */
import { assertEquals } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

async function backUp(volumes: Volumes, backup: object): Promise<string> {
  const made = await volumes.ask("member", "POST", "/backups", { backup });
  assertEquals(made.status, 202, made.text);
  assertEquals(Object.keys(made.json.backup), ["id", "name", "links"]);
  return made.json.backup.id;
}

async function show(volumes: Volumes, id: string) {
  return (await volumes.ask("member", "GET", `/backups/${id}`)).json.backup;
}

Deno.test("a backup is made, shown, listed, changed and deleted", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create({ size: 2 });
    const id = await backUp(volumes, { volume_id, name: "safe", metadata: { a: "b" } });
    const { created_at, data_timestamp, links: _, ...told } = await show(volumes, id);
    assertEquals(created_at, data_timestamp);
    assertEquals(told, {
      id,
      name: "safe",
      description: null,
      status: "available",
      size: 2,
      object_count: 0,
      availability_zone: "nova",
      container: null,
      updated_at: null,
      fail_reason: null,
      volume_id,
      is_incremental: false,
      has_dependent_backups: false,
      snapshot_id: null,
      metadata: { a: "b" },
    });
    const { demo } = volumes.cloud.projectIds;
    const seen = (await volumes.ask("admin", "GET", `/backups/${id}`)).json.backup;
    assertEquals(seen["os-backup-project-attr:project_id"], demo);
    const other = await backUp(volumes, { volume_id });
    const list = (await volumes.ask("member", "GET", "/backups?with_count=true")).json;
    assertEquals([list.backups.map((one: { id: string }) => one.id), list.count], [[other, id], 2]);
    const named = await volumes.ask("member", "GET", "/backups/detail?name=safe");
    assertEquals(named.json.backups.map((one: { id: string }) => one.id), [id]);
    assertEquals((await volumes.ask("stranger", "GET", "/backups/detail")).json.backups, []);

    const changed = await volumes.ask("member", "PUT", `/backups/${id}`, {
      backup: { name: "safer", metadata: {} },
    });
    assertEquals([changed.status, changed.json.backup.name], [200, "safer"]);
    const early = await volumes.ask("member", "PUT", `/backups/${id}`, { backup: {} }, "3.8");
    assertEquals(early.status, 404);
    const limits = (await volumes.ask("member", "GET", "/limits")).json.limits.absolute;
    assertEquals([limits.totalBackupsUsed, limits.totalBackupGigabytesUsed], [2, 4]);
    assertEquals((await volumes.ask("reader", "DELETE", `/backups/${id}`)).status, 403);
    assertEquals((await volumes.ask("stranger", "DELETE", `/backups/${id}`)).status, 404);
    assertEquals((await volumes.ask("member", "DELETE", `/backups/${id}`)).status, 202);
    const gone = await volumes.ask("member", "GET", `/backups/${id}`);
    assertEquals([gone.status, messageOf(gone)], [404, `Backup ${id} could not be found.`]);
  }));

Deno.test("an incremental backup builds on the newest, which then stays", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create();
    const none = await volumes.ask("member", "POST", "/backups", {
      backup: { volume_id, incremental: true },
    });
    assertEquals([none.status, messageOf(none)], [
      400,
      "Invalid backup: No backups available to do an incremental backup.",
    ]);
    const full = await backUp(volumes, { volume_id });
    const next = await backUp(volumes, { volume_id, incremental: true });
    assertEquals((await show(volumes, next)).is_incremental, true);
    assertEquals((await show(volumes, full)).has_dependent_backups, true);
    const needed = await volumes.ask("member", "DELETE", `/backups/${full}`);
    assertEquals([needed.status, messageOf(needed)], [
      400,
      "Invalid backup: Incremental backups exist for this backup.",
    ]);
    const snapshot = { volume_id };
    const made = await volumes.ask("member", "POST", "/snapshots", { snapshot });
    const snapshot_id = made.json.snapshot.id;
    const ofSnapshot = await backUp(volumes, { volume_id, snapshot_id, incremental: true });
    const shown = await show(volumes, ofSnapshot);
    assertEquals([shown.snapshot_id, shown.is_incremental], [snapshot_id, true]);
    const act = (body: object, as: "member" | "admin" = "admin") =>
      volumes.ask(as, "POST", `/backups/${ofSnapshot}/action`, body);
    assertEquals((await act({ "os-reset_status": { status: "odd" } })).status, 400);
    assertEquals((await act({ "os-reset_status": { status: "error" } }, "member")).status, 403);
    assertEquals((await act({ "os-reset_status": { status: "error" } })).status, 202);
    assertEquals((await show(volumes, ofSnapshot)).status, "error");
    assertEquals((await act({ dance: null })).status, 400);
    assertEquals((await act({ "os-force_delete": null }, "member")).status, 403);
    assertEquals((await act({ "os-force_delete": null })).status, 202);
    assertEquals((await volumes.ask("member", "DELETE", `/backups/${next}`)).status, 202);
    assertEquals((await volumes.ask("member", "DELETE", `/backups/${full}`)).status, 202);
  }));

Deno.test("a backup is restored to a volume, or to a new one", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create({ size: 2, name: "precious", metadata: { a: "b" } });
    await volumes.act(volume_id, "os-set_bootable", { bootable: true });
    const id = await backUp(volumes, { volume_id });
    const restore = (asked: object) =>
      volumes.ask("member", "POST", `/backups/${id}/restore`, { restore: asked });
    const anew = await restore({});
    assertEquals([anew.status, anew.json.restore.volume_name], [202, `restore_backup_${id}`]);
    const made = await volumes.show(anew.json.restore.volume_id);
    assertEquals(
      [made.status, made.name, made.size, made.bootable, made.metadata],
      ["available", "precious", 2, "true", { a: "b" }],
    );
    const named = (await restore({ name: "copy" })).json.restore;
    assertEquals((await volumes.show(named.volume_id)).name, "copy");

    const target = await volumes.create({ size: 3, name: "target", metadata: { c: "d" } });
    const onto = await restore({ volume_id: target });
    assertEquals([onto.status, onto.json.restore], [
      202,
      { backup_id: id, volume_id: target, volume_name: "target" },
    ]);
    const filled = await volumes.show(target);
    assertEquals(
      [filled.name, filled.bootable, filled.metadata],
      ["target", "true", { a: "b", c: "d" }],
    );
    const small = await restore({ volume_id: await volumes.create({ size: 1 }) });
    assertEquals([small.status, messageOf(small)], [
      400,
      "Invalid volume: volume size 1 is too small to restore backup of size 2.",
    ]);
    await volumes.act(target, "os-reserve", {});
    const busy = await restore({ volume_id: target });
    assertEquals([busy.status, messageOf(busy)], [
      400,
      "Invalid volume: Volume to be restored to must be available",
    ]);
    assertEquals((await restore({ volume_id: id })).status, 404);
    const stranger = await volumes.ask("stranger", "POST", `/backups/${id}/restore`, {
      restore: {},
    });
    assertEquals(stranger.status, 404);

    const volume = { backup_id: id };
    const fromBackup = await volumes.ask("member", "POST", "/volumes", { volume });
    assertEquals([fromBackup.status, fromBackup.json.volume.size], [202, 2]);
    const less = await volumes.ask("member", "POST", "/volumes", {
      volume: { ...volume, size: 1 },
    });
    assertEquals([less.status, messageOf(less)], [
      400,
      "Invalid input received: Volume size 1GB cannot be smaller than the backup size 2GB. It " +
      "must be >= backup size.",
    ]);
    const unknown = await volumes.ask("member", "POST", "/volumes", {
      volume: { size: 1, backup_id: target },
    });
    assertEquals([unknown.status, messageOf(unknown)], [
      404,
      `Backup ${target} could not be found.`,
    ]);
  }));

Deno.test("backups that cannot be are refused", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create();
    const other = await volumes.create();
    const made = await volumes.ask("member", "POST", "/snapshots", {
      snapshot: { volume_id: other },
    });
    const snapshot_id = made.json.snapshot.id;
    for (
      const [backup, status, message] of [
        [{}, 400, undefined],
        [{ volume_id: "x" }, 400, undefined],
        [{ volume_id: snapshot_id }, 404, `Volume ${snapshot_id} could not be found.`],
        [
          { volume_id, snapshot_id },
          400,
          `Invalid volume: Volume ${volume_id} does not match with snapshot.volume_id ${other}.`,
        ],
        [
          { volume_id, snapshot_id: other },
          404,
          `Snapshot ${other} could not be found.`,
        ],
        [{ volume_id, colour: "red" }, 400, undefined],
      ] as const
    ) {
      const refused = await volumes.ask("member", "POST", "/backups", { backup });
      assertEquals(refused.status, status, refused.text);
      if (message) assertEquals(messageOf(refused), message);
    }
    await volumes.act(volume_id, "os-attach", { mountpoint: "/dev/vdb", host_name: "here" });
    const inUse = await volumes.ask("member", "POST", "/backups", { backup: { volume_id } });
    assertEquals([inUse.status, messageOf(inUse)], [
      400,
      "Invalid volume: Backing up an in-use volume must use the force flag.",
    ]);
    await backUp(volumes, { volume_id, force: true });
    const { demo } = volumes.cloud.projectIds;
    for (
      const [quota_set, message] of [
        [
          { backup_gigabytes: 1 },
          "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup " +
          "gigabytes quota. Requested 1G, quota is 1G and 1G has been consumed.",
        ],
        [
          { backup_gigabytes: -1, backups: 1 },
          "BackupLimitExceeded: Maximum number of backups allowed (1) exceeded",
        ],
      ] as const
    ) {
      await volumes.ask("admin", "PUT", `/os-quota-sets/${demo}`, { quota_set });
      const over = await volumes.ask("member", "POST", "/backups", {
        backup: { volume_id: other },
      });
      assertEquals([over.status, messageOf(over)], [413, message]);
    }
  }));
