/** /os-availability-zone: list, detail; nova/api/openstack/compute/availability_zone.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { noParameters } from "../../http/schema_parts.ts";
import type { Reader } from "../../store/query.ts";
import { listHosts } from "../hosts/projection.ts";

export interface ZonesDependencies {
  readonly reader: Reader;
}

/** The query strings of both operations. */
export const zonesQuerySchema = noParameters;

/** Puts the zones' endpoints on an app. */
export function zoneRoutes(app: Hono, endpoints: Endpoints, dependencies: ZonesDependencies): void {
  const query = zonesQuerySchema;
  app.get(
    "/os-availability-zone",
    endpoints.handler((request) => list(dependencies, request), { query }),
  );
  app.get(
    "/os-availability-zone/detail",
    endpoints.handler((request) => detail(dependencies, request), { query }),
  );
}

async function list({ reader }: ZonesDependencies, { caller }: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-availability-zone:list";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const zones = zonesOf(await computeServices(reader));
  return { status: 200, body: { availabilityZoneInfo: zones.map((zone) => view(zone, null)) } };
}

async function detail({ reader }: ZonesDependencies, { caller }: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-availability-zone:detail";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const compute = await computeServices(reader);
  const zones = [
    ...zonesOf(INTERNAL_SERVICES),
    ...zonesOf(compute),
  ].sort((one, other) => one.name < other.name ? -1 : 1);
  return {
    status: 200,
    body: { availabilityZoneInfo: zones.map((zone) => view(zone, hostsOf(zone.services))) },
  };
}

interface Service {
  readonly host: string;
  readonly binary: string;
  readonly zone: string;
  /** Time of the last sign of life; null where none is needed. */
  readonly updatedAt: string | null;
}

/** What schedules and conducts is this process itself: it lives while it answers. */
const INTERNAL_SERVICES: readonly Service[] = ["nova-conductor", "nova-scheduler"].map(
  (binary) => ({ host: "chronova", binary, zone: "internal", updatedAt: null }),
);

async function computeServices(reader: Reader): Promise<readonly Service[]> {
  return (await listHosts(reader)).map(({ name, state }) => ({
    host: name,
    binary: "nova-compute",
    zone: state.availabilityZone,
    // Without a zone, as Nova prints times that it does not look at.
    updatedAt: state.addedAt.replace("Z", ""),
  }));
}

interface Zone {
  readonly name: string;
  readonly services: readonly Service[];
}

function zonesOf(services: readonly Service[]): readonly Zone[] {
  const byZone = Map.groupBy(services, ({ zone }) => zone);
  return [...byZone].map(([name, services]) => ({ name, services }))
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

function view({ name }: Zone, hosts: object | null): object {
  return { zoneName: name, zoneState: { available: true }, hosts };
}

function hostsOf(services: readonly Service[]): object {
  const byHost = Map.groupBy(services, ({ host }) => host);
  return Object.fromEntries(
    [...byHost].map(([host, services]) => [
      host,
      Object.fromEntries(
        services.map(({ binary, updatedAt }) => [
          binary,
          { available: true, active: true, updated_at: updatedAt },
        ]),
      ),
    ]),
  );
}
