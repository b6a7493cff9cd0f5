/** /os-hosts, up to 2.42: list, show, update, power; nova/api/openstack/compute/hosts.py. */
import type { Hono } from "hono";
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import { listServices } from "../services/projection.ts";
import { notMapped, updateHostService } from "./decider.ts";
import { findHost, hosts, type KnownHost } from "./projection.ts";
import { serversOn, usageByHost, usageOf } from "./projection_usage.ts";
import { hostQuerySchema, listQuerySchema, updateSchema } from "./schemas.ts";
import { viewHost } from "./view.ts";

export interface HostsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
  /** Told of hosts that begin anew. */
  readonly hostStarts: { begin(host: string): void };
}

/** Puts the hosts' endpoints on an app. */
export function hostRoutes(app: Hono, endpoints: Endpoints, dependencies: HostsDependencies): void {
  const handler = endpoints.handler.bind(endpoints);
  const [until, query] = [42, () => hostQuerySchema];
  app.get(
    "/os-hosts",
    handler((request) => list(dependencies, request), { until, query: () => listQuerySchema }),
  );
  app.get(
    "/os-hosts/:name",
    handler((request) => show(dependencies, request), { until, query }),
  );
  app.put(
    "/os-hosts/:name",
    handler((request) => update(dependencies, request), { until, body: () => updateSchema }),
  );
  for (const [action, rule] of Object.entries(POWER_RULES)) {
    app.get(
      `/os-hosts/:name/${action}`,
      handler((request) => power(dependencies, request, { action, rule }), { until, query }),
    );
  }
}

const POWER_RULES = {
  reboot: "os_compute_api:os-hosts:reboot",
  shutdown: "os_compute_api:os-hosts:shutdown",
  startup: "os_compute_api:os-hosts:start",
} as const satisfies Readonly<Record<string, Rule>>;

function refuseUnless(rule: Rule, { caller }: NovaRequest): Fault | undefined {
  return refuseUnlessAllowed(rule, caller, caller.projectId);
}

/** Services that are enabled, each with its host. */
async function list({ reader, cell }: HostsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-hosts:list", request);
  if (refusal) return refusal;
  const wanted = request.query.getAll("zone").at(-1);
  const services = (await listServices(reader, cell))
    .filter(({ enabled, zone }) => enabled && (!wanted || zone === wanted));
  return {
    status: 200,
    body: {
      hosts: services.map(({ host, binary, zone }) => ({
        host_name: host,
        service: binary.slice("nova-".length),
        zone,
      })),
    },
  };
}

/** The host in the path: 403 by the rule, then 404 unless it is there; 500 out of reach. */
async function find(
  { reader, cell }: HostsDependencies,
  request: NovaRequest,
  rule: Rule,
): Promise<KnownHost | Fault> {
  const name = request.param("name");
  const refusal = refuseUnless(rule, request);
  if (refusal) return refusal;
  const found = await findHost(reader, { name });
  if (!found) return fault(404, notMapped(name));
  return cell.isDown ? CELL_OUT_OF_REACH : found;
}

async function show(dependencies: HostsDependencies, request: NovaRequest): Promise<Outcome> {
  const found = await find(dependencies, request, "os_compute_api:os-hosts:show");
  if (isFault(found)) return found;
  const { reader } = dependencies;
  const { name, state } = found;
  const used = usageOf(await usageByHost(reader), name);
  const host = viewHost(name, {
    total: amount(state),
    used: amount(used),
    servers: (await serversOn(reader, name)).map(({ state: { projectId, flavor } }) => ({
      projectId,
      ...amount({ ...flavor, diskGib: flavor.diskGib + flavor.ephemeralGib }),
    })),
  });
  return { status: 200, body: { host } };
}

function amount({ vcpus, ramMib, diskGib }: {
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
}) {
  return { cpu: vcpus, memory_mb: ramMib, disk_gb: diskGib };
}

/**
 * Enables or disables a host; a maintenance window begins and ends without anything to do, as on
 * Nova's own simulated hypervisor (nova/virt/fake.py).
 */
async function update(dependencies: HostsDependencies, request: NovaRequest): Promise<Outcome> {
  const found = await find(dependencies, request, "os_compute_api:os-hosts:update");
  if (isFault(found)) return found;
  const asked = request.body as { readonly status?: string; readonly maintenance_mode?: string };
  const isOn = (word: string) => word.toLowerCase() === "enable";
  const { status, maintenance_mode: maintenance } = asked;
  if (status !== undefined) {
    const refusal = await enable(dependencies, request, found.name, isOn(status));
    if (refusal) return refusal;
  }
  return {
    status: 200,
    body: {
      host: found.name,
      ...(status !== undefined && { status: isOn(status) ? "enabled" : "disabled" }),
      ...(maintenance !== undefined && {
        maintenance_mode: isOn(maintenance) ? "on_maintenance" : "off_maintenance",
      }),
    },
  };
}

async function enable(
  { committer }: HostsDependencies,
  request: NovaRequest,
  host: string,
  enabled: boolean,
): Promise<Fault | undefined> {
  const command = { type: "UpdateHostService", host, enabled } as const;
  const metadata = metadataOf(request, command.type);
  const outcome = await handle(
    committer,
    hosts,
    host,
    metadata,
    (state) => updateHostService(command, state),
  );
  if (isRejection(outcome)) return faultOf(outcome);
}

/**
 * A simulated host does not change by it (nova/virt/fake.py, `host_power_action`), but one that is
 * rebooted or started has its service begin anew.
 */
async function power(
  dependencies: HostsDependencies,
  request: NovaRequest,
  { action, rule }: { readonly action: string; readonly rule: Rule },
): Promise<Outcome> {
  const found = await find(dependencies, request, rule);
  if (isFault(found)) return found;
  if (action !== "shutdown") dependencies.hostStarts.begin(found.name);
  return { status: 200, body: { host: found.name, power_action: action } };
}
