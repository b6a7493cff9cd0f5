/** What servers tell of themselves, and their history. */
import type { Answered } from "../../kit/cloud.ts";
import { makeFlavor } from "../../kit/samples.ts";
import { actAll, administer, type Asked, expectAccepted } from "./asked.ts";

/** A server that asks for two NUMA nodes. */
async function numaServer({ cloud }: Asked): Promise<string> {
  const id = crypto.randomUUID();
  await makeFlavor(cloud, id, {
    name: id,
    vcpus: 4,
    ramMib: 512,
    extraSpecs: { "hw:numa_nodes": "2", "hw:cpu_policy": "dedicated", "hw:mem_page_size": "4" },
  });
  return await cloud.create({ flavorRef: id });
}

export async function topology(asked: Asked): Promise<Answered> {
  const { cloud, mv, sample } = asked;
  const path = `/v2.1/servers/${await numaServer(asked)}/topology`;
  const as = sample.file.includes("user") ? "reader" : "admin";
  return await cloud.ask(as, "GET", path, { mv });
}

export async function diagnostics(asked: Asked): Promise<Answered> {
  const id = await asked.cloud.create({ networks: "auto", config_drive: true });
  const answered = await administer(asked, "GET", `/servers/${id}/diagnostics`);
  // Below 2.48 keys begin with the names of devices; that of the sample has another nic.
  const keys = Object.entries(answered.json).map(([key, value]) => [
    key.replace(/^tap[^_]+/, "vnet1"),
    value,
  ]);
  return { ...answered, json: Object.fromEntries(keys) };
}

/** Asks for the history of a server that was stopped, as who sees what the sample shows. */
async function history(asked: Asked, query: (stop: string) => string): Promise<Answered> {
  const { cloud, mv, sample } = asked;
  const id = await cloud.create();
  await actAll(cloud, id, [{ "os-stop": null }]);
  const path = `/v2.1/servers/${id}/os-instance-actions`;
  const { json: { instanceActions: [{ request_id }] } } = await cloud.ask("member", "GET", path);
  const as = sample.file.includes("non-admin") ? "member" : "padmin";
  return await cloud.ask(as, "GET", path + query(request_id), { mv });
}

export function instanceAction(asked: Asked): Promise<Answered> {
  return history(asked, (stop) => `/${stop}`);
}

export function instanceActions(asked: Asked, query = ""): Promise<Answered> {
  return history(asked, () => query);
}

export function instanceActionsAfter(asked: Asked): Promise<Answered> {
  return history(asked, (stop) => `?marker=${stop}`);
}

/** Sends the sample for a server that was stopped, as shares ask for. */
export async function shareRequest(asked: Asked): Promise<null> {
  const { cloud, as, mv, sample } = asked;
  const id = await cloud.create();
  await actAll(cloud, id, [{ "os-stop": null }]);
  const path = `/v2.1/servers/${id}/shares`;
  expectAccepted(sample, await cloud.ask(as, "POST", path, { mv, body: sample.json }));
  return null;
}
