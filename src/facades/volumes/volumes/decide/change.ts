/** Changing what is said of volumes, their size, and their status. */
import { type Decision, reject } from "../../../../eventsourcing/decider.ts";
import { whatDiffers } from "../../lifetime.ts";
import { invalidInput, invalidVolume } from "../../refusals.ts";
import type { VolumeExtended, VolumeFacts, VolumeStatusReset, VolumeUpdated } from "../events.ts";
import type { Volume } from "../state.ts";

/** Changes facts of a volume; those that hold already change nothing. */
export function updateVolume(
  changes: Partial<VolumeFacts>,
  volume: Volume,
): Decision<VolumeUpdated> {
  const data = whatDiffers<VolumeFacts>(volume, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeUpdated", data }];
}

/** Adds to what is said of the image on a volume. */
export function setImageMetadata(
  added: Readonly<Record<string, string>>,
  volume: Volume,
): Decision<VolumeUpdated> {
  return updateVolume({ imageMetadata: { ...volume.imageMetadata, ...added } }, volume);
}

/** Takes away one thing that is said of the image on a volume; refuses what is not there. */
export function unsetImageMetadata(
  id: string,
  key: string,
  volume: Volume,
): Decision<VolumeUpdated> {
  if (!Object.hasOwn(volume.imageMetadata ?? {}, key)) {
    return reject("NotFound", `Glance metadata for volume/snapshot ${id} cannot be found.`);
  }
  const { [key]: _, ...others } = volume.imageMetadata!;
  const imageMetadata = Object.keys(others).length === 0 ? null : others;
  return updateVolume({ imageMetadata }, volume);
}

export interface ExtendVolume {
  readonly type: "ExtendVolume";
  readonly id: string;
  readonly sizeGib: number;
  /** Whether a volume in use may grow: from microversion 3.42 on. */
  readonly mayBeInUse: boolean;
}

/**
 * Makes a volume larger; refuses a size that is not, and volumes that are busy.
 *
 * Source: cinder/volume/api.py, `API._extend`.
 */
export function extendVolume(command: ExtendVolume, volume: Volume): Decision<VolumeExtended> {
  const { id, sizeGib, mayBeInUse } = command;
  if (sizeGib <= volume.sizeGib) {
    return invalidInput(
      "New size for extend must be greater than current size. " +
        `(current: ${volume.sizeGib}, extended: ${sizeGib}).`,
    );
  }
  const expected = mayBeInUse && volume.status === "in-use" ? "in-use" : "available";
  if (volume.status !== expected) {
    return invalidVolume(
      `Volume ${id} status must be '{'status': '${expected}'}' to extend, currently ` +
        `${volume.status}.`,
    );
  }
  return [{ type: "VolumeExtended", data: { sizeGib } }];
}

/** The words that an admin may set; cinder/objects/fields.py and api/validation/validators.py. */
const STATUSES = new Set([
  "creating",
  "available",
  "deleting",
  "error",
  "error_deleting",
  "error_managing",
  "managing",
  "attaching",
  "detaching",
  "in-use",
  "maintenance",
  "reserved",
  "error_restoring",
  "error_extending",
]);
const ATTACH_STATUSES = new Set(["attached", "detached", "attaching", "detaching", "reserved"]);
const MIGRATION_STATUSES = new Set(["migrating", "error", "success", "completing", "none"]);

/**
 * Sets the status of a volume, whatever it is.
 *
 * Refuses words that Cinder does not know, `deleting` and `error_deleting`, and `in-use` of a volume
 * without attachments. Source: cinder/api/contrib/admin_actions.py, `_reset_status`.
 */
export function resetVolumeStatus(
  asked: Readonly<Record<string, unknown>>,
  volume: Volume,
): Decision<VolumeStatusReset> {
  const status = wordIn(asked["status"]);
  const attachStatus = wordIn(asked["attach_status"]);
  const migrationStatus = wordIn(asked["migration_status"]);
  if (status !== undefined && !STATUSES.has(status)) return badWord("status", status);
  if (attachStatus !== undefined && !ATTACH_STATUSES.has(attachStatus)) {
    return badWord("attach_status", attachStatus);
  }
  if (migrationStatus !== undefined && !MIGRATION_STATUSES.has(migrationStatus)) {
    return badWord("migration_status", migrationStatus);
  }
  if (status === "deleting") return reject("Invalid", `Cannot reset-state to ${status}`);
  if (status === "in-use" && volume.attachments.length === 0) {
    return reject(
      "Invalid",
      "Cannot reset-state to in-use because volume does not have any attachments.",
    );
  }
  return [{
    type: "VolumeStatusReset",
    data: {
      ...(status !== undefined && { status }),
      ...(attachStatus !== undefined && { attachStatus }),
      ...(migrationStatus !== undefined && {
        migrationStatus: migrationStatus === "none" ? null : migrationStatus,
      }),
    },
  }];
}

function wordIn(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}

function badWord(name: string, value: string) {
  return reject(
    "Invalid",
    `Invalid input for field/attribute ${name}. Value: ${value}. '${value}' is not a ` +
      `'volume_${name}'`,
  );
}
