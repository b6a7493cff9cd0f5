/** Images of servers that boot from volumes: made of snapshots, and booted from again. */
import { assertEquals, assertMatch } from "@std/assert";
import { makeImage } from "../kit/samples.ts";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

/** A server that boots from a volume of 2 GiB, on a flavor whose disk is smaller. */
function volumeBacked({ cloud }: Volumes, uuid: string, more: object = {}): Promise<string> {
  return cloud.create({
    imageRef: "",
    block_device_mapping_v2: [
      {
        boot_index: 0,
        uuid,
        source_type: "image",
        destination_type: "volume",
        volume_size: 2,
        delete_on_termination: true,
      },
      { source_type: "blank", destination_type: "volume", volume_size: 1 },
    ],
    ...more,
  });
}

function createImage({ cloud }: Volumes, server: string, name: string, mv = "2.90") {
  const body = { createImage: { name, metadata: { made: "by hand" } } };
  return cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { mv, body });
}

const attachments = (server: string) => `/v2.1/servers/${server}/os-volume_attachments`;

Deno.test("an image of a volume-backed server is made of snapshots, before the answer", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await volumeBacked(volumes, await cloud.imageId());
    const made = await createImage(volumes, server, "golden");
    assertEquals([made.status, Object.keys(made.json)], [202, ["image_id"]]);
    const id = made.json.image_id;

    const image = (await cloud.ask("member", "GET", `/image/v2/images/${id}`)).json;
    assertEquals(
      [image.name, image.status, image.size, image.visibility, image.disk_format],
      ["golden", "active", 0, "private", "raw"],
    );
    assertEquals(
      [image.min_disk, image.bdm_v2, image.root_device_name, image.base_image_ref, image.made],
      [1, "True", "/dev/vda", "", "by hand"],
    );
    const data = await cloud.ask("member", "GET", `/image/v2/images/${id}/file`);
    assertEquals([data.status < 300, data.text], [true, ""]);

    const { snapshots } = (await volumes.ask("member", "GET", "/snapshots/detail")).json;
    assertEquals(
      snapshots.map((
        one: { name: string; size: number; status: string },
      ) => [one.name, one.size, one.status]).sort(),
      [["snapshot for golden", 1, "available"], ["snapshot for golden", 2, "available"]],
    );
    const [root, data1] = JSON.parse(image.block_device_mapping);
    assertEquals(
      [root.boot_index, root.source_type, root.destination_type, root.device_name],
      [0, "snapshot", "volume", "/dev/vda"],
    );
    assertEquals([root.volume_size, root.delete_on_termination], [2, true]);
    assertEquals([data1.boot_index, data1.device_name, data1.volume_size], [null, "/dev/vdb", 1]);
    const ids = snapshots.map((one: { id: string }) => one.id).sort();
    assertEquals([root.snapshot_id, data1.snapshot_id].sort(), ids);

    // The old proxy shows the list as a list.
    const proxied = await cloud.ask("member", "GET", `/v2.1/images/${id}`, { mv: "2.1" });
    assertEquals(proxied.json.image.metadata.block_device_mapping.length, 2);
    const shown = (await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).json.server;
    assertEquals([shown.status, shown["OS-EXT-STS:task_state"]], ["ACTIVE", null]);
    await assertAction(volumes, server, "Success");
  }));

async function assertAction({ cloud }: Volumes, server: string, result: string): Promise<void> {
  const path = `/v2.1/servers/${server}/os-instance-actions`;
  const [action] = (await cloud.ask("member", "GET", path)).json.instanceActions;
  assertEquals(action.action, "createImage");
  const one = await cloud.ask("padmin", "GET", `${path}/${action.request_id}`);
  assertEquals(
    one.json.instanceAction.events.map((
      event: { event: string; result: string },
    ) => [event.event, event.result]),
    [["api_snapshot_instance", result]],
  );
}

