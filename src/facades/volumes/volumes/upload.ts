/** `os-volume_upload_image`: copies what is on a volume to an image. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import type { NewSnapshot } from "../../image_service.ts";
import { refuseUnlessAdmin, refuseUnlessMember } from "../access.ts";
import { refused } from "../answers.ts";
import type { VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import type { Minor } from "../microversions.ts";
import { isTrue, uploadSchema } from "../schemas.ts";
import type { VolumeType } from "../types/decider.ts";
import { findType } from "../types/projection.ts";
import type { VolumeDependencies } from "../writes.ts";
import { uploadVolume } from "./decide/mod.ts";
import { changeVolume, readableVolume } from "./operations.ts";
import type { Volume } from "./state.ts";

const UPLOAD = "os-volume_upload_image";
const RULE = "volume_extension:volume_actions:upload_image";

/** From here on a request says who may see the image; before that Glance decides. */
const VISIBILITY_SINCE = 1;

interface Asked {
  readonly image_name: string;
  readonly disk_format?: string;
  readonly container_format?: string | null;
  readonly visibility?: NewSnapshot["visibility"];
  readonly protected?: unknown;
}

/**
 * Makes an image, then has the volume copied to it; 202 with both.
 *
 * The image comes first, so that whoever copies finds it; a volume that was taken meanwhile leaves
 * none behind. Source: cinder/api/contrib/volume_actions.py, `_volume_upload_image`.
 */
export async function uploadToImage(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
): Promise<Response> {
  const body = await request.body(uploadSchema(request.minor));
  if (body instanceof Response) return body;
  const asked = (body.value as { [UPLOAD]: Asked })[UPLOAD];
  const found = await readableVolume(dependencies.reader, request, request.param("id"));
  if (isRejection(found)) return refused(found);
  const image = imageOf(asked, found.state, request.minor);
  const refusal = refuse(request, found, image);
  if (refusal) return refused(refusal);
  const { images, reader } = dependencies;
  const failure = await images.ensureSnapshot(image);
  if (failure) return refused(reject("Invalid", failure.failed));
  const outcome = await changeVolume(
    dependencies,
    request,
    { command: "UploadVolumeToImage", rule: RULE },
    ({ id, state }) => uploadVolume({ id, ...uploadOf(image) }, state),
  );
  if (isRejection(outcome)) {
    await images.removeSnapshot(image.imageId);
    return refused(outcome);
  }
  const type = await findType(reader, found.state.typeId);
  return json(202, { [UPLOAD]: uploadView(found, image, type) });
}

function uploadOf({ imageId, diskFormat }: NewSnapshot) {
  return { imageId, diskFormat: diskFormat! };
}

function refuse(
  { caller }: VolumeRequest,
  { id, state }: Versioned<Volume>,
  image: NewSnapshot,
): Rejection | undefined {
  const refusal = refuseUnlessMember(caller, state.projectId, RULE) ??
    (image.visibility === "public"
      ? refuseUnlessAdmin(caller, "volume_extension:volume_actions:upload_public")
      : undefined) ??
    refuseContainer(image.containerFormat!);
  if (refusal) return refusal;
  const decision = uploadVolume({ id, ...uploadOf(image) }, state);
  return isRejection(decision) ? decision : undefined;
}

/** glance/common/config.py, `container_formats`. */
const CONTAINERS = ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"];

function refuseContainer(format: string): Rejection | undefined {
  if (CONTAINERS.includes(format)) return undefined;
  return reject("Invalid", `Invalid container format '${format}' for image.`);
}

/** What Glance says of every image, and Cinder keeps apart; cinder/utils.py. */
const CORE = new Set([
  "checksum",
  "container_format",
  "disk_format",
  "image_name",
  "image_id",
  "min_disk",
  "min_ram",
  "name",
  "size",
]);

function imageOf(asked: Asked, volume: Volume, minor: Minor): NewSnapshot {
  const properties = Object.entries(volume.imageMetadata ?? {}).filter(([name]) => !CORE.has(name));
  const saysVisibility = minor >= VISIBILITY_SINCE;
  return {
    imageId: crypto.randomUUID(),
    name: asked.image_name,
    projectId: volume.projectId,
    minRamMib: 0,
    minDiskGib: 0,
    properties: Object.fromEntries(properties),
    diskFormat: asked.disk_format ?? "raw",
    containerFormat: asked.container_format ?? "bare",
    visibility: saysVisibility ? asked.visibility ?? "private" : "shared",
    isProtected: saysVisibility && isTrue(asked.protected),
  };
}

/** cinder/volume/api.py, `copy_volume_to_image`. */
function uploadView(
  { id, state: volume }: Versioned<Volume>,
  image: NewSnapshot,
  type: Versioned<VolumeType> | undefined,
): object {
  return {
    id,
    updated_at: toMicroseconds(volume.updatedAt),
    status: "uploading",
    display_description: volume.description,
    size: volume.sizeGib,
    volume_type: type ? typeView(type) : null,
    image_id: image.imageId,
    container_format: image.containerFormat,
    disk_format: image.diskFormat,
    image_name: image.name,
    protected: image.isProtected,
    visibility: image.visibility,
  };
}

/** The type as Cinder's record of it. */
function typeView({ id, state: type }: Versioned<VolumeType>): object {
  return {
    id,
    name: type.name,
    description: type.description,
    is_public: type.isPublic,
    qos_specs_id: null,
    extra_specs: type.extraSpecs,
    created_at: toMicroseconds(type.createdAt),
    updated_at: toMicroseconds(type.updatedAt),
    deleted_at: null,
    deleted: false,
  };
}
