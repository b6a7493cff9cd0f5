/** What compute needs of images, from the embedded service. */
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import { listPage } from "../collections.ts";
import type {
  BackupSeries,
  Image as ComputeImage,
  ImageAsker,
  ImageFailure,
  ImageService,
  NewSnapshot,
  PropertyChange,
  SimulatedDisk,
} from "../image_service.ts";
import { maySee } from "./access.ts";
import { changeImage, type ChangeRequest, notAuthorized } from "./change.ts";
import type { ImageContent } from "./content.ts";
import { type Change, noImage, updateImage } from "./decide/mod.ts";
import { readListQuery } from "./list_query.ts";
import { findImage, imagesWithProperties } from "./projection.ts";
import { refuseName, refuseUnlessImage } from "./read_create.ts";
import {
  createEmptyImage,
  createSnapshotImage,
  dropSnapshotImage,
  finishSnapshotImage,
  generatedData,
  generatedRawData,
} from "./snapshots.ts";
import type { Image } from "./state.ts";
import { dropImage } from "./writes.ts";

/** What changes of images need, besides reading them. */
export interface ImageWriting {
  readonly committer: Committer;
  readonly content: ImageContent;
}

/** Images that are read at a time. */
const PAGE = 1000;

/** Images as compute sees them. */
export class EmbeddedImages implements ImageService {
  constructor(private readonly reader: Reader, private readonly writing: ImageWriting) {}

  /** The image, deactivated ones included; undefined when the caller may not see it. */
  async find(id: string, caller: Caller): Promise<ComputeImage | undefined> {
    const found = await findImage(this.reader, id.toLowerCase());
    return found && maySee(found.state, caller) ? viewed(found) : undefined;
  }

  async list(
    query: URLSearchParams,
    caller: Caller,
  ): Promise<readonly ComputeImage[] | Rejection> {
    if (!caller.isAdmin && !caller.roles.has("reader")) {
      return reject("Forbidden", notAuthorized("get_images")());
    }
    const wanted = query.has("limit") ? Number(query.get("limit")) : Infinity;
    const found: ComputeImage[] = [];
    const next = new URLSearchParams(query);
    while (found.length < wanted) {
      next.set("limit", String(Math.min(PAGE, wanted - found.length)));
      const asked = readListQuery(next, caller);
      if (isRejection(asked)) return asked;
      const page = await listPage<Image>(this.reader, { table: "images", ...asked });
      if (!page) return { ...noImage(asked.marker!), rejected: "Invalid" };
      found.push(...page.map(viewed));
      if (page.length < asked.limit) break;
      next.set("marker", page.at(-1)!.id);
    }
    return found;
  }

  async changeProperties(
    id: string,
    { set, removes }: PropertyChange,
    asker: ImageAsker,
  ): Promise<ComputeImage | Rejection> {
    for (const [name, value] of Object.entries(set)) {
      const refusal = refuseName(name) ?? refuseUnlessImage({ [name]: value });
      if (refusal) return refusal;
    }
    const outcome = await changeImage(
      this.writing.committer,
      requestOf(id, asker),
      { command: "UpdateImage", forbidden: notAuthorized("modify_image") },
      (image) => {
        const gone = removes === "others"
          ? Object.keys(image.properties).filter((name) => !Object.hasOwn(set, name))
          : removes;
        const changes: Change[] = [
          ...Object.entries(set).map(([name, value]) => ({ op: "add", name, value }) as const),
          ...gone.map((name) => ({ op: "remove", name }) as const),
        ];
        return updateImage({ type: "UpdateImage", by: asker.caller, changes }, image);
      },
    );
    return isRejection(outcome) ? outcome : viewed(outcome);
  }

  remove(id: string, asker: ImageAsker): Promise<Rejection | undefined> {
    return dropImage(this.writing, requestOf(id, asker));
  }

  linkTo(id: string, origin: string): string {
    return `${origin}/image/images/${id}`;
  }

  ensureSnapshot(snapshot: NewSnapshot): Promise<ImageFailure | undefined> {
    const { projectId } = snapshot;
    return this.#work(
      "EnsureSnapshot",
      projectId,
      (unit) => createSnapshotImage(unit, snapshot),
    );
  }

  ensureEmptyImage(image: NewSnapshot): Promise<ImageFailure | undefined> {
    const { projectId } = image;
    return this.#work("EnsureEmptyImage", projectId, (unit) => createEmptyImage(unit, image));
  }

  async storeSnapshot(imageId: string): Promise<ImageFailure | undefined> {
    const owner = await this.#ownerOf(imageId);
    return await this.#work(
      "StoreSnapshot",
      owner,
      (unit) => finishSnapshotImage(unit, imageId, generatedData(imageId)),
    );
  }

  async storeDisk(
    imageId: string,
    { seed, isQcow2 }: SimulatedDisk,
  ): Promise<ImageFailure | undefined> {
    const owner = await this.#ownerOf(imageId);
    const data = isQcow2 ? generatedData(seed) : generatedRawData(seed);
    return await this.#work(
      "StoreDisk",
      owner,
      (unit) => finishSnapshotImage(unit, imageId, data),
    );
  }

  async removeSnapshot(imageId: string): Promise<void> {
    const owner = await this.#ownerOf(imageId);
    await this.#work("RemoveSnapshot", owner, (unit) => dropSnapshotImage(unit, imageId));
  }

  backups({ projectId, serverId, backupType }: BackupSeries): Promise<readonly string[]> {
    return imagesWithProperties(this.reader, projectId, {
      instance_uuid: serverId,
      image_type: "backup",
      backup_type: backupType,
    });
  }

  async #ownerOf(imageId: string): Promise<string> {
    return (await findImage(this.reader, imageId))?.state.owner ?? "";
  }

  /** Compute acts for the project that its server is in. */
  async #work(
    command: string,
    projectId: string,
    work: (unit: UnitOfWork) => Promise<unknown>,
  ): Promise<ImageFailure | undefined> {
    const outcome = await this.writing.committer.submit({
      actor: { userId: "nova", projectId, roles: ["service"] },
      requestId: `req-${crypto.randomUUID()}`,
      command,
    }, work);
    return isRejection(outcome) ? { failed: outcome.message } : undefined;
  }
}

function requestOf(id: string, { caller, metadata }: ImageAsker): ChangeRequest {
  return { caller, param: () => id.toLowerCase(), metadata: () => metadata };
}

function viewed({ id, state: image }: Versioned<Image>): ComputeImage {
  return {
    id,
    name: image.name,
    status: image.status,
    minRamMib: image.minRamMib,
    minDiskGib: image.minDiskGib,
    sizeBytes: image.data?.sizeBytes ?? 0,
    virtualSizeBytes: image.data?.virtualSizeBytes ?? null,
    diskFormat: image.diskFormat,
    containerFormat: image.containerFormat,
    checksum: image.data?.checksum ?? null,
    createdAt: image.createdAt,
    updatedAt: image.updatedAt,
    properties: image.properties,
  };
}
