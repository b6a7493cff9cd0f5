import type { Answered } from "../../kit/cloud.ts";
import { type Json, type Sample, samplesOf } from "../../kit/samples.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

const PATH = "/os-keypairs";

/** Makes, or imports, the key pair of the sample, or of its request. */
export async function createKeyPair(asked: Asked): Promise<Answered | null> {
  const body = requestFor(asked.sample).json;
  const answered = await administer(asked, "POST", PATH, body);
  const { name, user_id } = body.keypair;
  await removeKeyPair(asked, name, user_id);
  return unlessRequest(asked, answered);
}

async function removeKeyPair(asked: Asked, name: string, user?: string): Promise<void> {
  const query = user ? `?user_id=${user}` : "";
  await administer(asked, "DELETE", `${PATH}/${encodeURIComponent(name)}${query}`);
}

/** The key pairs, or the one, of a sample; a full page has a link to the next. */
export async function keyPairs(asked: Asked, query = ""): Promise<Answered> {
  const { json: { keypair, keypairs, keypairs_links } } = asked.sample;
  const { name, type } = keypair ?? keypairs[0].keypair;
  const body = { keypair: { name, ...(type && { type }), public_key: publicKey() } };
  await administer(asked, "POST", PATH, body);
  const path = keypair ? `/${name}` : keypairs_links ? `?limit=1${query}` : "";
  const answered = await administer(asked, "GET", PATH + path);
  await removeKeyPair(asked, name);
  return answered;
}

/** The key of the sample that imports one. */
export function publicKey(): string {
  const path = "os-keypairs/keypairs-import-post-req.json";
  const sample: Sample = samplesOf("os-keypairs").find((one) => one.path === path)!;
  return (sample.json as Json).keypair.public_key;
}
