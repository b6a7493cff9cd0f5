/** Limits and quotas. */
import type { Answered } from "../../kit/cloud.ts";
import { administer, type Asked, requestFor, unlessRequest } from "./asked.ts";

/** Shows, or sets as the sample's request says. */
async function quota(asked: Asked, path: string): Promise<Answered | null> {
  const isUpdate = asked.sample.file.includes("-update-");
  return isUpdate
    ? unlessRequest(asked, await administer(asked, "PUT", path, requestFor(asked.sample).json))
    : await administer(asked, "GET", path);
}

/** Of a project in which no other sample makes servers. */
export function quotaSet(asked: Asked, path = ""): Promise<Answered | null> {
  return quota(asked, `/os-quota-sets/${asked.cloud.projectIds.other}${path}`);
}

export function userQuotaSet(asked: Asked): Promise<Answered | null> {
  return quotaSet(asked, "?user_id=1");
}

export function quotaClass(asked: Asked): Promise<Answered | null> {
  return quota(asked, "/os-quota-class-sets/test");
}
