/** Deleting volumes. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import { invalidVolume, orList } from "../../refusals.ts";
import type { VolumeDeleted, VolumeDeleteRequested } from "../events.ts";
import type { Volume } from "../state.ts";

export interface DeleteVolume {
  readonly type: "DeleteVolume";
  /** Whatever its status is. */
  readonly force: boolean;
  /** Its snapshots are to go with it. */
  readonly cascade: boolean;
  /** The statuses of its snapshots. */
  readonly snapshots: readonly string[];
  /** Whether the backend has to take it away first. */
  readonly takesTime: boolean;
}

const DELETABLE = [
  "available",
  "error",
  "error_restoring",
  "error_extending",
  "error_managing",
];
const DELETABLE_SNAPSHOTS = ["available", "error", "deleting"];

/**
 * Deletes a volume with all that is on it.
 *
 * Refuses one that is busy, attached or has snapshots. Source: cinder/volume/api.py, `API.delete`.
 */
export function deleteVolume(
  command: DeleteVolume,
  volume: Volume,
): Decision<VolumeDeleted | VolumeDeleteRequested> {
  const { force, cascade, snapshots, takesTime } = command;
  const isAttached = volume.attachments.some(({ status }) => status === "attached");
  const isFree = force || DELETABLE.includes(volume.status);
  const mayGo = cascade
    ? force || snapshots.every((status) => DELETABLE_SNAPSHOTS.includes(status))
    : snapshots.length === 0;
  if (isFree && mayGo && !isAttached && !volume.groupId) {
    return [{ type: takesTime ? "VolumeDeleteRequested" : "VolumeDeleted", data: {} }];
  }
  const status = force ? "" : `status must be ${orList(DELETABLE)} and `;
  return invalidVolume(
    `Volume ${status}must not be migrating, attached, belong to a group, have snapshots, ` +
      "awaiting a transfer, or be disassociated from snapshots after volume transfer.",
  );
}
