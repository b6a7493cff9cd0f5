/** Backups of volumes: what can happen to one, what is true of it, and what may be done to it. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidSnapshot, invalidVolume } from "../refusals.ts";
import type { Snapshot } from "../snapshots/decider.ts";
import type { Volume } from "../volumes/state.ts";

export type BackupEvent =
  | VolumeBackupCreated
  | VolumeBackupUpdated
  | VolumeBackupRestored
  | VolumeBackupStatusReset
  | VolumeBackupDeleted;

/** What is kept of a volume besides its data; cinder/backup/driver.py, `BackupMetadataAPI`. */
export interface KeptOfVolume {
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly isBootable: boolean;
  readonly imageMetadata: Readonly<Record<string, string>> | null;
}

/** What whoever makes a backup says of it. */
export interface BackupFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly volumeId: string;
  readonly snapshotId: string | null;
  /** The backup that it builds on; null: it stands alone. */
  readonly parentId: string | null;
  readonly container: string | null;
  readonly availabilityZone: string;
  /** Size of the volume, in GiB. */
  readonly sizeGib: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Since when its data are as they are; null: since it was made. */
  readonly dataTimestamp: string | null;
  readonly kept: KeptOfVolume;
}

/** A backup is there, with all that was on the volume. */
export interface VolumeBackupCreated {
  readonly type: "VolumeBackupCreated";
  readonly data: BackupFacts;
}

/** Facts that have another value now; `metadata` is all of it. */
export interface VolumeBackupUpdated {
  readonly type: "VolumeBackupUpdated";
  readonly data: Partial<Pick<BackupFacts, "name" | "description" | "metadata">>;
}

/** A volume has what the backup has. */
export interface VolumeBackupRestored {
  readonly type: "VolumeBackupRestored";
  readonly data: { readonly volumeId: string };
}

/** An admin has said what its status is, whatever it was. */
export interface VolumeBackupStatusReset {
  readonly type: "VolumeBackupStatusReset";
  readonly data: { readonly status: string };
}

export interface VolumeBackupDeleted {
  readonly type: "VolumeBackupDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Backup extends Lifetime, BackupFacts {
  /** Cinder's word: `available` or `error`. */
  readonly status: string;
}

export const NO_BACKUP: Backup = {
  ...UNBORN,
  name: null,
  description: null,
  projectId: "",
  userId: "",
  volumeId: "",
  snapshotId: null,
  parentId: null,
  container: null,
  availabilityZone: "",
  sizeGib: 0,
  metadata: {},
  dataTimestamp: null,
  kept: { name: null, description: null, metadata: {}, isBootable: false, imageMetadata: null },
  status: "deleted",
};

export function evolve(backup: Backup, event: Recorded<BackupEvent>): Backup {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeBackupCreated":
      return { ...backup, ...event.data, ...born(event), status: "available" };
    case "VolumeBackupUpdated":
    case "VolumeBackupStatusReset":
      return { ...backup, ...event.data, updatedAt };
    case "VolumeBackupRestored":
      return { ...backup, updatedAt };
    case "VolumeBackupDeleted":
      return { ...backup, exists: false, status: "deleted", updatedAt };
  }
}

/** Since when a backup's data are as they are. */
export function dataTimestampOf({ dataTimestamp, createdAt }: Backup): string {
  return dataTimestamp ?? createdAt;
}

export type CreateBackup =
  & Omit<
    BackupFacts,
    "sizeGib" | "volumeId" | "snapshotId" | "parentId" | "dataTimestamp" | "kept"
  >
  & {
    readonly volume: Versioned<Volume>;
    /** The snapshot to make it of; absent: of the volume itself. */
    readonly snapshot: Versioned<Snapshot> | undefined;
    /** Whether it is to build on an earlier one. */
    readonly isIncremental: boolean;
    /** Whether the volume may be in use. */
    readonly force: boolean;
    /** The project's backups of the volume. */
    readonly earlier: readonly Versioned<Backup>[];
  };

/**
 * Makes a backup of a volume, or of a snapshot of it.
 *
 * Refuses volumes and snapshots that are busy, volumes in use unless forced, and what is to build
 * on an earlier backup where there is none. Source: cinder/backup/api.py, `API.create`.
 */
export function createBackup(command: CreateBackup): Decision<VolumeBackupCreated> {
  const { volume, snapshot, isIncremental, force: _force, earlier: _earlier, ...facts } = command;
  const refusal = refuseSource(command);
  if (refusal) return refusal;
  const parentId = isIncremental ? parentOf(command) : null;
  if (parentId === undefined) {
    return invalidBackup("No backups available to do an incremental backup.");
  }
  const { name, description, metadata, isBootable, imageMetadata, sizeGib } = volume.state;
  return [{
    type: "VolumeBackupCreated",
    data: {
      ...facts,
      volumeId: volume.id,
      snapshotId: snapshot?.id ?? null,
      parentId,
      sizeGib,
      dataTimestamp: snapshot?.state.createdAt ?? null,
      kept: { name, description, metadata, isBootable, imageMetadata },
    },
  }];
}

