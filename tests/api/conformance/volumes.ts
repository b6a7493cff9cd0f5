/** Volumes of servers. */
import { assert, assertEquals } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { type Asked, expectAccepted, requestFor, unlessRequest } from "./asked.ts";

/** A new volume; gives its id. */
export async function volumeOf(cloud: TestCloud): Promise<string> {
  const body = { volume: { size: 1 } };
  const made = await cloud.ask("member", "POST", "/volume/v3/volumes", { body });
  assertEquals(made.status, 202, made.text);
  return made.json.volume.id;
}

/** Deletes volumes that no server has any more. */
export async function removeVolumes(cloud: TestCloud): Promise<void> {
  const { json } = await cloud.ask("member", "GET", "/volume/v3/volumes");
  for (const { id } of json.volumes) {
    await cloud.ask("member", "DELETE", `/volume/v3/volumes/${id}`);
  }
}

/** Block devices of volumes, as many as a sample shows, and deleted with the server like its. */
export async function volumesLike(
  cloud: TestCloud,
  shown: readonly Json[],
): Promise<readonly object[]> {
  const devices: object[] = [];
  for (const { delete_on_termination } of shown) {
    devices.push({
      uuid: await volumeOf(cloud),
      source_type: "volume",
      destination_type: "volume",
      boot_index: -1,
      ...(delete_on_termination !== undefined && { delete_on_termination }),
    });
  }
  return devices;
}

function attachmentsOf(server: string): string {
  return `/v2.1/servers/${server}/os-volume_attachments`;
}

async function attachTo(asked: Asked, server: string, like: Json): Promise<Answered> {
  const { cloud, mv } = asked;
  const volumeAttachment = { ...like, volumeId: await volumeOf(cloud) };
  const body = { volumeAttachment };
  const answered = await cloud.ask("member", "POST", attachmentsOf(server), { mv, body });
  await cloud.cloud.settled();
  return answered;
}

/** Attaches a volume as the sample, or its request, says. */
export async function attach(asked: Asked): Promise<Answered | null> {
  const { volumeAttachment } = requestFor(asked.sample).json;
  return unlessRequest(
    asked,
    await attachTo(asked, await asked.cloud.create(), volumeAttachment),
  );
}

/** A server with volumes like those of the sample. */
async function serverWith(asked: Asked, shown: readonly Json[]): Promise<string> {
  const id = await asked.cloud.create();
  for (const { tag, delete_on_termination } of shown) {
    const made = await attachTo(asked, id, {
      ...(tag && { tag }),
      ...(delete_on_termination !== undefined && { delete_on_termination }),
    });
    assert(made.status < 300, made.text);
  }
  return id;
}

export async function attachments(asked: Asked): Promise<Answered> {
  const { cloud, mv, sample } = asked;
  // The newest comes first in the samples: each is compared with the last of these.
  const id = await serverWith(asked, sample.json.volumeAttachments);
  return await cloud.ask("member", "GET", attachmentsOf(id), { mv });
}

export async function attachment(asked: Asked): Promise<Answered> {
  const { cloud, mv, sample } = asked;
  const id = await serverWith(asked, [sample.json.volumeAttachment]);
  const { volumeId } = await firstOf(cloud, id);
  return await cloud.ask("member", "GET", `${attachmentsOf(id)}/${volumeId}`, { mv });
}

async function firstOf(cloud: TestCloud, server: string): Promise<Json> {
  const { json } = await cloud.ask("member", "GET", attachmentsOf(server));
  return json.volumeAttachments[0];
}

/** Sends the sample for a volume that is attached like it. */
export async function updateAttachment(asked: Asked): Promise<null> {
  const { cloud, mv, sample } = asked;
  const { tag } = sample.json.volumeAttachment;
  const id = await serverWith(asked, [{ tag }]);
  const { volumeId: volume, device } = await firstOf(cloud, id);
  const isSwap = sample.file === "update-volume-req.json";
  const volumeId = isSwap ? await volumeOf(cloud) : volume;
  const whole = sample.json.volumeAttachment.id && { id: volume, serverId: id, device };
  const body = { volumeAttachment: { ...sample.json.volumeAttachment, volumeId, ...whole } };
  const path = `${attachmentsOf(id)}/${volume}`;
  expectAccepted(sample, await cloud.ask("padmin", "PUT", path, { mv, body }));
  return null;
}
