/** Groups of volumes: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidVolume } from "../refusals.ts";
import type { Volume } from "../volumes/state.ts";

export type GroupEvent =
  | VolumeGroupCreated
  | VolumeGroupUpdated
  | VolumeGroupStatusReset
  | VolumeGroupDeleted;

/** What whoever makes a group says of it. */
export interface GroupFacts {
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly groupTypeId: string;
  /** The types that its volumes may be of. */
  readonly volumeTypeIds: readonly string[];
  readonly availabilityZone: string;
  /** The group snapshot that it was made from. */
  readonly groupSnapshotId: string | null;
  /** The group that it was made from. */
  readonly sourceGroupId: string | null;
}

/** A group is there; which volumes are in it, the volumes say. */
export interface VolumeGroupCreated {
  readonly type: "VolumeGroupCreated";
  readonly data: GroupFacts;
}

/** Facts that have another value now; none, when only its volumes are others. */
export interface VolumeGroupUpdated {
  readonly type: "VolumeGroupUpdated";
  readonly data: Partial<Pick<GroupFacts, "name" | "description">>;
}

/** An admin has said what its status is, whatever it was. */
export interface VolumeGroupStatusReset {
  readonly type: "VolumeGroupStatusReset";
  readonly data: { readonly status: string };
}

export interface VolumeGroupDeleted {
  readonly type: "VolumeGroupDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Group extends Lifetime, GroupFacts {
  /** Cinder's word: `available`, `error`, … */
  readonly status: string;
}

export const NO_GROUP: Group = {
  ...UNBORN,
  name: null,
  description: null,
  projectId: "",
  userId: "",
  groupTypeId: "",
  volumeTypeIds: [],
  availabilityZone: "",
  groupSnapshotId: null,
  sourceGroupId: null,
  status: "deleted",
};

export function evolve(group: Group, event: Recorded<GroupEvent>): Group {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeGroupCreated":
      return { ...group, ...event.data, ...born(event), status: "available" };
    case "VolumeGroupUpdated":
    case "VolumeGroupStatusReset":
      return { ...group, ...event.data, updatedAt };
    case "VolumeGroupDeleted":
      return { ...group, exists: false, status: "deleted", updatedAt };
  }
}

/** A volume, as a group looks at it. */
export interface GroupVolume {
  readonly id: string;
  readonly state: Volume;
  /** How many snapshots it has. */
  readonly snapshots: number;
}

/** Says no to one group more than a project may have. */
export function refuseGroupQuota(limit: number, inUse: number): Rejection | undefined {
  if (limit < 0 || inUse < limit) return undefined;
  return reject(
    "QuotaExceeded",
    `GroupLimitExceeded: Maximum number of groups allowed (${limit}) exceeded`,
  );
}

/** Makes a group. */
export function createGroup(data: GroupFacts): Decision<VolumeGroupCreated> {
  return [{ type: "VolumeGroupCreated", data }];
}

export interface UpdateGroup {
  readonly id: string;
  readonly changes: VolumeGroupUpdated["data"];
  /** Ids of volumes to take in, and of those to let go. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** The volumes that are in it. */
  readonly members: readonly GroupVolume[];
  /** Those to take in, by id; there are no others. */
  readonly found: ReadonlyMap<string, Volume>;
}

