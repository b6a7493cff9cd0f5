/** What each simulated history begins with. */
import { TestCloud } from "../kit/cloud.ts";
import { crashImage } from "../processes/crash_image.ts";
import type { FakeTime } from "./fake_time.ts";
import { QUOTA, SETTINGS, type Surroundings } from "./simulated_cloud.ts";

/** A new cloud's folder, to be copied for each history. */
export async function seedFolder(
  { clock }: FakeTime,
  parent: string,
): Promise<Omit<Surroundings, "time" | "parent">> {
  const folder = await Deno.makeTempDir({ dir: parent });
  const cloud = await TestCloud.open({ folder, clock, settings: SETTINGS });
  await cloud.limit(QUOTA);
  const imageId = await cloud.imageId();
  const networkId = await cloud.networkId();
  const volumeIds: string[] = [];
  for (let n = 0; n < 3; n++) volumeIds.push(await makeVolume(cloud));
  const groupIds: string[] = [];
  for (const policy of POLICIES) groupIds.push(await makeGroup(cloud, policy));
  const { json } = await cloud.ask("admin", "GET", "/v2.1/os-services?binary=nova-compute", {
    mv: "2.90",
  });
  const services: readonly { readonly id: string; readonly host: string }[] = json.services;
  await cloud.close();
  const seeded = crashImage(folder, parent);
  return {
    ...{ seeded, imageId, networkId, volumeIds, groupIds },
    serviceIds: services.map(({ id }) => id),
    hosts: services.map(({ host }) => host),
  };
}

/** Policies of the server groups there are. */
const POLICIES = ["anti-affinity", "affinity"] as const;

async function makeVolume(cloud: TestCloud): Promise<string> {
  const body = { volume: { size: 1 } };
  return (await cloud.ask("member", "POST", "/volume/v3/volumes", { body })).json.volume.id;
}

async function makeGroup(cloud: TestCloud, policy: string): Promise<string> {
  const body = { server_group: { name: policy, policy } };
  const made = await cloud.ask("member", "POST", "/v2.1/os-server-groups", { mv: "2.90", body });
  return made.json.server_group.id;
}
