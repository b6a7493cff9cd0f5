/** Hosts and availability zones. */
import type { Answered } from "../../kit/cloud.ts";
import type { Json } from "../../kit/samples.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

export function zones(asked: Asked, path: string): Promise<Answered> {
  return administer(asked, "GET", `/os-availability-zone${path}`);
}

export function host(asked: Asked, method: string, path: string, body?: Json): Promise<Answered> {
  return administer(asked, method, `/os-hosts${path}`, body);
}

export async function maintainHost(asked: Asked): Promise<Answered | null> {
  const body = requestFor(asked.sample).json;
  return unlessRequest(asked, await host(asked, "PUT", "/compute-1", body));
}
