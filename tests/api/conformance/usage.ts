/** What projects have used, and whether hosts have told of it. */
import type { Answered } from "../../kit/cloud.ts";
import { administer, type Asked } from "./asked.ts";

/** The usage of one server, from the next moment on: earlier samples' servers are gone by then. */
export async function usage(asked: Asked): Promise<Answered> {
  const { cloud, sample: { json, file } } = asked;
  const start = new Date(Date.now() + 1).toISOString().slice(0, -1);
  await cloud.create();
  const query = new URLSearchParams({ start });
  if (json.tenant_usage_links || json.tenant_usages_links) query.set("limit", "1");
  if (json.tenant_usages?.[0].server_usages) query.set("detailed", "1");
  const one = file.includes("specific") ? `/${cloud.projectIds.demo}` : "";
  return await administer(asked, "GET", `/os-simple-tenant-usage${one}?${query}`);
}

export function usageAudit(asked: Asked, path = ""): Promise<Answered> {
  return administer(asked, "GET", `/os-instance_usage_audit_log${path}`);
}
