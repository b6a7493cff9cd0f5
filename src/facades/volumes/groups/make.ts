/** Making groups within a transaction, and filling them from other groups or their snapshots. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember } from "../access.ts";
import { refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { findGroupSnapshot } from "../group_snapshots/projection.ts";
import { limitsOf } from "../quotas/projection.ts";
import { notFound } from "../refusals.ts";
import { groupFromSourceSchema } from "../schemas.ts";
import { snapshotsOfGroupSnapshot } from "../snapshots/projection.ts";
import { makeVolume } from "../volumes/make.ts";
import { volumesOfGroup } from "../volumes/projection.ts";
import { record, trimmed, type VolumeDependencies } from "../writes.ts";
import {
  createGroup,
  type Group,
  type GroupFacts,
  invalidGroup,
  refuseGroupQuota,
} from "./decider.ts";
import { groupSummary } from "./operations.ts";
import { countGroups, findGroup, groups } from "./projection.ts";

/** Makes a group; refuses one that goes beyond the project's quota. */
export async function makeGroup(
  unit: UnitOfWork,
  facts: GroupFacts,
): Promise<Versioned<Group> | Rejection> {
  const { projectId } = facts;
  const limits = await limitsOf(unit, projectId);
  const refusal = refuseGroupQuota(limits["groups"] ?? -1, await countGroups(unit, projectId));
  if (refusal) return refusal;
  const before = await unit.load(groups, crypto.randomUUID());
  return await record(unit, groups, before, createGroup(facts));
}

interface Asked {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly group_snapshot_id?: string;
  readonly source_group_id?: string;
}

/** What a group is filled from: the group that it is like, and a source for each volume. */
interface Origin {
  readonly group: Group;
  readonly sources: readonly {
    readonly snapshotId: string | null;
    readonly sourceVolumeId: string | null;
  }[];
}

/**
 * `POST /groups/action` with `create-from-src`, from microversion 3.14 on.
 *
 * Source: cinder/group/api.py, `API.create_from_src`.
 */
export function createGroupFromSource(
  { committer, volumeMs }: VolumeDependencies,
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const body = await request.body(groupFromSourceSchema);
    if (body instanceof Response) return body;
    const asked = (body.value as { "create-from-src": Asked })["create-from-src"];
    const refusal = refuseUnlessMember(caller, caller.projectId, "group:create");
    if (refusal) return refused(refusal);
    const takesTime = volumeMs > 0;
    const outcome = await committer.submit(
      request.metadata("CreateVolumeGroupFromSource"),
      async (unit) => {
        const origin = await originOf(unit, request, asked);
        if (isRejection(origin)) return origin;
        return await fill(unit, request, { asked, origin, takesTime });
      },
    );
    return isRejection(outcome) ? refused(outcome) : json(202, { group: groupSummary(outcome) });
  };
}

async function originOf(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  { group_snapshot_id: snapshotId, source_group_id: sourceId = "" }: Asked,
): Promise<Origin | Rejection> {
  const snapshot = snapshotId === undefined ? undefined : await findGroupSnapshot(unit, snapshotId);
  if (snapshotId !== undefined && (!snapshot || !maySee(caller, snapshot.state.projectId))) {
    return notFound.groupSnapshot(snapshotId);
  }
  const groupId = snapshot?.state.groupId ?? sourceId;
  const group = await findGroup(unit, groupId);
  if (!group || !maySee(caller, group.state.projectId)) return notFound.group(groupId);
  const sources = snapshot
    ? (await snapshotsOfGroupSnapshot(unit, snapshot.id))
      .map(({ id }) => ({ snapshotId: id, sourceVolumeId: null }))
    : (await volumesOfGroup(unit, groupId))
      .map(({ id }) => ({ snapshotId: null, sourceVolumeId: id }));
  if (sources.length > 0) return { group: group.state, sources };
  const what = snapshot ? "Group snapshot" : "Source Group";
  return invalidGroup(`${what} is empty. No group will be created.`);
}

async function fill(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  { asked, origin, takesTime }: {
    readonly asked: Asked;
    readonly origin: Origin;
    readonly takesTime: boolean;
  },
): Promise<Versioned<Group> | Rejection> {
  const { group: { groupTypeId, volumeTypeIds, availabilityZone }, sources } = origin;
  const made = await makeGroup(unit, {
    name: trimmed(asked.name) ?? null,
    description: trimmed(asked.description) ?? null,
    projectId: caller.projectId,
    userId: caller.userId,
    ...{ groupTypeId, volumeTypeIds, availabilityZone },
    groupSnapshotId: asked.group_snapshot_id ?? null,
    sourceGroupId: asked.source_group_id ?? null,
  });
  if (isRejection(made)) return made;
  for (const source of sources) {
    const volume = await makeVolume(unit, {
      id: crypto.randomUUID(),
      name: null,
      description: null,
      sizeGib: null,
      volumeType: null,
      availabilityZone,
      metadata: {},
      image: null,
      ...source,
      groupId: made.id,
      takesTime,
    }, caller);
    // Whatever is wrong with a volume, the group cannot be; cinder/api/v3/groups.py.
    if (isRejection(volume)) return reject("Invalid", volume.message);
  }
  return made;
}
