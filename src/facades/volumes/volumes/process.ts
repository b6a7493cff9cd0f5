/** What the simulated backend does with volumes: make them, delete them, copy them to images. */
import { setTimeout as pause } from "node:timers/promises";
import { handle } from "../../../eventsourcing/command_handler.ts";
import type { Decision } from "../../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../../eventsourcing/event.ts";
import type { Process } from "../../../eventsourcing/process.ts";
import type { VolumeDependencies } from "../writes.ts";
import { recordGone, recordMade, recordUploaded, recordWorkFailure } from "./decide/mod.ts";
import type { VolumeEvent } from "./events.ts";
import { volumes } from "./projection.ts";
import type { Volume, VolumeWork } from "./state.ts";

export interface VolumeProcessDependencies extends VolumeDependencies {
  /** When this process began, in milliseconds since 1970: time before that is nobody's delay. */
  readonly startedAt: number;
}

/** How long the backend may take beyond what it takes by its setting, in milliseconds. */
const PATIENCE_MS = 300_000;

/** The process that does a volume's work. */
export function volumeProcess(
  dependencies: VolumeProcessDependencies,
): Process<Volume, VolumeWork> {
  const { reader, volumeMs, startedAt } = dependencies;
  return {
    next: ({ work }) => work ?? undefined,
    current: async (id) => (await volumes.projection.load(reader, id))?.state,
    async take(work, id, volume, signal) {
      if (volumeMs > 0) await pause(volumeMs, undefined, { signal });
      await WORK[work](dependencies, id, volume);
    },
    deadline({ updatedAt, createdAt }) {
      return Math.max(Date.parse(updatedAt ?? createdAt), startedAt) + volumeMs + PATIENCE_MS;
    },
    async giveUp(work, id) {
      const volume = (await volumes.projection.load(reader, id))!.state;
      await record(dependencies, { id, volume }, (now) => recordWorkFailure(work, now));
    },
  };
}

type Work = (dependencies: VolumeDependencies, id: string, volume: Volume) => Promise<void>;

const WORK: Readonly<Record<VolumeWork, Work>> = {
  make: (dependencies, id, volume) => record(dependencies, { id, volume }, recordMade),
  delete: (dependencies, id, volume) => record(dependencies, { id, volume }, recordGone),
  async upload(dependencies, id, volume) {
    const { imageId, diskFormat } = volume.upload!;
    // An image that was deleted meanwhile gets nothing, and nobody asks for it any more.
    await dependencies.images.storeDisk(imageId, { seed: id, isQcow2: diskFormat === "qcow2" });
    await record(dependencies, { id, volume }, recordUploaded);
  },
};

async function record(
  { committer }: VolumeDependencies,
  { id, volume }: { readonly id: string; readonly volume: Volume },
  decide: (volume: Volume) => Decision<VolumeEvent>,
): Promise<void> {
  await handle(committer, volumes, id, metadataOf(volume), decide);
}

/** The backend acts for the project that the volume is of. */
function metadataOf({ projectId }: Volume): EventMetadata {
  return {
    actor: { userId: "cinder", projectId, roles: ["service"] },
    requestId: `req-${crypto.randomUUID()}`,
    command: "RecordVolumeWork",
  };
}
