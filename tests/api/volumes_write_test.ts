/** Volumes, snapshots, types, attachments and quotas, from create to delete. */
import { assertEquals, assertMatch } from "@std/assert";
import { messageOf, withVolumes } from "./volumes_kit_test.ts";

const SERVER = "11111111-2222-4333-8444-555555555555";
const OTHER = "99999999-2222-4333-8444-555555555555";

Deno.test("a volume from create to delete", () =>
  withVolumes(async (volumes) => {
    const made = await volumes.ask("member", "POST", "/volumes", {
      volume: { size: "2", name: " data ", description: "d", metadata: { a: "b" } },
    });
    assertEquals(made.status, 202);
    const { volume } = made.json;
    assertEquals(
      [volume.status, volume.size, volume.name, volume.volume_type, volume.updated_at],
      ["creating", 2, "data", "__DEFAULT__", null],
    );
    assertMatch(volume.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    const shown = await volumes.show(volume.id);
    assertEquals([shown.status, shown.bootable, shown.attachments], ["available", "false", []]);
    const changed = await volumes.ask("member", "PUT", `/volumes/${volume.id}`, {
      volume: { name: "new", metadata: { c: "d" } },
    });
    assertEquals([changed.json.volume.name, changed.json.volume.metadata], ["new", { c: "d" }]);
    assertEquals((await volumes.ask("member", "DELETE", `/volumes/${volume.id}`)).status, 202);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${volume.id}`)).status, 404);
  }));

Deno.test("views grow with the microversion, and for admins", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const keys = async (as: "member" | "padmin", mv: string) =>
      Object.keys((await volumes.ask(as, "GET", `/volumes/${id}`, undefined, mv)).json.volume);
    const base = new Set(await keys("member", "3.0"));
    for (
      const [mv, added] of [
        ["3.13", ["group_id"]],
        ["3.48", ["shared_targets", "service_uuid"]],
        ["3.63", ["volume_type_id"]],
        ["3.65", ["consumes_quota"]],
      ] as const
    ) {
      const now = await keys("member", mv);
      assertEquals(now.filter((key) => !base.has(key)), [...added], mv);
      for (const key of now) base.add(key);
    }
    const forAdmin = await keys("padmin", "3.0");
    assertEquals(forAdmin.includes("os-vol-host-attr:host"), true);
    assertEquals(base.has("os-vol-host-attr:host"), false);
  }));

Deno.test("volumes of images, snapshots and volumes", () =>
  withVolumes(async (volumes) => {
    const imageId = await volumes.cloud.imageId();
    const boot = await volumes.create({ imageRef: imageId, size: 2 });
    const shown = await volumes.show(boot);
    assertEquals([shown.bootable, shown.volume_image_metadata.image_id], ["true", imageId]);
    const clone = await volumes.ask("member", "POST", "/volumes", {
      volume: { source_volid: boot },
    });
    assertEquals(
      [clone.json.volume.size, clone.json.volume.source_volid, clone.json.volume.bootable],
      [2, boot, "true"],
    );
    const snapshot = await volumes.ask("member", "POST", "/snapshots", {
      snapshot: { volume_id: boot, name: "s" },
    });
    assertEquals([snapshot.status, snapshot.json.snapshot.status], [202, "creating"]);
    const snapshotId = snapshot.json.snapshot.id;
    const restored = await volumes.create({ snapshot_id: snapshotId, size: 3 });
    assertEquals((await volumes.show(restored)).snapshot_id, snapshotId);

    for (
      const [volume, status, message] of [
        [
          {},
          400,
          "Invalid input received: Volume size 'None' must be an integer and greater than 0",
        ],
        [
          { source_volid: boot, size: 1 },
          400,
          "Invalid input received: Volume size '1'GB cannot be smaller than original volume size  " +
          "2GB. They must be >= original volume size.",
        ],
        [
          { snapshot_id: snapshotId, size: 1 },
          400,
          "Invalid input received: Volume size '1'GB cannot be smaller than the snapshot size " +
          "2GB. They must be >= original snapshot size.",
        ],
        [{ size: 1, snapshot_id: SERVER }, 404, `Snapshot ${SERVER} could not be found.`],
        [
          { size: 1, imageRef: SERVER },
          400,
          "Invalid image identifier or unable to access requested image.",
        ],
        [{ size: 1, volume_type: "x" }, 404, "Volume type with name x could not be found."],
        [{ size: 1, availability_zone: "mars" }, 400, "Availability zone 'mars' is invalid."],
        [
          { size: 1, imageRef: imageId, source_volid: boot },
          400,
          "Invalid input received: May specify only one of backup, imageRef, snapshot, " +
          "source_volume",
        ],
        [
          { size: 0 },
          400,
          "Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1",
        ],
        [
          { size: 1, colour: "red" },
          400,
          "Invalid input for field/attribute volume. Value: {'size': 1, 'colour': 'red'}. " +
          "Additional properties are not allowed ('colour' was unexpected)",
        ],
      ] as const
    ) {
      const answer = await volumes.ask("member", "POST", "/volumes", { volume });
      assertEquals([answer.status, messageOf(answer)], [status, message]);
    }
    const used = await volumes.ask("member", "DELETE", `/volumes/${boot}`);
    assertEquals(used.status, 400);
    assertMatch(messageOf(used), /^Invalid volume: Volume status must be available or error or /);
    const cascade = await volumes.ask("member", "DELETE", `/volumes/${boot}?cascade=true`);
    assertEquals(cascade.status, 202);
    assertEquals((await volumes.ask("member", "GET", "/snapshots")).json.snapshots, []);
  }));

Deno.test("snapshots: list, change, metadata, delete", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create({ size: 4 });
    const made = await volumes.ask("member", "POST", "/snapshots", {
      snapshot: { volume_id, name: "s", metadata: { a: "b" } },
    });
    const { id } = made.json.snapshot;
    const path = `/snapshots/${id}`;
    const list = await volumes.ask("member", "GET", `/snapshots/detail?volume_id=${volume_id}`);
    assertEquals([list.json.snapshots[0].status, list.json.snapshots[0].size], ["available", 4]);
    const changed = await volumes.ask("member", "PUT", path, { snapshot: { description: "x" } });
    assertEquals(changed.json.snapshot.description, "x");
    const meta = await volumes.ask("member", "POST", `${path}/metadata`, { metadata: { c: "d" } });
    assertEquals(meta.json, { metadata: { a: "b", c: "d" } });
    assertEquals((await volumes.ask("member", "DELETE", `${path}/metadata/a`)).status, 200);
    const gone = await volumes.ask("member", "GET", `${path}/metadata/a`);
    assertEquals([gone.status, messageOf(gone)], [
      404,
      `Snapshot ${id} has no metadata with key a.`,
    ]);
    assertEquals((await volumes.ask("stranger", "GET", path)).status, 404);
    const reset = { "os-reset_status": { status: "creating" } };
    assertEquals((await volumes.ask("member", "POST", `${path}/action`, reset)).status, 403);
    assertEquals((await volumes.ask("admin", "POST", `${path}/action`, reset)).status, 202);
    const busy = await volumes.ask("member", "DELETE", path);
    assertEquals([busy.status, messageOf(busy)], [
      400,
      "Invalid snapshot: Snapshot status must be available or error and must not be part of a " +
      "group.",
    ]);
    const forced = await volumes.ask("admin", "POST", `${path}/action`, { "os-force_delete": {} });
    assertEquals(forced.status, 202);
    assertEquals((await volumes.ask("member", "GET", path)).status, 404);
  }));

Deno.test("metadata of a volume", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create({ metadata: { a: "b" } });
    const path = `/volumes/${id}/metadata`;
    for (
      const [method, at, body, status, answer] of [
        ["GET", "", undefined, 200, { metadata: { a: "b" } }],
        ["POST", "", { metadata: { c: "d" } }, 200, { metadata: { a: "b", c: "d" } }],
        ["PUT", "", { metadata: { e: "f" } }, 200, { metadata: { e: "f" } }],
        ["PUT", "/g", { meta: { g: "h" } }, 200, { meta: { g: "h" } }],
        ["GET", "/g", undefined, 200, { meta: { g: "h" } }],
        ["PUT", "/g", { meta: { x: "h" } }, 400, undefined],
        ["PUT", "/g", { meta: { g: "h", x: "y" } }, 400, undefined],
        ["DELETE", "/e", undefined, 200, undefined],
        ["DELETE", "/e", undefined, 404, undefined],
        ["GET", "", undefined, 200, { metadata: { g: "h" } }],
      ] as const
    ) {
      const answered = await volumes.ask("member", method, path + at, body);
      assertEquals(answered.status, status, `${method} ${at} ${answered.text}`);
      if (answer) assertEquals<unknown>(answered.json, answer);
    }
  }));

Deno.test("attachments: reserved, connected, complete, gone", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const made = await volumes.ask("member", "POST", "/attachments", {
      attachment: { volume_uuid: id, instance_uuid: SERVER },
    });
    assertEquals(made.status, 200);
    const { attachment } = made.json;
    assertEquals([attachment.status, attachment.connection_info], ["reserved", {}]);
    assertEquals((await volumes.show(id)).status, "reserved");
    const second = await volumes.ask("member", "POST", "/attachments", {
      attachment: { volume_uuid: id, instance_uuid: OTHER },
    });
    assertEquals([second.status, messageOf(second)], [
      400,
      `Invalid volume: Volume ${id} status must be available or downloading to reserve, but the ` +
      "current status is reserved.",
    ]);
    const path = `/attachments/${attachment.id}`;
    const connector = { host: "h1", mountpoint: "/dev/vdb", mode: "rw" };
    const connected = await volumes.ask("member", "PUT", path, { attachment: { connector } });
    assertEquals(
      [connected.json.attachment.status, connected.json.attachment.attach_mode],
      ["attaching", "rw"],
    );
    const done = await volumes.ask("member", "POST", `${path}/action`, { "os-complete": null });
    assertEquals(done.status, 204);
    const shown = await volumes.show(id, "padmin");
    assertEquals(
      [shown.status, shown.attachments[0].server_id, shown.attachments[0].host_name],
      ["in-use", SERVER, "h1"],
    );
    assertEquals((await volumes.show(id)).attachments[0].host_name, null);
    assertEquals((await volumes.ask("member", "DELETE", `/volumes/${id}`)).status, 400);
    assertEquals((await volumes.ask("stranger", "GET", path)).status, 404);
    const listed = await volumes.ask("member", "GET", `/attachments/detail?volume_id=${id}`);
    assertEquals(listed.json.attachments.length, 1);
    const removed = await volumes.ask("member", "DELETE", path);
    assertEquals([removed.status, removed.json], [200, { attachments: [] }]);
    assertEquals((await volumes.show(id)).status, "available");
    assertEquals((await volumes.ask("member", "GET", path)).status, 404);
  }));

Deno.test("the older actions: reserve, attach, detach", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    for (
      const [action, body, status, after] of [
        ["os-reserve", null, 202, "attaching"],
        ["os-reserve", null, 400, "attaching"],
        ["os-unreserve", null, 202, "available"],
        ["os-unreserve", null, 202, "available"],
        ["os-begin_detaching", null, 400, "available"],
        ["os-attach", { mountpoint: "/dev/vdb" }, 400, "available"],
        ["os-attach", { mountpoint: "/dev/vdb", instance_uuid: SERVER }, 202, "in-use"],
        ["os-attach", { mountpoint: "/dev/vdb", instance_uuid: SERVER }, 202, "in-use"],
        ["os-attach", { mountpoint: "/dev/vdb", instance_uuid: OTHER }, 400, "in-use"],
        ["os-begin_detaching", null, 202, "detaching"],
        ["os-roll_detaching", null, 202, "in-use"],
        ["os-detach", { attachment_id: OTHER }, 400, "in-use"],
        ["os-detach", {}, 202, "available"],
        ["os-detach", null, 202, "available"],
        ["os-dance", null, 400, "available"],
      ] as const
    ) {
      const answer = await volumes.act(id, action, body);
      assertEquals(answer.status, status, `${action} ${answer.text}`);
      assertEquals((await volumes.show(id)).status, after, action);
    }
  }));

Deno.test("extend, retype, bootable, image metadata, reset", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const fast = await volumes.ask("admin", "POST", "/types", { volume_type: { name: "fast" } });
    assertEquals(fast.status, 200, fast.text);
    for (
      const [action, body, status, as] of [
        ["os-extend", { new_size: 3 }, 202, "member"],
        ["os-extend", { new_size: 3 }, 400, "member"],
        ["os-extend", { new_size: "4" }, 202, "member"],
        ["os-retype", { new_type: "__DEFAULT__" }, 400, "member"],
        ["os-retype", { new_type: "fast", migration_policy: "never" }, 202, "member"],
        ["os-retype", { new_type: "nothing" }, 404, "member"],
        ["os-set_bootable", { bootable: "True" }, 200, "member"],
        ["os-set_bootable", { bootable: "perhaps" }, 400, "member"],
        ["os-update_readonly_flag", { readonly: true }, 202, "member"],
        ["os-set_image_metadata", { metadata: { k: "v" } }, 200, "member"],
        ["os-show_image_metadata", null, 200, "reader"],
        ["os-reset_status", { status: "error" }, 403, "member"],
        ["os-reset_status", { status: "error" }, 202, "admin"],
        ["os-reset_status", { status: "in-use" }, 400, "admin"],
        ["os-reset_status", { status: "purple" }, 400, "admin"],
        ["os-extend", { new_size: 9 }, 400, "member"],
      ] as const
    ) {
      const answer = await volumes.act(id, action, body, as);
      assertEquals(answer.status, status, `${action} ${answer.text}`);
    }
    const shown = await volumes.show(id);
    assertEquals(
      [shown.size, shown.volume_type, shown.bootable, shown.status],
      [4, "fast", "true", "error"],
    );
    assertEquals(shown.volume_image_metadata, { k: "v" });
    assertEquals((await volumes.act(id, "os-unset_image_metadata", { key: "k" })).status, 200);
    assertEquals((await volumes.act(id, "os-unset_image_metadata", { key: "k" })).status, 404);
    const inUse = await volumes.ask("admin", "DELETE", `/types/${fast.json.volume_type.id}`);
    assertEquals([inUse.status, messageOf(inUse)], [400, "Target volume type is still in use."]);
  }));

Deno.test("volume types: who may, who sees, what they say", () =>
  withVolumes(async (volumes) => {
    const create = (volume_type: object, as: "admin" | "member" = "admin") =>
      volumes.ask(as, "POST", "/types", { volume_type });
    assertEquals((await create({ name: "x" }, "member")).status, 403);
    const made = await create({
      name: "secret",
      "os-volume-type-access:is_public": false,
      extra_specs: { multiattach: "<is> True", backend: "b" },
    });
    const { id } = made.json.volume_type;
    assertEquals((await create({ name: "secret" })).status, 409);
    assertEquals((await create({ name: " " })).status, 400);
    const path = `/types/${id}`;
    assertEquals((await volumes.ask("member", "GET", path)).status, 404);
    const { demo } = volumes.cloud.projectIds;
    const access = (name: string) =>
      volumes.ask("admin", "POST", `${path}/action`, { [name]: { project: demo } });
    assertEquals((await access("addProjectAccess")).status, 202);
    assertEquals((await access("addProjectAccess")).status, 409);
    const seen = await volumes.ask("member", "GET", path);
    assertEquals(seen.json.volume_type.extra_specs, { multiattach: "<is> True" });
    const who = await volumes.ask("admin", "GET", `${path}/os-volume-type-access`);
    assertEquals(who.json.volume_type_access, [{ volume_type_id: id, project_id: demo }]);
    assertEquals((await access("removeProjectAccess")).status, 202);
    assertEquals((await access("removeProjectAccess")).status, 404);

    const specs = `${path}/extra_specs`;
    const set = await volumes.ask("admin", "POST", specs, { extra_specs: { k: "v" } });
    assertEquals(set.json, { extra_specs: { k: "v" } });
    assertEquals((await volumes.ask("admin", "GET", `${specs}/k`)).json, { k: "v" });
    assertEquals((await volumes.ask("admin", "PUT", `${specs}/k`, { k: "w" })).json, { k: "w" });
    assertEquals((await volumes.ask("admin", "PUT", `${specs}/k`, { x: "w" })).status, 400);
    assertEquals((await volumes.ask("admin", "DELETE", `${specs}/k`)).status, 202);
    assertEquals((await volumes.ask("admin", "DELETE", `${specs}/k`)).status, 404);

    const renamed = await volumes.ask("admin", "PUT", path, { volume_type: { is_public: true } });
    assertEquals(renamed.json.volume_type.is_public, true);
    assertEquals((await volumes.ask("admin", "PUT", path, { volume_type: {} })).status, 400);
    const shared = await volumes.create({ volume_type: "secret" });
    assertEquals((await volumes.show(shared)).multiattach, true);
    const byDefault = await volumes.ask("member", "GET", "/types/default");
    assertEquals(byDefault.json.volume_type.name, "__DEFAULT__");
    const first = await volumes.ask("admin", "DELETE", `/types/${byDefault.json.volume_type.id}`);
    assertEquals(first.status, 400);
    const list = await volumes.ask("member", "GET", "/types");
    assertEquals(
      list.json.volume_types.map(({ name }: { name: string }) => name),
      ["secret", "__DEFAULT__"],
    );
  }));

Deno.test("several servers may have a volume whose type says so", () =>
  withVolumes(async (volumes) => {
    await volumes.ask("admin", "POST", "/types", {
      volume_type: { name: "shared", extra_specs: { multiattach: "<is> True" } },
    });
    const id = await volumes.create({ volume_type: "shared" });
    for (const instance_uuid of [SERVER, OTHER]) {
      const body = { mountpoint: "/dev/vdb", instance_uuid };
      assertEquals((await volumes.act(id, "os-attach", body)).status, 202);
    }
    const { attachments } = await volumes.show(id);
    assertEquals(attachments.length, 2);
    assertEquals((await volumes.act(id, "os-detach", {})).status, 400);
    const [{ attachment_id }] = attachments;
    assertEquals((await volumes.act(id, "os-detach", { attachment_id })).status, 202);
    assertEquals((await volumes.show(id)).status, "in-use");
  }));

Deno.test("quota: set, shown, used, exact under races", () =>
  withVolumes(async (volumes) => {
    const { demo } = volumes.cloud.projectIds;
    const path = `/os-quota-sets/${demo}`;
    const set = (quota_set: object, as: "admin" | "member" = "admin") =>
      volumes.ask(as, "PUT", path, { quota_set });
    assertEquals((await set({ volumes: 3 }, "member")).status, 403);
    assertEquals((await set({ volumes: 3, gigabytes: 20 })).json.quota_set.volumes, 3);
    const made = await Promise.all(
      Array.from(
        { length: 8 },
        () => volumes.ask("member", "POST", "/volumes", { volume: { size: 2 } }),
      ),
    );
    assertEquals(made.map(({ status }) => status).sort(), [202, 202, 202, 413, 413, 413, 413, 413]);
    const refused = made.find(({ status }) => status === 413)!;
    assertEquals(refused.headers.get("retry-after"), "0");
    assertEquals(refused.json.overLimit, {
      code: 413,
      message: "VolumeLimitExceeded: Maximum number of volumes allowed (3) exceeded for quota " +
        "'volumes'.",
      retryAfter: "0",
    });
    const usage = await volumes.ask("member", "GET", `${path}?usage=true`);
    assertEquals(usage.json.quota_set.gigabytes, { limit: 20, in_use: 6, reserved: 0 });
    assertEquals(usage.json.quota_set["volumes___DEFAULT__"].in_use, 3);
    assertEquals((await set({ volumes: 1 })).status, 400);
    const limits = await volumes.ask("member", "GET", "/limits");
    assertEquals(limits.json.limits.absolute.totalVolumesUsed, 3);
    assertEquals(limits.json.limits.absolute.maxTotalVolumes, 3);

    await set({ gigabytes: 7, snapshots: 1, volumes: 10 });
    const large = await volumes.ask("member", "POST", "/volumes", { volume: { size: 2 } });
    assertEquals(
      messageOf(large),
      "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes " +
        "quota. Requested 2G, quota is 7G and 6G has been consumed.",
    );
    const [{ id }] = (await volumes.ask("member", "GET", "/volumes")).json.volumes;
    assertEquals((await volumes.act(id, "os-extend", { new_size: 4 })).status, 413);
    assertEquals((await volumes.act(id, "os-extend", { new_size: 3 })).status, 202);
    await set({ gigabytes: 100, per_volume_gigabytes: 5, "volumes___DEFAULT__": 3 });
    const snapshot = () =>
      volumes.ask("member", "POST", "/snapshots", { snapshot: { volume_id: id } });
    assertEquals((await snapshot()).status, 202);
    assertEquals(
      messageOf(await snapshot()),
      "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded",
    );
    const tooLarge = await volumes.ask("member", "POST", "/volumes", { volume: { size: 6 } });
    assertEquals(
      messageOf(tooLarge),
      "VolumeSizeExceedsLimit: Requested volume size 6G is larger than maximum allowed limit 5G.",
    );
    const ofType = await volumes.ask("member", "POST", "/volumes", { volume: { size: 1 } });
    assertEquals(
      messageOf(ofType),
      "VolumeLimitExceeded: Maximum number of volumes allowed (3) exceeded for quota " +
        "'volumes___DEFAULT__'.",
    );
    assertEquals((await volumes.ask("admin", "DELETE", path)).status, 200);
    const shown = await volumes.ask("member", "GET", path);
    assertEquals(shown.json.quota_set.volumes, 10);
    assertEquals((await volumes.ask("stranger", "GET", path)).status, 403);
    const defaults = await volumes.ask("member", "GET", `${path}/defaults`);
    assertEquals(defaults.json.quota_set.gigabytes, 1000);
  }));
