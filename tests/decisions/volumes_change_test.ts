/** Making, changing and deleting volumes: what is decided, and what is refused, in Cinder's words. */
import { assertEquals } from "@std/assert";
import { type Decision, isRejection } from "../../src/eventsourcing/decider.ts";
import type { Image } from "../../src/facades/image_service.ts";
import { NO_SNAPSHOT } from "../../src/facades/volumes/snapshots/decider.ts";
import {
  createVolume,
  deleteVolume,
  extendVolume,
  recordGone,
  recordMade,
  recordUploaded,
  recordWorkFailure,
  reimageVolume,
  resetVolumeStatus,
  revertVolume,
  setImageMetadata,
  type Source,
  unsetImageMetadata,
  updateVolume,
  uploadVolume,
} from "../../src/facades/volumes/volumes/decide/mod.ts";
import type { VolumeEvent } from "../../src/facades/volumes/volumes/events.ts";
import type { Volume } from "../../src/facades/volumes/volumes/state.ts";
import {
  available,
  exampleType,
  exampleVolume,
  givenVolume,
  inUse,
  reserved,
  reset,
} from "../kit/decision_volumes.ts";
import { outcome } from "../kit/given.ts";

const GIB = 2 ** 30;
const image: Image = {
  id: "i",
  name: "cirros",
  status: "active",
  minRamMib: 64,
  minDiskGib: 1,
  sizeBytes: GIB,
  virtualSizeBytes: 2 * GIB,
  diskFormat: "qcow2",
  containerFormat: "bare",
  checksum: "abc",
  createdAt: "",
  updatedAt: "",
  properties: { os_distro: "debian" },
};

interface Making {
  readonly sizeGib?: number | null;
  readonly source?: Source;
  readonly isMultiattach?: boolean;
  readonly takesTime?: boolean;
}

function making(
  { sizeGib = 2, source = {}, isMultiattach = false, takesTime = false }: Making = {},
): Decision<VolumeEvent> {
  const { name, description, projectId, userId, availabilityZone, metadata } = exampleVolume;
  const extraSpecs: Record<string, string> = isMultiattach ? { multiattach: "<is> True" } : {};
  return createVolume({
    type: "CreateVolume",
    ...{ name, description, projectId, userId, availabilityZone, metadata },
    sizeGib,
    source,
    volumeType: { id: "type-1", state: { ...exampleType, extraSpecs } },
    takesTime,
  });
}

function made(making: Decision<VolumeEvent>) {
  if (isRejection(making)) throw new Error(making.message);
  const [created] = making;
  return (created as VolumeEvent & { type: "VolumeCreated" }).data;
}

Deno.test("CreateVolume makes an empty volume, ready at once unless that takes time", () => {
  const [created, ready] = available();
  outcome(making()).then([created!, ready!]);
  outcome(making({ takesTime: true })).then([created!]);
  assertEquals(made(making({ isMultiattach: true })).isMultiattach, true);
});

Deno.test("CreateVolume copies what there is of an image, a snapshot or a volume", () => {
  const ofImage = made(making({ source: { image } }));
  assertEquals(ofImage.isBootable, true);
  assertEquals(ofImage.imageMetadata, {
    os_distro: "debian",
    image_id: "i",
    image_name: "cirros",
    checksum: "abc",
    container_format: "bare",
    disk_format: "qcow2",
    min_disk: "1",
    min_ram: "64",
    size: String(GIB),
  });
  const state = givenVolume(available({ isBootable: true, imageMetadata: { a: "b" } })).state;
  const ofVolume = made(making({ sizeGib: null, source: { volume: { id: "o", state } } }));
  assertEquals(
    [ofVolume.sizeGib, ofVolume.sourceVolumeId, ofVolume.isBootable, ofVolume.imageMetadata],
    [2, "o", true, { a: "b" }],
  );
  const snapshot = { ...NO_SNAPSHOT, exists: true, status: "available", sizeGib: 3 };
  const source = { snapshot: { id: "s", state: snapshot, of: state } };
  const ofSnapshot = made(making({ sizeGib: null, source }));
  assertEquals([ofSnapshot.sizeGib, ofSnapshot.snapshotId, ofSnapshot.isBootable], [3, "s", true]);
});

