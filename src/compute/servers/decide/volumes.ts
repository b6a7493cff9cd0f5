/** Volumes of a server that is there: attach, detach, swap, update, and what comes of it. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type {
  ServerVolumeAttached,
  ServerVolumeAttachFailed,
  ServerVolumeAttachRequested,
  ServerVolumeDetached,
  ServerVolumeDetachFailed,
  ServerVolumeDetachRequested,
  ServerVolumeSwapFailed,
  ServerVolumeSwapped,
  ServerVolumeSwapRequested,
  ServerVolumeUpdated,
} from "../events.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessPlaced,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";
import type { VmState } from "../states.ts";
import {
  type AttachedVolume,
  isRoot,
  nextDeviceName,
  shownVolumes,
  volumeOf,
  type VolumeStatus,
} from "../volumes.ts";

/** What the volume service said of a volume; looked up before the queue. */
export interface VolumeFacts {
  readonly id: string;
  /** Cinder's word. */
  readonly status: string;
  readonly sizeGib: number;
  readonly isBootable: boolean;
  readonly isMultiattach: boolean;
  readonly migrationStatus: string | null;
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly serverId: string | null }[];
}

/** What commands on a server's volumes have in common. */
interface OnVolume {
  readonly id: string;
  readonly by: Actor;
  readonly volumeId: string;
  /** Undefined: there is no such volume, or the caller may not see it. */
  readonly volume: VolumeFacts | undefined;
  /** Whether shelved servers take part: from 2.20 on. */
  readonly mayBeShelved: boolean;
}

const ATTACHABLE: readonly VmState[] = [
  "active",
  "paused",
  "stopped",
  "resized",
  "soft-delete",
  "shelved",
  "shelved_offloaded",
];
const NOT_SHELVED = ATTACHABLE.filter((state) => !state.startsWith("shelved"));

const invalid = (message: string): Rejection => reject("Invalid", message);

function refuseState(
  word: "attach_volume" | "detach_volume",
  { id, by, mayBeShelved }: OnVolume,
  server: Server,
): Rejection | undefined {
  // The API looks at shelved servers before anybody looks at the lock.
  const isTooEarly = !mayBeShelved && server.vmState.startsWith("shelved");
  return (isTooEarly ? refuseUnlessIn(NOT_SHELVED, id, server, word) : undefined) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessIn(ATTACHABLE, id, server, word) ??
    refuseUnlessDoing([null], id, server, word) ??
    refuseUnlessLaunched(id, server, word);
}

export interface AttachVolume extends OnVolume {
  readonly type: "AttachVolume";
  readonly attachmentId: string;
  readonly bdmId: string;
  /** The device's name that is asked for. */
  readonly device: string | null;
  readonly tag: string | null;
  readonly deleteOnTermination: boolean;
  /** From 2.60 on. */
  readonly mayBeMultiattach: boolean;
}

/**
 * Asks for a volume to be attached; what the server has of it shows at once.
 *
 * Refuses a wrong state, an unknown volume, one that is attached or not free, a device name that is
 * taken, and what a shelved server cannot have. Source: nova/compute/api.py, `API.attach_volume`.
 */
export function attachVolume(
  command: AttachVolume,
  server: Server,
): Decision<ServerVolumeAttachRequested> {
  const { id, by, volumeId, volume } = command;
  const refusal = refuseUnlessVisible(id, server, by) ??
    refuseState("attach_volume", command, server);
  if (refusal) return refusal;
  if (!volume) return unknownVolume(volumeId);
  const isOffloaded = server.vmState === "shelved_offloaded";
  const unfit = refuseAttached(id, volume, server) ??
    (isOffloaded ? refuseOffloaded(command, volume) : undefined) ??
    refuseMultiattach(volume, command.mayBeMultiattach) ??
    refuseReserved(volume);
  if (unfit) return unfit;
  const deviceName = isOffloaded ? null : nextDeviceName(server, command.device);
  if (deviceName === undefined) {
    return reject("Conflict", `The supplied device path (${command.device}) is in use.`);
  }
  const { attachmentId, bdmId, tag, deleteOnTermination } = command;
  return [{
    type: "ServerVolumeAttachRequested",
    data: {
      volume: {
        volumeId,
        attachmentId,
        bdmId,
        bootIndex: null,
        deviceName,
        tag,
        deleteOnTermination,
        source: null,
      },
    },
  }];
}

function unknownVolume(volumeId: string): Rejection {
  return reject("NotFound", `Volume ${volumeId} could not be found.`);
}

/** nova/compute/api.py, `_check_volume_already_attached`. */
function refuseAttached(
  id: string,
  volume: VolumeFacts,
  server: Server,
): Rejection | undefined {
  const others = volume.attachments.flatMap(({ serverId }) => serverId ?? []);
  const isOurs = volumeOf(server.volumes, volume.id) !== undefined;
  const holders = [...new Set(isOurs ? [...others, id] : others)];
  if (holders.length === 0) return undefined;
  if (!volume.isMultiattach) {
    return invalid(
      `Invalid volume: volume ${volume.id} is already attached to instances: ${holders.join(" ")}`,
    );
  }
  if (holders.includes(id)) return invalid(`Invalid volume: volume ${volume.id} already attached`);
}

