/** Making a volume within a transaction: its source, its type and its project's quota looked up. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { isUuid } from "../../../http/formats.ts";
import type { Reader } from "../../../store/query.ts";
import type { Image } from "../../image_service.ts";
import { maySee } from "../access.ts";
import type { Backup } from "../backups/decider.ts";
import { defaultTypeOf } from "../default_types/projection.ts";
import { AVAILABILITY_ZONE } from "../fixed.ts";
import { invalidGroup } from "../groups/decider.ts";
import { findGroup } from "../groups/projection.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { invalidInput, notFound } from "../refusals.ts";
import { isBackendDisabled } from "../services/projection.ts";
import { findSnapshot } from "../snapshots/projection.ts";
import { mayUse, noType, type VolumeType } from "../types/decider.ts";
import { findType, findTypeByName } from "../types/projection.ts";
import { createVolume, type Source } from "./decide/mod.ts";
import { findVolume, volumes } from "./projection.ts";
import type { Volume } from "./state.ts";

/** A volume to be. */
export interface AskedVolume {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly sizeGib: number | null;
  /** Id or name; null: that of the source, or the default. */
  readonly volumeType: string | null;
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly snapshotId: string | null;
  readonly sourceVolumeId: string | null;
  readonly image: Image | null;
  readonly backup?: Versioned<Backup>;
  /** The group that it is to be in. */
  readonly groupId?: string;
  /** Whether the backend has to make it first. */
  readonly takesTime: boolean;
}

/** For whom. */
export type Owner = Pick<Caller, "projectId" | "userId" | "isAdmin">;

/** Makes a volume; refuses what Cinder refuses, and what goes beyond the project's quota. */
export async function makeVolume(
  unit: UnitOfWork,
  asked: AskedVolume,
  owner: Owner,
): Promise<Versioned<Volume> | Rejection> {
  const source = await sourceOf(unit, asked, owner);
  if (isRejection(source)) return source;
  const volumeType = await typeOf(unit, asked.volumeType, source, owner);
  if (isRejection(volumeType)) return volumeType;
  const { id, name, description, sizeGib, metadata, takesTime, groupId } = asked;
  const refusedGroup = groupId && await refuseGroup(unit, groupId, { asked, volumeType, owner });
  if (refusedGroup) return refusedGroup;
  const availabilityZone = asked.availabilityZone ?? AVAILABILITY_ZONE;
  if (availabilityZone !== AVAILABILITY_ZONE) {
    return reject("Invalid", `Availability zone '${availabilityZone}' is invalid.`);
  }
  const decision = createVolume({
    type: "CreateVolume",
    name,
    description,
    sizeGib,
    metadata,
    availabilityZone,
    volumeType,
    projectId: owner.projectId,
    userId: owner.userId,
    source,
    ...(groupId && { groupId }),
    takesTime,
    isNowhere: await isBackendDisabled(unit),
  });
  if (isRejection(decision)) return decision;
  const [created] = decision;
  const size = created?.type === "VolumeCreated" ? created.data.sizeGib : 0;
  const refusal = await refuseBeyondQuota(unit, {
    kind: "volumes",
    projectId: owner.projectId,
    typeId: volumeType.id,
    count: 1,
    gigabytes: size,
    sizeGib: size,
  });
  return refusal ?? await unit.append(volumes, await unit.load(volumes, id), decision);
}

/** cinder/volume/api.py, `API.create`, and its flow's `_extract_group`. */
async function refuseGroup(
  reader: Reader,
  groupId: string,
  { asked, volumeType, owner }: {
    readonly asked: AskedVolume;
    readonly volumeType: Versioned<VolumeType>;
    readonly owner: Owner;
  },
): Promise<Rejection | undefined> {
  const group = await findGroup(reader, groupId);
  if (!isOf(owner, group)) return notFound.group(groupId);
  const { volumeTypeIds, status, groupSnapshotId, sourceGroupId } = group!.state;
  if (asked.volumeType === null && groupSnapshotId === null && sourceGroupId === null) {
    return invalidInput("volume_type must be provided when creating a volume in a group.");
  }
  if (!volumeTypeIds.includes(volumeType.id)) {
    return invalidInput(
      `Invalid volume_type provided: ${volumeType.id} (requested type must be supported by this ` +
        "group).",
    );
  }
  if (status === "available" || status === "creating") return undefined;
  return invalidGroup("Originating group status must be one of 'available, creating' values");
}

async function sourceOf(
  reader: Reader,
  { snapshotId, sourceVolumeId, image, backup }: AskedVolume,
  owner: Owner,
): Promise<Source | Rejection> {
  const snapshot = snapshotId === null ? undefined : await findSnapshot(reader, snapshotId);
  if (snapshotId !== null && !isOf(owner, snapshot)) return notFound.snapshot(snapshotId);
  const volume = sourceVolumeId === null ? undefined : await findVolume(reader, sourceVolumeId);
  if (sourceVolumeId !== null && !isOf(owner, volume)) return notFound.volume(sourceVolumeId);
  const origin = snapshot && await findVolume(reader, snapshot.state.volumeId);
  return {
    ...(image && { image }),
    ...(backup && { backup }),
    ...(snapshot && origin && {
      snapshot: { id: snapshot.id, state: snapshot.state, of: origin.state },
    }),
    ...(volume && { volume }),
  };
}

function isOf(
  { projectId, isAdmin }: Owner,
  found: Versioned<{ readonly projectId: string }> | undefined,
): boolean {
  return found !== undefined &&
    maySee({ projectId, isAdmin } as Caller, found.state.projectId);
}

async function typeOf(
  reader: Reader,
  asked: string | null,
  source: Source,
  owner: Owner,
): Promise<Versioned<VolumeType> | Rejection> {
  const inherited = source.volume?.state.typeId ?? source.snapshot?.state.typeId;
  const found = asked
    ? await findUsableType(reader, asked, owner)
    : inherited === undefined
    ? await defaultTypeOf(reader, owner.projectId)
    : await findType(reader, inherited) ?? notFound.type(inherited);
  if (isRejection(found) || inherited === undefined || found.id === inherited) return found;
  return reject(
    "Invalid",
    `Invalid input received: Invalid volume_type provided: ${found.id} (requested type is not ` +
      (source.volume
        ? "compatible; either match source volume, or omit type argument)."
        : "compatible; recommend omitting the type argument)."),
  );
}

/** A type by its id or name, if the caller's project may use it. */
export async function findUsableType(
  reader: Reader,
  idOrName: string,
  { projectId, isAdmin }: Owner,
): Promise<Versioned<VolumeType> | Rejection> {
  const byId = isUuid(idOrName) ? await findType(reader, idOrName) : undefined;
  const found = byId ?? await findTypeByName(reader, idOrName);
  if (found && mayUse(found.state, projectId, isAdmin)) return found;
  return noType(idOrName, !isUuid(idOrName));
}
