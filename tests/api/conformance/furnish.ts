/** What the clouds of these tests hold beforehand, and how they are emptied. */
import { assertEquals } from "@std/assert";
import type { TestCloud } from "../../kit/cloud.ts";
import { makeFlavor, makeImage } from "../../kit/samples.ts";
import { removeVolumes } from "./volumes.ts";

/** Flavors and an image as the samples have them. */
export async function furnish(cloud: TestCloud): Promise<void> {
  await cloud.limit({ instances: -1, cores: -1, ram: -1 });
  await makeFlavor(cloud, "6", { extraSpecs: { "hw:numa_nodes": "1" } });
  await makeFlavor(cloud, "7", {
    description: "test description",
    extraSpecs: { "hw:cpu_policy": "shared", "hw:numa_nodes": "1" },
  });
  await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
}

/** Deletes servers and volumes, for good. */
export async function tidyUp(cloud: TestCloud): Promise<void> {
  const { json } = await cloud.ask("padmin", "GET", "/v2.1/servers");
  for (const { id } of json.servers) await cloud.ask("padmin", "DELETE", `/v2.1/servers/${id}`);
  await cloud.cloud.settled();
  await removeVolumes(cloud);
}

const imageIds = new WeakMap<TestCloud, Promise<string>>();

/** The image with the properties that samples show. */
export function imageOf(cloud: TestCloud): Promise<string> {
  let id = imageIds.get(cloud);
  if (!id) {
    id = makeImage(cloud, { name: "tiny", architecture: "x86_64", auto_disk_config: "True" });
    imageIds.set(cloud, id);
  }
  return id;
}

/** A new server group, for one server to be in. */
export async function groupOf(cloud: TestCloud): Promise<string> {
  const body = { server_group: { name: "group", policy: "soft-affinity" } };
  const made = await cloud.ask("member", "POST", "/v2.1/os-server-groups", { mv: "2.64", body });
  assertEquals(made.status, 200, made.text);
  return made.json.server_group.id;
}
