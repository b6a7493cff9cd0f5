/** Snapshots of groups: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";

export type GroupSnapshotEvent =
  | VolumeGroupSnapshotCreated
  | VolumeGroupSnapshotStatusReset
  | VolumeGroupSnapshotDeleted;

/** What whoever makes a snapshot of a group says of it. */
export interface GroupSnapshotFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly groupId: string;
  readonly groupTypeId: string;
  readonly projectId: string;
  readonly userId: string;
}

/** All volumes of a group have a snapshot; the snapshots say that they are part of it. */
export interface VolumeGroupSnapshotCreated {
  readonly type: "VolumeGroupSnapshotCreated";
  readonly data: GroupSnapshotFacts;
}

/** An admin has said what its status is, whatever it was. */
export interface VolumeGroupSnapshotStatusReset {
  readonly type: "VolumeGroupSnapshotStatusReset";
  readonly data: { readonly status: string };
}

export interface VolumeGroupSnapshotDeleted {
  readonly type: "VolumeGroupSnapshotDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface GroupSnapshot extends Lifetime, GroupSnapshotFacts {
  /** Cinder's word: `available`, `error`, … */
  readonly status: string;
}

export const NO_GROUP_SNAPSHOT: GroupSnapshot = {
  ...UNBORN,
  name: null,
  description: null,
  groupId: "",
  groupTypeId: "",
  projectId: "",
  userId: "",
  status: "deleted",
};

export function evolve(
  snapshot: GroupSnapshot,
  event: Recorded<GroupSnapshotEvent>,
): GroupSnapshot {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeGroupSnapshotCreated":
      return { ...snapshot, ...event.data, ...born(event), status: "available" };
    case "VolumeGroupSnapshotStatusReset":
      return { ...snapshot, ...event.data, updatedAt };
    case "VolumeGroupSnapshotDeleted":
      return { ...snapshot, exists: false, status: "deleted", updatedAt };
  }
}

/** Makes a snapshot of a group; what its volumes refuse is for them to say. */
export function createGroupSnapshot(
  data: GroupSnapshotFacts,
): Decision<VolumeGroupSnapshotCreated> {
  return [{ type: "VolumeGroupSnapshotCreated", data }];
}

/** Deletes a snapshot of a group; refuses one that is busy. */
export function deleteGroupSnapshot(
  { status }: GroupSnapshot,
): Decision<VolumeGroupSnapshotDeleted> {
  if (status === "available" || status === "error") {
    return [{ type: "VolumeGroupSnapshotDeleted", data: {} }];
  }
  return reject(
    "Invalid",
    "Invalid GroupSnapshot: GroupSnapshot status must be available or error, and no Group can be " +
      "currently using it as source for its creation.",
  );
}

/** cinder/objects/fields.py, `GroupSnapshotStatus`. */
const STATUSES = [
  "error",
  "available",
  "creating",
  "deleting",
  "deleted",
  "updating",
  "error_deleting",
];

/** Sets the status, whatever it is; refuses words that Cinder does not know. */
export function resetGroupSnapshotStatus(
  asked: string,
): Decision<VolumeGroupSnapshotStatusReset> {
  const status = asked.toLowerCase();
  if (STATUSES.includes(status)) {
    return [{ type: "VolumeGroupSnapshotStatusReset", data: { status } }];
  }
  return reject(
    "Invalid",
    `Invalid GroupSnapshot Status: Group snapshot status: ${asked} is invalid, valid statuses ` +
      `are: (${STATUSES.map((one) => `'${one}'`).join(", ")}).`,
  );
}