Deno.test("a server boots from an image of a volume-backed server, on volumes of its own", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const first = await volumeBacked(volumes, await cloud.imageId());
    const { image_id: imageRef } = (await createImage(volumes, first, "golden")).json;
    const second = await cloud.create({ imageRef });
    const shown = await cloud.ask("member", "GET", `/v2.1/servers/${second}`, { mv: "2.98" });
    assertEquals([shown.json.server.status, shown.json.server.image.id], ["ACTIVE", imageRef]);
    assertEquals(shown.json.server.image.properties, {
      bdm_v2: "True",
      root_device_name: "/dev/vda",
    });
    const list = (await cloud.ask("member", "GET", attachments(second))).json.volumeAttachments;
    assertEquals(list.map(({ device }: { device: string }) => device), ["/dev/vda", "/dev/vdb"]);
    const [root, data] = await Promise.all(
      list.map(({ volumeId }: { volumeId: string }) => volumes.show(volumeId)),
    );
    assertEquals([root.size, root.status, data.size], [2, "in-use", 1]);
    assertMatch(root.snapshot_id, /^[0-9a-f-]{36}$/);
    assertEquals(root.attachments[0].server_id, second);

    // It is backed by a volume for all that follows, though it has an image.
    const backup = { createBackup: { name: "b", backup_type: "daily", rotation: 1 } };
    const refused = await cloud.ask("member", "POST", `/v2.1/servers/${second}/action`, {
      body: backup,
    });
    assertEquals([refused.status, messageOf(refused)], [
      400,
      "Backup is not supported for volume-backed instances.",
    ]);
    const third = (await createImage(volumes, second, "again")).json.image_id;
    const image = (await cloud.ask("member", "GET", `/image/v2/images/${third}`)).json;
    assertEquals([image.base_image_ref, image.size], [imageRef, 0]);
    await cloud.ask("member", "POST", `/v2.1/servers/${second}/action`, { body: { shelve: null } });
    await cloud.cloud.settled();
    assertEquals(
      (await cloud.ask("member", "GET", "/image/v2/images?name=x-shelved")).json.images,
      [],
    );
    await cloud.ask("member", "DELETE", `/v2.1/servers/${second}`);
    await cloud.cloud.settled();
    // It was to go with its server, but a volume that has snapshots stays.
    assertEquals((await volumes.show(list[0].volumeId)).status, "available");
  }));

Deno.test("a device of the request takes the place of the image's of the same name", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const first = await volumeBacked(volumes, await cloud.imageId());
    const { image_id: imageRef } = (await createImage(volumes, first, "golden")).json;
    const own = await volumes.create();
    const server = await cloud.create({
      imageRef,
      block_device_mapping_v2: [
        { boot_index: 0, uuid: imageRef, source_type: "image", destination_type: "local" },
        {
          uuid: own,
          source_type: "volume",
          destination_type: "volume",
          device_name: "/dev/vdb",
          boot_index: -1,
        },
      ],
    });
    const list = (await cloud.ask("member", "GET", attachments(server))).json.volumeAttachments;
    assertEquals(
      list.map((
        { device, volumeId }: { device: string; volumeId: string },
      ) => [device, volumeId === own]).sort(),
      [["/dev/vda", false], ["/dev/vdb", true]],
    );
  }));

Deno.test("an image whose snapshots are gone cannot be booted", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const first = await volumeBacked(volumes, await cloud.imageId());
    const { image_id: imageRef } = (await createImage(volumes, first, "golden")).json;
    const image = (await cloud.ask("member", "GET", `/image/v2/images/${imageRef}`)).json;
    const [root] = JSON.parse(image.block_device_mapping);
    await volumes.ask("member", "DELETE", `/snapshots/${root.snapshot_id}`);
    const boot = async (ref: string) =>
      await cloud.ask("member", "POST", "/v2.1/servers", {
        mv: "2.90",
        body: { server: { ...await cloud.plain(), imageRef: ref } },
      });
    const gone = await boot(imageRef);
    assertEquals([gone.status, messageOf(gone)], [
      400,
      `Block Device Mapping is Invalid: failed to get snapshot ${root.snapshot_id}.`,
    ]);
    for (const mapping of ["no list", "{}", "[1]", '[{"source_type": "moon"}]']) {
      const patch = [{ op: "replace", path: "/block_device_mapping", value: mapping }];
      await cloud.ask("member", "PATCH", `/image/v2/images/${imageRef}`, {
        headers: { "content-type": "application/openstack-images-v2.1-json-patch" },
        body: JSON.stringify(patch),
      });
      const answer = await boot(imageRef);
      assertEquals(answer.status, 400, mapping);
      assertMatch(messageOf(answer), /^Block Device Mapping is Invalid: /);
    }
  }));

