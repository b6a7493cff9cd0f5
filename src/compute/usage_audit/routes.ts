/**
 * /os-instance_usage_audit_log: list, show; nova/api/openstack/compute/instance_usage_audit_log.py.
 *
 * As in a Nova with `instance_usage_audit` off, its default: no host has run an audit.
 */
import type { Hono } from "hono";
import type { Clock } from "../../eventsourcing/clock.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { noParameters } from "../../http/schema_parts.ts";
import type { Reader } from "../../store/query.ts";
import { listHosts } from "../hosts/projection.ts";
import { type AuditPeriod, lastWholeMonth, readMoment } from "./period.ts";

export interface UsageAuditDependencies {
  readonly reader: Reader;
  readonly clock: Clock;
}

/** The query strings of both operations. */
export const usageAuditQuerySchema = noParameters;

/** Puts the usage audit's endpoints on an app. */
export function usageAuditRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: UsageAuditDependencies,
): void {
  const query = usageAuditQuerySchema;
  app.get(
    "/os-instance_usage_audit_log",
    endpoints.handler((request) => list(dependencies, request), { query }),
  );
  app.get(
    "/os-instance_usage_audit_log/:before",
    endpoints.handler((request) => show(dependencies, request), { query }),
  );
}

async function list(
  { reader, clock }: UsageAuditDependencies,
  { caller }: NovaRequest,
): Promise<Outcome> {
  const rule = "os_compute_api:os-instance-usage-audit-log:list";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const instance_usage_audit_logs = await logOf(reader, lastWholeMonth(clock())!);
  return { status: 200, body: { instance_usage_audit_logs } };
}

async function show(
  { reader }: UsageAuditDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller } = request;
  const rule = "os_compute_api:os-instance-usage-audit-log:show";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const text = request.param("before");
  const before = readMoment(text);
  const period = before === undefined ? undefined : lastWholeMonth(before);
  if (!period) return fault(400, `Invalid timestamp for date ${text}`);
  return { status: 200, body: { instance_usage_audit_log: await logOf(reader, period) } };
}

async function logOf(reader: Reader, { begin, end }: AuditPeriod): Promise<object> {
  const hosts = (await listHosts(reader)).map(({ name }) => name);
  return {
    period_beginning: begin,
    period_ending: end,
    num_hosts: hosts.length,
    num_hosts_done: 0,
    num_hosts_running: 0,
    num_hosts_not_run: hosts.length,
    hosts_not_run: hosts,
    total_instances: 0,
    total_errors: 0,
    overall_status: `${hosts.length === 0 ? "ALL" : `0 of ${hosts.length}`} hosts done. 0 errors.`,
    log: {},
  };
}
