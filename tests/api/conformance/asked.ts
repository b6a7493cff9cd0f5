/** What a sample is asked about, and how: what all conversations share. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Answered, Role, TestCloud } from "../../kit/cloud.ts";
import { type Json, type Sample, samplesOf } from "../../kit/samples.ts";
import type { CloudName } from "./clouds.ts";
import { REFUSED } from "./exceptions.ts";

/** Asks what a sample is of; null: it is a request, and its answer has been looked at. */
export type Conversation = (asked: Asked) => Promise<Answered | null>;

export interface Asked {
  readonly cloud: TestCloud;
  readonly sample: Sample;
  /** As an administrator where the sample shows what only they see. */
  readonly as: Role;
  readonly mv: string;
}

/** Why a sample can be compared with nothing. */
type Never = `never: ${string}`;

/** Which file of which folder is of which operation, whatever its microversion, and where. */
export type Row = readonly [
  folder: string,
  file: string,
  row: Conversation | Never,
  where?: CloudName,
];

export function get({ cloud, as, mv }: Asked, path: string): Promise<Answered> {
  return cloud.ask(as, "GET", path, { mv });
}

export function administer({ cloud, mv }: Asked, method: string, path: string, body?: Json) {
  return cloud.ask("admin", method, `/v2.1${path}`, { mv, body });
}

export function send({ cloud, as, mv }: Asked, id: string, body: Json): Promise<Answered> {
  return cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { mv, body });
}

/** The answer to an action. */
export async function act(asked: Asked, body: Json): Promise<Answered> {
  return await send(asked, await asked.cloud.create(), body);
}

export async function actAll(
  cloud: TestCloud,
  id: string,
  actions: readonly Json[],
): Promise<void> {
  for (const body of actions) {
    const path = `/v2.1/servers/${id}/action`;
    const answered = await cloud.ask("member", "POST", path, { mv: "2.90", body });
    assert(answered.status < 300, answered.text);
    await cloud.cloud.settled();
  }
}

export function expectAccepted(sample: Sample, answered: Answered): void {
  const refusal = REFUSED[sample.path];
  if (!refusal) return assert(answered.status < 300, `${answered.status} ${answered.text}`);
  const [status, message] = refusal;
  assertEquals(answered.status, status, answered.text);
  const [fault] = Object.values(answered.json) as [{ readonly message: string }];
  assertMatch(fault.message, message);
}

/** Asks for what Nova has removed: 410 is all there is. */
export async function gone(asked: Asked, method: string, path: string): Promise<null> {
  const { cloud, as, mv, sample: { json } } = asked;
  const body = method === "GET" ? undefined : json;
  const answered = await cloud.ask(as, method, `/v2.1${path}`, { mv, body });
  assertEquals(answered.status, 410, answered.text);
  return null;
}

/** The answer, or nothing where the sample is a request. */
export function unlessRequest({ sample }: Asked, answered: Answered): Answered | null {
  expectAccepted(sample, answered);
  return sample.file.endsWith("-req.json") ? null : answered;
}

/** The request whose answer the sample is. */
export function requestFor({ resource, path }: Sample): Sample {
  return samplesOf(resource).find((one) => one.path === path.replace("-resp", "-req"))!;
}

/** The request of an answer whose file differs from it only by its end. */
export function requestOf({ resource, path }: Sample): Sample {
  return samplesOf(resource).find((one) => one.path === path.replace("-resp.", "."))!;
}
