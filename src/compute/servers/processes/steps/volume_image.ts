/** The step of images of servers that boot from volumes: snapshots first, then what names them. */
import type { ServerVolumeImageFailed } from "../../events.ts";
import { recordVolumeImage, recordVolumeImageFailure } from "../../decide/mod.ts";
import type { VolumeImage } from "../../state.ts";
import type { StepContext } from "./context.ts";

type Failure = Omit<ServerVolumeImageFailed["data"], "imageId">;

/** Makes what there is not yet of the oldest image under way, and records what came of it. */
export async function makeVolumeImage(step: StepContext): Promise<void> {
  const image = step.server.volumeImages[0]!;
  const failure = await make(step, image);
  step.signal.throwIfAborted();
  if (failure) return await fail(step, failure);
  await step.record("RecordVolumeImage", (now) => recordVolumeImage(now, image.imageId));
}

async function make(
  { server, signal, dependencies: { volumes, images } }: StepContext,
  { imageId, name, snapshots, image }: VolumeImage,
): Promise<Failure | undefined> {
  if (!image) return { message: "The service ended before the image was made." };
  const { projectId, userId } = server;
  for (const { volumeId, snapshotId } of snapshots) {
    signal.throwIfAborted();
    const refused = await volumes.ensureSnapshot({
      ...{ snapshotId, volumeId, projectId, userId },
      name: `snapshot for ${name}`,
    });
    if (refused) return { code: 400, message: `Invalid input received: ${refused.failed}` };
  }
  signal.throwIfAborted();
  const refused = await images.ensureEmptyImage({ imageId, name, projectId, ...image });
  return refused && { code: 403, message: refused.failed };
}

/** Ends an image that did not come to its end in time. */
export function giveUpVolumeImage(step: StepContext, message: string): Promise<void> {
  return fail(step, { code: 400, message });
}

async function fail(step: StepContext, failure: Failure): Promise<void> {
  const { imageId } = step.server.volumeImages[0]!;
  await step.record(
    "RecordVolumeImageFailure",
    (now) => recordVolumeImageFailure(now, { imageId, ...failure }),
  );
}
