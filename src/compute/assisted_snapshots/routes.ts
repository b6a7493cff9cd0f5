/**
 * /os-assisted-volume-snapshots: create, delete; assisted_volume_snapshots.py.
 *
 * Snapshots that a hypervisor takes for a volume service whose volumes are files on its hosts. No
 * volume here is one, so no server has a device that could be meant.
 */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { createSchema, deleteQuerySchema } from "./schemas.ts";

/** Puts the assisted snapshots' endpoints on an app. */
export function assistedSnapshotRoutes(app: Hono, endpoints: Endpoints): void {
  app.post(
    "/os-assisted-volume-snapshots",
    endpoints.handler(create, { body: () => createSchema }),
  );
  app.delete(
    "/os-assisted-volume-snapshots/:id",
    endpoints.handler(remove, { query: deleteQuerySchema }),
  );
}

function create({ caller, body }: NovaRequest): Outcome {
  const rule = "os_compute_api:os-assisted-volume-snapshots:create";
  const { snapshot } = body as { snapshot: { volume_id: string } };
  return refuseUnlessAllowed(rule, caller, caller.projectId) ?? noDevice(snapshot.volume_id);
}

function remove({ caller, query }: NovaRequest): Outcome {
  const rule = "os_compute_api:os-assisted-volume-snapshots:delete";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const text = query.getAll("delete_info").at(-1);
  if (text === undefined) return fault(400, "'delete_info'");
  const volumeId = volumeIn(text);
  return volumeId === undefined ? fault(400, "'volume_id'") : noDevice(volumeId);
}

function volumeIn(text: string): string | undefined {
  try {
    const info: unknown = JSON.parse(text);
    if (typeof info !== "object" || info === null || !("volume_id" in info)) return undefined;
    return String(info.volume_id);
  } catch {
    return undefined;
  }
}

function noDevice(volumeId: string): Fault {
  return fault(400, `No volume Block Device Mapping with id ${volumeId}.`);
}