Deno.test("CreateVolume refuses sources that do not go together, or not now", () => {
  const { state } = givenVolume(available());
  const volume = { id: "o", state };
  outcome(making({ source: { image, volume } })).thenRefused(
    "Invalid",
    "Invalid input received: May specify only one of backup, imageRef, snapshot, source_volume",
  );
  outcome(making({ source: { volume: { id: "o", state: { ...state, status: "error" } } } }))
    .thenRefused(
      "Invalid",
      "Invalid volume: Originating source volume status must be one of 'available, in-use' values",
    );
  const busy = { ...NO_SNAPSHOT, status: "creating", sizeGib: 2 };
  outcome(making({ source: { snapshot: { id: "s", state: busy, of: state } } })).thenRefused(
    "Invalid",
    "Invalid snapshot: Originating snapshot status must be one of 'available' values",
  );
});

Deno.test("CreateVolume refuses sizes below that of the source, or none at all", () => {
  const { state } = givenVolume(available());
  const refused = (asked: Making, message: string) =>
    outcome(making(asked)).thenRefused("Invalid", message);
  const input = "Invalid input received: ";
  refused(
    { sizeGib: null },
    `${input}Volume size 'None' must be an integer and greater than 0`,
  );
  refused(
    { sizeGib: 1, source: { volume: { id: "o", state } } },
    `${input}Volume size '1'GB cannot be smaller than original volume size  2GB. They must be >= ` +
      "original volume size.",
  );
  const snapshot = { ...NO_SNAPSHOT, status: "available", sizeGib: 2 };
  refused(
    { sizeGib: 1, source: { snapshot: { id: "s", state: snapshot, of: state } } },
    `${input}Volume size '1'GB cannot be smaller than the snapshot size 2GB. They must be >= ` +
      "original snapshot size.",
  );
  const ofImage = (changes: Partial<Image>, message: string) =>
    refused({ sizeGib: 1, source: { image: { ...image, ...changes } } }, message);
  ofImage({ status: "queued" }, `${input}Image i is not active.`);
  ofImage(
    { sizeBytes: GIB + 1 },
    `${input}Size of specified image 2GB is larger than volume size 1GB.`,
  );
  ofImage(
    { minDiskGib: 4 },
    `${input}Volume size 1GB cannot be smaller than the image minDisk size 4GB.`,
  );
  ofImage(
    {},
    "Image i is unacceptable: Image virtual size is 2GB and doesn't fit in a volume of size 1GB.",
  );
});

Deno.test("UpdateVolume records what differs, and nothing else", () => {
  const volume = givenVolume(available());
  volume.when((state) => updateVolume({ name: "new", sizeGib: 2 }, state))
    .then([{ type: "VolumeUpdated", data: { name: "new" } }]);
  volume.when((state) => updateVolume({ name: "data", metadata: {} }, state)).thenNothing();
});

Deno.test("image metadata are added to and taken from", () => {
  const volume = givenVolume(available({ imageMetadata: { a: "1" } }));
  volume.when((state) => setImageMetadata({ b: "2" }, state))
    .then([{ type: "VolumeUpdated", data: { imageMetadata: { a: "1", b: "2" } } }]);
  volume.when((state) => setImageMetadata({ a: "1" }, state)).thenNothing();
  volume.when((state) => unsetImageMetadata("v", "a", state))
    .then([{ type: "VolumeUpdated", data: { imageMetadata: null } }]);
  volume.when((state) => unsetImageMetadata("v", "b", state))
    .thenRefused("NotFound", "Glance metadata for volume/snapshot v cannot be found.");
});

Deno.test("ExtendVolume makes a volume larger, in use only where that is allowed", () => {
  const extend = (sizeGib: number, mayBeInUse = false) => (volume: Volume) =>
    extendVolume({ type: "ExtendVolume", id: "v", sizeGib, mayBeInUse }, volume);
  const larger = [{ type: "VolumeExtended", data: { sizeGib: 3 } }] as const;
  givenVolume(available()).when(extend(3)).then(larger);
  givenVolume(available(), inUse("a", "s")).when(extend(3, true)).then(larger);
  givenVolume(available()).when(extend(2)).thenRefused(
    "Invalid",
    "Invalid input received: New size for extend must be greater than current size. (current: 2, " +
      "extended: 2).",
  );
  givenVolume(available(), inUse("a", "s")).when(extend(3)).thenRefused(
    "Invalid",
    "Invalid volume: Volume v status must be '{'status': 'available'}' to extend, currently in-use.",
  );
});

