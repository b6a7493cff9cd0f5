/** Servers and volumes: attach, detach, boot from a volume, and what is left behind. */
import { assertEquals, assertMatch } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

async function attach(volumes: Volumes, server: string, volumeId: string, mv = "2.100") {
  const path = `/v2.1/servers/${server}/os-volume_attachments`;
  const body = { volumeAttachment: { volumeId } };
  return await volumes.cloud.ask("member", "POST", path, { mv, body });
}

Deno.test("a volume is attached, shown at every microversion, and detached", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create();
    const volume = await volumes.create();
    const path = `/v2.1/servers/${server}/os-volume_attachments`;
    const made = await attach(volumes, server, volume);
    assertEquals([made.status, made.json.volumeAttachment], [200, {
      id: volume,
      serverId: server,
      volumeId: volume,
      device: "/dev/vdb",
      tag: null,
      delete_on_termination: false,
    }]);
    const again = await attach(volumes, server, volume);
    assertEquals([again.status, messageOf(again)], [
      400,
      `Invalid volume: volume ${volume} is already attached to instances: ${server}`,
    ]);
    await cloud.cloud.settled();
    const inUse = await volumes.show(volume);
    assertEquals(
      [inUse.status, inUse.attachments[0].server_id, inUse.attachments[0].device],
      ["in-use", server, "/dev/vdb"],
    );
    const base = ["device", "serverId", "volumeId"];
    for (
      const [mv, keys] of [
        ["2.1", [...base, "id"]],
        ["2.70", [...base, "id", "tag"]],
        ["2.79", [...base, "id", "tag", "delete_on_termination"]],
        ["2.89", [...base, "tag", "delete_on_termination", "attachment_id", "bdm_uuid"]],
      ] as const
    ) {
      const list = await cloud.ask("reader", "GET", path, { mv });
      assertEquals(Object.keys(list.json.volumeAttachments[0]).sort(), [...keys].sort(), mv);
      const one = await cloud.ask("reader", "GET", `${path}/${volume}`, { mv });
      assertEquals(one.json.volumeAttachment, list.json.volumeAttachments[0]);
    }
    const shown = await cloud.ask("member", "GET", `/v2.1/servers/${server}`, { mv: "2.3" });
    assertEquals(shown.json.server["os-extended-volumes:volumes_attached"], [
      { id: volume, delete_on_termination: false },
    ]);
    const changed = await cloud.ask("member", "PUT", `${path}/${volume}`, {
      mv: "2.85",
      body: { volumeAttachment: { volumeId: volume, delete_on_termination: true } },
    });
    assertEquals(changed.status, 202);
    const forbidden = await cloud.ask("member", "PUT", `${path}/${volume}`, {
      mv: "2.84",
      body: { volumeAttachment: { volumeId: volume } },
    });
    assertEquals(forbidden.status, 403);
    const still = await cloud.ask("padmin", "PUT", `${path}/${volume}`, {
      mv: "2.84",
      body: { volumeAttachment: { volumeId: volume } },
    });
    assertEquals([still.status, messageOf(still)], [
      409,
      `volume ${volume} is not migrating; this API should only be called by Cinder`,
    ]);
    const [{ attachment_id }] = inUse.attachments;
    assertEquals(
      (await volumes.ask("member", "DELETE", `/attachments/${attachment_id}`)).status,
      409,
    );

    assertEquals((await cloud.ask("member", "DELETE", `${path}/${volume}`)).status, 202);
    await cloud.cloud.settled();
    assertEquals((await volumes.show(volume)).status, "available");
    assertEquals((await cloud.ask("member", "GET", path)).json, { volumeAttachments: [] });
    assertEquals((await cloud.ask("member", "DELETE", `${path}/${volume}`)).status, 404);
    const actions = await cloud.ask(
      "member",
      "GET",
      `/v2.1/servers/${server}/os-instance-actions`,
    );
    assertEquals(
      actions.json.instanceActions.map(({ action }: { action: string }) => action),
      ["detach_volume", "attach_volume", "create"],
    );
  }));