Deno.test("an image of a volume-backed server is refused in Nova's words", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await volumeBacked(volumes, await cloud.imageId());
    const quota = { quota_set: { snapshots: 1 } };
    await volumes.ask("admin", "PUT", `/os-quota-sets/${cloud.projectIds.demo}`, quota);
    const over = await createImage(volumes, server, "golden");
    assertEquals([over.status, messageOf(over)], [
      403,
      "Quota exceeded for resources: snapshots",
    ]);
    assertEquals((await volumes.ask("member", "GET", "/snapshots")).json.snapshots, []);
    const reader = await cloud.ask("reader", "POST", `/v2.1/servers/${server}/action`, {
      body: { createImage: { name: "n" } },
    });
    assertEquals(reader.status, 403);
    await cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { body: { shelve: null } });
    await cloud.cloud.settled();
    const shelved = await createImage(volumes, server, "golden");
    assertEquals([shelved.status, messageOf(shelved)], [
      409,
      `Cannot 'createImage' instance ${server} while it is in vm_state shelved_offloaded`,
    ]);
  }));

Deno.test("below 2.45 a header names the image, and a volume service that refuses is told of", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await volumeBacked(volumes, await cloud.imageId());
    const made = await createImage(volumes, server, "golden", "2.44");
    assertEquals([made.status, made.text], [202, ""]);
    assertMatch(made.headers.get("location")!, /\/image\/images\/[0-9a-f-]{36}$/);
    const [{ volumeId }] =
      (await cloud.ask("member", "GET", attachments(server))).json.volumeAttachments;
    await volumes.act(volumeId, "os-reset_status", { status: "error" }, "admin");
    const refused = await createImage(volumes, server, "again");
    assertEquals([refused.status, messageOf(refused)], [
      400,
      `Invalid input received: Invalid volume: Volume ${volumeId} status must be available, ` +
      "in-use, but current status is: error.",
    ]);
    await assertAction(volumes, server, "Error");
  }));

Deno.test("a rebuild of a volume-backed server puts the image on its volume, from 2.93 on", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const own = await cloud.imageId();
    const server = await volumeBacked(volumes, own);
    const [{ volumeId }] =
      (await cloud.ask("member", "GET", attachments(server))).json.volumeAttachments;
    const rebuild = (imageRef: string, mv: string) =>
      cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, {
        mv,
        body: { rebuild: { imageRef } },
      });
    const other = await makeImage(cloud, { name: "other" });
    const refused = await rebuild(other, "2.92");
    assertEquals([refused.status, messageOf(refused)], [
      400,
      `Image ${other} is unacceptable: Unable to rebuild with a different image for a ` +
      "volume-backed server.",
    ]);
    const large = await makeImage(cloud, { min_disk: 3 });
    const tooSmall = await rebuild(large, "2.93");
    assertEquals([tooSmall.status, messageOf(tooSmall)], [
      400,
      "Volume is smaller than the minimum size specified in image metadata. Volume size is " +
      `${2 * 2 ** 30} bytes, minimum size is ${3 * 2 ** 30} bytes.`,
    ]);
    const onVolume = async () => (await volumes.show(volumeId)).volume_image_metadata.image_id;
    assertEquals((await rebuild(own, "2.92")).status, 202);
    await cloud.cloud.settled();
    assertEquals(await onVolume(), own);
    assertEquals((await rebuild(other, "2.93")).status, 202);
    await cloud.cloud.settled();
    assertEquals([await onVolume(), (await volumes.show(volumeId)).status], [other, "in-use"]);
    const shown = (await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).json.server;
    assertEquals([shown.status, shown.image], ["ACTIVE", ""]);
    // The server is of that image from now on.
    assertEquals((await rebuild(other, "2.92")).status, 202);
  }));