function refuseOffloaded({ tag }: AttachVolume, volume: VolumeFacts): Rejection | undefined {
  if (tag !== null) {
    return invalid(
      "Tagged volume attachment is not supported for shelved-offloaded instances.",
    );
  }
  if (volume.isMultiattach) {
    return invalid(
      "Attaching multiattach volumes is not supported for shelved-offloaded instances.",
    );
  }
}

/** Says no to a volume for several servers below 2.60. */
export function refuseMultiattach(
  volume: VolumeFacts,
  mayBeMultiattach: boolean,
): Rejection | undefined {
  if (!volume.isMultiattach || mayBeMultiattach) return undefined;
  return invalid(
    "Multiattach volumes are only supported starting with compute API version 2.60.",
  );
}

/** Says no to a volume that the volume service would not give, in its words. */
export function refuseReserved(
  { id, status, isMultiattach }: VolumeFacts,
): Rejection | undefined {
  const free = isMultiattach
    ? ["available", "in-use", "downloading"]
    : ["available", "downloading"];
  if (free.includes(status)) return undefined;
  if (status.includes("error")) {
    return invalid(
      "Invalid input received: Invalid volume: Volume attachments can not be created if the " +
        `volume is in an error state. The Volume ${id} currently has a status of: ${status} `,
    );
  }
  return invalid(
    `Invalid input received: Invalid volume: Volume ${id} status must be ${free.join(" or ")} to ` +
      `reserve, but the current status is ${status}.`,
  );
}

export interface DetachVolume extends OnVolume {
  readonly type: "DetachVolume";
}

/**
 * Asks for a volume to be detached.
 *
 * Refuses an unknown volume, one that the server has not or boots from, a wrong state, and a volume
 * that something is being done to. Source: nova/compute/api.py, `API.detach_volume`.
 */
export function detachVolume(
  command: DetachVolume,
  server: Server,
): Decision<ServerVolumeDetachRequested> {
  const { id, by, volumeId, volume, mayBeShelved } = command;
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  if (!mayBeShelved && server.vmState.startsWith("shelved")) {
    return refuseState("detach_volume", command, server)!;
  }
  if (!volume) return unknownVolume(volumeId);
  const attached = volumeOf(shownVolumes(server.volumes), volumeId);
  if (!attached) return notAttached(id, volumeId);
  if (isRoot(attached)) return invalid("Cannot detach a root device volume");
  const isOffloaded = server.vmState === "shelved_offloaded";
  const unfit = refuseState("detach_volume", command, server) ??
    (isOffloaded ? undefined : refuseUnlessPlaced(id, server)) ??
    refuseBusy(attached, volume, { isOffloaded });
  return unfit ?? [{ type: "ServerVolumeDetachRequested", data: { volumeId } }];
}

/** Says that a server does not have a volume. */
export function notAttached(id: string, volumeId: string): Rejection {
  return reject("NotFound", `Instance ${id} is not attached to volume ${volumeId}`);
}

function refuseBusy(
  attached: AttachedVolume,
  volume: VolumeFacts,
  { isOffloaded }: { readonly isOffloaded: boolean },
): Rejection | undefined {
  const isInUse = attached.status === "attached" && (isOffloaded || volume.status === "in-use");
  if (isInUse) return undefined;
  return invalid(
    "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume " +
      "status must be 'in-use' and attach_status must be 'attached' to detach.",
  );
}

export interface SwapVolume extends OnVolume {
  readonly type: "SwapVolume";
  readonly next: {
    readonly volumeId: string;
    readonly volume: VolumeFacts | undefined;
    readonly attachmentId: string;
  };
}

/**
 * Asks for another volume in the place of one; for the volume service, when it moves a volume.
 *
 * Refuses volumes that are not being moved, unknown ones, a wrong state, a new volume that is
 * attached or smaller. Source: nova/compute/api.py, `API.swap_volume`.
 */
export function swapVolume(
  command: SwapVolume,
  server: Server,
): Decision<ServerVolumeSwapRequested> {
  const { id, by, volumeId, volume, next } = command;
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  if (!volume) return unknownVolume(volumeId);
  if (!volume.migrationStatus) {
    return reject(
      "Conflict",
      `volume ${volumeId} is not migrating; this API should only be called by Cinder`,
    );
  }
  if (!next.volume) return invalid(unknownVolume(next.volumeId).message);
  const states: readonly VmState[] = ["active", "paused", "resized"];
  const unfit = refuseIfLocked(id, server, by) ??
    refuseUnlessIn(states, id, server, "swap_volume") ??
    refuseUnlessDoing([null], id, server, "swap_volume") ??
    refuseUnlessLaunched(id, server, "swap_volume") ??
    refuseSwap(server, volume, next.volume);
  if (unfit) return unfit;
  return [{
    type: "ServerVolumeSwapRequested",
    data: { volumeId, by: { volumeId: next.volumeId, attachmentId: next.attachmentId } },
  }];
}