function refuseSource({ volume, snapshot, force }: CreateBackup): Rejection | undefined {
  const { status } = volume.state;
  if (snapshot) {
    if (snapshot.state.volumeId !== volume.id) {
      return invalidVolume(
        `Volume ${volume.id} does not match with snapshot.volume_id ${snapshot.state.volumeId}.`,
      );
    }
    return snapshot.state.status === "available" ? undefined : invalidSnapshot(
      "Snapshot to be backed up must be available, but the current status is " +
        `"${snapshot.state.status}".`,
    );
  }
  if (status !== "available" && status !== "in-use") {
    return invalidVolume(
      `Volume to be backed up must be available or in-use, but the current status is "${status}".`,
    );
  }
  if (status === "in-use" && !force) {
    return invalidVolume("Backing up an in-use volume must use the force flag.");
  }
}

/** The newest backup that one may build on: of a snapshot's, only what is older than it. */
function parentOf({ snapshot, earlier }: CreateBackup): string | undefined {
  return earlier
    .filter(({ state }) => state.status === "available")
    .filter(({ state }) => !snapshot || dataTimestampOf(state) < snapshot.state.createdAt)
    .sort((one, other) => dataTimestampOf(one.state) < dataTimestampOf(other.state) ? -1 : 1)
    .at(-1)?.id;
}

/** Says no to more backups, or larger ones, than a project may have; sizes first, as Cinder does. */
export function refuseBackupQuota(
  limits: Readonly<Record<string, number>>,
  inUse: Readonly<Record<string, number>>,
  sizeGib: number,
): Rejection | undefined {
  const isOver = (name: string, more: number) =>
    (limits[name] ?? -1) >= 0 && (inUse[name] ?? 0) + more > limits[name]!;
  if (isOver("backup_gigabytes", sizeGib)) {
    return reject(
      "QuotaExceeded",
      "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes " +
        `quota. Requested ${sizeGib}G, quota is ${limits["backup_gigabytes"]}G and ` +
        `${inUse["backup_gigabytes"] ?? 0}G has been consumed.`,
    );
  }
  if (!isOver("backups", 1)) return undefined;
  return reject(
    "QuotaExceeded",
    `BackupLimitExceeded: Maximum number of backups allowed (${limits["backups"]}) exceeded`,
  );
}

/** Changes facts of a backup; those that hold already change nothing. */
export function updateBackup(
  changes: VolumeBackupUpdated["data"],
  backup: Backup,
): Decision<VolumeBackupUpdated> {
  const data = whatDiffers<BackupFacts>(backup, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeBackupUpdated", data }];
}

/** Puts a backup on a volume; refuses one that is not whole. */
export function restoreBackup(
  volumeId: string,
  { status }: Backup,
): Decision<VolumeBackupRestored> {
  if (status !== "available") return invalidBackup("Backup status must be available");
  return [{ type: "VolumeBackupRestored", data: { volumeId } }];
}

/** Says no to a volume that a backup cannot be put on. */
export function refuseToOverwrite(
  volume: Pick<Volume, "status" | "sizeGib">,
  { sizeGib }: Backup,
): Rejection | undefined {
  if (volume.status !== "available") {
    return invalidVolume("Volume to be restored to must be available");
  }
  if (volume.sizeGib >= sizeGib) return undefined;
  return invalidVolume(
    `volume size ${volume.sizeGib} is too small to restore backup of size ${sizeGib}.`,
  );
}

/** Deletes a backup; refuses one that others build on, and one that is busy unless forced. */
export function deleteBackup(
  { force, hasDependents }: { readonly force: boolean; readonly hasDependents: boolean },
  { status }: Backup,
): Decision<VolumeBackupDeleted> {
  if (!force && status !== "available" && status !== "error") {
    return invalidBackup("Backup status must be available or error");
  }
  if (hasDependents) return invalidBackup("Incremental backups exist for this backup.");
  return [{ type: "VolumeBackupDeleted", data: {} }];
}

/** Sets the status of a backup, whatever it is; refuses words that Cinder does not know. */
export function resetBackupStatus(asked: string): Decision<VolumeBackupStatusReset> {
  const status = asked.toLowerCase();
  if (status === "available" || status === "error") {
    return [{ type: "VolumeBackupStatusReset", data: { status } }];
  }
  return reject(
    "Invalid",
    `Backup status: ${asked} is invalid, valid statuses are: ['available', 'error'].`,
  );
}

/** A backup that is not in the state for it. */
export function invalidBackup(reason: string): Rejection {
  return reject("Invalid", `Invalid backup: ${reason}`);
}
