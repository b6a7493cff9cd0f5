import type { Answered } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

/** Asks something of a new aggregate, which is then cleared away. */
export async function aggregate(
  asked: Asked,
  method: string,
  path: string,
  body?: Json,
  ...before: readonly Json[]
): Promise<Answered> {
  const name = crypto.randomUUID();
  const zone = { availability_zone: "london" };
  const made = await administer(asked, "POST", "/os-aggregates", { aggregate: { name, ...zone } });
  const own = `/os-aggregates/${made.json.aggregate.id}`;
  for (const action of before) await administer(asked, "POST", `${own}/action`, action);
  const answered = await administer(
    asked,
    method,
    path === "list" ? "/os-aggregates" : own + path,
    body,
  );
  await administer(asked, "POST", `${own}/action`, { remove_host: { host: "compute-1" } });
  await administer(asked, "DELETE", own);
  return answered;
}

export function listAggregates(asked: Asked): Promise<Answered> {
  return aggregate(asked, "GET", "list", undefined, { add_host: { host: "compute-1" } });
}

export async function createAggregate(asked: Asked): Promise<Answered | null> {
  const body = requestFor(asked.sample).json;
  const answered = await administer(asked, "POST", "/os-aggregates", body);
  await administer(asked, "DELETE", `/os-aggregates/${answered.json.aggregate.id}`);
  return unlessRequest(asked, answered);
}

export async function updateAggregate(asked: Asked): Promise<Answered | null> {
  return unlessRequest(asked, await aggregate(asked, "PUT", "", requestFor(asked.sample).json));
}

export async function addHost(asked: Asked): Promise<Answered | null> {
  const body = { add_host: { host: "compute-1" } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body));
}

export async function removeHost(asked: Asked): Promise<Answered | null> {
  const add = { add_host: { host: "compute-1" } };
  const body = { remove_host: { host: "compute-1" } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body, add));
}

export async function setAggregateMetadata(asked: Asked): Promise<Answered | null> {
  const body = { set_metadata: { metadata: { key: "value" } } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body));
}

export async function cacheImages(asked: Asked): Promise<Answered | null> {
  return unlessRequest(asked, await aggregate(asked, "POST", "/images", asked.sample.json));
}
