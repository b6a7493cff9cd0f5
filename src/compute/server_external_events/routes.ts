/**
 * /os-server-external-events: create; nova/api/openstack/compute/server_external_events.py.
 *
 * What other services tell of servers: the networks' of ports, the volumes' of their size, and
 * whatever runs bare machines of their power.
 */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import {
  type LoseInterface,
  loseInterface,
  type RecordVolumeExtended,
  recordVolumeExtended,
  type UpdateServerPower,
  updateServerPower,
} from "../servers/decide/mod.ts";
import { placesOfServers } from "../servers/projection.ts";
import type { ServersService } from "../servers/service.ts";
import { type AskedEvent, createSchema } from "./schemas.ts";

/** Puts the endpoint of external events on an app. */
export function serverExternalEventRoutes(
  app: Hono,
  endpoints: Endpoints,
  servers: ServersService,
): void {
  app.post(
    "/os-server-external-events",
    endpoints.handler((request) => create(servers, request), { body: createSchema }),
  );
}

async function create(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const { caller } = request;
  const rule = "os_compute_api:os-server-external-events:create";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const { events } = request.body as { readonly events: readonly AskedEvent[] };
  const ids = [...new Set(events.map(({ server_uuid }) => server_uuid))];
  const { reader, cell } = servers.dependencies;
  const places = await placesOfServers(reader, ids);
  if ([...places.values()].some((place) => cell.hides(place.in_cell))) return CELL_OUT_OF_REACH;
  const codes = events.map((event) => codeOf(event, places.get(event.server_uuid)?.host));
  // All are queued before any is awaited: they come to pass in this order, in few transactions.
  await Promise.all(
    events.filter((_, place) => codes[place] === 200)
      .map((event) => dispatch(servers, request, event)),
  );
  const answered = events.map((event, place) => {
    const code = codes[place]!;
    return { ...event, status: code === 200 ? "completed" : "failed", code };
  });
  const status = codes.every((code) => code === 200) ? 200 : 207;
  return { status, body: { events: answered } };
}

/** Events that mean nothing without a tag. */
const TAGGED: ReadonlySet<AskedEvent["name"]> = new Set([
  "volume-extended",
  "power-update",
  "accelerator-request-bound",
]);

type Code = 200 | 400 | 404 | 422;

/** What becomes of an event. `host`: null for a server on no host; undefined: there is no server. */
function codeOf({ name, tag }: AskedEvent, host: string | null | undefined): Code {
  if (host === undefined) return 404;
  if (TAGGED.has(name) && tag === undefined) return 400;
  return host === null ? 422 : 200;
}

/** Has a server do what an event calls for. */
async function dispatch(
  servers: ServersService,
  request: NovaRequest,
  { name, server_uuid: id, tag = "" }: AskedEvent,
): Promise<void> {
  switch (name) {
    case "network-changed":
      return await servers.dependencies.networks.tellPortsOf(id, request);
    case "network-vif-deleted": {
      const command: LoseInterface = { type: "LoseInterface", portId: tag };
      await servers.command(request, id, command, (server) => loseInterface(command, server));
      return;
    }
    case "volume-extended": {
      const command: RecordVolumeExtended = { type: "RecordVolumeExtended", volumeId: tag };
      await servers.command(
        request,
        id,
        command,
        (server) => recordVolumeExtended(command, server),
      );
      return;
    }
    case "power-update": {
      const power = POWERS.get(tag);
      if (power === undefined) return;
      const command: UpdateServerPower = { type: "UpdateServerPower", power };
      await servers.command(request, id, command, (server) => updateServerPower(command, server));
      return;
    }
    // These end waits that no step here has: ports are bound, and images there, when asked for.
    case "network-vif-plugged":
    case "network-vif-unplugged":
    case "accelerator-request-bound":
    case "volume-reimaged":
      return;
  }
}

/** Tags of `power-update`; as in Nova, others are accepted and mean nothing. */
const POWERS: ReadonlyMap<string, UpdateServerPower["power"]> = new Map([
  ["POWER_ON", "on"],
  ["POWER_OFF", "off"],
]);
