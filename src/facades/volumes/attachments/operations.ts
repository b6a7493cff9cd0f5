/** `/attachments`, from microversion 3.27 on; cinder/api/v3/attachments.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import { isYes } from "../list.ts";
import { notFound } from "../refusals.ts";
import {
  attachmentCompleteSchema,
  attachmentCreateSchema,
  attachmentUpdateSchema,
} from "../schemas.ts";
import {
  completeAttachment,
  connectAttachment,
  removeAttachment,
  reserveAttachment,
} from "../volumes/decide/mod.ts";
import type { AttachMode } from "../volumes/events.ts";
import {
  type AttachmentOfVolume,
  findAttachment,
  listAttachments,
  volumes,
} from "../volumes/projection.ts";
import type { Attachment, Volume } from "../volumes/state.ts";
import { record, type VolumeDependencies } from "../writes.ts";

/** How a host tells who it is, and where it shows the volume. */
type Connector = Readonly<Record<string, unknown>>;

/** An attachment's JSON; cinder/api/v3/views/attachments.py. */
function attachmentView(
  { attachment, volume }: AttachmentOfVolume,
  { isDetailed = true }: { readonly isDetailed?: boolean } = {},
): object {
  return {
    id: attachment.id,
    status: attachment.status,
    instance: attachment.serverId,
    volume_id: volume.id,
    ...(isDetailed && {
      attached_at: toMicroseconds(attachment.attachedAt) ?? "",
      detached_at: "",
      attach_mode: attachment.mode,
      connection_info: connectionOf(attachment, volume.id),
    }),
  };
}

/** What a host needs to reach a volume: nothing that is real, for the backend is simulated. */
function connectionOf(attachment: Attachment, volumeId: string): object {
  if (!attachment.isConnected) return {};
  return {
    driver_volume_type: "simulated",
    attachment_id: attachment.id,
    volume_id: volumeId,
    access_mode: attachment.mode,
    encrypted: false,
  };
}

/** `GET /attachments` and `GET /attachments/detail`. */
export function listOfAttachments(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async ({ caller, query }) => {
    const isEverywhere = caller.isAdmin && isYes(query.get("all_tenants") ?? "");
    const found = await listAttachments(reader, {
      projectId: isEverywhere ? undefined : caller.projectId,
      volumeId: query.get("volume_id") ?? undefined,
      serverId: query.get("instance_id") ?? undefined,
      status: query.get("status") ?? query.get("attach_status") ?? undefined,
    });
    const marker = query.get("marker");
    const at = marker === null ? -1 : found.findIndex(({ attachment: { id } }) => id === marker);
    if (marker !== null && at < 0) return refused(notFound.attachment(marker));
    const limit = /^[0-9]+$/.test(query.get("limit") ?? "") ? Number(query.get("limit")) : 1000;
    const page = found.slice(at + 1, at + 1 + limit);
    return json(200, { attachments: page.map((one) => attachmentView(one, { isDetailed })) });
  };
}

/** `GET /attachments/{id}`. */
export function showAttachment({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await visibleAttachment(reader, request);
    return isRejection(found) ? refused(found) : json(200, { attachment: attachmentView(found) });
  };
}

async function visibleAttachment(
  reader: Reader,
  request: VolumeRequest,
): Promise<AttachmentOfVolume | Rejection> {
  const id = request.param("id");
  const { caller } = request;
  const found = await findAttachment(reader, id);
  if (!found || !maySee(caller, found.volume.state.projectId)) return notFound.attachment(id);
  return refuseUnlessReader(caller, found.volume.state.projectId, "volume:attachment_get") ??
    found;
}

