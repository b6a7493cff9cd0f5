/** /servers/{id}/os-volume_attachments; nova/api/openstack/compute/volume_attachments.py. */
import type { Hono } from "hono";
import type { VolumeFailure } from "../../facades/volume_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { handle } from "../../eventsourcing/command_handler.ts";
import { servers } from "./aggregate.ts";
import {
  type AttachVolume,
  attachVolume,
  type DetachVolume,
  detachVolume,
  notAttached,
  recordVolumeFailure,
  type SwapVolume,
  swapVolume,
  type UpdateVolume,
  updateVolumeAttachment,
  type VolumeFacts,
} from "./decide/mod.ts";
import { findServer } from "./projection.ts";
import { actorOf, type ServersService } from "./service.ts";
import { viewAttached, viewVolume } from "./view.ts";
import { volumeAttachSchema, volumeListQuerySchema, volumeUpdateSchema } from "./volume_schemas.ts";
import { shownVolumes, volumeOf } from "./volumes.ts";

/** Puts the endpoints of a server's volumes on an app. */
export function volumeRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  service: ServersService,
): void {
  const all = "/servers/:id/os-volume_attachments";
  const one = `${all}/:volume`;
  app.get(all, handler((request) => index(service, request), { query: volumeListQuerySchema }));
  app.post(all, handler((request) => attach(service, request), { body: volumeAttachSchema }));
  app.get(one, handler((request) => show(service, request)));
  app.put(one, handler((request) => update(service, request), { body: volumeUpdateSchema }));
  app.delete(one, handler((request) => detach(service, request)));
}

/** Microversions at which something began. */
const SINCE = { shelved: 20, multiattach: 60, update: 85, noBody: 101 };

async function index(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:os-volumes-attachments:index");
  if (isFault(found)) return found;
  const { query } = request;
  const offset = Number(query.get("offset") ?? 0);
  const { maxLimit } = service.dependencies.settings;
  const limit = Math.min(Number(query.get("limit") || maxLimit), maxLimit);
  const shown = shownVolumes(found.state.volumes).slice(offset, offset + limit);
  const volumeAttachments = shown.map((volume) => viewVolume(found.id, volume, request.minor));
  return { status: 200, body: { volumeAttachments } };
}

async function show(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:os-volumes-attachments:show");
  if (isFault(found)) return found;
  const volumeId = request.param("volume");
  const volume = volumeOf(shownVolumes(found.state.volumes), volumeId);
  if (!volume) return faultOf(notAttached(request.param("id"), volumeId));
  return { status: 200, body: { volumeAttachment: viewVolume(found.id, volume, request.minor) } };
}

interface AskedAttachment {
  readonly volumeId: string;
  readonly id?: string;
  readonly serverId?: string;
  readonly device?: string | null;
  readonly tag?: string;
  readonly delete_on_termination?: boolean | string;
}

function askedIn({ body }: NovaRequest): AskedAttachment {
  return (body as { volumeAttachment: AskedAttachment }).volumeAttachment;
}

function isTrue(value: unknown): boolean {
  return ["true", "1", "on", "yes"].includes(String(value).toLowerCase());
}

function factsOf(
  { dependencies: { volumes } }: ServersService,
  { caller }: NovaRequest,
  volumeId: string,
): Promise<VolumeFacts | undefined> {
  return volumes.find(volumeId, caller);
}

async function attach(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:os-volumes-attachments:create");
  if (isFault(found)) return found;
  const { minor } = request;
  const asked = askedIn(request);
  const command: AttachVolume = {
    type: "AttachVolume",
    id: found.id,
    by: actorOf(request),
    volumeId: asked.volumeId,
    volume: await factsOf(service, request, asked.volumeId),
    attachmentId: crypto.randomUUID(),
    bdmId: crypto.randomUUID(),
    device: asked.device || null,
    tag: asked.tag ?? null,
    deleteOnTermination: isTrue(asked.delete_on_termination ?? false),
    mayBeShelved: minor >= SINCE.shelved,
    mayBeMultiattach: minor >= SINCE.multiattach,
  };
  const outcome = await service.command(
    request,
    found.id,
    command,
    (server) => attachVolume(command, server),
  );
  if (isFault(outcome)) return outcome;
  const refusal = await reserve(service, request, command);
  if (refusal) return refusal;
  if (minor >= SINCE.noBody) return { status: 202 };
  const volume = volumeOf(outcome.state.volumes, asked.volumeId)!;
  return { status: 200, body: { volumeAttachment: viewAttached(found.id, volume, minor) } };
}

