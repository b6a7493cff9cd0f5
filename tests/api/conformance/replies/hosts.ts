/** Replies about hosts, and what operators see of the whole cloud. */
import type { Asking } from "./asking.ts";

export async function hostReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-hosts";
  if (asking.minor > 42) return;
  const one = `${path}/compute-1`;
  await asking.reply("hosts list_hosts", "admin", "GET", path);
  await asking.reply("hosts get_host_detail", "admin", "GET", one);
  await asking.reply("hosts update_host", "admin", "PUT", one, { status: "enable" });
  await asking.reply("hosts reboot_host", "admin", "GET", `${one}/reboot`);
  await asking.reply("hosts shutdown_host", "admin", "GET", `${one}/shutdown`);
  await asking.reply("hosts startup_host", "admin", "GET", `${one}/startup`);
}

/** Tempest has no schemas for what 2.88 took away. */
export async function hypervisorReplies(asking: Asking): Promise<void> {
  const { minor } = asking;
  if (minor >= 88) return;
  const path = "/v2.1/os-hypervisors";
  const list = "hypervisors list_search_hypervisors";
  const servers = "hypervisors get_hypervisors_servers";
  const { json } = await asking.reply(list, "admin", "GET", path);
  const one = `${path}/${json.hypervisors[0].id}`;
  const detail = "hypervisors list_hypervisors_detail";
  await asking.reply(detail, "admin", "GET", `${path}/detail`);
  if (minor >= 33) await asking.reply(detail, "admin", "GET", `${path}/detail?limit=1`);
  await asking.reply("hypervisors get_hypervisor", "admin", "GET", one);
  await asking.reply("hypervisors get_hypervisor_statistics", "admin", "GET", `${path}/statistics`);
  await asking.reply("hypervisors get_hypervisor_uptime", "admin", "GET", `${one}/uptime`);
  const search = minor < 53 ? "/compute/search" : "?hypervisor_hostname_pattern=compute";
  await asking.reply(list, "admin", "GET", path + search);
  const withServers = minor < 53 ? "/compute/servers" : "?with_servers=true";
  await asking.reply(servers, "admin", "GET", path + withServers);
}

export async function aggregateReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-aggregates";
  const aggregate = { name: crypto.randomUUID(), availability_zone: "z" };
  const { json } = await asking.reply("aggregates create_aggregate", "admin", "POST", path, {
    aggregate,
  });
  const one = `${path}/${json.aggregate.id}`;
  const act = (schema: string, body: object) =>
    asking.reply(`aggregates ${schema}`, "admin", "POST", `${one}/action`, body);
  await act("aggregate_add_remove_host", { add_host: { host: "compute-4" } });
  await act("aggregate_set_metadata", { set_metadata: { metadata: { a: "b" } } });
  await asking.reply("aggregates list_aggregates", "admin", "GET", path);
  await asking.reply("aggregates get_aggregate", "admin", "GET", one);
  await asking.reply("aggregates update_aggregate", "admin", "PUT", one, {
    aggregate: { name: crypto.randomUUID() },
  });
  await act("aggregate_add_remove_host", { remove_host: { host: "compute-4" } });
  await asking.reply("aggregates delete_aggregate", "admin", "DELETE", one);
}

export async function serviceReplies(asking: Asking): Promise<void> {
  const { minor } = asking;
  const path = "/v2.1/os-services";
  const of = { host: "compute-1", binary: "nova-compute" };
  const put = (schema: string, at: string, body: object) =>
    asking.reply(`services ${schema}`, "admin", "PUT", `${path}/${at}`, body);
  const list = `${path}?host=compute-1`;
  const { json } = await asking.reply("services list_services", "admin", "GET", list);
  if (minor >= 53) {
    await put("update_service", json.services[0].id, { status: "enabled", forced_down: false });
    return;
  }
  await put("enable_disable_service", "disable", of);
  await put("disable_log_reason", "disable-log-reason", { ...of, disabled_reason: "why" });
  await put("enable_disable_service", "enable", of);
  if (minor < 11) return;
  await put("update_forced_down", "force-down", { ...of, forced_down: false });
}

export async function zoneReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-availability-zone";
  const schema = "availability_zone list_availability_zone_list";
  await asking.reply(schema, "reader", "GET", path);
  await asking.reply(`${schema}_detail`, "admin", "GET", `${path}/detail`);
}

export async function usageReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-simple-tenant-usage";
  const own = `${path}/${asking.cloud.projectIds.demo}`;
  const audit = "/v2.1/os-instance_usage_audit_log";
  const start = "start=2020-01-01T00:00:00";
  const list = "tenant_usages list_tenant_usage";
  await asking.reply(list, "admin", "GET", `${path}?${start}`);
  await asking.reply(list, "admin", "GET", `${path}?${start}&detailed=1&limit=1`);
  await asking.reply("tenant_usages get_tenant_usage", "reader", "GET", `${own}?${start}`);
  const log = "instance_usage_audit_logs";
  await asking.reply(`${log} list_instance_usage_audit_log`, "admin", "GET", audit);
  const before = `${audit}/2026-01-02 03:04:05`;
  await asking.reply(`${log} get_instance_usage_audit_log`, "admin", "GET", before);
}

export async function extensionReplies(asking: Asking): Promise<void> {
  await asking.reply("extensions list_extensions", "reader", "GET", "/v2.1/extensions");
}
