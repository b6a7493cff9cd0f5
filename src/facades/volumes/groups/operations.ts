/** `/groups`, from microversion 3.13 on; cinder/api/v3/groups.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { isUuid } from "../../../http/formats.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { AVAILABILITY_ZONE } from "../fixed.ts";
import { hasGroupSnapshots } from "../group_snapshots/projection.ts";
import type { GroupType } from "../group_types/decider.ts";
import { findGroupType, findGroupTypeByName } from "../group_types/projection.ts";
import { toMicroseconds } from "../lifetime.ts";
import { isYes, type Listed, listOf } from "../list.ts";
import { invalidInput, notFound } from "../refusals.ts";
import {
  groupCreateSchema,
  groupDeleteSchema,
  groupResetSchema,
  groupUpdateSchema,
  isTrue,
} from "../schemas.ts";
import { snapshotsOfVolume } from "../snapshots/projection.ts";
import { updateVolume } from "../volumes/decide/mod.ts";
import { findUsableType } from "../volumes/make.ts";
import { removeVolume } from "../volumes/operations.ts";
import { findVolume, volumes, volumesOfGroup } from "../volumes/projection.ts";
import type { Volume } from "../volumes/state.ts";
import {
  type ChangeRight,
  loadForChange,
  record,
  trimmed,
  type VolumeDependencies,
} from "../writes.ts";
import {
  deleteGroup,
  type Group,
  type GroupUpdate,
  type GroupVolume,
  resetGroupStatus,
  updateGroup,
} from "./decider.ts";
import { makeGroup } from "./make.ts";
import { findGroup, groups } from "./projection.ts";

type Body = Readonly<Record<string, unknown>>;

/** A group's JSON; cinder/api/v3/views/groups.py. */
async function groupView(
  reader: Reader,
  { minor, caller, query }: VolumeRequest,
  { id, state }: Versioned<Group>,
): Promise<object> {
  const isListed = minor >= 25 && isYes(query.get("list_volume") ?? "");
  return {
    id,
    status: state.status,
    availability_zone: state.availabilityZone,
    created_at: toMicroseconds(state.createdAt),
    name: state.name,
    description: state.description,
    group_type: state.groupTypeId,
    volume_types: state.volumeTypeIds,
    ...(minor >= 14 && {
      group_snapshot_id: state.groupSnapshotId,
      source_group_id: state.sourceGroupId,
    }),
    ...(isListed && { volumes: (await volumesOfGroup(reader, id)).map((volume) => volume.id) }),
    ...(minor >= 38 && { replication_status: "disabled" }),
    ...(minor >= 58 && caller.isAdmin && { project_id: state.projectId }),
  };
}

/** The little that an answer without details tells. */
export function groupSummary({ id, state }: Versioned<Group>): object {
  return { id, name: state.name };
}

const LISTED: Listed = {
  plural: "groups",
  table: "volume_groups",
  filters: {
    id: "id",
    name: "name",
    status: "status",
    availability_zone: "availability_zone",
    group_type: "group_type_id",
    group_type_id: "group_type_id",
    user_id: "user_id",
  },
  ignored: ["list_volume"],
  sortKeys: {
    id: "id",
    name: "name",
    status: "status",
    availability_zone: "availability_zone",
    group_type_id: "group_type_id",
    created_at: "created_at",
    updated_at: "updated_at",
  },
  notFound: notFound.group,
};

/** `GET /groups` and `GET /groups/detail`. */
export function listGroups(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller } = request;
    const refusal = refuseUnlessReader(caller, caller.projectId, "group:get_all");
    if (refusal) return refused(refusal);
    const path = isDetailed ? "groups/detail" : "groups";
    const listing = await listOf<Group>(reader, request, LISTED, path);
    if (isRejection(listing)) return refused(listing);
    const { rows, links } = listing;
    return json(200, {
      groups: isDetailed
        ? await Promise.all(rows.map((row) => groupView(reader, request, row)))
        : rows.map(groupSummary),
      ...(links.length > 0 && { group_links: links }),
    });
  };
}

