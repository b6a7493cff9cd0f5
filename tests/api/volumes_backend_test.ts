/** What the backend does: copies of volumes to images, deletes, migrations; and quota classes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

const UPLOAD = "os-volume_upload_image";

async function upload(volumes: Volumes, id: string, asked: object = {}) {
  const answer = await volumes.act(id, UPLOAD, { image_name: "copy", ...asked });
  assertEquals(answer.status, 202, answer.text);
  await volumes.cloud.cloud.settled();
  return answer.json[UPLOAD];
}

Deno.test("a volume is copied to an image, with what is said of the image that it was made of", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const imageRef = await cloud.imageId();
    const id = await volumes.create({ imageRef, size: 2, description: "mine" });
    const metadata = { os_distro: "debian" };
    await volumes.act(id, "os-set_image_metadata", { metadata });
    const told = await upload(volumes, id);
    assertEquals(
      [told.id, told.status, told.size, told.display_description, told.volume_type.name],
      [id, "uploading", 2, "mine", "__DEFAULT__"],
    );
    assertEquals(
      [told.image_name, told.disk_format, told.container_format, told.visibility, told.protected],
      ["copy", "raw", "bare", "private", false],
    );
    assertEquals((await volumes.show(id)).status, "available");
    const image = (await cloud.ask("member", "GET", `/image/v2/images/${told.image_id}`)).json;
    assertEquals([image.status, image.os_distro, image.image_id], ["active", "debian", undefined]);
    const data = await cloud.ask("member", "GET", `/image/v2/images/${told.image_id}/file`);
    assertEquals(data.status, 200);
    assertEquals([Number(data.headers.get("content-length")), data.headers.get("content-md5")], [
      image.size,
      image.checksum,
    ]);
    // The same volume, the same bytes; another one has others.
    const again = await upload(volumes, id);
    const other = await upload(volumes, await volumes.create({ imageRef }));
    const checksumOf = async (imageId: string) =>
      (await cloud.ask("member", "GET", `/image/v2/images/${imageId}`)).json.checksum;
    assertEquals(await checksumOf(again.image_id), image.checksum);
    assert(await checksumOf(other.image_id) !== image.checksum);
    // A volume can be made of the copy.
    const made = await volumes.create({ imageRef: told.image_id });
    assertEquals((await volumes.show(made)).volume_image_metadata.image_id, told.image_id);
  }));

Deno.test("a copy has the format, visibility and protection that are asked for", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const id = await volumes.create();
    const { image_id } = await upload(volumes, id, {
      disk_format: "qcow2",
      visibility: "shared",
      protected: true,
    });
    const path = `/image/v2/images/${image_id}`;
    const image = (await cloud.ask("member", "GET", path)).json;
    assertEquals(
      [image.disk_format, image.visibility, image.protected, image.status],
      ["qcow2", "shared", true, "active"],
    );
    assertMatch((await cloud.ask("member", "GET", `${path}/file`)).text, /^QFI/);
    assertEquals((await cloud.ask("member", "DELETE", path)).status, 403);
    const early = await volumes.ask("member", "POST", `/volumes/${id}/action`, {
      [UPLOAD]: { image_name: "old" },
    }, "3.0");
    assertEquals([early.status, early.json[UPLOAD].visibility], [202, "shared"]);
    const tooEarly = await volumes.ask("member", "POST", `/volumes/${id}/action`, {
      [UPLOAD]: { image_name: "old", visibility: "private" },
    }, "3.0");
    assertEquals(tooEarly.status, 400);
  }));

Deno.test("copying a volume refuses what Cinder refuses, and leaves no image", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const id = await volumes.create();
    const images = async () =>
      (await cloud.ask("admin", "GET", "/image/v2/images?name=copy")).json.images;
    const asked = { image_name: "copy", container_format: "bare" };
    for (
      const [role, body, status] of [
        ["reader", asked, 403],
        ["stranger", asked, 404],
        ["member", { ...asked, visibility: "public" }, 403],
        ["member", { ...asked, container_format: "box" }, 400],
        ["member", { ...asked, disk_format: "box" }, 400],
        ["member", { ...asked, force: "perhaps" }, 400],
        ["member", {}, 400],
      ] as const
    ) {
      const answer = await volumes.act(id, UPLOAD, body, role);
      assertEquals(answer.status, status, `${role} ${JSON.stringify(body)} ${answer.text}`);
    }
    await volumes.act(id, "os-attach", { instance_uuid: id, mountpoint: "/dev/vdc" });
    const inUse = await volumes.act(id, UPLOAD, { ...asked, force: true });
    assertEquals([inUse.status, messageOf(inUse)], [
      400,
      `Invalid volume: Volume ${id} status must be available`,
    ]);
    assertEquals(await images(), []);
    const free = await volumes.create();
    const open = await volumes.act(free, UPLOAD, { ...asked, visibility: "public" }, "admin");
    assertEquals(open.status, 202, open.text);
    assertEquals((await images()).length, 1);
  }));

Deno.test("an admin deletes a volume whatever its status is, unless it is attached", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    await volumes.act(id, "os-reset_status", { status: "maintenance" }, "admin");
    assertEquals((await volumes.act(id, "os-force_delete", {})).status, 403);
    assertEquals((await volumes.act(id, "os-force_delete", {}, "admin")).status, 202);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${id}`)).status, 404);
    const attached = await volumes.create();
    await volumes.act(attached, "os-attach", { instance_uuid: id, mountpoint: "/dev/vdc" });
    assertEquals((await volumes.act(attached, "os-force_delete", {}, "admin")).status, 400);
  }));

Deno.test("a volume has no other backend to go to", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const migrate = (host: string, as: "admin" | "member" = "admin") =>
      volumes.act(id, "os-migrate_volume", { host }, as);
    assertEquals((await migrate("elsewhere", "member")).status, 403);
    const unknown = await migrate("elsewhere@lvm#lvm");
    assertEquals([unknown.status, messageOf(unknown)], [
      400,
      "Invalid host: No available service named 'elsewhere@lvm#lvm'",
    ]);
    const own = (await volumes.show(id, "admin"))["os-vol-host-attr:host"];
    const same = await migrate(own);
    assertEquals(same.status, 400);
    assertMatch(messageOf(same), /destination host\/cluster must be different/);
    assertEquals((await volumes.show(id)).status, "available");
  }));

Deno.test("the class `default` has the limits of projects of which nothing else is said", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const put = (name: string, limits: object, as: "admin" | "member" = "admin") =>
      volumes.ask(as, "PUT", `/os-quota-class-sets/${name}`, { quota_class_set: limits });
    assertEquals((await put("default", { volumes: 1 }, "member")).status, 403);
    assertEquals((await put("default", { volumes: -2 })).status, 400);
    assertEquals((await put("x".repeat(256), { volumes: 2 })).status, 400);
    const gold = await put("gold", { volumes: 2 });
    assertEquals([gold.status, gold.json.quota_class_set.volumes], [200, 2]);
    const quotas = async () =>
      (await volumes.ask("member", "GET", `/os-quota-sets/${cloud.projectIds.demo}`)).json
        .quota_set;
    assertEquals((await quotas()).volumes, 10);
    assertEquals((await put("default", { volumes: "1" })).status, 200);
    assertEquals((await quotas()).volumes, 1);
    const shown = await volumes.ask("admin", "GET", "/os-quota-class-sets/default");
    assertEquals(shown.json.quota_class_set.volumes, 1);
    await volumes.create();
    const over = await volumes.ask("member", "POST", "/volumes", { volume: { size: 1 } });
    assertEquals(over.status, 413);
    await volumes.ask("admin", "PUT", `/os-quota-sets/${cloud.projectIds.demo}`, {
      quota_set: { volumes: 3 },
    });
    await volumes.create();
    assertEquals((await quotas()).volumes, 3);
  }));

Deno.test("a volume gets another image, or goes back to its newest snapshot", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const id = await volumes.create();
    const image_id = await cloud.imageId();
    assertEquals((await volumes.act(id, "os-reimage", { image_id }, "reader")).status, 403);
    const early = await volumes.ask("member", "POST", `/volumes/${id}/action`, {
      "os-reimage": { image_id },
    }, "3.67");
    assertEquals(early.status, 400);
    assertEquals((await volumes.act(id, "os-reimage", { image_id: id })).status, 404);
    assertEquals((await volumes.act(id, "os-reimage", { image_id })).status, 202);
    const { bootable, volume_image_metadata } = await volumes.show(id);
    assertEquals([bootable, volume_image_metadata.image_id], ["true", image_id]);

    assertEquals((await volumes.act(id, "revert", { snapshot_id: null })).status, 400);
    const snapshot = { volume_id: id };
    const taken = await volumes.ask("member", "POST", "/snapshots", { snapshot });
    const snapshot_id = taken.json.snapshot.id;
    assertEquals((await volumes.act(id, "revert", { snapshot_id })).status, 202);
    assertEquals((await volumes.show(id)).status, "available");
  }));
