/** Volumes that take time to be made and deleted, and what becomes of that when the cloud ends. */
import { assertEquals } from "@std/assert";
import { TestCloud } from "../kit/cloud.ts";
import { inFolder } from "./world.ts";

const VOLUMES = "/volume/v3/volumes";
const HOUR_MS = 3_600_000;

/** Runs `work` with the cloud of a folder, whose backend takes so long. */
async function withBackend(
  folder: string,
  simulatedVolumeMs: number,
  work: (cloud: TestCloud) => Promise<void>,
): Promise<void> {
  const cloud = await TestCloud.open({ folder, settings: { simulatedVolumeMs } });
  try {
    await work(cloud);
  } finally {
    await cloud.close();
  }
}

async function make(cloud: TestCloud, volume: object = {}) {
  const body = { volume: { size: 1, ...volume } };
  return (await cloud.ask("member", "POST", VOLUMES, { body })).json.volume;
}

async function statusOf(cloud: TestCloud, id: string): Promise<string> {
  const { status, json } = await cloud.ask("member", "GET", `${VOLUMES}/${id}`);
  return status === 404 ? "gone" : json.volume.status;
}

async function volumesUsed(cloud: TestCloud): Promise<number> {
  const { json } = await cloud.ask("member", "GET", "/volume/v3/limits");
  return json.limits.absolute.totalVolumesUsed;
}

Deno.test("a volume shows as creating and deleting, counts all the while, and goes on after a restart", () =>
  inFolder(async (folder) => {
    let id = "";
    await withBackend(folder, HOUR_MS, async (cloud) => {
      ({ id } = await make(cloud));
      assertEquals(await statusOf(cloud, id), "creating");
      const refused = await cloud.ask("member", "DELETE", `${VOLUMES}/${id}`);
      assertEquals(refused.status, 400);
    });
    await withBackend(folder, 0, async (cloud) => {
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, id), "available");
    });
    await withBackend(folder, HOUR_MS, async (cloud) => {
      assertEquals((await cloud.ask("member", "DELETE", `${VOLUMES}/${id}`)).status, 202);
      assertEquals(await statusOf(cloud, id), "deleting");
      assertEquals(await volumesUsed(cloud), 1);
      assertEquals((await cloud.ask("member", "DELETE", `${VOLUMES}/${id}`)).status, 400);
    });
    await withBackend(folder, 0, async (cloud) => {
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, id), "gone");
      assertEquals(await volumesUsed(cloud), 0);
    });
  }));

Deno.test("a build waits for its volume, also across a restart", () =>
  inFolder(async (folder) => {
    let server = "";
    const shown = async (cloud: TestCloud) =>
      (await cloud.ask("member", "GET", `/v2.1/servers/${server}`)).json.server;
    await withBackend(folder, HOUR_MS, async (cloud) => {
      const made = await cloud.ask("member", "POST", "/v2.1/servers", {
        mv: "2.90",
        body: {
          server: {
            ...await cloud.plain(),
            imageRef: "",
            block_device_mapping_v2: [{
              boot_index: 0,
              uuid: await cloud.imageId(),
              source_type: "image",
              destination_type: "volume",
              volume_size: 1,
              delete_on_termination: true,
            }],
          },
        },
      });
      assertEquals(made.status, 202, made.text);
      server = made.json.server.id;
      assertEquals((await shown(cloud)).status, "BUILD");
    });
    await withBackend(folder, 1, async (cloud) => {
      await cloud.cloud.settled();
      const { status, "os-extended-volumes:volumes_attached": [volume] } = await shown(cloud);
      assertEquals([status, await statusOf(cloud, volume.id)], ["ACTIVE", "in-use"]);
      await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`);
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, volume.id), "gone");
    });
  }));

Deno.test("a copy to an image that the end of the cloud cut short goes on at the next start", () =>
  inFolder(async (folder) => {
    let id = "";
    let imageId = "";
    await withBackend(folder, 0, async (cloud) => {
      ({ id } = await make(cloud));
    });
    await withBackend(folder, HOUR_MS, async (cloud) => {
      const body = { "os-volume_upload_image": { image_name: "copy" } };
      const { json } = await cloud.ask("member", "POST", `${VOLUMES}/${id}/action`, { body });
      imageId = json["os-volume_upload_image"].image_id;
      assertEquals(await statusOf(cloud, id), "uploading");
    });
    await withBackend(folder, 0, async (cloud) => {
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, id), "available");
      const image = await cloud.ask("member", "GET", `/image/v2/images/${imageId}`);
      assertEquals(image.json.status, "active");
    });
  }));

Deno.test("a copy to an image that was deleted meanwhile ends, and the volume is free again", () =>
  inFolder(async (folder) => {
    let id = "";
    await withBackend(folder, 0, async (cloud) => {
      ({ id } = await make(cloud));
    });
    await withBackend(folder, HOUR_MS, async (cloud) => {
      const body = { "os-volume_upload_image": { image_name: "copy" } };
      const { json } = await cloud.ask("member", "POST", `${VOLUMES}/${id}/action`, { body });
      const { image_id } = json["os-volume_upload_image"];
      const gone = await cloud.ask("member", "DELETE", `/image/v2/images/${image_id}`);
      assertEquals(gone.status, 204);
    });
    await withBackend(folder, 0, async (cloud) => {
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, id), "available");
    });
  }));
