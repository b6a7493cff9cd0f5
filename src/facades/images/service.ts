/** What compute needs of images, from the embedded service. */
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import type {
  BackupSeries,
  Image as BootImage,
  ImageFailure,
  ImageService,
  NewSnapshot,
} from "../image_service.ts";
import { maySee } from "./access.ts";
import { findImage, imagesWithProperties } from "./projection.ts";
import {
  createSnapshotImage,
  dropSnapshotImage,
  finishSnapshotImage,
  generatedData,
} from "./snapshots.ts";

export interface EmbeddedImagesOptions {
  readonly reader: Reader;
  readonly committer: Committer;
}

/** Images as compute sees them. */
export class EmbeddedImages implements ImageService {
  constructor(private readonly options: EmbeddedImagesOptions) {}

  /** The image, deactivated ones included; undefined when the caller may not see it. */
  async find(id: string, caller: Caller): Promise<BootImage | undefined> {
    const found = await findImage(this.options.reader, id.toLowerCase());
    if (!found || !maySee(found.state, caller)) return undefined;
    const image = found.state;
    return {
      id: found.id,
      name: image.name ?? "",
      status: image.status,
      minRamMib: image.minRamMib,
      minDiskGib: image.minDiskGib,
      sizeBytes: image.data?.sizeBytes ?? 0,
      properties: image.properties,
    };
  }

  ensureSnapshot(snapshot: NewSnapshot): Promise<ImageFailure | undefined> {
    const { projectId } = snapshot;
    return this.#work(
      "EnsureSnapshot",
      projectId,
      (unit) => createSnapshotImage(unit, snapshot),
    );
  }

  async storeSnapshot(imageId: string): Promise<ImageFailure | undefined> {
    const owner = await this.#ownerOf(imageId);
    return await this.#work(
      "StoreSnapshot",
      owner,
      (unit) => finishSnapshotImage(unit, imageId, generatedData(imageId)),
    );
  }

  async removeSnapshot(imageId: string): Promise<void> {
    const owner = await this.#ownerOf(imageId);
    await this.#work("RemoveSnapshot", owner, (unit) => dropSnapshotImage(unit, imageId));
  }

  backups({ projectId, serverId, backupType }: BackupSeries): Promise<readonly string[]> {
    return imagesWithProperties(this.options.reader, projectId, {
      instance_uuid: serverId,
      image_type: "backup",
      backup_type: backupType,
    });
  }

  async #ownerOf(imageId: string): Promise<string> {
    return (await findImage(this.options.reader, imageId))?.state.owner ?? "";
  }

  /** Compute acts for the project that its server is in. */
  async #work(
    command: string,
    projectId: string,
    work: (unit: UnitOfWork) => Promise<unknown>,
  ): Promise<ImageFailure | undefined> {
    const outcome = await this.options.committer.submit({
      actor: { userId: "nova", projectId, roles: ["service"] },
      requestId: `req-${crypto.randomUUID()}`,
      command,
    }, work);
    return isRejection(outcome) ? { failed: outcome.message } : undefined;
  }
}