Deno.test("ResetVolumeStatus takes Cinder's words and no others", () => {
  const as = (asked: Record<string, unknown>) => (volume: Volume) =>
    resetVolumeStatus(asked, volume);
  const volume = givenVolume(available());
  volume.when(as({ status: "ERROR", migration_status: "none" }))
    .then([{ type: "VolumeStatusReset", data: { status: "error", migrationStatus: null } }]);
  volume.when(as({ attach_status: "detached" }))
    .then([{ type: "VolumeStatusReset", data: { attachStatus: "detached" } }]);
  for (const name of ["status", "attach_status", "migration_status"]) {
    volume.when(as({ [name]: "lost" })).thenRefused(
      "Invalid",
      `Invalid input for field/attribute ${name}. Value: lost. 'lost' is not a 'volume_${name}'`,
    );
  }
  volume.when(as({ status: "deleting" }))
    .thenRefused("Invalid", "Cannot reset-state to deleting");
  volume.when(as({ status: "in-use" })).thenRefused(
    "Invalid",
    "Cannot reset-state to in-use because volume does not have any attachments.",
  );
  const detached = { type: "VolumeStatusReset", data: { attachStatus: "detached" } } as const;
  assertEquals(givenVolume(available(), inUse("a", "s"), detached).state.attachments, []);
});

interface Deleting {
  readonly force?: boolean;
  readonly cascade?: boolean;
  readonly snapshots?: readonly string[];
  readonly takesTime?: boolean;
}

const remove = (
  { force = false, cascade = false, snapshots = [], takesTime = false }: Deleting = {},
) =>
(volume: Volume) =>
  deleteVolume({ type: "DeleteVolume", force, cascade, snapshots, takesTime }, volume);

Deno.test("DeleteVolume deletes a free volume, at once unless that takes time", () => {
  const gone = [{ type: "VolumeDeleted", data: {} }] as const;
  givenVolume(available()).when(remove()).then(gone);
  givenVolume(available()).when(remove({ takesTime: true }))
    .then([{ type: "VolumeDeleteRequested", data: {} }]);
  givenVolume(available(), reset("error_extending")).when(remove()).then(gone);
  givenVolume(available(), reset("maintenance")).when(remove({ force: true })).then(gone);
  givenVolume(available()).when(remove({ cascade: true, snapshots: ["error"] })).then(gone);
  givenVolume(available()).when(remove({ cascade: true, force: true, snapshots: ["creating"] }))
    .then(gone);
});

Deno.test("DeleteVolume refuses volumes that are busy, attached or have snapshots", () => {
  const rest = "must not be migrating, attached, belong to a group, have snapshots, awaiting a " +
    "transfer, or be disassociated from snapshots after volume transfer.";
  const status = "status must be available or error or error_restoring or error_extending or " +
    "error_managing and ";
  const message = `Invalid volume: Volume ${status}${rest}`;
  const [begun] = available();
  givenVolume([begun!]).when(remove()).thenRefused("Invalid", message);
  givenVolume(available(), inUse("a", "s")).when(remove()).thenRefused("Invalid", message);
  givenVolume(available(), inUse("a", "s")).when(remove({ force: true }))
    .thenRefused("Invalid", `Invalid volume: Volume ${rest}`);
  const volume = givenVolume(available());
  volume.when(remove({ snapshots: ["available"] })).thenRefused("Invalid", message);
  volume.when(remove({ cascade: true, snapshots: ["creating"] })).thenRefused("Invalid", message);
});

Deno.test("what the backend reports counts while it is awaited", () => {
  const [begun] = available();
  const toGo = { type: "VolumeDeleteRequested", data: {} } as const;
  givenVolume([begun!]).when(recordMade).then([{ type: "VolumeBecameAvailable", data: {} }]);
  givenVolume(available()).when(recordMade).thenNothing();
  givenVolume(available(), toGo).when(recordGone).then([{ type: "VolumeDeleted", data: {} }]);
  givenVolume(available()).when(recordGone).thenNothing();
  givenVolume(available()).when(recordUploaded).thenNothing();
});

