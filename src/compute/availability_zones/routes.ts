/** /os-availability-zone: list, detail; nova/api/openstack/compute/availability_zone.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { noParameters } from "../../http/schema_parts.ts";
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import { listServices } from "../services/projection.ts";
import { INTERNAL_ZONE, type Service } from "../services/state.ts";

export interface ZonesDependencies {
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
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

async function list(
  { reader, cell }: ZonesDependencies,
  { caller }: NovaRequest,
): Promise<Outcome> {
  const rule = "os_compute_api:os-availability-zone:list";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const zones = zonesOf(await listServices(reader, cell))
    .filter(({ name }) => name !== INTERNAL_ZONE)
    .map((zone) => view(zone, null));
  return { status: 200, body: { availabilityZoneInfo: zones } };
}

async function detail(
  { reader, cell }: ZonesDependencies,
  { caller }: NovaRequest,
): Promise<Outcome> {
  const rule = "os_compute_api:os-availability-zone:detail";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const zones = zonesOf(await listServices(reader, cell))
    .map((zone) => view(zone, isAvailable(zone) ? hostsOf(zone.enabled) : null));
  return { status: 200, body: { availabilityZoneInfo: zones } };
}

interface Zone {
  readonly name: string;
  /** Its services that take new servers. */
  readonly enabled: readonly Service[];
}

/** By name, those that are available first. */
function zonesOf(services: readonly Service[]): readonly Zone[] {
  const byZone = Map.groupBy(services, ({ zone }) => zone);
  return [...byZone]
    .map(([name, all]) => ({ name, enabled: all.filter(({ enabled }) => enabled) }))
    .sort((one, other) =>
      Number(isAvailable(other)) - Number(isAvailable(one)) || (one.name < other.name ? -1 : 1)
    );
}

function isAvailable({ enabled }: Zone): boolean {
  return enabled.length > 0;
}

function view(zone: Zone, hosts: object | null): object {
  return { zoneName: zone.name, zoneState: { available: isAvailable(zone) }, hosts };
}

function hostsOf(services: readonly Service[]): object {
  const byHost = Map.groupBy(services, ({ host }) => host);
  return Object.fromEntries(
    [...byHost].map(([host, services]) => [
      host,
      Object.fromEntries(
        services.map(({ binary, enabled, up, changedAt }) => [
          binary,
          // Without a zone, as Nova prints times that it does not look at.
          { available: up, active: enabled, updated_at: changedAt?.replace("Z", "") ?? null },
        ]),
      ),
    ]),
  );
}
