/** Metadata and tags of servers. */
import { assertEquals } from "@std/assert";
import type { Answered } from "../../kit/cloud.ts";
import type { Asked } from "./asked.ts";

/** The same body for the answer: `POST` and `PUT` repeat what was sent. */
export async function metadata({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const path = `/v2.1/servers/${id}/metadata`;
  const body = sample.json;
  await cloud.ask("member", "POST", path, { mv, body: { metadata: { earlier: "x" } } });
  await cloud.ask("member", "PUT", path, { mv, body });
  assertEquals((await cloud.ask("member", "GET", path, { mv })).json, body);
  return await cloud.ask("member", "POST", path, { mv, body });
}

export async function metadataItem({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const path = `/v2.1/servers/${id}/metadata/foo`;
  const put = await cloud.ask("member", "PUT", path, { mv, body: sample.json });
  assertEquals(put.json, sample.json, put.text);
  return await cloud.ask("member", "GET", path, { mv });
}

export async function tags({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create({ tags: sample.json.tags });
  return await cloud.ask("member", "GET", `/v2.1/servers/${id}/tags`, { mv });
}

export async function putTags({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const body = sample.json;
  return await cloud.ask("member", "PUT", `/v2.1/servers/${id}/tags`, { mv, body });
}
