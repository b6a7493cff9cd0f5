/** `/volumes`: create, list, show, update, delete; cinder/api/v3/volumes.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { isUuid } from "../../../http/formats.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import type { Image } from "../../image_service.ts";
import { readableBackup } from "../backups/operations.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { isYes, type Listed, listOf } from "../list.ts";
import type { WithMetadata } from "../metadata.ts";
import type { Minor } from "../microversions.ts";
import { invalidInput, notFound } from "../refusals.ts";
import { volumeCreateSchema, volumeUpdateSchema } from "../schemas.ts";
import { deleteSnapshot } from "../snapshots/decider.ts";
import { snapshots, snapshotsOfVolume } from "../snapshots/projection.ts";
import { allTypes, findType } from "../types/projection.ts";
import {
  changeOwned,
  type OwnedChange,
  record,
  trimmed,
  type VolumeDependencies,
} from "../writes.ts";
import { deleteVolume, updateVolume } from "./decide/mod.ts";
import type { VolumeEvent, VolumeFacts } from "./events.ts";
import { type AskedVolume, makeVolume } from "./make.ts";
import { findVolume, totalsOf, VOLUME_METADATA, volumes } from "./projection.ts";
import type { Volume } from "./state.ts";
import { volumeDetail, volumeSummary } from "./view.ts";

/** From here on a volume may be made in a group. */
const GROUP_SINCE = 13;

/** Most characters of a name or description. */
const MAX_TEXT = 255;

type Body = Readonly<Record<string, unknown>>;

/** `POST /volumes`. */
export function createVolumes(dependencies: VolumeDependencies): VolumeOperation {
  const { committer, images, reader, volumeMs } = dependencies;
  return async (request) => {
    const body = await request.body(volumeCreateSchema(request.minor));
    if (body instanceof Response) return body;
    const { caller } = request;
    const given = (body.value as { volume: Body }).volume;
    const refusal = refuseTexts(given) ?? refuseUnknownParts(given) ??
      refuseUnlessMember(caller, caller.projectId, "volume:create");
    if (refusal) return refused(refusal);
    const image = await imageOf(given, images, caller);
    if (isRejection(image)) return refused(image);
    const asked = { ...askedVolume(given, image, request.minor), takesTime: volumeMs > 0 };
    const backup = await backupOf(reader, request, given);
    if (isRejection(backup)) return refused(backup);
    const outcome = await committer.submit(
      request.metadata("CreateVolume"),
      (unit) => makeVolume(unit, { ...asked, ...backup }, caller),
    );
    if (isRejection(outcome)) return refused(outcome);
    // Cinder answers before the backend has done anything.
    const { id, version, state } = outcome;
    const early = { id, version, state: { ...state, status: "creating", updatedAt: null } };
    return json(202, { volume: await detailOf(reader, request, early) });
  };
}

/** From here on a volume may be made of a backup. */
const BACKUP_SINCE = 47;

/** The backup that a create names. */
async function backupOf(
  reader: Reader,
  request: VolumeRequest,
  given: Body,
): Promise<Pick<AskedVolume, "backup"> | Rejection> {
  const id = given["backup_id"];
  if (!id || request.minor < BACKUP_SINCE) return {};
  const backup = await readableBackup(reader, request, String(id));
  return isRejection(backup) ? backup : { backup };
}

/** Says no to names and descriptions that are too long. */
export function refuseTexts(given: Body): Rejection | undefined {
  for (const key of ["name", "description", "display_name", "display_description"]) {
    const value = trimmed(given[key]);
    if (typeof value === "string" && [...value].length > MAX_TEXT) {
      return invalidInput(
        `${key.replace("display_", "")} has ${[...value].length} characters, more than ` +
          `${MAX_TEXT}.`,
      );
    }
  }
}

function refuseUnknownParts(given: Body): Rejection | undefined {
  if (isYes(String(given["multiattach"] ?? ""))) {
    return reject(
      "Invalid",
      "multiattach parameter has been removed. The default behavior is to use multiattach " +
        "enabled volume types. Contact your administrator to create a multiattach enabled volume " +
        "type and use it to create multiattach volumes.",
    );
  }
  const consistencyGroup = given["consistencygroup_id"];
  if (consistencyGroup) return notFound.group(String(consistencyGroup));
}

