/** Making a snapshot within a transaction: its volume and its project's quota looked up. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import type { Volume } from "../volumes/state.ts";
import { record } from "../writes.ts";
import { type CreateSnapshot, createSnapshot, type Snapshot } from "./decider.ts";
import { snapshots } from "./projection.ts";

/** A snapshot to be. */
export type AskedSnapshot = Omit<CreateSnapshot, "type" | "volumeId" | "volume"> & {
  readonly id: string;
  readonly of: Versioned<Volume>;
};

/** Makes a snapshot; refuses what Cinder refuses, and what goes beyond the project's quota. */
export async function makeSnapshot(
  unit: UnitOfWork,
  { id, of: { id: volumeId, state: volume }, ...asked }: AskedSnapshot,
): Promise<Versioned<Snapshot> | Rejection> {
  const decision = createSnapshot({ type: "CreateSnapshot", volumeId, volume, ...asked });
  if (isRejection(decision)) return decision;
  const refusal = await refuseBeyondQuota(unit, {
    kind: "snapshots",
    projectId: asked.projectId,
    typeId: volume.typeId,
    count: 1,
    gigabytes: volume.sizeGib,
  });
  return refusal ?? await record(unit, snapshots, await unit.load(snapshots, id), decision);
}
