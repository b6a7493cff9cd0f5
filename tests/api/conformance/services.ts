import type { Answered } from "../../kit/cloud.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

export function services(asked: Asked): Promise<Answered> {
  return administer(asked, "GET", "/os-services");
}

/** Changes a service as the sample, or its request, says; then all is as before. */
export async function updateService(asked: Asked, action: string): Promise<Answered | null> {
  const { sample, mv } = asked;
  const body = { ...requestFor(sample).json };
  if (body.host) body.host = "compute-1";
  const found = await administer({ ...asked, mv: "2.53" }, "GET", "/os-services?host=compute-1");
  const [{ id }] = found.json.services;
  const path = mv === "2.53" ? id : action;
  const answered = await administer(asked, "PUT", `/os-services/${path}`, body);
  const before = { status: "enabled", forced_down: false };
  await administer({ ...asked, mv: "2.53" }, "PUT", `/os-services/${id}`, before);
  return unlessRequest(asked, answered);
}

export function disableWithReason(asked: Asked): Promise<Answered | null> {
  return updateService(asked, "disable-log-reason");
}

export function forceDown(asked: Asked): Promise<Answered | null> {
  return updateService(asked, "force-down");
}
