/** Actions of the samples, on servers that are ready for them. */
import { assert } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import { type Json, type Sample, samplesOf } from "../../kit/samples.ts";
import { actAll, type Asked, expectAccepted, requestOf, send } from "./asked.ts";
import { imageOf } from "./furnish.ts";
import { matching } from "./servers.ts";

export const RESIZE = { resize: { flavorRef: "2" } };

export const IMAGE_OF_SERVER = { createImage: { name: "foo-image" } };

export const BACKUP = { createBackup: { name: "Backup 1", backup_type: "daily", rotation: 1 } };

export const SHELVE = { shelve: null };

export const RESCUE = { rescue: null };

export const UNRESCUE = { unrescue: null };

/** Sends the sample as an action on a server that is ready for it. */
export async function action(asked: Asked, ...before: readonly Json[]): Promise<null> {
  const { cloud, sample } = asked;
  const id = await cloud.create();
  await actAll(cloud, id, before);
  const body = structuredClone(sample.json);
  if (body.rescue?.rescue_image_ref) body.rescue.rescue_image_ref = await imageOf(cloud);
  expectAccepted(sample, await send(asked, id, body));
  return null;
}

/** Where the samples' servers go, there is no host: here they go to one that is. */
/** Offloads a server whose cloud keeps shelved servers where they are. */
export function offload(asked: Asked): Promise<null> {
  return action({ ...asked, as: "padmin" }, SHELVE);
}

/** Sends the sample to a server that was deleted, and can come back. */
export async function restore(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const id = await cloud.create();
  await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
  await cloud.cloud.settled();
  expectAccepted(sample, await send(asked, id, sample.json));
  await cloud.cloud.settled();
  return null;
}

export async function unshelve(asked: Asked): Promise<null> {
  const { unshelve } = asked.sample.json;
  const json = {
    unshelve: {
      ...unshelve,
      ...(unshelve.availability_zone && { availability_zone: "nova" }),
      ...(unshelve.host && { host: "compute-1" }),
    },
  };
  const as = unshelve.host ? "padmin" : asked.as;
  return await action({ ...asked, as, sample: { ...asked.sample, json } }, SHELVE);
}

/** Sends a sample's rebuild to a server like the one that is answered with. */
async function sendRebuild(asked: Asked, request: Sample, like: Json): Promise<Answered> {
  const { cloud } = asked;
  const body = structuredClone(request.json);
  body.rebuild.imageRef = await imageOf(cloud);
  if (body.rebuild.key_name) await importKeyPair(cloud, body.rebuild.key_name);
  return await send(asked, await matching(cloud, like), body);
}

async function importKeyPair(cloud: TestCloud, name: string): Promise<void> {
  const [{ json }] = samplesOf("os-keypairs")
    .filter(({ file, path }) =>
      file === "keypairs-import-post-req.json" && path.includes("v2.2/")
    ) as [Sample];
  const body = { keypair: { name, public_key: json.keypair.public_key } };
  const { status } = await cloud.ask("member", "POST", "/v2.1/os-keypairs", { mv: "2.1", body });
  assert(status === 200 || status === 409);
}

export async function rebuildRequest(asked: Asked): Promise<null> {
  expectAccepted(asked.sample, await sendRebuild(asked, asked.sample, {}));
  return null;
}

export function rebuild(asked: Asked): Promise<Answered> {
  return sendRebuild(asked, requestOf(asked.sample), asked.sample.json.server);
}

export function administrators(asked: Asked): Promise<null> {
  return action({ ...asked, as: "padmin" });
}