function refuseSwap(
  server: Server,
  old: VolumeFacts,
  next: VolumeFacts,
): Rejection | undefined {
  const attached = volumeOf(server.volumes, old.id);
  if (!attached) {
    return invalid("Invalid volume: Old volume is attached to a different instance.");
  }
  if (next.attachments.length > 0) {
    return invalid("Invalid volume: New volume must be detached in order to swap.");
  }
  if (next.sizeGib < old.sizeGib) {
    return invalid("Invalid volume: New volume must be the same size or larger.");
  }
  if (old.attachments.length > 1) {
    return invalid(
      "Swapping multi-attach volumes with more than one read/write attachment is not supported.",
    );
  }
  return refuseBusy(attached, old, { isOffloaded: false }) ?? refuseReserved(next);
}

export interface UpdateVolume {
  readonly type: "UpdateVolumeAttachment";
  readonly id: string;
  readonly by: Actor;
  readonly volumeId: string;
  /** What the body says of the attachment; what is absent stays. */
  readonly asked: {
    readonly id?: string;
    readonly serverId?: string;
    readonly device?: string | null;
    readonly tag?: string | null;
    readonly deleteOnTermination?: boolean;
  };
}

/**
 * Changes what becomes of a volume when its server is deleted; all else about it is as it is.
 *
 * Refuses a volume that the server has not, and other values of what cannot be changed.
 * Source: nova/api/openstack/compute/volume_attachments.py, `_update_volume_regular`.
 */
export function updateVolumeAttachment(
  { id, by, volumeId, asked }: UpdateVolume,
  server: Server,
): Decision<ServerVolumeUpdated> {
  const refusal = refuseUnlessVisible(id, server, by);
  if (refusal) return refusal;
  const attached = volumeOf(shownVolumes(server.volumes), volumeId);
  if (!attached) {
    return reject("NotFound", `No volume Block Device Mapping with id ${volumeId}.`);
  }
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ["id", asked.id, volumeId],
    ["serverId", asked.serverId, id],
    ["device", asked.device, attached.deviceName],
    ["tag", asked.tag, attached.tag],
  ];
  const wrong = fixed.find(([, value, is]) => value !== undefined && value !== is);
  if (wrong) return invalid(`The ${wrong[0]} property is not mutable`);
  const { deleteOnTermination } = asked;
  const isSame = deleteOnTermination === undefined ||
    deleteOnTermination === attached.deleteOnTermination;
  return isSame ? [] : [{ type: "ServerVolumeUpdated", data: { volumeId, deleteOnTermination } }];
}

/** The volume is the machine's; nothing happens when that is no longer awaited. */
export function recordVolumeAttached(
  server: Server,
  volumeId: string,
): Decision<ServerVolumeAttached> {
  return isAt("attaching", server, volumeId)
    ? [{ type: "ServerVolumeAttached", data: { volumeId } }]
    : [];
}

export function recordVolumeDetached(
  server: Server,
  volumeId: string,
): Decision<ServerVolumeDetached> {
  return isAt("detaching", server, volumeId)
    ? [{ type: "ServerVolumeDetached", data: { volumeId } }]
    : [];
}

export function recordVolumeSwapped(
  server: Server,
  volumeId: string,
): Decision<ServerVolumeSwapped> {
  return isAt("swapping", server, volumeId)
    ? [{ type: "ServerVolumeSwapped", data: { volumeId } }]
    : [];
}

/** Nothing of a failed build's volumes is the server's any more. */
export function recordVolumesReleased(server: Server): Decision<ServerVolumeDetached> {
  return server.volumes.filter(({ status }) => status === "releasing")
    .map(({ volumeId }) => ({ type: "ServerVolumeDetached", data: { volumeId } }));
}

/** What was being done to a volume did not succeed; it is as it was before. */
export function recordVolumeFailure(
  server: Server,
  volumeId: string,
  message: string,
): Decision<ServerVolumeAttachFailed | ServerVolumeDetachFailed | ServerVolumeSwapFailed> {
  const data = { volumeId, message };
  switch (volumeOf(server.volumes, volumeId)?.status) {
    case "attaching":
      return [{ type: "ServerVolumeAttachFailed", data }];
    case "detaching":
      return [{ type: "ServerVolumeDetachFailed", data }];
    case "swapping":
      return [{ type: "ServerVolumeSwapFailed", data }];
    default:
      return [];
  }
}

function isAt(status: VolumeStatus, server: Server, volumeId: string): boolean {
  return volumeOf(server.volumes, volumeId)?.status === status;
}
