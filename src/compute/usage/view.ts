/** What servers used in a period, by project; simple_tenant_usage.py. Pure. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Server } from "../servers/state.ts";
import { micros } from "../servers/view.ts";
import { microsecondsOf, type Period, timestampOf } from "./period.ts";

const MICROSECONDS_AN_HOUR = 3_600_000_000;

/** One server's use of the period, as Nova's JSON. */
export interface ServerUsage {
  readonly hours: number;
  readonly flavor: string;
  readonly instance_id: string;
  readonly name: string;
  readonly tenant_id: string;
  readonly memory_mb: number;
  readonly local_gb: number;
  readonly vcpus: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly state: string;
  /** Seconds since it was launched, or until it ended; whatever the period. */
  readonly uptime: number;
}

/** What a server that was launched used. */
export function usageOfServer({ id, state }: Versioned<Server>, period: Period): ServerUsage {
  const { flavor, launchedAt, terminatedAt } = state;
  const launched = microsecondsOf(launchedAt!);
  const ended = terminatedAt === null ? undefined : microsecondsOf(terminatedAt);
  const from = Math.max(launched, period.start);
  const until = Math.min(ended ?? period.stop, period.stop);
  return {
    hours: Math.max(until - from, 0) / MICROSECONDS_AN_HOUR,
    flavor: flavor.name,
    instance_id: id,
    name: state.name,
    tenant_id: state.projectId,
    memory_mb: flavor.ramMib,
    local_gb: flavor.diskGib + flavor.ephemeralGib,
    vcpus: flavor.vcpus,
    started_at: micros(launchedAt),
    ended_at: micros(terminatedAt),
    state: ended === undefined ? state.vmState : "terminated",
    uptime: Math.trunc(((ended ?? period.now) - launched) / 1_000_000),
  };
}

/** One project's use of the period, as Nova's JSON; with its servers where details are asked for. */
export function usageOfProject(
  projectId: string,
  servers: readonly ServerUsage[],
  period: Period,
  isDetailed: boolean,
): object {
  const total = (figure: (usage: ServerUsage) => number) =>
    servers.reduce((sum, usage) => sum + figure(usage) * usage.hours, 0);
  return {
    tenant_id: projectId,
    ...(isDetailed && { server_usages: servers }),
    total_local_gb_usage: total(({ local_gb }) => local_gb),
    total_vcpus_usage: total(({ vcpus }) => vcpus),
    total_memory_mb_usage: total(({ memory_mb }) => memory_mb),
    total_hours: total(() => 1),
    start: micros(timestampOf(period.start)),
    stop: micros(timestampOf(period.stop)),
  };
}