/** Keeps the volume now: whoever is answered finds it reserved. The process makes sure again. */
async function reserve(
  { dependencies: { volumes, committer, reader } }: ServersService,
  request: NovaRequest,
  { id, volumeId, attachmentId }: AttachVolume,
): Promise<Fault | undefined> {
  const refused: VolumeFailure | undefined = await volumes.ensureReserved({
    volumeId,
    attachmentId,
    serverId: id,
  });
  if (!refused) return undefined;
  const server = (await findServer(reader, id))?.state;
  // A server that has given it up meanwhile has been told all there is to tell.
  if (server && volumeOf(server.volumes, volumeId)?.attachmentId === attachmentId) {
    await handle(
      committer,
      servers,
      id,
      metadataOf(request, "RecordVolumeFailure"),
      (now) => recordVolumeFailure(now, volumeId, refused.failed),
    );
  }
  return fault(400, `Invalid input received: ${refused.failed}`);
}

async function detach(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:os-volumes-attachments:delete");
  if (isFault(found)) return found;
  const volumeId = request.param("volume");
  const command: DetachVolume = {
    type: "DetachVolume",
    id: found.id,
    by: actorOf(request),
    volumeId,
    volume: await factsOf(service, request, volumeId),
    mayBeShelved: request.minor >= SINCE.shelved,
  };
  const outcome = await service.command(
    request,
    found.id,
    command,
    (server) => detachVolume(command, server),
  );
  return isFault(outcome) ? outcome : { status: 202 };
}

async function update(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const onlySwaps = request.minor < SINCE.update;
  const swaps = onlySwaps || askedIn(request).volumeId !== request.param("volume");
  const rule = swaps ? "swap" : "update";
  const found = await service.find(request, `os_compute_api:os-volumes-attachments:${rule}`);
  if (isFault(found)) return found;
  if (!onlySwaps) {
    const changed = await change(service, request, found.id);
    if (isFault(changed)) return changed;
  }
  if (swaps) {
    const swapped = await swap(service, request, found.id);
    if (isFault(swapped)) return swapped;
  }
  return { status: 202 };
}

function change(service: ServersService, request: NovaRequest, id: string) {
  const asked = askedIn(request);
  const { delete_on_termination: flag } = asked;
  const command: UpdateVolume = {
    type: "UpdateVolumeAttachment",
    id,
    by: actorOf(request),
    volumeId: request.param("volume"),
    asked: {
      ...(asked.id !== undefined && { id: asked.id }),
      ...(asked.serverId !== undefined && { serverId: asked.serverId }),
      ...(asked.device !== undefined && { device: asked.device }),
      ...(asked.tag !== undefined && { tag: asked.tag }),
      ...(flag !== undefined && { deleteOnTermination: isTrue(flag) }),
    },
  };
  return service.command(
    request,
    id,
    command,
    (server) => updateVolumeAttachment(command, server),
  );
}

async function swap(service: ServersService, request: NovaRequest, id: string) {
  const volumeId = request.param("volume");
  const { volumeId: next } = askedIn(request);
  const command: SwapVolume = {
    type: "SwapVolume",
    id,
    by: actorOf(request),
    volumeId,
    volume: await factsOf(service, request, volumeId),
    mayBeShelved: true,
    next: {
      volumeId: next,
      volume: await factsOf(service, request, next),
      attachmentId: crypto.randomUUID(),
    },
  };
  return await service.command(request, id, command, (server) => swapVolume(command, server));
}