/** What becomes of volumes: in the group or out of it. */
export interface GroupUpdate {
  readonly events: readonly VolumeGroupUpdated[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Changes a group's name, description and volumes.
 *
 * Refuses volumes that do not belong, and no change at all.
 * Source: cinder/group/api.py, `API.update`.
 */
export function updateGroup(command: UpdateGroup, group: Group): GroupUpdate | Rejection {
  const { id, add, remove, members } = command;
  const both = add.filter((one) => remove.includes(one));
  if (both.length > 0) {
    return invalidVolume(
      `UUIDs [${both.map((one) => `'${one}'`).join(", ")}] are in both add and remove volume list.`,
    );
  }
  const added = add.filter((one) => !members.some((member) => member.id === one));
  const refusal = firstRefusal(added, (one) => refuseAdding(one, command, group)) ??
    firstRefusal(remove, (one) => refuseRemoving(one, command));
  if (refusal) return refusal;
  const data = whatDiffers<GroupFacts>(group, command.changes);
  if (Object.keys(data).length + added.length + remove.length === 0) {
    return invalidGroup(
      `Cannot update group ${id} because no valid name, description, add_volumes, or ` +
        "remove_volumes were provided.",
    );
  }
  if (added.length + remove.length > 0 && group.status !== "available") {
    return invalidGroup("Group status must be available.");
  }
  return { events: [{ type: "VolumeGroupUpdated", data }], added, removed: remove };
}

function firstRefusal(
  ids: readonly string[],
  refuse: (id: string) => Rejection | undefined,
): Rejection | undefined {
  for (const id of ids) {
    const refusal = refuse(id);
    if (refusal) return refusal;
  }
}

const MAY_JOIN = ["available", "in-use"];
const MAY_LEAVE = ["available", "in-use", "error", "error_deleting"];

function refuseAdding(
  volumeId: string,
  { id, found }: UpdateGroup,
  group: Group,
): Rejection | undefined {
  const cannot = `Cannot add volume ${volumeId} to group ${id}`;
  const volume = found.get(volumeId);
  if (!volume) return invalidVolume(`${cannot} because volume cannot be found.`);
  if (volume.groupId) {
    return invalidVolume(`${cannot} because it is already in group ${volume.groupId}.`);
  }
  if (volume.projectId !== group.projectId) {
    return invalidVolume(`${cannot} as they belong to different projects.`);
  }
  if (!group.volumeTypeIds.includes(volume.typeId)) {
    return invalidVolume(
      `${cannot} because volume type ${volume.typeId} is not supported by the group.`,
    );
  }
  return refuseStatus(cannot, volume, MAY_JOIN);
}

function refuseRemoving(
  volumeId: string,
  { id, members }: UpdateGroup,
): Rejection | undefined {
  const cannot = `Cannot remove volume ${volumeId} from group ${id} because`;
  const member = members.find((one) => one.id === volumeId);
  if (!member) return invalidVolume(`${cannot} it is not in the group.`);
  return refuseStatus(cannot.replace(/ because$/, ""), member.state, MAY_LEAVE);
}

function refuseStatus(
  cannot: string,
  { status }: Volume,
  valid: readonly string[],
): Rejection | undefined {
  if (valid.includes(status)) return undefined;
  return invalidVolume(
    `${cannot} because volume is in an invalid state: ${status}. Valid states are: ` +
      `(${valid.map((one) => `'${one}'`).join(", ")}).`,
  );
}

/**
 * Deletes a group, with its volumes where that is asked for.
 *
 * Refuses one that is busy or has snapshots, and volumes that somebody uses.
 * Source: cinder/group/api.py, `API.delete`.
 */
export function deleteGroup(
  { id, withVolumes, hasSnapshots, members }: {
    readonly id: string;
    readonly withVolumes: boolean;
    readonly hasSnapshots: boolean;
    readonly members: readonly GroupVolume[];
  },
  { status }: Group,
): Decision<VolumeGroupDeleted> {
  if (!withVolumes && status !== "available" && status !== "error") {
    return invalidGroup(
      `Group status must be available or error, but current status is: ${status}`,
    );
  }
  if (hasSnapshots) return invalidGroup("Group has existing snapshots.");
  if (members.length > 0 && !withVolumes) {
    return invalidGroup(
      `Group ${id} still contains volumes. The delete-volumes flag is required to delete it.`,
    );
  }
  for (const { state, snapshots } of members) {
    if (state.attachments.some((one) => one.status === "attached")) {
      return invalidGroup(`Volume in group ${id} is attached. Need to detach first.`);
    }
    if (snapshots > 0) return invalidGroup("Volume in group still has dependent snapshots.");
  }
  return [{ type: "VolumeGroupDeleted", data: {} }];
}

/** cinder/objects/fields.py, `GroupStatus`. */
const STATUSES = [
  "error",
  "available",
  "creating",
  "deleting",
  "deleted",
  "updating",
  "in-use",
  "error_deleting",
];

/** Sets the status of a group, whatever it is; refuses words that Cinder does not know. */
export function resetGroupStatus(asked: string): Decision<VolumeGroupStatusReset> {
  const status = asked.toLowerCase();
  if (STATUSES.includes(status)) return [{ type: "VolumeGroupStatusReset", data: { status } }];
  return reject(
    "Invalid",
    `Invalid Group Status: Group status: ${asked} is invalid, valid status are: ` +
      `(${STATUSES.map((one) => `'${one}'`).join(", ")}).`,
  );
}

/** A group that is not in the state for it. */
export function invalidGroup(reason: string): Rejection {
  return reject("Invalid", `Invalid Group: ${reason}`);
}