Deno.test("attaching refuses what Nova refuses", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create();
    const path = `/v2.1/servers/${server}/os-volume_attachments`;
    const foreign = await volumes.create({}, "stranger");
    for (const id of [foreign, "11111111-2222-4333-8444-555555555555"]) {
      const answer = await attach(volumes, server, id);
      assertEquals([answer.status, messageOf(answer)], [404, `Volume ${id} could not be found.`]);
    }
    const reserved = await volumes.create();
    await volumes.act(reserved, "os-reserve", null);
    assertEquals(
      messageOf(await attach(volumes, server, reserved)),
      `Invalid input received: Invalid volume: Volume ${reserved} status must be available or ` +
        "downloading to reserve, but the current status is attaching.",
    );
    const taken = await cloud.ask("member", "POST", path, {
      mv: "2.79",
      body: { volumeAttachment: { volumeId: await volumes.create(), device: "/dev/vda" } },
    });
    assertEquals([taken.status, messageOf(taken)], [
      409,
      "The supplied device path (/dev/vda) is in use.",
    ]);
    assertEquals(
      (await cloud.ask("reader", "POST", path, {
        body: { volumeAttachment: { volumeId: reserved } },
      })).status,
      403,
    );
    assertEquals((await cloud.ask("stranger", "GET", path)).status, 404);
    await cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { body: { lock: null } });
    assertEquals((await attach(volumes, server, await volumes.create())).status, 409);
  }));

Deno.test("a server boots from a volume that is made for it, and takes it along", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const uuid = await cloud.imageId();
    const made = await cloud.create({
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
    });
    const shown = (await cloud.ask("member", "GET", `/v2.1/servers/${made}`)).json.server;
    assertEquals([shown.status, shown.image], ["ACTIVE", ""]);
    const path = `/v2.1/servers/${made}/os-volume_attachments`;
    const list = (await cloud.ask("member", "GET", path)).json.volumeAttachments;
    assertEquals(list.map(({ device }: { device: string }) => device), ["/dev/vda", "/dev/vdb"]);
    const [root, data] = list.map(({ volumeId }: { volumeId: string }) => volumeId);
    assertEquals((await volumes.show(root)).status, "in-use");
    const refused = await cloud.ask("member", "DELETE", `${path}/${root}`);
    assertEquals([refused.status, messageOf(refused)], [400, "Cannot detach a root device volume"]);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${made}`);
    await cloud.cloud.settled();
    assertEquals((await volumes.ask("member", "GET", `/volumes/${root}`)).status, 404);
    assertEquals((await volumes.show(data)).status, "available");
  }));

Deno.test("a server boots from a volume that is there; a second one may not have it", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const uuid = await volumes.create({ imageRef: await cloud.imageId(), size: 2 });
    const device = { boot_index: 0, uuid, source_type: "volume", destination_type: "volume" };
    const server = await cloud.create({ imageRef: "", block_device_mapping_v2: [device] });
    assertEquals((await volumes.show(uuid)).attachments[0].server_id, server);
    const second = await cloud.ask("member", "POST", "/v2.1/servers", {
      mv: "2.90",
      body: {
        server: { ...await cloud.plain(), imageRef: "", block_device_mapping_v2: [device] },
      },
    });
    assertEquals(second.status, 400);
    assertMatch(messageOf(second), /^Invalid volume: Invalid input received: Invalid volume: /);
    const blank = await volumes.create();
    const unbootable = await cloud.ask("member", "POST", "/v2.1/servers", {
      mv: "2.90",
      body: {
        server: {
          ...await cloud.plain(),
          imageRef: "",
          block_device_mapping_v2: [{ ...device, uuid: blank }],
        },
      },
    });
    assertEquals([unbootable.status, messageOf(unbootable)], [
      400,
      `Block Device ${blank} is not bootable.`,
    ]);
  }));

Deno.test("a build that fails gives its volumes back", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const uuid = await volumes.create();
    await volumes.ask("admin", "PUT", `/os-quota-sets/${cloud.projectIds.demo}`, {
      quota_set: { volumes: 1 },
    });
    const device = { source_type: "volume", destination_type: "volume", uuid };
    const more = { source_type: "blank", destination_type: "volume", volume_size: 1 };
    const root = {
      boot_index: 0,
      source_type: "image",
      destination_type: "local",
      uuid: await cloud.imageId(),
    };
    const server = await cloud.create({ block_device_mapping_v2: [root, device, more] });
    const shown = (await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).json.server;
    assertEquals(shown.status, "ERROR");
    assertEquals((await volumes.show(uuid)).status, "available");
    assertEquals(shown["os-extended-volumes:volumes_attached"], []);
  }));

const act = ({ cloud }: Volumes, server: string, body: object) =>
  cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { mv: "2.90", body });

Deno.test("the volumes of a server off its host are reserved until it comes back", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create({
      imageRef: "",
      block_device_mapping_v2: [{
        boot_index: 0,
        uuid: await cloud.imageId(),
        source_type: "image",
        destination_type: "volume",
        volume_size: 1,
      }],
    });
    const path = `/v2.1/servers/${server}/os-volume_attachments`;
    const [{ volumeId: root }] = (await cloud.ask("member", "GET", path)).json.volumeAttachments;
    const before = await volumes.create();
    await attach(volumes, server, before);
    await cloud.cloud.settled();
    assertEquals((await act(volumes, server, { shelve: null })).status, 202);
    await cloud.cloud.settled();
    const shown = (await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).json.server;
    assertEquals(shown.status, "SHELVED_OFFLOADED");
    for (const id of [root, before]) {
      const { status, attachments } = await volumes.show(id);
      assertEquals([status, attachments], ["reserved", []]);
    }
    // One that is attached meanwhile is kept for it, and has no device yet.
    const meanwhile = await volumes.create();
    const made = await attach(volumes, server, meanwhile);
    assertEquals([made.status, made.json.volumeAttachment.device], [200, null]);
    await cloud.cloud.settled();
    assertEquals((await volumes.show(meanwhile)).status, "reserved");
    const other = await cloud.create();
    const taken = await attach(volumes, other, before);
    assertEquals(taken.status, 400);
    // One that is detached meanwhile is free at once.
    const detached = await cloud.ask("member", "DELETE", `${path}/${before}`, { mv: "2.20" });
    assertEquals(detached.status, 202);
    await cloud.cloud.settled();
    assertEquals((await volumes.show(before)).status, "available");

    assertEquals((await act(volumes, server, { unshelve: null })).status, 202);
    await cloud.cloud.settled();
    for (const [id, device] of [[root, "/dev/vda"], [meanwhile, "/dev/vdb"]] as const) {
      const { status, attachments } = await volumes.show(id);
      assertEquals([status, attachments[0].server_id, attachments[0].device], [
        "in-use",
        server,
        device,
      ]);
    }
    const list = (await cloud.ask("member", "GET", path)).json.volumeAttachments;
    assertEquals(list.map(({ device }: { device: string }) => device), ["/dev/vda", "/dev/vdb"]);
  }));

Deno.test("a server that is deleted off its host gives its volumes back", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create();
    const volume = await volumes.create();
    await attach(volumes, server, volume);
    await cloud.cloud.settled();
    await act(volumes, server, { shelve: null });
    await cloud.cloud.settled();
    assertEquals((await volumes.show(volume)).status, "reserved");
    await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`);
    await cloud.cloud.settled();
    assertEquals((await volumes.show(volume)).status, "available");
  }));

