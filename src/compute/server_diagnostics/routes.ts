/** /servers/{id}/diagnostics; nova/api/openstack/compute/server_diagnostics.py. */
import type { Hono } from "hono";
import { type Driver, isFailure } from "../../drivers/driver.ts";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Clock } from "../../eventsourcing/clock.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault, faultOf, isFault } from "../../http/faults.ts";
import { noParameters } from "../../http/schema_parts.ts";
import { knownMachine } from "../servers/known_machine.ts";
import { refuseUnlessPlaced } from "../servers/preconditions.ts";
import type { ServersService } from "../servers/service.ts";
import type { Server } from "../servers/state.ts";
import { POWER_STATE, type PowerState } from "../servers/states.ts";
import { viewOwnForm, viewStandardForm } from "./view.ts";

export interface DiagnosticsDependencies {
  readonly servers: ServersService;
  readonly driver: Driver;
  readonly clock: Clock;
}

/** The query string of `GET /servers/{id}/diagnostics`. */
export const diagnosticsQuerySchema = noParameters;

/** Puts the endpoint of servers' diagnostics on an app. */
export function diagnosticsRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: DiagnosticsDependencies,
): void {
  app.get(
    "/servers/:id/diagnostics",
    endpoints.handler((request) => show(dependencies, request), { query: diagnosticsQuerySchema }),
  );
}

async function show(
  { servers, driver, clock }: DiagnosticsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const found = await servers.load(request, "os_compute_api:os-server-diagnostics");
  if (isFault(found)) return found;
  const refusal = refuseUnlessPlaced(found.id, found.state) ?? refuseUnlessRunning(found);
  if (isRejection(refusal)) return faultOf(refusal);
  const diagnostics = await driver.diagnose(knownMachine(found, clock()));
  if (isFailure(diagnostics)) return fault(409, diagnostics.failed);
  const { configDrive, powerState } = found.state;
  const body = request.minor < 48
    ? viewOwnForm(diagnostics)
    : viewStandardForm(diagnostics, { state: POWER_WORDS[powerState], configDrive });
  return { status: 200, body };
}

/** nova/objects/fields.py, `InstancePowerState`. */
const POWER_WORDS: Readonly<Record<PowerState, string>> = {
  [POWER_STATE.noState]: "pending",
  [POWER_STATE.running]: "running",
  [POWER_STATE.paused]: "paused",
  [POWER_STATE.shutDown]: "shutdown",
  [POWER_STATE.crashed]: "crashed",
  [POWER_STATE.suspended]: "suspended",
};

/** nova/compute/manager.py, `get_diagnostics`. */
function refuseUnlessRunning({ id, state }: Versioned<Server>): Rejection | undefined {
  if (state.powerState === POWER_STATE.running) return undefined;
  return reject(
    "Conflict",
    `Cannot 'get_diagnostics' instance ${id} while it is in power state ` +
      POWER_WORDS[state.powerState],
  );
}
