/** `/snapshots`; cinder/api/v3/snapshots.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import { type Listed, listOf } from "../list.ts";
import type { WithMetadata } from "../metadata.ts";
import { notFound } from "../refusals.ts";
import {
  isTrue,
  snapshotCreateSchema,
  snapshotResetSchema,
  snapshotStatusSchema,
  snapshotUpdateSchema,
} from "../schemas.ts";
import { refuseTexts } from "../volumes/operations.ts";
import { volumes } from "../volumes/projection.ts";
import { changeOwned, type OwnedChange, trimmed, type VolumeDependencies } from "../writes.ts";
import {
  deleteSnapshot,
  progressSnapshot,
  resetSnapshotStatus,
  type Snapshot,
  type SnapshotEvent,
  updateSnapshot,
} from "./decider.ts";
import { makeSnapshot } from "./make.ts";
import { findSnapshot, SNAPSHOT_METADATA, snapshots } from "./projection.ts";

type Body = Readonly<Record<string, unknown>>;

/** From here on a volume in use may be had a snapshot of without force. */
const IN_USE_SINCE = 66;

/** A snapshot's JSON; cinder/api/views/snapshots.py. */
function snapshotView(
  { minor }: VolumeRequest,
  { id, state }: Versioned<Snapshot>,
  { isDetailed }: { readonly isDetailed: boolean },
): object {
  return {
    id,
    created_at: toMicroseconds(state.createdAt),
    updated_at: toMicroseconds(state.updatedAt),
    name: state.name,
    description: state.description,
    volume_id: state.volumeId,
    status: state.status,
    size: state.sizeGib,
    metadata: state.metadata,
    ...(isDetailed && {
      ...(minor >= 14 && { group_snapshot_id: state.groupSnapshotId ?? null }),
      ...(minor >= 41 && { user_id: state.userId }),
      ...(minor >= 65 && { consumes_quota: true }),
      "os-extended-snapshot-attributes:project_id": state.projectId,
      "os-extended-snapshot-attributes:progress": state.status === "available" ? "100%" : "0%",
    }),
  };
}

