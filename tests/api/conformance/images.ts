import { assertEquals } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import { type Json, makeImage } from "../../kit/samples.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

/** In place of the samples' `nokernel` and `False`: the image service takes nothing but UUIDs. */
const KERNEL = "11111111-2222-4333-8444-555555555555";

const NAME = "fakeimage7";

/** An image as the samples have one. */
function sampleImage(cloud: TestCloud): Promise<string> {
  return makeImage(cloud, {
    name: NAME,
    architecture: "x86_64",
    auto_disk_config: "True",
    kernel_id: KERNEL,
    ramdisk_id: KERNEL,
  });
}

function withKernel(sample: Json): Json {
  const text = JSON.stringify(sample).replaceAll("nokernel", KERNEL);
  return JSON.parse(text.replaceAll('"kernel_id":"False"', `"kernel_id":"${KERNEL}"`));
}

/** One image, or those of that name. */
export async function images(asked: Asked, path: string): Promise<Answered> {
  const id = await sampleImage(asked.cloud);
  const query = asked.sample.json.images_links ? `?limit=1&name=${NAME}` : `?name=${NAME}`;
  const where = asked.sample.json.image ? `/${id}` : path + query;
  return await administer(asked, "GET", `/images${where}`);
}

/** Asks for metadata, or sends them; the answer is the sample's to the letter. */
export async function imageMetadata(asked: Asked, method: string, key = ""): Promise<null> {
  const id = await sampleImage(asked.cloud);
  const body = method === "GET" ? undefined : withKernel(requestFor(asked.sample).json);
  const answered = await administer(asked, method, `/images/${id}/metadata${key}`, body);
  assertEquals(answered.status, 200, answered.text);
  if (unlessRequest(asked, answered)) assertEquals(answered.json, withKernel(asked.sample.json));
  return null;
}