/** `POST /attachments`: reserves a volume, and connects it too where a connector comes along. */
export function createAttachment({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(attachmentCreateSchema(request.minor));
    if (body instanceof Response) return body;
    const { attachment: given } = body.value as { attachment: Record<string, unknown> };
    const volumeId = String(given["volume_uuid"]);
    const connector = given["connector"] as Connector | null | undefined;
    const attachmentId = crypto.randomUUID();
    const { caller } = request;
    const outcome = await committer.submit(
      request.metadata("CreateVolumeAttachment"),
      async (unit) => {
        const before = await unit.load(volumes, volumeId);
        const { state } = before;
        if (!state.exists || !maySee(caller, state.projectId)) return notFound.volume(volumeId);
        const refusal = refuseUnlessMember(caller, state.projectId, "volume:attachment_create");
        if (refusal) return refusal;
        const reserved = await record(
          unit,
          volumes,
          before,
          reserveAttachment({
            type: "ReserveAttachment",
            volumeId,
            attachmentId,
            serverId: given["instance_uuid"] as string | undefined ?? null,
            mode: (given["mode"] ?? "null") as AttachMode,
            isOfCompute: false,
          }, state),
        );
        if (isRejection(reserved) || !connector) return reserved;
        return await connect(unit, reserved, attachmentId, connector);
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { attachment: attachmentView(within(outcome, attachmentId)) });
  };
}

function within(volume: Versioned<Volume>, attachmentId: string): AttachmentOfVolume {
  const attachment = volume.state.attachments.find(({ id }) => id === attachmentId)!;
  return { attachment, volume };
}

function connect(
  unit: UnitOfWork,
  volume: Versioned<Volume>,
  attachmentId: string,
  connector: Connector,
): Promise<Versioned<Volume> | Rejection> {
  const textOf = (name: string) =>
    typeof connector[name] === "string" ? connector[name] as string : null;
  const mode = textOf("mode");
  const decision = connectAttachment({
    type: "ConnectAttachment",
    volumeId: volume.id,
    attachmentId,
    host: textOf("host"),
    mountpoint: textOf("mountpoint"),
    mode: mode === "rw" || mode === "ro" ? mode : undefined,
  }, volume.state);
  return record(unit, volumes, volume, decision);
}

/** Decides a command on the attachment that a request's path names, and records what follows. */
function changeAttachment(
  { committer }: VolumeDependencies,
  request: VolumeRequest,
  { command, rule }: { readonly command: string; readonly rule: string },
  work: (
    unit: UnitOfWork,
    found: AttachmentOfVolume,
  ) => Promise<Versioned<Volume> | Rejection>,
): Promise<Versioned<Volume> | Rejection> {
  return committer.submit(request.metadata(command), async (unit) => {
    const found = await visibleAttachment(unit, request);
    if (isRejection(found)) return found;
    return refuseUnlessMember(request.caller, found.volume.state.projectId, rule) ??
      await work(unit, found);
  });
}

/** `PUT /attachments/{id}`: connects a volume that was reserved. */
export function updateAttachment(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(attachmentUpdateSchema);
    if (body instanceof Response) return body;
    const { connector } = (body.value as { attachment: { connector: Connector } }).attachment;
    const outcome = await changeAttachment(
      dependencies,
      request,
      { command: "ConnectVolumeAttachment", rule: "volume:attachment_update" },
      (unit, { volume, attachment }) => connect(unit, volume, attachment.id, connector),
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { attachment: attachmentView(within(outcome, request.param("id"))) });
  };
}

/** `POST /attachments/{id}/action` with `os-complete`, from microversion 3.44 on. */
export function actOnAttachment(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(attachmentCompleteSchema);
    if (body instanceof Response) return body;
    const outcome = await changeAttachment(
      dependencies,
      request,
      { command: "CompleteVolumeAttachment", rule: "volume:attachment_complete" },
      (unit, { volume, attachment }) =>
        record(unit, volumes, volume, completeAttachment(attachment.id, volume.state)),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(204);
  };
}

/** `DELETE /attachments/{id}`: answers with the attachments that are left. */
export function deleteAttachment(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await changeAttachment(
      dependencies,
      request,
      { command: "DeleteVolumeAttachment", rule: "volume:attachment_delete" },
      (unit, { volume, attachment }) =>
        record(
          unit,
          volumes,
          volume,
          removeAttachment({ attachmentId: attachment.id, byCompute: false }, volume.state),
        ),
    );
    if (isRejection(outcome)) return refused(outcome);
    const left = outcome.state.attachments.map((attachment) => ({ attachment, volume: outcome }));
    return json(200, {
      attachments: left.map((one) => attachmentView(one, { isDetailed: false })),
    });
  };
}
