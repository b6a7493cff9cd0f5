/** `/backups`; cinder/api/contrib/backups.py and api/v3/backups.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { fault, nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { AVAILABILITY_ZONE } from "../fixed.ts";
import { toMicroseconds } from "../lifetime.ts";
import { type Listed, listOf } from "../list.ts";
import { inUseOf, limitsOf } from "../quotas/projection.ts";
import { notFound } from "../refusals.ts";
import { backupCreateSchema, backupResetSchema, backupUpdateSchema, isTrue } from "../schemas.ts";
import { findSnapshot } from "../snapshots/projection.ts";
import { volumes } from "../volumes/projection.ts";
import {
  changeOwned,
  type OwnedChange,
  record,
  trimmed,
  type VolumeDependencies,
} from "../writes.ts";
import {
  type Backup,
  type BackupEvent,
  createBackup,
  dataTimestampOf,
  deleteBackup,
  refuseBackupQuota,
  resetBackupStatus,
  updateBackup,
} from "./decider.ts";
import {
  BACKUP_METADATA,
  backups,
  backupsOfVolume,
  findBackup,
  withDependents,
} from "./projection.ts";

type Body = Readonly<Record<string, unknown>>;

/** The little that an answer without details tells. */
function backupSummary(
  { selfBase, bookmarkBase }: VolumeRequest,
  { id, state }: Versioned<Backup>,
): object {
  const links = [
    { rel: "self", href: `${selfBase}/backups/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/backups/${id}` },
  ];
  return { id, name: state.name, links };
}

/** A backup's JSON; cinder/api/views/backups.py. */
function backupView(
  request: VolumeRequest,
  found: Versioned<Backup>,
  dependents: ReadonlySet<string>,
): object {
  const { minor, caller } = request;
  const { id, state } = found;
  return {
    ...backupSummary(request, found),
    status: state.status,
    size: state.sizeGib,
    object_count: 0,
    availability_zone: state.availabilityZone,
    container: state.container,
    created_at: toMicroseconds(state.createdAt),
    updated_at: toMicroseconds(state.updatedAt),
    description: state.description,
    fail_reason: null,
    volume_id: state.volumeId,
    is_incremental: state.parentId !== null,
    has_dependent_backups: dependents.has(id),
    snapshot_id: state.snapshotId,
    data_timestamp: toMicroseconds(dataTimestampOf(state)),
    ...(minor >= 43 && { metadata: state.metadata }),
    ...(minor >= 18 && caller.isAdmin && {
      "os-backup-project-attr:project_id": state.projectId,
    }),
    ...(minor >= 56 && caller.isAdmin && { user_id: state.userId }),
  };
}

const LISTED: Listed = {
  plural: "backups",
  table: "volume_backups",
  filters: {
    id: "id",
    name: "name",
    status: "status",
    volume_id: "volume_id",
    snapshot_id: "snapshot_id",
    parent_id: "parent_id",
    size: "size",
  },
  sortKeys: {
    id: "id",
    name: "name",
    display_name: "name",
    status: "status",
    volume_id: "volume_id",
    size: "size",
    created_at: "created_at",
    updated_at: "updated_at",
  },
  metadata: BACKUP_METADATA,
  notFound: notFound.backup,
};

/** `GET /backups` and `GET /backups/detail`. */
export function listBackups(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const refusal = refuseUnlessReader(caller, caller.projectId, "backup:get_all");
    if (refusal) return refused(refusal);
    const path = isDetailed ? "backups/detail" : "backups";
    const listing = await listOf<Backup>(reader, request, LISTED, path);
    if (isRejection(listing)) return refused(listing);
    const { rows, links, count } = listing;
    const dependents = await withDependents(reader, isDetailed ? rows.map(({ id }) => id) : []);
    return json(200, {
      backups: rows.map((row) =>
        isDetailed ? backupView(request, row, dependents) : backupSummary(request, row)
      ),
      ...(links.length > 0 && { backups_links: links }),
      ...(count !== undefined && { count }),
    });
  };
}