/** A group that the caller may see and read. */
export async function readableGroup(
  reader: Reader,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<Group> | Rejection> {
  const found = await findGroup(reader, id);
  if (!found || !maySee(caller, found.state.projectId)) return notFound.group(id);
  return refuseUnlessReader(caller, found.state.projectId, "group:get") ?? found;
}

/** `GET /groups/{id}`. */
export function showGroup({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readableGroup(reader, request, request.param("id"));
    return isRejection(found)
      ? refused(found)
      : json(200, { group: await groupView(reader, request, found) });
  };
}

/** `POST /groups`. */
export function createGroups({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupCreateSchema);
    if (body instanceof Response) return body;
    const { caller } = request;
    const given = (body.value as { group: Body }).group;
    const refusal = refuseUnlessMember(caller, caller.projectId, "group:create") ??
      refuseZone(given["availability_zone"]);
    if (refusal) return refused(refusal);
    const outcome = await committer.submit(request.metadata("CreateVolumeGroup"), async (unit) => {
      const groupType = await groupTypeOf(unit, String(given["group_type"]), caller.isAdmin);
      if (isRejection(groupType)) return groupType;
      const volumeTypeIds: string[] = [];
      for (const asked of given["volume_types"] as readonly string[]) {
        const type = await findUsableType(unit, asked, caller);
        if (isRejection(type)) return type;
        volumeTypeIds.push(type.id);
      }
      return await makeGroup(unit, {
        name: trimmed(given["name"]) ?? null,
        description: trimmed(given["description"]) ?? null,
        projectId: caller.projectId,
        userId: caller.userId,
        groupTypeId: groupType.id,
        volumeTypeIds,
        availabilityZone: AVAILABILITY_ZONE,
        groupSnapshotId: null,
        sourceGroupId: null,
      });
    });
    return isRejection(outcome) ? refused(outcome) : json(202, { group: groupSummary(outcome) });
  };
}

/** cinder/group/api.py, `_extract_availability_zone`. */
function refuseZone(zone: unknown): Rejection | undefined {
  if (zone === undefined || zone === null || zone === AVAILABILITY_ZONE) return undefined;
  return invalidInput(`Availability zone '${zone}' is invalid.`);
}

async function groupTypeOf(
  reader: Reader,
  asked: string,
  isAdmin: boolean,
): Promise<Versioned<GroupType> | Rejection> {
  const byId = isUuid(asked) ? await findGroupType(reader, asked) : undefined;
  const found = byId ?? await findGroupTypeByName(reader, asked);
  if (found && (found.state.isPublic || isAdmin)) return found;
  return isUuid(asked) ? notFound.groupType(asked) : notFound.groupTypeByName(asked);
}

/** A group that a command is about, with its volumes, if the caller may give it. */
function loadFor(
  unit: UnitOfWork,
  { caller, param: id }: { caller: VolumeRequest["caller"]; param: string },
  right: ChangeRight,
): Promise<Versioned<Group> | Rejection> {
  const kind = { aggregate: groups, notFound: notFound.group };
  return loadForChange(unit, kind, { caller, id, ...right });
}

async function membersOf(unit: UnitOfWork, id: string): Promise<readonly GroupVolume[]> {
  const members: GroupVolume[] = [];
  for (const volume of await volumesOfGroup(unit, id)) {
    const snapshots = (await snapshotsOfVolume(unit, volume.id)).length;
    members.push({ id: volume.id, state: volume.state, snapshots });
  }
  return members;
}