/** The image that a create names, by its id or a URL that ends in it. */
async function imageOf(
  given: Body,
  images: VolumeDependencies["images"],
  caller: Caller,
): Promise<Image | null | Rejection> {
  const ref = given["imageRef"] ?? given["image_id"] ?? null;
  if (ref === null || ref === "") return null;
  const id = String(ref).split("/").at(-1)!;
  const image = isUuid(id) ? await images.find(id, caller) : undefined;
  return image ??
    reject("Invalid", "Invalid image identifier or unable to access requested image.");
}

function askedVolume(
  given: Body,
  image: Image | null,
  minor: Minor,
): Omit<AskedVolume, "takesTime"> {
  const textOf = (name: string) => given[name] as string | null | undefined || null;
  return {
    id: crypto.randomUUID(),
    name: trimmed(given["name"] ?? given["display_name"]) ?? null,
    description: trimmed(given["description"] ?? given["display_description"]) ?? null,
    sizeGib: given["size"] === undefined || given["size"] === null ? null : Number(given["size"]),
    volumeType: textOf("volume_type"),
    availabilityZone: textOf("availability_zone"),
    metadata: given["metadata"] as Readonly<Record<string, string>> | undefined ?? {},
    snapshotId: textOf("snapshot_id"),
    sourceVolumeId: textOf("source_volid"),
    ...(minor >= GROUP_SINCE && given["group_id"] ? { groupId: String(given["group_id"]) } : {}),
    image,
  };
}

/** One volume's JSON. */
export async function detailOf(
  reader: Reader,
  request: VolumeRequest,
  found: Versioned<Volume>,
): Promise<object> {
  const type = await findType(reader, found.state.typeId);
  return volumeDetail(request, found, type?.state.name ?? null);
}

const LISTED: Listed = {
  plural: "volumes",
  table: "volumes",
  filters: {
    name: "name",
    display_name: "name",
    status: "status",
    bootable: "bootable",
    migration_status: "migration_status",
    availability_zone: "availability_zone",
    size: "size",
    volume_type_id: "volume_type_id",
    user_id: "user_id",
    snapshot_id: "snapshot_id",
    source_volid: "source_volid",
    group_id: "group_id",
    id: "id",
  },
  sortKeys: {
    id: "id",
    name: "name",
    display_name: "name",
    status: "status",
    size: "size",
    availability_zone: "availability_zone",
    bootable: "bootable",
    created_at: "created_at",
    updated_at: "updated_at",
  },
  metadata: VOLUME_METADATA,
  notFound: notFound.volume,
};

/** `GET /volumes` and `GET /volumes/detail`. */
export function listVolumes(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const refusal = refuseUnlessReader(caller, caller.projectId, "volume:get_all");
    if (refusal) return refused(refusal);
    const path = isDetailed ? "volumes/detail" : "volumes";
    const listing = await listOf<Volume>(reader, request, LISTED, path);
    if (isRejection(listing)) return refused(listing);
    const { rows, links, count } = listing;
    const names = new Map((await allTypes(reader)).map(({ id, state }) => [id, state.name]));
    return json(200, {
      volumes: rows.map((row) =>
        isDetailed
          ? volumeDetail(request, row, names.get(row.state.typeId) ?? null)
          : volumeSummary(request, row)
      ),
      ...(links.length > 0 && { volumes_links: links }),
      ...(count !== undefined && { count }),
    });
  };
}

/** `GET /volumes/summary`. */
export function summarizeVolumes({ reader }: VolumeDependencies): VolumeOperation {
  return async ({ caller, minor }) => {
    const refusal = refuseUnlessReader(caller, caller.projectId, "volume:get_all");
    if (refusal) return refused(refusal);
    const { count, size } = await totalsOf(reader, caller.projectId);
    return json(200, {
      "volume-summary": {
        total_count: count,
        total_size: size,
        ...(minor >= 36 && { metadata: {} }),
      },
    });
  };
}