/** A backup that the caller may see and read. */
export async function readableBackup(
  reader: Reader,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<Backup> | Rejection> {
  const found = await findBackup(reader, id);
  if (!found || !maySee(caller, found.state.projectId)) return notFound.backup(id);
  return refuseUnlessReader(caller, found.state.projectId, "backup:get") ?? found;
}

/** `GET /backups/{id}`. */
export function showBackup({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readableBackup(reader, request, request.param("id"));
    if (isRejection(found)) return refused(found);
    const dependents = await withDependents(reader, [found.id]);
    return json(200, { backup: backupView(request, found, dependents) });
  };
}

/** `POST /backups`. */
export function createBackups({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(backupCreateSchema(request.minor));
    if (body instanceof Response) return body;
    const given = (body.value as { backup: Body }).backup;
    const outcome = await committer.submit(
      request.metadata("CreateVolumeBackup"),
      (unit) => make(unit, request, given),
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(202, { backup: backupSummary(request, outcome) });
  };
}

async function make(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  given: Body,
): Promise<Versioned<Backup> | Rejection> {
  const volumeId = String(given["volume_id"]);
  const volume = await unit.load(volumes, volumeId);
  const { exists, projectId: ofProject } = volume.state;
  if (!exists || !maySee(caller, ofProject)) return notFound.volume(volumeId);
  const refusal = refuseUnlessMember(caller, ofProject, "backup:create");
  if (refusal) return refusal;
  const { projectId, userId } = caller;
  const snapshotId = given["snapshot_id"] as string | null | undefined ?? null;
  const snapshot = snapshotId === null ? undefined : await findSnapshot(unit, snapshotId);
  if (snapshotId !== null && (!snapshot || !maySee(caller, snapshot.state.projectId))) {
    return notFound.snapshot(snapshotId);
  }
  const decision = createBackup({
    name: trimmed(given["name"]) ?? null,
    description: trimmed(given["description"]) ?? null,
    ...{ projectId, userId, volume, snapshot },
    container: given["container"] as string | null | undefined ?? null,
    availabilityZone: AVAILABILITY_ZONE,
    metadata: given["metadata"] as Backup["metadata"] | null | undefined ?? {},
    isIncremental: isTrue(given["incremental"]),
    force: isTrue(given["force"]),
    earlier: await backupsOfVolume(unit, { volumeId, projectId }),
  });
  if (isRejection(decision)) return decision;
  const { sizeGib } = volume.state;
  const inUse = await inUseOf(unit, projectId);
  return refuseBackupQuota(await limitsOf(unit, projectId), inUse, sizeGib) ??
    await record(unit, backups, await unit.load(backups, crypto.randomUUID()), decision);
}

/** Decides a command on the backup that a request's path names, and records what follows. */
function change(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  change: OwnedChange,
  decide: (
    backup: Versioned<Backup>,
    unit: UnitOfWork,
  ) => Decision<BackupEvent> | Promise<Decision<BackupEvent>>,
): Promise<Versioned<Backup> | Rejection> {
  const kind = { aggregate: backups, notFound: notFound.backup };
  return changeOwned(dependencies, kind, request, { change, decide });
}

/** `PUT /backups/{id}`, from microversion 3.9 on. */
export function updateBackups(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    if (request.minor < 9) return fault(404, "The resource could not be found.");
    const body = await request.body(backupUpdateSchema(request.minor));
    if (body instanceof Response) return body;
    const given = (body.value as { backup: Body | null }).backup ?? {};
    const { name, description, metadata } = given;
    const outcome = await change(
      dependencies,
      request,
      { command: "UpdateVolumeBackup", rule: "backup:update" },
      ({ state }) =>
        updateBackup({
          ...(name !== undefined && { name: trimmed(name) ?? null }),
          ...(description !== undefined && { description: trimmed(description) ?? null }),
          ...(metadata !== undefined && { metadata: metadata as Backup["metadata"] }),
        }, state),
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(200, { backup: backupSummary(request, outcome) });
  };
}

/** `DELETE /backups/{id}`. */
export function deleteBackups(dependencies: VolumeDependencies): VolumeOperation {
  return (request) =>
    remove(dependencies, request, {
      command: "DeleteVolumeBackup",
      rule: "backup:delete",
      force: false,
    });
}

async function remove(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  { force, ...how }: { readonly command: string; readonly rule: string; readonly force: boolean },
): Promise<Response> {
  const outcome = await change(
    dependencies,
    request,
    { ...how, adminOnly: force },
    async ({ id, state }, unit) =>
      deleteBackup({ force, hasDependents: (await withDependents(unit, [id])).has(id) }, state),
  );
  return isRejection(outcome) ? refused(outcome) : nothing(202);
}

/** `POST /backups/{id}/action`: `os-reset_status` and `os-force_delete`, for admins. */
export function actOnBackup(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body({});
    if (body instanceof Response) return body;
    const name = Object.keys(body.value ?? {})[0];
    const rule = `volume_extension:backup_admin_actions:${name?.replace("os-", "")}`;
    if (name === "os-force_delete") {
      const command = "ForceDeleteVolumeBackup";
      return await remove(dependencies, request, { command, rule, force: true });
    }
    if (name !== "os-reset_status") {
      return refused(reject(
        "Invalid",
        `There is no such action: ${name}. Verify the request body and Content-Type header and ` +
          "try again.",
      ));
    }
    const asked = await request.body(backupResetSchema);
    if (asked instanceof Response) return asked;
    const { status } = (asked.value as { "os-reset_status": { status: string } })[name];
    const outcome = await change(
      dependencies,
      request,
      { command: "ResetVolumeBackupStatus", rule, adminOnly: true },
      () => resetBackupStatus(status),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
