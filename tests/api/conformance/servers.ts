/** Servers like those of the samples: created, changed, shown and listed. */
import { assertEquals } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { actAll, type Asked, expectAccepted, get, requestFor } from "./asked.ts";
import { groupOf, imageOf } from "./furnish.ts";
import { volumesLike } from "./volumes.ts";

/** Makes a server that is shown as the sample shows one, where that can be brought about. */
export async function matching(cloud: TestCloud, shown: Json): Promise<string> {
  const userData = shown["OS-EXT-SRV-ATTR:user_data"];
  const certificates = shown.trusted_image_certificates;
  const asked = {
    name: shown.name ?? "new-server-test",
    imageRef: await imageOf(cloud),
    flavorRef: shown.flavor?.extra_specs?.["hw:numa_nodes"] ? "6" : "1",
    networks: "auto",
    "OS-DCF:diskConfig": shown["OS-DCF:diskConfig"] ?? "AUTO",
    accessIPv4: shown.accessIPv4 || "1.2.3.4",
    accessIPv6: shown.accessIPv6 || "80fe::",
    metadata: shown.metadata ?? {},
    ...(typeof shown.description === "string" && { description: shown.description }),
    ...(shown.tags && { tags: shown.tags }),
    ...(typeof userData === "string" && { user_data: userData }),
    ...(certificates && { trusted_image_certificates: certificates }),
    ...(shown.pinned_availability_zone && { availability_zone: "nova" }),
  };
  const volumes = await volumesLike(cloud, shown["os-extended-volumes:volumes_attached"] ?? []);
  const hints = { ...shown.scheduler_hints };
  if (shown.server_groups?.length > 0) hints.group = await groupOf(cloud);
  if (hints.same_host) hints.same_host = [await cloud.create()];
  // Beside other devices the image has to be named as the one that is booted.
  const root = {
    uuid: asked.imageRef,
    source_type: "image",
    destination_type: "local",
    boot_index: 0,
    delete_on_termination: true,
  };
  const block_device_mapping_v2 = [root, ...volumes];
  const server = { ...asked, ...(volumes.length > 0 && { block_device_mapping_v2 }) };
  const body = { server, "os:scheduler_hints": hints };
  const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.104", body });
  assertEquals(made.status, 202, made.text);
  await cloud.cloud.settled();
  const { id } = made.json.server;
  if (shown.locked) {
    const lock = { locked_reason: shown.locked_reason ?? undefined };
    await cloud.ask("member", "POST", `/v2.1/servers/${id}/action`, { mv: "2.73", body: { lock } });
  }
  return id;
}

/** Shows a server like the sample's, after these actions. */
export async function show(asked: Asked, ...actions: readonly Json[]): Promise<Answered> {
  const id = await matching(asked.cloud, asked.sample.json.server);
  await actAll(asked.cloud, id, actions);
  return get(asked, `/v2.1/servers/${id}`);
}

/** A page of one server, with a link where the sample has one. */
async function listOne(asked: Asked, path: string, query = ""): Promise<Answered> {
  const { cloud, sample: { json } } = asked;
  const { length } = json.servers;
  for (const server of json.servers) await matching(cloud, server);
  return get(asked, `${path}?${json.servers_links ? `limit=${length}&` : ""}${query}`);
}

export function list(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers");
}

export function detail(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers/detail");
}

export async function listOfErrors(asked: Asked): Promise<Answered> {
  await asked.cloud.create({ flavorRef: "huge" });
  return get(asked, "/v2.1/servers?limit=1&status=error");
}

export function listOfChanges(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers", changes());
}

export function detailOfChanges(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers/detail", changes());
}

/** From this very moment on: earlier samples' servers were deleted before. */
function changes(): string {
  return `changes-since=${new Date().toISOString()}&changes-before=2999-01-01T00:00:00Z`;
}

export async function ofServer(asked: Asked, path: string): Promise<Answered> {
  const id = await asked.cloud.create({ networks: "auto" });
  return get(asked, `/v2.1/servers/${id}${path}`);
}

/** Sends the sample as a create; what it refers to is replaced by what there is here. */
export async function createRequest(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const { server, ...hints } = structuredClone(sample.json);
  if (server.imageRef) server.imageRef = await cloud.imageId();
  if (server.availability_zone) server.availability_zone = "nova";
  if (server.host) server.host = "compute-1";
  if (server.hypervisor_hostname) server.hypervisor_hostname = "compute-1";
  for (const nic of [server.networks ?? []].flat()) {
    if (nic.uuid) nic.uuid = await cloud.networkId();
  }
  for (const device of server.block_device_mapping_v2 ?? []) {
    device.uuid = await cloud.imageId();
  }
  for (const hint of Object.values<Json>(hints)) {
    if (hint.group) hint.group = await groupOf(cloud);
  }
  const inName = /-v2(\d+)\.json$/.exec(sample.file)?.[1];
  const mv = inName === undefined ? asked.mv : `2.${inName}`;
  // A host may be named by administrators only.
  const as = server.host || server.hypervisor_hostname ? "padmin" : "member";
  const body = { server, ...hints };
  expectAccepted(sample, await cloud.ask(as, "POST", "/v2.1/servers", { mv, body }));
  return null;
}

export async function create({ cloud, mv }: Asked): Promise<Answered> {
  const { networks: _, ...rest } = await cloud.plain();
  const networks = Number(mv.split(".")[1]) >= 37 ? "auto" : [];
  const server = { ...rest, networks, "OS-DCF:diskConfig": "AUTO" };
  return await cloud.ask("member", "POST", "/v2.1/servers", { mv, body: { server } });
}

export async function createMany({ cloud, sample, mv }: Asked): Promise<Answered> {
  const request = requestFor(sample);
  const body = structuredClone(request.json);
  body.server.imageRef = await imageOf(cloud);
  return await cloud.ask("member", "POST", "/v2.1/servers", { mv, body });
}

export async function updateRequest({ cloud, sample, mv }: Asked): Promise<null> {
  const id = await cloud.create({ networks: "auto" });
  const body = sample.json;
  expectAccepted(
    sample,
    await cloud.ask("member", "PUT", `/v2.1/servers/${id}`, { mv, body }),
  );
  return null;
}

export async function update({ cloud, sample, as, mv }: Asked): Promise<Answered> {
  const request = requestFor(sample);
  const id = await matching(cloud, sample.json.server);
  return await cloud.ask(as, "PUT", `/v2.1/servers/${id}`, { mv, body: request.json });
}