Deno.test("ReimageVolume puts an image on a volume that nobody uses", () => {
  const reimage = (mayBeReserved = false, changes: Partial<Image> = {}) => (volume: Volume) =>
    reimageVolume(
      { type: "ReimageVolume", id: "v", image: { ...image, ...changes }, mayBeReserved },
      volume,
    );
  const imageMetadata = made(making({ source: { image } })).imageMetadata;
  const changed = [{ type: "VolumeUpdated", data: { imageMetadata, isBootable: true } }] as const;
  givenVolume(available()).when(reimage()).then(changed);
  givenVolume(available(), reset("error")).when(reimage()).then(changed);
  givenVolume(available(), reserved("a", "s")).when(reimage(true)).then(changed);
  givenVolume(available({ imageMetadata, isBootable: true })).when(reimage()).thenNothing();
  givenVolume(available(), reserved("a", "s")).when(reimage()).thenRefused(
    "Invalid",
    "Invalid volume: Volume v status must be available or error, but current status is reserved.",
  );
  const shared = [available({ isMultiattach: true }), inUse("a", "s"), inUse("b", "t")] as const;
  givenVolume(...shared).when(reimage()).thenRefused(
    "Conflict",
    "Cannot re-image a volume which is attached to more than one server.",
  );
  givenVolume(available()).when(reimage(false, { status: "queued" }))
    .thenRefused("Invalid", "Invalid input received: Image i is not active.");
});

Deno.test("RevertVolume goes back to the newest snapshot only", () => {
  const newest = { id: "s", status: "available", sizeGib: 2 };
  const revert =
    (changes: Partial<typeof newest> | null = {}, snapshotId: string | null = "s") =>
    (volume: Volume) =>
      revertVolume({
        type: "RevertVolume",
        id: "v",
        snapshotId,
        newest: changes === null ? undefined : { ...newest, ...changes },
      }, volume);
  const volume = givenVolume(available());
  volume.when(revert()).thenNothing();
  volume.when(revert(null)).thenRefused("Invalid", "Volume v doesn't have any snapshots.");
  for (const [id, told] of [["other", "other"], [null, "None"]] as const) {
    volume.when(revert({}, id)).thenRefused(
      "Invalid",
      `Specified snapshot ${told} is None or not the latest one of volume v.`,
    );
  }
  const cannot = "Can't revert volume v to its latest snapshot s.";
  volume.when(revert({ sizeGib: 1 })).thenRefused(
    "Invalid",
    `${cannot} The volume size must be equal to the snapshot size.`,
  );
  volume.when(revert({ status: "error" })).thenRefused(
    "Conflict",
    `Invalid snapshot: ${cannot} Snapshot's status must be 'available'.`,
  );
  givenVolume(available(), inUse("a", "s")).when(revert()).thenRefused(
    "Conflict",
    `Invalid volume: ${cannot} Volume's status must be 'available'.`,
  );
});

Deno.test("UploadVolume copies a free volume, which is free again afterwards", () => {
  const begun = {
    type: "VolumeUploadBegun",
    data: { imageId: "i", diskFormat: "raw" },
  } as const;
  const upload = (volume: Volume) => uploadVolume({ id: "v", ...begun.data }, volume);
  givenVolume(available()).when(upload).then([begun]);
  for (const events of [[begun], inUse("a", "s"), [reset("error")]]) {
    givenVolume(available(), events).when(upload)
      .thenRefused("Invalid", "Invalid volume: Volume v status must be available");
  }
  const ended = { type: "VolumeUploadEnded", data: {} } as const;
  givenVolume(available(), begun).when(recordUploaded).then([ended]);
  const { status, work, upload: left } = givenVolume(available(), begun, ended).state;
  assertEquals([status, work, left], ["available", null, null]);
});

Deno.test("work that fails leaves a volume in error, or as it was", () => {
  const [created] = available();
  const cases = [
    ["make", [created!], "error"],
    ["delete", [...available(), { type: "VolumeDeleteRequested", data: {} }], "error_deleting"],
    ["upload", [...available(), {
      type: "VolumeUploadBegun",
      data: { imageId: "i", diskFormat: "raw" },
    }], "available"],
  ] as const;
  for (const [work, before, status] of cases) {
    const failed = { type: "VolumeWorkFailed", data: { work } } as const;
    givenVolume(before as readonly VolumeEvent[])
      .when((volume) => recordWorkFailure(work, volume)).then([failed]);
    const { state } = givenVolume(before as readonly VolumeEvent[], failed);
    assertEquals([state.status, state.work], [status, null]);
    givenVolume(available()).when((volume) => recordWorkFailure(work, volume)).thenNothing();
  }
});
