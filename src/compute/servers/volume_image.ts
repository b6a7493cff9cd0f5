/** `createImage` of a server that boots from a volume: all of it is done before the answer. */
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Decision } from "../../eventsourcing/decider.ts";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { type NewImageValue, shownFrom } from "./actions/image.ts";
import { servers } from "./aggregate.ts";
import {
  type ImageVolumes,
  imageVolumes,
  recordVolumeImage,
  recordVolumeImageFailure,
} from "./decide/mod.ts";
import type { ServerEvent } from "./events.ts";
import { answerImage } from "./image_answer.ts";
import { actorOf, type ServersService } from "./service.ts";
import { type ImagedVolume, volumeImageOf } from "./snapshot.ts";
import type { Server } from "./state.ts";

/** Until here the quota for metadata of servers bounds that of their images. */
const LAST_WITH_QUOTA = 38;

/** Makes snapshots of a server's volumes, and an image that names them. */
export async function createVolumeImage(
  service: ServersService,
  request: NovaRequest,
  server: Versioned<Server>,
  { name, metadata = {} }: NewImageValue,
): Promise<Outcome> {
  const { minor, caller } = request;
  const { projectId } = server.state;
  const rule = "os_compute_api:servers:create_image:allow_volume_backed";
  const refusal = refuseUnlessAllowed(rule, caller, projectId);
  if (refusal) return refusal;
  const { volumes } = service.dependencies;
  const imaged = await volumesOf(service, request, server.state);
  const command: ImageVolumes = {
    type: "ImageVolumes",
    id: server.id,
    by: actorOf(request),
    imageId: crypto.randomUUID(),
    name,
    metadata,
    snapshotIds: new Map(imaged.map(({ volumeId, snapshotId }) => [volumeId, snapshotId])),
    snapshots: await volumes.snapshotQuota(projectId),
  };
  const asksQuota = minor <= LAST_WITH_QUOTA && { asksQuota: true } as const;
  const begun = await service.command(
    request,
    server.id,
    { type: command.type, ...asksQuota },
    (now, quota) => imageVolumes(command, now, quota),
  );
  if (isFault(begun)) return begun;
  const failure = await make(service, request, begun, { command, imaged });
  return failure ??
    answerImage(service, request, { imageId: command.imageId, shown: shownFrom(minor) });
}

/** The server's volumes as they are now, each with an id for its snapshot. */
async function volumesOf(
  { dependencies: { volumes } }: ServersService,
  { caller }: NovaRequest,
  server: Server,
): Promise<readonly ImagedVolume[]> {
  const imaged: ImagedVolume[] = [];
  for (const { volumeId, status } of server.volumes) {
    const volume = status === "attaching" ? undefined : await volumes.find(volumeId, caller);
    if (!volume) continue;
    imaged.push({ volumeId, snapshotId: crypto.randomUUID(), sizeGib: volume.sizeGib });
  }
  return imaged;
}

/** Has everything made, and records what came of it. */
async function make(
  { dependencies: { volumes, images, committer } }: ServersService,
  request: NovaRequest,
  { id, state: server }: Versioned<Server>,
  { command, imaged }: {
    readonly command: ImageVolumes;
    readonly imaged: readonly ImagedVolume[];
  },
): Promise<Fault | undefined> {
  const { imageId, name, metadata } = command;
  const record = (decision: Decision<ServerEvent>) =>
    handle(committer, servers, id, metadataOf(request, "RecordVolumeImage"), () => decision);
  const fail = async (code: number, message: string) => {
    await record(recordVolumeImageFailure(imageId, message));
    return fault(code, message);
  };
  const { projectId, userId } = server;
  for (const { volumeId, snapshotId } of imaged) {
    const refused = await volumes.ensureSnapshot({
      ...{ snapshotId, volumeId, projectId, userId },
      name: `snapshot for ${name}`,
    });
    if (refused) return await fail(400, `Invalid input received: ${refused.failed}`);
  }
  const image = volumeImageOf(server, { imageId, name, metadata }, imaged);
  const refused = await images.ensureEmptyImage(image);
  if (refused) return await fail(403, refused.failed);
  await record(recordVolumeImage(imageId));
}
