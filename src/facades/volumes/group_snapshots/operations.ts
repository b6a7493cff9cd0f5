/** `/group_snapshots`, from microversion 3.14 on; cinder/api/v3/group_snapshots.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { readableGroup } from "../groups/operations.ts";
import { toMicroseconds } from "../lifetime.ts";
import { type Listed, listOf } from "../list.ts";
import { notFound } from "../refusals.ts";
import { groupResetSchema, groupSnapshotCreateSchema } from "../schemas.ts";
import { deleteSnapshot } from "../snapshots/decider.ts";
import { makeSnapshot } from "../snapshots/make.ts";
import { snapshots, snapshotsOfGroupSnapshot } from "../snapshots/projection.ts";
import { volumesOfGroup } from "../volumes/projection.ts";
import { changeOwned, type OwnedChange, record, type VolumeDependencies } from "../writes.ts";
import {
  createGroupSnapshot,
  deleteGroupSnapshot,
  type GroupSnapshot,
  type GroupSnapshotEvent,
  type GroupSnapshotFacts,
  resetGroupSnapshotStatus,
} from "./decider.ts";
import { findGroupSnapshot, groupSnapshots } from "./projection.ts";

/** A group snapshot's JSON; cinder/api/v3/views/group_snapshots.py. */
function snapshotView(
  { minor, caller }: VolumeRequest,
  { id, state }: Versioned<GroupSnapshot>,
): object {
  return {
    id,
    group_id: state.groupId,
    group_type_id: state.groupTypeId,
    status: state.status,
    created_at: toMicroseconds(state.createdAt),
    name: state.name,
    description: state.description,
    ...(minor >= 58 && caller.isAdmin && { project_id: state.projectId }),
  };
}

const LISTED: Listed = {
  plural: "group_snapshots",
  table: "volume_group_snapshots",
  filters: { id: "id", name: "name", status: "status", group_id: "group_id", user_id: "user_id" },
  sortKeys: {
    id: "id",
    name: "name",
    status: "status",
    group_id: "group_id",
    created_at: "created_at",
    updated_at: "updated_at",
  },
  notFound: notFound.groupSnapshot,
};

/** `GET /group_snapshots` and `GET /group_snapshots/detail`. */
export function listGroupSnapshots(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const rule = "group:get_all_group_snapshots";
    const refusal = refuseUnlessReader(caller, caller.projectId, rule);
    if (refusal) return refused(refusal);
    const path = isDetailed ? "group_snapshots/detail" : "group_snapshots";
    const listing = await listOf<GroupSnapshot>(reader, request, LISTED, path);
    if (isRejection(listing)) return refused(listing);
    const { rows, links } = listing;
    return json(200, {
      group_snapshots: rows.map((row) =>
        isDetailed ? snapshotView(request, row) : { id: row.id, name: row.state.name }
      ),
      ...(links.length > 0 && { group_snapshot_links: links }),
    });
  };
}

/** `GET /group_snapshots/{id}`. */
export function showGroupSnapshot({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const id = request.param("id");
    const found = await findGroupSnapshot(reader, id);
    if (!found || !maySee(caller, found.state.projectId)) {
      return refused(notFound.groupSnapshot(id));
    }
    const refusal = refuseUnlessReader(caller, found.state.projectId, "group:get_group_snapshot");
    return refusal ? refused(refusal) : json(200, { group_snapshot: snapshotView(request, found) });
  };
}

interface Given {
  readonly group_id: string;
  readonly name?: string | null;
  readonly description?: string | null;
}

/** `POST /group_snapshots`: a snapshot of each volume of a group. */
export function createGroupSnapshots({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupSnapshotCreateSchema);
    if (body instanceof Response) return body;
    const { name = null, description = null, group_id: groupId } =
      (body.value as { group_snapshot: Given }).group_snapshot;
    const { caller } = request;
    const outcome = await committer.submit(
      request.metadata("CreateVolumeGroupSnapshot"),
      async (unit) => {
        const group = await readableGroup(unit, request, groupId);
        if (isRejection(group)) return group;
        const { projectId, userId } = caller;
        const refusal = refuseUnlessMember(
          caller,
          group.state.projectId,
          "group:create_group_snapshot",
        );
        const { groupTypeId } = group.state;
        return refusal ?? await make(unit, {
          ...{ name, description, groupId, groupTypeId, projectId, userId },
        });
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    const { id, state } = outcome;
    return json(202, {
      group_snapshot: { id, name: state.name, group_type_id: state.groupTypeId },
    });
  };
}

async function make(
  unit: UnitOfWork,
  facts: GroupSnapshotFacts,
): Promise<Versioned<GroupSnapshot> | Rejection> {
  const before = await unit.load(groupSnapshots, crypto.randomUUID());
  const { name, description, groupId, projectId, userId } = facts;
  for (const of of await volumesOfGroup(unit, groupId)) {
    const snapshot = await makeSnapshot(unit, {
      id: crypto.randomUUID(),
      ...{ of, name, description, projectId, userId },
      metadata: {},
      mayBeInUse: true,
      groupSnapshotId: before.id,
    });
    if (isRejection(snapshot)) return snapshot;
  }
  return await record(unit, groupSnapshots, before, createGroupSnapshot(facts));
}

/** Decides a command on the group snapshot that a request's path names. */
function change(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  change: OwnedChange,
  decide: (
    snapshot: Versioned<GroupSnapshot>,
    unit: UnitOfWork,
  ) => Decision<GroupSnapshotEvent> | Promise<Decision<GroupSnapshotEvent>>,
): Promise<Versioned<GroupSnapshot> | Rejection> {
  const kind = { aggregate: groupSnapshots, notFound: notFound.groupSnapshot };
  return changeOwned(dependencies, kind, request, { change, decide });
}

/** `DELETE /group_snapshots/{id}`: with the snapshots that are part of it. */
export function deleteGroupSnapshots(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await change(
      dependencies,
      request,
      { command: "DeleteVolumeGroupSnapshot", rule: "group:delete_group_snapshot" },
      async ({ id, state }, unit) => {
        const decision = deleteGroupSnapshot(state);
        if (isRejection(decision)) return decision;
        for (const part of await snapshotsOfGroupSnapshot(unit, id)) {
          await record(unit, snapshots, part, deleteSnapshot({ force: true }, part.state));
        }
        return decision;
      },
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `POST /group_snapshots/{id}/action`: `reset_status`, from microversion 3.19 on. */
export function actOnGroupSnapshot(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body({});
    if (body instanceof Response) return body;
    const name = Object.keys(body.value ?? {})[0];
    if (name !== "reset_status") {
      return refused(reject(
        "Invalid",
        `There is no such action: ${name}. Verify the request body and Content-Type header and ` +
          "try again.",
      ));
    }
    const asked = await request.body(groupResetSchema);
    if (asked instanceof Response) return asked;
    const { status } = (asked.value as { reset_status: { status: string } }).reset_status;
    const outcome = await change(
      dependencies,
      request,
      {
        command: "ResetVolumeGroupSnapshotStatus",
        rule: "group:reset_group_snapshot_status",
        adminOnly: true,
      },
      () => resetGroupSnapshotStatus(status),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
