/** Snapshots of volumes: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidSnapshot, invalidVolume, orList } from "../refusals.ts";
import type { Volume } from "../volumes/state.ts";

export type SnapshotEvent =
  | VolumeSnapshotCreated
  | VolumeSnapshotBecameAvailable
  | VolumeSnapshotUpdated
  | VolumeSnapshotStatusReset
  | VolumeSnapshotDeleted;

/** What whoever makes a snapshot says of it. */
export interface SnapshotFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly volumeId: string;
  readonly projectId: string;
  readonly userId: string;
  /** Size of the volume when it was made. */
  readonly sizeGib: number;
  readonly typeId: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The group snapshot that it is part of; absent: none. */
  readonly groupSnapshotId?: string;
}

/** A snapshot is to be made: it counts against quota from here on. */
export interface VolumeSnapshotCreated {
  readonly type: "VolumeSnapshotCreated";
  readonly data: SnapshotFacts;
}

/** The backend has made it. */
export interface VolumeSnapshotBecameAvailable {
  readonly type: "VolumeSnapshotBecameAvailable";
  readonly data: Readonly<Record<never, never>>;
}

/** Facts that have another value now; `metadata` is all of it. */
export interface VolumeSnapshotUpdated {
  readonly type: "VolumeSnapshotUpdated";
  readonly data: Partial<SnapshotFacts>;
}

/** An admin has said what its status is, whatever it was. */
export interface VolumeSnapshotStatusReset {
  readonly type: "VolumeSnapshotStatusReset";
  readonly data: { readonly status: string };
}

export interface VolumeSnapshotDeleted {
  readonly type: "VolumeSnapshotDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Snapshot extends Lifetime, SnapshotFacts {
  /** Cinder's word: `creating`, `available`, `error`, … */
  readonly status: string;
}

export const NO_SNAPSHOT: Snapshot = {
  ...UNBORN,
  name: null,
  description: null,
  volumeId: "",
  projectId: "",
  userId: "",
  sizeGib: 0,
  typeId: "",
  metadata: {},
  status: "deleted",
};

export function evolve(snapshot: Snapshot, event: Recorded<SnapshotEvent>): Snapshot {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeSnapshotCreated":
      return { ...snapshot, ...event.data, ...born(event), status: "creating" };
    case "VolumeSnapshotBecameAvailable":
      return { ...snapshot, status: "available", updatedAt };
    case "VolumeSnapshotUpdated":
    case "VolumeSnapshotStatusReset":
      return { ...snapshot, ...event.data, updatedAt };
    case "VolumeSnapshotDeleted":
      return { ...snapshot, exists: false, status: "deleted", updatedAt };
  }
}

export interface CreateSnapshot {
  readonly type: "CreateSnapshot";
  readonly volumeId: string;
  readonly volume: Volume;
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The group snapshot that it is part of. */
  readonly groupSnapshotId?: string;
  /** Whether the volume may be in use. */
  readonly mayBeInUse: boolean;
}

/**
 * Makes a snapshot of a volume; refuses volumes that are busy.
 *
 * Source: cinder/volume/api.py, `API.create_snapshot_in_db`.
 */
export function createSnapshot(
  command: CreateSnapshot,
): Decision<VolumeSnapshotCreated | VolumeSnapshotBecameAvailable> {
  const { type: _, volume, mayBeInUse, ...facts } = command;
  const expected = mayBeInUse ? ["available", "in-use"] : ["available"];
  if (!expected.includes(volume.status)) {
    return invalidVolume(
      `Volume ${facts.volumeId} status must be ${expected.join(", ")}, but current status is: ` +
        `${volume.status}.`,
    );
  }
  return [
    {
      type: "VolumeSnapshotCreated",
      data: { ...facts, sizeGib: volume.sizeGib, typeId: volume.typeId },
    },
    { type: "VolumeSnapshotBecameAvailable", data: {} },
  ];
}

/** Changes facts of a snapshot; those that hold already change nothing. */
export function updateSnapshot(
  changes: Partial<SnapshotFacts>,
  snapshot: Snapshot,
): Decision<VolumeSnapshotUpdated> {
  const data = whatDiffers<SnapshotFacts>(snapshot, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeSnapshotUpdated", data }];
}

const DELETABLE = ["available", "error"];

/** Deletes a snapshot; refuses one that is busy or part of a group's, unless forced. */
export function deleteSnapshot(
  { force }: { readonly force: boolean },
  snapshot: Snapshot,
): Decision<VolumeSnapshotDeleted> {
  const isFree = DELETABLE.includes(snapshot.status) && !snapshot.groupSnapshotId;
  if (force || isFree) {
    return [{ type: "VolumeSnapshotDeleted", data: {} }];
  }
  return invalidSnapshot(
    `Snapshot status must be ${orList(DELETABLE)} and must not be part of a group.`,
  );
}

/** What may follow what; cinder/api/contrib/snapshot_actions.py. */
const PROGRESS: Readonly<Record<string, readonly string[]>> = {
  creating: ["creating", "available", "error"],
  deleting: ["deleting", "error_deleting"],
};

/** Says how far the making or the end of a snapshot has come; refuses what cannot follow. */
export function progressSnapshot(
  status: string,
  snapshot: Snapshot,
): Decision<VolumeSnapshotStatusReset> {
  const next = Object.hasOwn(PROGRESS, snapshot.status) ? PROGRESS[snapshot.status] : undefined;
  if (!next) {
    return reject(
      "Invalid",
      `Snapshot status ${snapshot.status} not allowed for update_snapshot_status`,
    );
  }
  if (next.includes(status)) return [{ type: "VolumeSnapshotStatusReset", data: { status } }];
  return reject(
    "Invalid",
    `Provided snapshot status ${status} not allowed for snapshot with status ${snapshot.status}.`,
  );
}

/** cinder/api/contrib/admin_actions.py and api/validation/validators.py. */
const STATUSES = ["available", "creating", "deleting", "error", "error_deleting"];

/** Sets the status of a snapshot, whatever it is; refuses words that Cinder does not know. */
export function resetSnapshotStatus(
  asked: string,
): Decision<VolumeSnapshotStatusReset> {
  const status = asked.toLowerCase();
  if (STATUSES.includes(status)) return [{ type: "VolumeSnapshotStatusReset", data: { status } }];
  return reject(
    "Invalid",
    `Invalid input for field/attribute status. Value: ${asked}. '${asked}' is not a ` +
      "'snapshot_status'",
  );
}
