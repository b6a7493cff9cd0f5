/** `createImage` of a server that boots from a volume: all of it is done before the answer. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { type NewImageValue, shownFrom } from "./actions/image.ts";
import { type ImageVolumes, imageVolumes } from "./decide/mod.ts";
import type { ServerEvent } from "./events.ts";
import { answerImage } from "./image_answer.ts";
import { actorOf, type ServersService } from "./service.ts";
import type { ImagedVolume } from "./snapshot.ts";
import type { Server } from "./state.ts";

/** Until here the quota for metadata of servers bounds that of their images. */
const LAST_WITH_QUOTA = 38;

/** Has snapshots made of a server's volumes, and an image that names them; waits for it. */
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
    imaged,
    snapshots: await volumes.snapshotQuota(projectId),
  };
  const asksQuota = minor <= LAST_WITH_QUOTA && { asksQuota: true } as const;
  const end = service.outcome(server.id, endOf(command.imageId));
  const begun = await service.command(
    request,
    server.id,
    { type: command.type, ...asksQuota },
    (now, quota) => imageVolumes(command, now, quota),
  );
  if (isFault(begun)) {
    end.forget();
    return begun;
  }
  const { failure } = await end.promise;
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

/** What came of an image: nothing to say, or why there is none. */
interface End {
  readonly failure: Fault | undefined;
}

function endOf(imageId: string): (event: Recorded) => End | undefined {
  return (recorded) => {
    const event = recorded as Recorded<ServerEvent>;
    if (event.type === "ServerVolumeImageCreated" && event.data.imageId === imageId) {
      return { failure: undefined };
    }
    if (event.type !== "ServerVolumeImageFailed" || event.data.imageId !== imageId) {
      return undefined;
    }
    return { failure: fault(event.data.code ?? 400, event.data.message) };
  };
}
