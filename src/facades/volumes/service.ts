/** What compute needs of volumes, from the embedded service. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import type { Image, ImageService } from "../image_service.ts";
import type {
  AttachmentRequest,
  ConnectRequest,
  ReimageRequest,
  SnapshotRequest,
  Volume,
  VolumeFailure,
  VolumeRequest,
  VolumeService,
  VolumeSnapshot,
} from "../volume_service.ts";
import { maySee } from "./access.ts";
import { inUseOf, limitsOf } from "./quotas/projection.ts";
import { notFound } from "./refusals.ts";
import { makeSnapshot } from "./snapshots/make.ts";
import { findSnapshot, snapshots } from "./snapshots/projection.ts";
import {
  beginDetaching,
  completeAttachment,
  connectAttachment,
  disconnectAttachment,
  putImage,
  removeAttachment,
  reserveAttachment,
  rollDetaching,
} from "./volumes/decide/mod.ts";
import type { VolumeEvent } from "./volumes/events.ts";
import { findUsableType, makeVolume } from "./volumes/make.ts";
import { removeVolume } from "./volumes/operations.ts";
import { findVolume, volumes } from "./volumes/projection.ts";
import type { Attachment, Volume as VolumeState } from "./volumes/state.ts";
import { record } from "./writes.ts";

export interface EmbeddedVolumesOptions {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly images: ImageService;
  /** How long the backend takes to make or delete a volume, in milliseconds; 0: no time at all. */
  readonly volumeMs: number;
  /** Makes ids (UUIDs) for the requests that events are recorded under. */
  readonly newId?: () => string;
}

/** Volumes as compute sees them. */
export class EmbeddedVolumes implements VolumeService {
  readonly #newId: () => string;
  /** Who waits for a volume to be made, by its id. */
  readonly #waits = new Map<string, Set<(volume: VolumeState) => void>>();

