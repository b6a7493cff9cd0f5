/** `POST /backups/{id}/restore`: onto a volume that there is, or a new one. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember } from "../access.ts";
import { refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { notFound } from "../refusals.ts";
import { backupRestoreSchema } from "../schemas.ts";
import { updateVolume } from "../volumes/decide/mod.ts";
import { makeVolume } from "../volumes/make.ts";
import { volumes } from "../volumes/projection.ts";
import type { Volume } from "../volumes/state.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import { type Backup, refuseToOverwrite, restoreBackup } from "./decider.ts";
import { backups } from "./projection.ts";

interface Asked {
  readonly name?: string | null;
  readonly volume_id?: string | null;
}

/** Restores a backup; cinder/backup/api.py, `API.restore`. */
export function restoreBackups({ committer, volumeMs }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(backupRestoreSchema);
    if (body instanceof Response) return body;
    const asked = (body.value as { restore: Asked | null }).restore ?? {};
    const id = request.param("id");
    const outcome = await committer.submit(
      request.metadata("RestoreVolumeBackup"),
      async (unit) => {
        const backup = await restorable(unit, request, id);
        if (isRejection(backup)) return backup;
        const restored = await restore(unit, request, { backup, asked, takesTime: volumeMs > 0 });
        if (isRejection(restored)) return restored;
        const decision = restoreBackup(restored.id, backup.state);
        const done = await record(unit, backups, backup, decision);
        return isRejection(done) ? done : restored;
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    // Cinder answers before anything is on the volume: by the name that it has so far.
    const isNew = (asked.volume_id ?? null) === null;
    const volume_name = isNew ? nameFor(asked, id) : outcome.state.name;
    return json(202, { restore: { backup_id: id, volume_id: outcome.id, volume_name } });
  };
}

/** A backup that the caller may restore, and that is whole. */
async function restorable(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<Backup> | Rejection> {
  const backup = await unit.load(backups, id);
  const { exists, projectId } = backup.state;
  if (!exists || !maySee(caller, projectId)) return notFound.backup(id);
  const refusal = refuseUnlessMember(caller, projectId, "backup:restore");
  if (refusal) return refusal;
  const decision = restoreBackup("", backup.state);
  return isRejection(decision) ? decision : backup;
}

function nameFor({ name }: Asked, backupId: string): string {
  return name ?? `restore_backup_${backupId}`;
}

async function restore(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  { backup, asked, takesTime }: {
    readonly backup: Versioned<Backup>;
    readonly asked: Asked;
    readonly takesTime: boolean;
  },
): Promise<Versioned<Volume> | Rejection> {
  const { volume_id: volumeId } = asked;
  if (volumeId !== undefined && volumeId !== null) {
    const volume = await unit.load(volumes, volumeId);
    const { exists, projectId } = volume.state;
    if (!exists || !maySee(caller, projectId)) return notFound.volume(volumeId);
    return refuseToOverwrite(volume.state, backup.state) ??
      await record(
        unit,
        volumes,
        volume,
        updateVolume(putOn(volume.state, backup.state), volume.state),
      );
  }
  const { kept, sizeGib } = backup.state;
  // The name that the volume had takes the place of one that nobody chose.
  const isNamed = (asked.name ?? null) !== null || !kept.name;
  return await makeVolume(unit, {
    id: crypto.randomUUID(),
    name: isNamed ? nameFor(asked, backup.id) : kept.name,
    description: isNamed ? "auto-created_from_restore_from_backup" : kept.description,
    sizeGib,
    volumeType: null,
    availabilityZone: null,
    metadata: kept.metadata,
    snapshotId: null,
    sourceVolumeId: null,
    image: null,
    backup,
    takesTime,
  }, caller);
}

/** What a volume has then; cinder/backup/driver.py, `_restore_vol_meta`. */
function putOn(volume: Volume, { kept }: Backup): Partial<Volume> {
  const { isBootable, imageMetadata, metadata } = kept;
  return {
    metadata: { ...volume.metadata, ...metadata },
    isBootable: volume.isBootable || isBootable,
    ...(imageMetadata && { imageMetadata: { ...volume.imageMetadata, ...imageMetadata } }),
  };
}