/** A volume that the caller may see and read. */
export async function readableVolume(
  reader: Reader,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<Volume> | Rejection> {
  const found = await findVolume(reader, id);
  if (!found || !maySee(caller, found.state.projectId)) return notFound.volume(id);
  const refusal = refuseUnlessReader(caller, found.state.projectId, "volume:get");
  // What may not be read is not told to be there either.
  return refusal ? notFound.volume(id) : found;
}

/** `GET /volumes/{id}`. */
export function showVolume({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readableVolume(reader, request, request.param("id"));
    if (isRejection(found)) return refused(found);
    return json(200, { volume: await detailOf(reader, request, found) });
  };
}

/** What a command on a volume is, and who may give it. */
/** Decides a command on the volume that a request's path names, and records what follows. */
export function changeVolume(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  change: OwnedChange,
  decide: (
    volume: Versioned<Volume>,
    unit: UnitOfWork,
  ) => Decision<VolumeEvent> | Promise<Decision<VolumeEvent>>,
): Promise<Versioned<Volume> | Rejection> {
  const kind = { aggregate: volumes, notFound: notFound.volume };
  return changeOwned(dependencies, kind, request, { change, decide });
}

/** `PUT /volumes/{id}`. */
export function updateVolumes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(volumeUpdateSchema(request.minor));
    if (body instanceof Response) return body;
    const given = (body.value as { volume: Body }).volume;
    const refusal = refuseTexts(given);
    if (refusal) return refused(refusal);
    const change = { command: "UpdateVolume", rule: "volume:update" };
    const outcome = await changeVolume(
      dependencies,
      request,
      change,
      ({ state }) => updateVolume(changesIn(given), state),
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { volume: await detailOf(dependencies.reader, request, outcome) });
  };
}

function changesIn(given: Body): Partial<VolumeFacts> {
  const name = given["name"] ?? given["display_name"];
  const description = given["description"] ?? given["display_description"];
  const metadata = given["metadata"] as VolumeFacts["metadata"] | undefined;
  return {
    ...(name !== undefined && { name: trimmed(name) ?? null }),
    ...(description !== undefined && { description: trimmed(description) ?? null }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** `DELETE /volumes/{id}`. */
export function deleteVolumes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const cascade = isYes(request.query.get("cascade") ?? "");
    const force = request.minor >= 23 && isYes(request.query.get("force") ?? "");
    const change = {
      command: "DeleteVolume",
      rule: force ? "volume:force_delete" : "volume:delete",
      adminOnly: force,
    };
    const outcome = await changeVolume(
      dependencies,
      request,
      change,
      ({ id, state: volume }, unit) =>
        removeVolume(unit, {
          ...{ id, volume, force, cascade },
          takesTime: dependencies.volumeMs > 0,
        }),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** Decides to delete a volume, and deletes its snapshots where they are to go with it. */
export async function removeVolume(
  unit: UnitOfWork,
  { id, volume, force, cascade, takesTime }: {
    readonly id: string;
    readonly volume: Volume;
    readonly force: boolean;
    readonly cascade: boolean;
    readonly takesTime: boolean;
  },
): Promise<Decision<VolumeEvent>> {
  const found = await snapshotsOfVolume(unit, id);
  const statuses = found.map(({ state }) => state.status);
  const decision = deleteVolume(
    { type: "DeleteVolume", force, cascade, snapshots: statuses, takesTime },
    volume,
  );
  if (isRejection(decision)) return decision;
  for (const snapshot of found) {
    const outcome = await record(
      unit,
      snapshots,
      snapshot,
      deleteSnapshot({ force: true }, snapshot.state),
    );
    if (isRejection(outcome)) return outcome;
  }
  return decision;
}

/** Volumes as what has metadata. */
export function volumesWithMetadata(dependencies: VolumeDependencies): WithMetadata {
  return {
    noun: "Volume",
    noKey: notFound.metadata,
    find: (request) => readableVolume(dependencies.reader, request, request.param("id")),
    change: (request, command, next) =>
      changeVolume(
        dependencies,
        request,
        { command, rule: "volume:update_volume_metadata" },
        ({ id, state }) => {
          const metadata = next(state.metadata, id);
          return isRejection(metadata) ? metadata : updateVolume({ metadata }, state);
        },
      ),
  };
}