  constructor(private readonly options: EmbeddedVolumesOptions) {
    this.#newId = options.newId ?? (() => crypto.randomUUID());
    options.committer.onCommit((changes) => {
      for (const { aggregate, after } of changes) {
        if (aggregate !== volumes) continue;
        const volume = after.state as VolumeState;
        for (const hear of this.#waits.get(after.id) ?? []) hear(volume);
      }
    });
  }

  async find(id: string, caller: Caller): Promise<Volume | undefined> {
    const found = await findVolume(this.options.reader, id.toLowerCase());
    if (!found || !maySee(caller, found.state.projectId)) return undefined;
    const { state } = found;
    return {
      id: found.id,
      status: state.status,
      sizeGib: state.sizeGib,
      isBootable: state.isBootable,
      isMultiattach: state.isMultiattach,
      migrationStatus: state.migrationStatus,
      imageMetadata: state.imageMetadata ?? {},
      attachments: state.attachments.map(({ id, serverId, status }) => ({ id, serverId, status })),
    };
  }

  async findSnapshot(id: string, caller: Caller): Promise<VolumeSnapshot | undefined> {
    const { reader } = this.options;
    const found = await findSnapshot(reader, id.toLowerCase());
    if (!found || !maySee(caller, found.state.projectId)) return undefined;
    const { status, sizeGib, volumeId } = found.state;
    const volume = await findVolume(reader, volumeId);
    const isBootable = volume?.state.isBootable ?? false;
    const imageMetadata = volume?.state.imageMetadata ?? {};
    return { id: found.id, volumeId, status, sizeGib, isBootable, imageMetadata };
  }

  async hasType(idOrName: string, caller: Caller): Promise<boolean> {
    return !isRejection(await findUsableType(this.options.reader, idOrName, caller));
  }

  ensureReserved(request: AttachmentRequest): Promise<VolumeFailure | undefined> {
    return this.#change("ReserveVolumeForServer", request, (volume) => {
      if (attachmentIn(volume, request)) return [];
      const { volumeId, attachmentId, serverId } = request;
      return reserveAttachment({
        type: "ReserveAttachment",
        volumeId,
        attachmentId,
        serverId,
        mode: "null",
        isOfCompute: true,
      }, volume);
    });
  }

  async ensureAttached(request: ConnectRequest): Promise<VolumeFailure | undefined> {
    const { volumeId, attachmentId, host, deviceName } = request;
    const connected = await this.#change("ConnectVolumeToServer", request, (volume) => {
      const attachment = attachmentIn(volume, request);
      const isSame = attachment?.isConnected && attachment.host === host &&
        attachment.mountpoint === deviceName;
      if (isSame) return [];
      return connectAttachment({
        type: "ConnectAttachment",
        volumeId,
        attachmentId,
        host,
        mountpoint: deviceName,
        mode: undefined,
      }, volume);
    });
    return connected ?? await this.#change(
      "AttachVolumeToServer",
      request,
      (volume) => completeAttachment(attachmentId, volume),
    );
  }

  async ensureDisconnected(request: AttachmentRequest): Promise<void> {
    await this.#change(
      "DisconnectVolumeFromServer",
      request,
      (volume) => disconnectAttachment(request.attachmentId, volume),
    );
  }

  ensureDetaching(request: AttachmentRequest): Promise<VolumeFailure | undefined> {
    return this.#change("BeginDetachingVolume", request, (volume) => {
      const isUnderWay = volume.status === "detaching" || !attachmentIn(volume, request) ||
        volume.attachments.length > 1;
      return isUnderWay ? [] : beginDetaching(volume);
    });
  }

  async ensureKept(request: AttachmentRequest): Promise<void> {
    await this.#change("KeepVolumeAttached", request, rollDetaching);
  }

  async ensureReleased(request: AttachmentRequest): Promise<void> {
    const { attachmentId } = request;
    await this.#change(
      "ReleaseVolumeOfServer",
      request,
      (volume) =>
        attachmentIn(volume, request)
          ? removeAttachment({ attachmentId, byCompute: true }, volume)
          : [],
    );
  }

  async ensureVolume(
    request: VolumeRequest,
    signal: AbortSignal,
  ): Promise<VolumeFailure | undefined> {
    const { volumeId: id, projectId, userId, sizeGib, volumeType, source } = request;
    const owner = callerFor(projectId, userId);
    const image = source.type === "image" ? await this.#imageOf(source.id, owner) : null;
    if (image && "failed" in image) return image;
    const outcome = await this.options.committer.submit(
      this.#metadata("CreateVolumeForServer", owner),
      async (unit) => {
        const before = await unit.load(volumes, id);
        if (before.version > 0) return before;
        return await makeVolume(unit, {
          id,
          name: "",
          description: "",
          sizeGib,
          volumeType,
          availabilityZone: null,
          metadata: {},
          snapshotId: source.type === "snapshot" ? source.id : null,
          sourceVolumeId: null,
          image,
          takesTime: this.options.volumeMs > 0,
        }, owner);
      },
    );
    return isRejection(outcome) ? { failed: outcome.message } : await this.#made(outcome, signal);
  }

  /** Waits until a volume is made; nova/compute/manager.py, `_await_block_device_map_created`. */
  async #made(
    { id, state }: Versioned<VolumeState>,
    signal: AbortSignal,
  ): Promise<VolumeFailure | undefined> {
    if (state.work !== "make" && state.status !== "error") return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<VolumeState>();
    const waits = this.#waits.get(id) ?? new Set();
    const hear = (volume: VolumeState) => volume.work !== "make" && resolve(volume);
    const stop = () => reject(signal.reason);
    this.#waits.set(id, waits.add(hear));
    signal.addEventListener("abort", stop, { once: true });
    try {
      // It may have been made before anybody waited.
      const now = await findVolume(this.options.reader, id);
      const { status } = now && now.state.work === "make" ? await promise : now?.state ?? state;
      if (status === "available") return undefined;
      return {
        failed: `Volume ${id} did not finish being created even after we waited. And its status ` +
          `is ${status}.`,
      };
    } finally {
      signal.removeEventListener("abort", stop);
      waits.delete(hear);
      if (waits.size === 0) this.#waits.delete(id);
    }
  }

  async #imageOf(id: string, owner: Caller): Promise<Image | VolumeFailure> {
    return await this.options.images.find(id, owner) ??
      { failed: "Invalid image identifier or unable to access requested image." };
  }

  async ensureReimaged(
    { volumeId, imageId, projectId, userId }: ReimageRequest,
  ): Promise<VolumeFailure | undefined> {
    const image = await this.#imageOf(imageId, callerFor(projectId, userId));
    if ("failed" in image) return image;
    const outcome = await this.#submit(
      "ReimageVolumeOfServer",
      volumeId,
      (_unit, { state }) => putImage(image, state),
    );
    return isRejection(outcome) ? { failed: outcome.message } : undefined;
  }

  async ensureSnapshot(request: SnapshotRequest): Promise<VolumeFailure | undefined> {
    const { snapshotId: id, volumeId, name, projectId, userId } = request;
    const outcome = await this.options.committer.submit(
      this.#metadata("CreateSnapshotForServer", callerFor(projectId, userId)),
      async (unit) => {
        const before = await unit.load(snapshots, id);
        if (before.version > 0) return before;
        const of = await unit.load(volumes, volumeId);
        if (!of.state.exists) return notFound.volume(volumeId);
        const { description } = of.state;
        const metadata = {};
        return await makeSnapshot(unit, {
          ...{ id, of, name, description, projectId, userId, metadata },
          mayBeInUse: true,
        });
      },
    );
    return isRejection(outcome) ? { failed: outcome.message } : undefined;
  }

  async snapshotQuota(projectId: string): Promise<{ limit: number; inUse: number }> {
    const { reader } = this.options;
    const limits = await limitsOf(reader, projectId);
    const inUse = await inUseOf(reader, projectId);
    return { limit: limits["snapshots"] ?? -1, inUse: inUse["snapshots"] ?? 0 };
  }

  async ensureDeleted(volumeId: string): Promise<void> {
    await this.#submit("DeleteVolumeOfServer", volumeId, async (unit, { id, state }) => {
      const takesTime = this.options.volumeMs > 0;
      const options = { id, volume: state, force: false, cascade: false, takesTime };
      const decision = await removeVolume(unit, options);
      // One that has snapshots, or that somebody else uses, stays.
      return isRejection(decision) ? [] : decision;
    });
  }

  /** Decides on a volume; gives why not, if so. */
  async #change(
    command: string,
    { volumeId }: AttachmentRequest,
    decide: (volume: VolumeState) => Decision<VolumeEvent>,
  ): Promise<VolumeFailure | undefined> {
    const outcome = await this.#submit(command, volumeId, (_unit, { state }) => decide(state));
    return isRejection(outcome) ? { failed: outcome.message } : undefined;
  }

  async #submit(
    command: string,
    volumeId: string,
    decide: (
      unit: UnitOfWork,
      volume: Versioned<VolumeState>,
    ) => Decision<VolumeEvent> | Promise<Decision<VolumeEvent>>,
  ): Promise<Versioned<VolumeState> | Rejection | undefined> {
    const { reader, committer } = this.options;
    const known = await volumes.projection.load(reader, volumeId);
    const { projectId = "" } = known?.state ?? {};
    const metadata = this.#metadata(command, callerFor(projectId, "nova"));
    return await committer.submit(metadata, async (unit) => {
      const before = await unit.load(volumes, volumeId);
      if (!before.state.exists) {
        return { rejected: "NotFound", message: `Volume ${volumeId} could not be found.` };
      }
      return await record(unit, volumes, before, await decide(unit, before));
    });
  }

  /** Compute acts for the project that its server is in. */
  #metadata(command: string, { userId, projectId }: Caller): EventMetadata {
    return {
      actor: { userId, projectId, roles: ["service"] },
      requestId: `req-${this.#newId()}`,
      command,
    };
  }
}

function attachmentIn(
  { attachments }: VolumeState,
  { attachmentId }: AttachmentRequest,
): Attachment | undefined {
  return attachments.find(({ id }) => id === attachmentId);
}

/** A project's member, as which compute asks. */
function callerFor(projectId: string, userId: string): Caller {
  return { userId, projectId, roles: new Set(["member", "reader"]), isAdmin: false };
}