Deno.test("another volume takes the place of one that the volume service moves", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create();
    const [old, next, small] = [
      await volumes.create({ size: 2 }),
      await volumes.create({ size: 3 }),
      await volumes.create({ size: 1 }),
    ];
    await attach(volumes, server, old);
    await cloud.cloud.settled();
    const path = `/v2.1/servers/${server}/os-volume_attachments`;
    const swap = (by: string, as: "padmin" | "member" = "padmin") =>
      cloud.ask(as, "PUT", `${path}/${old}`, {
        mv: "2.84",
        body: { volumeAttachment: { volumeId: by } },
      });
    assertEquals((await swap(next, "member")).status, 403);
    await volumes.act(old, "os-reset_status", { migration_status: "migrating" }, "admin");
    const tooSmall = await swap(small);
    assertEquals([tooSmall.status, messageOf(tooSmall)], [
      400,
      "Invalid volume: New volume must be the same size or larger.",
    ]);
    assertEquals((await swap(next)).status, 202);
    await cloud.cloud.settled();
    assertEquals((await volumes.show(old)).status, "available");
    const { status, attachments } = await volumes.show(next);
    assertEquals([status, attachments[0].server_id, attachments[0].device], [
      "in-use",
      server,
      "/dev/vdb",
    ]);
    const list = (await cloud.ask("member", "GET", path)).json.volumeAttachments;
    assertEquals(list.map(({ volumeId }: { volumeId: string }) => volumeId), [next]);
    const [action] =
      (await cloud.ask("member", "GET", `/v2.1/servers/${server}/os-instance-actions`)).json
        .instanceActions;
    assertEquals(action.action, "swap_volume");
  }));