/** `PUT /groups/{id}`; 202 and nothing. */
export function updateGroups({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupUpdateSchema);
    if (body instanceof Response) return body;
    const given = (body.value as { group: Body }).group;
    const asked = { caller: request.caller, param: request.param("id") };
    const outcome = await committer.submit(request.metadata("UpdateVolumeGroup"), async (unit) => {
      const before = await loadFor(unit, asked, { rule: "group:update" });
      if (isRejection(before)) return before;
      const update = await decideUpdate(unit, before, given);
      if (isRejection(update)) return update;
      for (const id of update.added) await move(unit, id, before.id);
      for (const id of update.removed) await move(unit, id, null);
      return await record(unit, groups, before, update.events);
    });
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

async function decideUpdate(
  unit: UnitOfWork,
  { id, state }: Versioned<Group>,
  given: Body,
): Promise<GroupUpdate | Rejection> {
  const add = idsIn(given["add_volumes"]);
  const found = new Map<string, Volume>();
  for (const one of add) {
    const volume = await findVolume(unit, one);
    if (volume && volume.state.projectId === state.projectId) found.set(one, volume.state);
  }
  const { name, description } = given;
  return updateGroup({
    id,
    changes: {
      ...(typeof name === "string" && { name: name.trim() }),
      ...(typeof description === "string" && { description: description.trim() }),
    },
    add,
    remove: idsIn(given["remove_volumes"]),
    members: await membersOf(unit, id),
    found,
  }, state);
}

/** `a,b,c`, with commas around it or not. */
function idsIn(text: unknown): readonly string[] {
  const inner = typeof text === "string" ? text.replace(/^,+|,+$/g, "") : "";
  return inner === "" ? [] : inner.split(",");
}

async function move(unit: UnitOfWork, volumeId: string, groupId: string | null): Promise<void> {
  const volume = await unit.load(volumes, volumeId);
  await record(unit, volumes, volume, updateVolume({ groupId }, volume.state));
}

/** `POST /groups/{id}/action`: `delete`, and from 3.20 on `reset_status`. */
export function actOnGroup(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body({});
    if (body instanceof Response) return body;
    const name = Object.keys(body.value ?? {})[0];
    if (name === "delete") return await removeGroup(dependencies, request);
    if (name === "reset_status" && request.minor >= 20) return await reset(dependencies, request);
    return refused(reject(
      "Invalid",
      `There is no such action: ${name}. Verify the request body and Content-Type header and try ` +
        "again.",
    ));
  };
}

async function removeGroup(
  { committer, volumeMs }: VolumeDependencies,
  request: VolumeRequest,
): Promise<Response> {
  const body = await request.body(groupDeleteSchema);
  if (body instanceof Response) return body;
  const given = (body.value as { delete: Body }).delete;
  const withVolumes = isTrue(given["delete-volumes"] ?? false);
  const asked = { caller: request.caller, param: request.param("id") };
  const outcome = await committer.submit(request.metadata("DeleteVolumeGroup"), async (unit) => {
    const before = await loadFor(unit, asked, { rule: "group:delete" });
    if (isRejection(before)) return before;
    const { id, state } = before;
    const members = await membersOf(unit, id);
    const hasSnapshots = await hasGroupSnapshots(unit, id);
    const decision = deleteGroup({ id, withVolumes, hasSnapshots, members }, state);
    if (isRejection(decision)) return decision;
    for (const member of members) {
      const gone = await removeMember(unit, member.id, volumeMs > 0);
      if (isRejection(gone)) return gone;
    }
    return await record(unit, groups, before, decision);
  });
  return isRejection(outcome) ? refused(outcome) : nothing(202);
}

async function removeMember(
  unit: UnitOfWork,
  id: string,
  takesTime: boolean,
): Promise<Versioned<Volume> | Rejection> {
  const before = await unit.load(volumes, id);
  const volume = { ...before.state, groupId: null };
  const options = { id, volume, force: true, cascade: false, takesTime };
  return await record(unit, volumes, before, await removeVolume(unit, options));
}

async function reset(
  { committer }: VolumeDependencies,
  request: VolumeRequest,
): Promise<Response> {
  const body = await request.body(groupResetSchema);
  if (body instanceof Response) return body;
  const { status } = (body.value as { reset_status: { status: string } }).reset_status;
  const asked = { caller: request.caller, param: request.param("id") };
  const outcome = await committer.submit(
    request.metadata("ResetVolumeGroupStatus"),
    async (unit) => {
      const before = await loadFor(unit, asked, { rule: "group:reset_status", adminOnly: true });
      if (isRejection(before)) return before;
      return await record(unit, groups, before, resetGroupStatus(status));
    },
  );
  return isRejection(outcome) ? refused(outcome) : nothing(202);
}
