/** Hypervisors as Nova's JSON, by microversion; nova/api/openstack/compute/hypervisors.py. */
import type { Minor } from "../../http/microversions.ts";
import { cpuInfoOf, HYPERVISOR } from "../hosts/hypervisor.ts";
import { instanceNameOf } from "../servers/view.ts";

/** A hypervisor, as far as it is shown. */
export interface Hypervisor {
  /** Id of its compute node: a number below 2.53, then a UUID; the same of its service. */
  readonly id: number | string;
  readonly serviceId: number | string;
  readonly host: string;
  readonly node: string;
  readonly up: boolean;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  readonly usage: HypervisorUsage;
  /** As `uptime` prints it; null for a host that is down. */
  readonly uptime: string | null;
  /** The servers on it, when they are wanted. */
  readonly servers?: readonly { readonly id: string; readonly number: number }[];
}

export interface HypervisorUsage {
  readonly servers: number;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  readonly tasks: number;
}

/** A hypervisor in `GET /os-hypervisors` and the like. */
export function viewShort(hypervisor: Hypervisor, minor: Minor): object {
  return {
    id: hypervisor.id,
    hypervisor_hostname: hypervisor.node,
    state: hypervisor.up ? "up" : "down",
    status: hypervisor.enabled ? "enabled" : "disabled",
    ...serversOf(hypervisor, minor),
  };
}

/** Below 2.75 the key is left out when there are none. */
function serversOf({ servers }: Hypervisor, minor: Minor): object {
  if (!servers || (servers.length === 0 && minor < 75)) return {};
  return { servers: servers.map(({ id, number }) => ({ name: instanceNameOf(number), uuid: id })) };
}

/** A hypervisor with all that is known of it: figures below 2.88, the time it is up from then on. */
export function viewHypervisor(hypervisor: Hypervisor, minor: Minor): object {
  return {
    ...viewShort(hypervisor, minor),
    hypervisor_type: HYPERVISOR.type,
    hypervisor_version: HYPERVISOR.version,
    host_ip: HYPERVISOR.address,
    service: {
      id: hypervisor.serviceId,
      host: hypervisor.host,
      disabled_reason: hypervisor.disabledReason,
    },
    ...(minor >= 88 ? { uptime: hypervisor.uptime } : {
      ...figuresOf(hypervisor),
      cpu_info: cpuInfo(hypervisor.vcpus, minor),
    }),
  };
}

/** Below 2.28 a text. */
function cpuInfo(vcpus: number, minor: Minor): object | string {
  const info = cpuInfoOf(vcpus);
  return minor >= 28 ? info : JSON.stringify(info);
}

function figuresOf({ vcpus, ramMib, diskGib, usage }: Hypervisor) {
  return {
    vcpus,
    memory_mb: ramMib,
    local_gb: diskGib,
    vcpus_used: usage.vcpus,
    memory_mb_used: usage.ramMib,
    local_gb_used: usage.diskGib,
    free_ram_mb: ramMib - usage.ramMib,
    free_disk_gb: diskGib - usage.diskGib,
    current_workload: usage.tasks,
    running_vms: usage.servers,
    disk_available_least: diskGib - usage.diskGib,
  };
}

/** `GET /os-hypervisors/statistics`: sums over hypervisors that are enabled. */
export function viewStatistics(hypervisors: readonly Hypervisor[]): object {
  const enabled = hypervisors.filter((hypervisor) => hypervisor.enabled).map(figuresOf);
  const sum = (name: keyof ReturnType<typeof figuresOf>) =>
    enabled.reduce((total, figures) => total + figures[name], 0);
  return {
    count: enabled.length,
    vcpus: sum("vcpus"),
    memory_mb: sum("memory_mb"),
    local_gb: sum("local_gb"),
    vcpus_used: sum("vcpus_used"),
    memory_mb_used: sum("memory_mb_used"),
    local_gb_used: sum("local_gb_used"),
    free_ram_mb: sum("free_ram_mb"),
    free_disk_gb: sum("free_disk_gb"),
    current_workload: sum("current_workload"),
    running_vms: sum("running_vms"),
    disk_available_least: sum("disk_available_least"),
  };
}

const MINUTE_MS = 60_000;

/**
 * How long a host is up, in the words of `uptime(1)`: ` 08:32:11 up 93 days, 18:25, 0 users, …`.
 *
 * Times are in milliseconds since 1970. Nobody logs in to a simulated host, and it has no load.
 */
export function uptimeText(sinceMs: number, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - sinceMs) / MINUTE_MS));
  const days = Math.floor(minutes / (24 * 60));
  const hours = Math.floor(minutes / 60) % 24;
  const rest = minutes % 60;
  const parts = [
    ...(days > 0 ? [days === 1 ? "1 day" : `${days} days`] : []),
    hours > 0 ? `${String(hours).padStart(2)}:${String(rest).padStart(2, "0")}` : `${rest} min`,
  ];
  const clock = new Date(nowMs).toISOString().slice(11, 19);
  return ` ${clock} up ${parts.join(", ")},  0 users,  load average: 0.00, 0.00, 0.00`;
}
