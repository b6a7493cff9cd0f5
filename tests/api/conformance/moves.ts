/** Servers that go to another host, and the migrations that tell of it. */
import { assertEquals } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { RESIZE } from "./actions.ts";
import { actAll, type Asked, expectAccepted, send } from "./asked.ts";
import { heldMovesOf } from "./clouds.ts";

/** Hosts of samples are those of another cloud: a real one stands for each. */
export async function moveRequest({ cloud, sample, mv }: Asked): Promise<null> {
  const asked = { cloud, sample, as: "padmin", mv } as const;
  const id = await cloud.create();
  const body = structuredClone(sample.json);
  for (const value of Object.values(body) as Json[]) {
    if (value?.host) value.host = await otherHost(cloud, id);
  }
  expectAccepted(sample, await send(asked, id, body));
  await cloud.cloud.settled();
  return null;
}

export async function hostOf(cloud: TestCloud, id: string): Promise<string> {
  const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/${id}`);
  return json.server["OS-EXT-SRV-ATTR:host"];
}

async function otherHost(cloud: TestCloud, id: string): Promise<string> {
  return await hostOf(cloud, id) === "compute-1" ? "compute-2" : "compute-1";
}

async function forceDown(cloud: TestCloud, host: string, forced_down: boolean): Promise<void> {
  const body = { host, binary: "nova-compute", forced_down };
  const path = "/v2.1/os-services/force-down";
  const answered = await cloud.ask("admin", "PUT", path, { mv: "2.52", body });
  assertEquals(answered.status, 200, answered.text);
}

/** Says of a host that it is down: its servers can be evacuated. */
export function takeDown(cloud: TestCloud, host: string): Promise<void> {
  return forceDown(cloud, host, true);
}

/** Starts a host anew, for which what was evacuated from it is cleared away. */
export async function bringUp(cloud: TestCloud, host: string): Promise<void> {
  await cloud.cloud.settled();
  await cloud.ask("admin", "GET", `/v2.1/os-hosts/${host}/reboot`);
  await cloud.cloud.settled();
  await forceDown(cloud, host, false);
}

export async function evacuation({ cloud, sample, mv }: Asked): Promise<Answered | null> {
  const asked = { cloud, sample, as: "padmin", mv } as const;
  const id = await cloud.create();
  const isRequest = "evacuate" in sample.json;
  const body = isRequest ? structuredClone(sample.json) : EVACUATE;
  if (body.evacuate.host) body.evacuate.host = await otherHost(cloud, id);
  const host = await hostOf(cloud, id);
  await takeDown(cloud, host);
  const answered = await send(asked, id, body);
  await bringUp(cloud, host);
  if (!isRequest) return answered;
  expectAccepted(sample, answered);
  return null;
}

const EVACUATE = { evacuate: { onSharedStorage: "False", adminPass: "MySecretPass" } };

/** Asks of a live migration that is under way, or has it end. */
export async function underWay(asked: Asked): Promise<Answered | null> {
  const { cloud, sample, mv } = asked;
  const moves = heldMovesOf(cloud);
  const id = await cloud.create();
  const live = { "os-migrateLive": { host: null, block_migration: "auto" } };
  await send({ ...asked, as: "padmin", mv: "2.90" }, id, live);
  await moves.begun;
  const path = `/v2.1/servers/${id}/migrations`;
  const all = await cloud.ask("padmin", "GET", path, { mv: "2.90" });
  const one = `${path}/${all.json.migrations[0].id}`;
  const isRequest = sample.file === "force_complete.json";
  const answered = isRequest
    ? await cloud.ask("padmin", "POST", `${one}/action`, { mv, body: sample.json })
    : await cloud.ask("padmin", "GET", sample.json.migrations ? path : one, { mv });
  moves.goOn();
  await cloud.cloud.settled();
  expectAccepted(sample, answered);
  return isRequest ? null : answered;
}

/** Two migrations of one server, of which none is under way. */
export async function migrations({ cloud, mv }: Asked, query = ""): Promise<Answered> {
  const id = await cloud.create();
  await actAll(cloud, id, [RESIZE, { confirmResize: null }, { resize: { flavorRef: "3" } }]);
  const path = `/v2.1/os-migrations?instance_uuid=${id}${query}`;
  return await cloud.ask("admin", "GET", path, { mv });
}

export function firstMigration(asked: Asked): Promise<Answered> {
  return migrations(asked, "&limit=1");
}
