import type { Answered } from "../../kit/cloud.ts";
import { type Sample, samplesOf } from "../../kit/samples.ts";
import { type Asked, requestFor, unlessRequest } from "./asked.ts";

/** In whose project no other sample makes groups. */
const as = "stranger";

const PATH = "/v2.1/os-server-groups";

/** Makes a group as the sample, or its request, says. */
export async function createGroup(asked: Asked): Promise<Answered | null> {
  const answered = await makeGroup(asked, requestFor(asked.sample));
  await remove(asked, answered);
  return unlessRequest(asked, answered);
}

async function makeGroup({ cloud, mv }: Asked, { json }: Sample): Promise<Answered> {
  return await cloud.ask(as, "POST", PATH, { mv, body: json });
}

async function remove({ cloud }: Asked, { json }: Answered): Promise<void> {
  await cloud.ask(as, "DELETE", `${PATH}/${json.server_group.id}`);
}

/** Makes the group of the same microversion, and asks for it, or for all. */
export async function groups(asked: Asked): Promise<Answered> {
  const { cloud, sample, mv } = asked;
  const request = samplesOf("os-server-groups")
    .find((one) => one.mv === mv && one.file === "server-groups-post-req.json")!;
  const made = await makeGroup(asked, request);
  const path = sample.json.server_groups ? PATH : `${PATH}/${made.json.server_group.id}`;
  const answered = await cloud.ask(as, "GET", path, { mv });
  await remove(asked, made);
  return answered;
}