/** `POST /snapshots`. */
export function createSnapshots({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(snapshotCreateSchema);
    if (body instanceof Response) return body;
    const given = (body.value as { snapshot: Body }).snapshot;
    const refusal = refuseTexts(given) ?? refuseForce(given, request.minor);
    if (refusal) return refused(refusal);
    const { caller, minor } = request;
    const volumeId = String(given["volume_id"]);
    const id = crypto.randomUUID();
    const outcome = await committer.submit(
      request.metadata("CreateVolumeSnapshot"),
      async (unit) => {
        const of = await unit.load(volumes, volumeId);
        if (!of.state.exists || !maySee(caller, of.state.projectId)) {
          return notFound.volume(volumeId);
        }
        const refusal = refuseUnlessMember(caller, of.state.projectId, "volume:create_snapshot");
        if (refusal) return refusal;
        return await makeSnapshot(unit, {
          id,
          of,
          name: trimmed(given["name"] ?? given["display_name"]) ?? null,
          description: trimmed(given["description"]) ?? null,
          projectId: caller.projectId,
          userId: caller.userId,
          metadata: given["metadata"] as Snapshot["metadata"] | undefined ?? {},
          mayBeInUse: minor >= IN_USE_SINCE || isTrue(given["force"]),
        });
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    // Cinder answers before the backend has done anything.
    const state = { ...outcome.state, status: "creating", updatedAt: null };
    return json(202, {
      snapshot: snapshotView(request, { ...outcome, state }, { isDetailed: true }),
    });
  };
}

function refuseForce(given: Body, minor: number): Rejection | undefined {
  if (given["force"] === undefined || isTrue(given["force"]) || minor < IN_USE_SINCE) {
    return undefined;
  }
  return reject(
    "Invalid",
    "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward " +
      "compatability, however, when the 'force' flag is passed with a value evaluating to True, " +
      "it is silently ignored.",
  );
}

const LISTED: Listed = {
  plural: "snapshots",
  table: "volume_snapshots",
  filters: { name: "name", status: "status", volume_id: "volume_id", user_id: "user_id", id: "id" },
  sortKeys: {
    id: "id",
    name: "name",
    display_name: "name",
    status: "status",
    volume_id: "volume_id",
    volume_size: "size",
    created_at: "created_at",
    updated_at: "updated_at",
  },
  metadata: SNAPSHOT_METADATA,
  notFound: notFound.snapshot,
};

/** `GET /snapshots` and `GET /snapshots/detail`. */
export function listSnapshots(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const refusal = refuseUnlessReader(caller, caller.projectId, "volume:get_all_snapshots");
    if (refusal) return refused(refusal);
    const path = isDetailed ? "snapshots/detail" : "snapshots";
    const listing = await listOf<Snapshot>(reader, request, LISTED, path);
    if (isRejection(listing)) return refused(listing);
    const { rows, links, count } = listing;
    return json(200, {
      snapshots: rows.map((row) => snapshotView(request, row, { isDetailed })),
      ...(links.length > 0 && { snapshots_links: links }),
      ...(count !== undefined && { count }),
    });
  };
}

async function readableSnapshot(
  reader: Reader,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<Snapshot> | Rejection> {
  const found = await findSnapshot(reader, id);
  if (!found || !maySee(caller, found.state.projectId)) return notFound.snapshot(id);
  return refuseUnlessReader(caller, found.state.projectId, "volume:get_snapshot") ?? found;
}

/** `GET /snapshots/{id}`. */
export function showSnapshot({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readableSnapshot(reader, request, request.param("id"));
    if (isRejection(found)) return refused(found);
    return json(200, { snapshot: snapshotView(request, found, { isDetailed: true }) });
  };
}

/** Decides a command on the snapshot that a request's path names, and records what follows. */
function changeSnapshot(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  change: OwnedChange,
  decide: (snapshot: Snapshot, id: string) => Decision<SnapshotEvent>,
): Promise<Versioned<Snapshot> | Rejection> {
  const kind = { aggregate: snapshots, notFound: notFound.snapshot };
  return changeOwned(dependencies, kind, request, {
    change,
    decide: ({ state, id }) => decide(state, id),
  });
}

/** `PUT /snapshots/{id}`. */
export function updateSnapshots(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(snapshotUpdateSchema);
    if (body instanceof Response) return body;
    const given = (body.value as { snapshot: Body }).snapshot;
    const name = given["name"] ?? given["display_name"];
    const description = given["description"] ?? given["display_description"];
    const outcome = await changeSnapshot(
      dependencies,
      request,
      { command: "UpdateVolumeSnapshot", rule: "volume:update_snapshot" },
      (snapshot) =>
        updateSnapshot({
          ...(name !== undefined && { name: trimmed(name) ?? null }),
          ...(description !== undefined && { description: trimmed(description) ?? null }),
        }, snapshot),
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { snapshot: snapshotView(request, outcome, { isDetailed: true }) });
  };
}

/** `DELETE /snapshots/{id}`. */
export function deleteSnapshots(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await changeSnapshot(
      dependencies,
      request,
      { command: "DeleteVolumeSnapshot", rule: "volume:delete_snapshot" },
      (snapshot) => deleteSnapshot({ force: false }, snapshot),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `POST /snapshots/{id}/action`: `os-update_snapshot_status`; for admins also other actions. */
export function actOnSnapshot(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body({});
    if (body instanceof Response) return body;
    const name = Object.keys(body.value ?? {})[0];
    const rule = "volume_extension:snapshot_admin_actions:";
    if (name === "os-force_delete") {
      const change = { command: "ForceDeleteVolumeSnapshot", rule: `${rule}force_delete` };
      return answerTo(
        await changeSnapshot(
          dependencies,
          request,
          { ...change, adminOnly: true },
          (snapshot) => deleteSnapshot({ force: true }, snapshot),
        ),
      );
    }
    if (name === "os-update_snapshot_status") return await updateStatus(dependencies, request);
    if (name !== "os-reset_status") {
      return refused(reject(
        "Invalid",
        `There is no such action: ${name}. Verify the request body and Content-Type header and ` +
          "try again.",
      ));
    }
    const asked = await request.body(snapshotResetSchema);
    if (asked instanceof Response) return asked;
    const { status } = (asked.value as { "os-reset_status": { status: string } })[name];
    const change = { command: "ResetVolumeSnapshotStatus", rule: `${rule}reset_status` };
    return answerTo(
      await changeSnapshot(
        dependencies,
        request,
        { ...change, adminOnly: true },
        () => resetSnapshotStatus(status),
      ),
    );
  };
}

async function updateStatus(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
): Promise<Response> {
  const body = await request.body(snapshotStatusSchema);
  if (body instanceof Response) return body;
  const { status } = (body.value as Record<string, { status: string }>)[
    "os-update_snapshot_status"
  ]!;
  return answerTo(
    await changeSnapshot(
      dependencies,
      request,
      {
        command: "UpdateVolumeSnapshotStatus",
        rule: "snapshot_extension:snapshot_actions:update_snapshot_status",
      },
      (snapshot) => progressSnapshot(status, snapshot),
    ),
  );
}

function answerTo(outcome: unknown): Response {
  return isRejection(outcome) ? refused(outcome) : nothing(202);
}

/** Snapshots as what has metadata. */
export function snapshotsWithMetadata(dependencies: VolumeDependencies): WithMetadata {
  return {
    noun: "VolumeSnapshot",
    noKey: notFound.snapshotMetadata,
    find: (request) => readableSnapshot(dependencies.reader, request, request.param("id")),
    change: (request, command, next) =>
      changeSnapshot(
        dependencies,
        request,
        { command, rule: "volume:update_snapshot_metadata" },
        (snapshot, id) => {
          const metadata = next(snapshot.metadata, id);
          return isRejection(metadata) ? metadata : updateSnapshot({ metadata }, snapshot);
        },
      ),
  };
}
